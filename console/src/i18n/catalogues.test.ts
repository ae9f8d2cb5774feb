import { describe, expect, test } from 'vitest';
import { auditEn } from './audit_en';
import { auditZh } from './audit_zh';
import { en } from './en';
import { mendingEn } from './mending_en';
import { mendingZh } from './mending_zh';
import { peopleEn } from './people_en';
import { peopleZh } from './people_zh';
import { settingsEn } from './settings_en';
import { settingsZh } from './settings_zh';
import { webhooksEn } from './webhooks_en';
import { webhooksZh } from './webhooks_zh';
import { zh } from './zh';

type Tree = { [name: string]: string | Tree };

function leaves(tree: Tree, at = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[`${at}${name}`, value] as [string, string]] : leaves(value, `${at}${name}.`),
  );
}
const words = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).toSorted();

describe.each([
  ['page', en, zh],
  ['people', peopleEn, peopleZh],
  ['mending', mendingEn, mendingZh],
  ['webhooks', webhooksEn, webhooksZh],
  ['settings', settingsEn, settingsZh],
  ['audit', auditEn, auditZh],
])('%s', (_name, english, chinese) => {
  test('both languages have the same keys', () => {
    const keys = leaves(english)
      .map(([key]) => key)
      .filter((key) => !key.endsWith('_one'));
    expect(
      leaves(chinese)
        .map(([key]) => key)
        .toSorted(),
    ).toEqual(keys.toSorted());
  });

  test('a Chinese text fills in nothing that the English one does not', () => {
    const texts = new Map(leaves(english));
    for (const [key, text] of leaves(chinese)) {
      expect(words(texts.get(key)!), key).toEqual(expect.arrayContaining(words(text)));
    }
  });
});
