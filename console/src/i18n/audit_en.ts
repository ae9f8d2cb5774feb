// English texts of the audit log.
export const auditEn = {
  text: 'Every change, by whom and from where, in a chain that proves that nothing was taken out.',
  export: 'Export',
  entry: 'Record {{seq}}',
  none: 'Nothing yet',
  noMatch: 'No loaded record matches',
  older: 'Load older',
  loaded_one: '{{count}} record loaded; filters look at it',
  loaded_other: '{{count}} records loaded; filters look at these',
  column: { actor: 'Who', action: 'Action', object: 'What', source: 'From', outcome: 'Outcome' },
};
