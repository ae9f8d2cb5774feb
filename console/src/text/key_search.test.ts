import { expect, test } from 'vitest';
import { seedKeys } from '../../mock/seed.ts';
import { askedOf, looksSecret, matches, readSearch } from './key_search';

const labels = (query: string) =>
  seedKeys()
    .filter((key) => matches(key, readSearch(query), Date.now()))
    .map((key) => key.label);

test('finds by text and by field', () => {
  expect(labels('mm-bot')).toEqual(['mm-bot-3']);
  expect(labels('status:suspended')).toEqual(['agency-old']);
  expect(labels('status:rotating')).toEqual(['mm-bot-3']);
  expect(labels('perm:withdraw')).toEqual(['treasury']);
  expect(labels('no:allowlist')).toEqual(['tax-2026']);
  expect(labels('alg:hmac used:>45d')).toEqual(['tax-2026', 'ci-smoke']);
});

test('knows a secret from an API key', () => {
  expect(looksSecret('-----BEGIN PRIVATE KEY-----')).toBe(true);
  expect(looksSecret(`cfs1${'a'.repeat(60)}`)).toBe(true);
  expect(looksSecret(`cfk1${'a'.repeat(60)}`)).toBe(false);
});

test('has the node look for words, an owner and a state, and for no secret', () => {
  expect(askedOf(readSearch('mm bot owner:desk-7 status:revoked used:>45d'))).toEqual({
    q: 'mm bot',
    account: 'desk-7',
    state: 'revoked',
  });
  const permissions = [{ name: 'TRADE' }, { name: 'WITHDRAW' }];
  expect(askedOf(readSearch('perm:withdraw'), permissions)).toEqual({ permission: 'WITHDRAW' });
  // Half a word on the way to one is nothing to be refused for.
  expect(askedOf(readSearch('perm:withd'), permissions)).toEqual({});
  // What the node does not know as a state stays for the page to find.
  expect(askedOf(readSearch('status:rotating'))).toEqual({});
  expect(askedOf(readSearch(`cfs1${'a'.repeat(60)}`))).toEqual({});
});
