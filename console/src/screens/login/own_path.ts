// A place to go on to is a path of this page, never another site.
export const isOwnPath = (to: string | null | undefined): to is string =>
  typeof to === 'string' && /^\/(?![/\\])/.test(to);

// leaveFor sends the browser to another site, which is a web page and nothing else.
export function leaveFor(url: string) {
  if (!/^https?:$/.test(new URL(url).protocol)) {
    throw new Error('not a web page');
  }
  globalThis.location.assign(url);
}
