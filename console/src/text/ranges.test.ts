import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAt, shorten } from './ranges';

test('marks are counted in bytes of UTF-8', () => {
  expect(cutAt('id=café&x=1', [[3, 8]])).toEqual([
    { text: 'id=', marked: false },
    { text: 'café', marked: true },
    { text: '&x=1', marked: false },
  ]);
});

test('a range beyond the text is cut off, and one that is upside down marks nothing', () => {
  expect(cutAt('abc', [[2, 9]])).toEqual([
    { text: 'ab', marked: false },
    { text: 'c', marked: true },
  ]);
  expect(cutAt('abc', [[2, 1]])).toEqual([
    { text: 'ab', marked: false },
    { text: 'c', marked: false },
  ]);
});

test('whatever the ranges, no text is lost or doubled', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.tuple(fc.nat(40), fc.nat(40))), (text, ranges) => {
      const whole = cutAt(text, ranges);

      expect(whole.map((piece) => piece.text).join('')).toBe(text);
    }),
  );
});

test('what is far from the marks is left out, what is near stays', () => {
  const long = `${'a'.repeat(100)}X${'b'.repeat(100)}`;

  expect(shorten(cutAt(long, [[100, 101]])).map((piece) => piece.text)).toEqual([
    `…${'a'.repeat(28)}`,
    'X',
    `${'b'.repeat(28)}…`,
  ]);
});
