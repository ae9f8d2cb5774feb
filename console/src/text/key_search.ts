import type { KeyFilter } from '~/api/queries';
import type { ApiKey, KeyState } from '~/api/types';
import { isAnywhere } from '~/parts/addresses';

// The search of the list of API keys: plain words and field:value.

const secretForms = [
  /^cfs\w[A-Za-z0-9]{20,}/,
  /PRIVATE KEY/,
  /^[A-Za-z0-9+/]{86}==$/,
  /^MC4CAQAw/,
  /^MII[A-Za-z0-9+/]{60,}/,
];

// looksSecret: what was pasted is rather a secret than an id. It is not sent anywhere.
export function looksSecret(text: string): boolean {
  return secretForms.some((form) => form.test(text.trim()));
}

const searchFields = ['status', 'alg', 'perm', 'ip', 'owner', 'used', 'expires', 'no'] as const;
type Field = (typeof searchFields)[number];

const states: readonly KeyState[] = ['active', 'suspended', 'revoked', 'expired'];

export interface KeySearch {
  text: string;
  fields: [Field, string][];
}

export function readSearch(query: string): KeySearch {
  const fields: [Field, string][] = [];
  const words = query.split(/\s+/).filter((word) => {
    const [name, value] = word.split(':', 2);
    if (value && (searchFields as readonly string[]).includes(name!)) {
      fields.push([name as Field, value.toLowerCase()]);
      return false;
    }
    return word !== '';
  });
  return { text: words.join(' '), fields };
}

// askedOf gives what of a search the node can look for, in a list that goes on behind what is loaded; nothing of
// what looks like a secret, and no permission that is not among the profile's `permissions`.
export function askedOf(search: KeySearch, permissions: { name: string }[] = []): KeyFilter {
  const value = (field: Field) => search.fields.find(([name]) => name === field)?.[1];
  const status = value('status');
  return {
    q: (!looksSecret(search.text) && search.text) || undefined,
    account: value('owner'),
    state: states.find((state) => state === status),
    permission: permissions.find(({ name }) => name.toLowerCase() === value('perm'))?.name,
  };
}

const spans: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

// compares "<7d" or ">30d" with a length; anything else fits nothing.
function compares(rule: string, length: number): boolean {
  const [, sign, size, unit] = /^([<>])(\d+)([hdw])$/.exec(rule) ?? [];
  const limit = Number(size) * (spans[unit ?? ''] ?? NaN);
  return sign === '<' ? length < limit : length > limit;
}

const tests: Record<Field, (key: ApiKey, value: string, now: number) => boolean> = {
  status: (key, value) =>
    key.state === value || (value === 'rotating' && key.pairs.some((pair) => pair.state === 'retiring')),
  alg: (key, value) => key.type.startsWith(value),
  perm: (key, value) => key.permissions.some((name) => name.toLowerCase() === value),
  ip: (key, value) => key.allow_list.some((one) => one.startsWith(value)),
  owner: (key, value) => key.account === value,
  used: (key, value, now) => {
    const last = key.last_used_at ? now - new Date(key.last_used_at).getTime() : Infinity;
    return compares(value, last);
  },
  expires: (key, value, now) =>
    key.expires_at !== null && key.state === 'active' && compares(value, new Date(key.expires_at).getTime() - now),
  no: (key, value) =>
    value === 'allowlist' ? isAnywhere(key.allow_list) : value === 'expiry' && key.expires_at === null,
};

export function matches(key: ApiKey, search: KeySearch, now: number): boolean {
  const text = search.text.toLowerCase();
  const inText = [key.label, key.vendor, key.account, key.api_key].some((part) => part.toLowerCase().includes(text));
  return inText && search.fields.every(([field, value]) => tests[field](key, value, now));
}
