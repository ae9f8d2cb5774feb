// English texts of the settings.
export const settingsEn = {
  profile: 'Profile',
  security: 'Sign-in',
  sessions: 'Sessions',
  notices: 'Notices',
  webhooks: 'Webhooks',
  management: 'Management keys',
  language: 'Language',
  theme: 'Theme',
  themes: { auto: 'As the system', light: 'Light', dark: 'Dark' },
  shortcuts: 'Single-letter shortcuts',
  shortcutsHint: 'In the list: j and k move, x selects, Enter opens, c creates, / searches.',
  zone: 'Time zone',
  zones: { utc: 'UTC', local: "This browser's zone ({{zone}})" },
  zoneNow: 'Times are shown like this:',
  saved: 'Saved',
  managing: {
    text: 'Programs call the management API with these API keys, without signing in. Each reaches what its permission opens and no more; making keys, widening and resuming stay with people.',
    opens: 'What the permissions open',
    none: 'No management keys yet',
    noneText:
      'With an API key of this kind a program of yours reads what keys exist and how they are used, and stops those that misbehave: a night watch, a monitor, a script. Begin with the permission that only reads.',
    noPermission:
      "The profile of this node has no permission that opens the management API to programs. Its file gives one with 'management'.",
    create: 'Create a management key',
    permission: 'Permission',
    from: '{{address}} · {{client}}',
  },
};
