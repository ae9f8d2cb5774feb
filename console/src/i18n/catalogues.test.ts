import { expect, test } from 'vitest';
import { en } from './en';
import { zh } from './zh';

type Tree = { [name: string]: string | Tree };

function leaves(tree: Tree, at = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[`${at}${name}`, value] as [string, string]] : leaves(value, `${at}${name}.`),
  );
}
const words = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).toSorted();

test('both languages have the same keys', () => {
  const english = leaves(en)
    .map(([key]) => key)
    .filter((key) => !key.endsWith('_one'));
  expect(
    leaves(zh)
      .map(([key]) => key)
      .toSorted(),
  ).toEqual(english.toSorted());
});

test('a Chinese text fills in nothing that the English one does not', () => {
  const english = new Map(leaves(en));
  for (const [key, text] of leaves(zh)) {
    const known = words(english.get(key)!);
    expect(known, key).toEqual(expect.arrayContaining(words(text)));
  }
});
