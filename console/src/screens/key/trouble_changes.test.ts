import { expect, test } from 'vitest';
import type { KeyTrouble } from '~/api/types';
import { nameOf, seen } from './trouble_changes';

const trouble = (id: string, value?: string, count = 1) =>
  ({
    id,
    title: id,
    count,
    remedies: value ? [{ kind: 'allow_address', value, text: '' }] : [],
  }) as unknown as KeyTrouble;

test('what is gone is remembered until it is there again', () => {
  const [clock, encoding] = [trouble('clock-behind'), trouble('payload-not-percent-encoded')];
  const begun = seen(null, [clock]);
  const mended = seen(begun, [encoding]);
  expect(mended.gone).toEqual([clock]);
  expect([...mended.first]).toEqual([nameOf(clock)]);
  expect(seen(mended, []).gone).toEqual([clock, encoding]);
  expect(seen(mended, [clock, encoding]).gone).toEqual([]);
});

test('a trouble is the same while it is counted on, and another one for another address', () => {
  expect(nameOf(trouble('ip-not-allowed', '192.0.2.1', 1))).toBe(nameOf(trouble('ip-not-allowed', '192.0.2.1', 9)));
  expect(nameOf(trouble('ip-not-allowed', '192.0.2.1'))).not.toBe(nameOf(trouble('ip-not-allowed', '192.0.2.2')));
});
