import { expect, test } from 'vitest';
import { csvCell } from './csv';

test.each(['=1+1', '+1', '-1', '@x', '\tx'])('%j is no formula any more', (text) => {
  expect(csvCell(text)).toBe(`"'${text}"`);
});
test('quotes are doubled', () => expect(csvCell('a"b')).toBe('"a""b"'));
