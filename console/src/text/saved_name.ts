// savedName makes "<label>-<first 4 of the id>", safe for any file system and any shell: what the secret half of a
// new pair is saved as, without the ending.
export const savedName = (label: string, id: string) =>
  `${label.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '') || 'api-key'}-${id.slice(4, 8)}`;
