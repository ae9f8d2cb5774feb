import type { Permission } from '~/api/types';

// What the wizard knows so far; in memory only.
export interface Draft {
  account: string;
  label: string;
  permissions: string[];
  allow_list: string[];
  symbols: string[];
  expires_at: string | null;
}

export const templates = {
  dashboard: ['USER_DATA', 'USER_STREAM'],
  marketMaker: ['USER_DATA', 'USER_STREAM', 'TRADE'],
  taxExport: ['USER_DATA'],
} as const;

// opensManagementAlone: of the two things that take signed requests, the gateway and the management API,
// a key with these permissions may call the second only.
export const opensManagementAlone = (names: string[], all: Permission[]) =>
  names.length > 0 && names.every((name) => all.some((one) => one.name === name && one.management !== 'none'));

// missing says what keeps a draft from being saved, while it is written: the node says the same.
export function needsAllowList(draft: Draft, all: Permission[]): string[] {
  return draft.allow_list.length > 0
    ? []
    : all.filter((one) => one.needs_allow_list && draft.permissions.includes(one.name)).map((one) => one.name);
}
