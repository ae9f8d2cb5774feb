import { expect, test } from 'vitest';
import { covers, readAddress } from './address';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7/32', '203.0.113.7'],
  ['10.0.0.0/24', '10.0.0.0/24'],
  ['2001:DB8:0::1', '2001:db8::1'],
  ['2001:db8::/32', '2001:db8::/32'],
])('%s is written %s', (typed, written) => {
  expect(readAddress(typed)).toMatchObject({ ok: true, text: written });
});

test.each([
  ['10.0.0.5/24', 'hostBits', '10.0.0.0/24'],
  ['010.0.0.1', 'leadingZero', '10.0.0.1'],
  ['0.0.0.0/0', 'everything', null],
  ['1.2.3.4/33', 'form', null],
  ['0x0a.1', 'form', null],
  ['fe80::1%eth0', 'zone', 'fe80::1'],
  ['300.1.1.1', 'form', null],
  ['1.2.3.4/24/8', 'form', null],
])('%s is refused as %s, with %s offered', (typed, fault, suggestion) => {
  expect(readAddress(typed)).toEqual({ ok: false, fault, suggestion });
});

test('says what is private or wide', () => {
  expect(readAddress('10.1.2.3')).toMatchObject({ notes: ['private'] });
  expect(readAddress('203.0.0.0/16')).toMatchObject({ notes: ['wide'] });
  expect(readAddress('127.0.0.1')).toMatchObject({ notes: ['loopback'] });
});

test('knows what lies within a network', () => {
  expect(covers('10.0.0.0/24', '10.0.0.7')).toBe(true);
  expect(covers('10.0.0.0/24', '10.0.1.7')).toBe(false);
  expect(covers('10.0.0.7', '10.0.0.0/24')).toBe(false);
});
