// English texts of the settings.
export const settingsEn = {
  profile: 'Profile',
  security: 'Sign-in',
  sessions: 'Sessions',
  notices: 'Notices',
  webhooks: 'Webhooks',
  language: 'Language',
  theme: 'Theme',
  themes: { auto: 'As the system', light: 'Light', dark: 'Dark' },
  shortcuts: 'Single-letter shortcuts',
  shortcutsHint: 'In the list: j and k move, x selects, Enter opens, c creates, / searches.',
  zone: 'Time zone',
  zones: { utc: 'UTC', local: "This browser's zone ({{zone}})" },
  zoneNow: 'Times are shown like this:',
  saved: 'Saved',
};
