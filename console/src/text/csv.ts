import type { ApiKey } from '~/api/types';

// A spreadsheet runs a cell that begins with one of these; an apostrophe before it makes it text.
const formula = /^[=+\-@\t\r]/;

export function csvCell(text: string): string {
  const plain = formula.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}

export function keysAsCsv(keys: ApiKey[]): string {
  const head = [
    'api_key',
    'label',
    'account',
    'type',
    'state',
    'permissions',
    'allow_list',
    'created_at',
    'expires_at',
    'last_used_at',
  ] as const;
  const rows = keys.map((key) =>
    head.map((name) => {
      const value = key[name];
      return csvCell(Array.isArray(value) ? value.join(' ') : (value ?? ''));
    }),
  );
  return [head.map(csvCell), ...rows].map((row) => row.join(',')).join('\r\n') + '\r\n';
}
