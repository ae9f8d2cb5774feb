// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';
import i18next from 'i18next';
import { beforeAll, expect, test } from 'vitest';
import type { TFunction } from 'i18next';
import { auditEn } from '~/i18n/audit_en';
import { auditZh } from '~/i18n/audit_zh';
import { actionText } from './action';

// What the node writes into its audit log stands in its sources; an action that is added there is asked for here.

const root = new URL('../../../', import.meta.url);
const sourcesOf = (folder: string) =>
  readdirSync(new URL(folder, root))
    .filter((name) => /\.(cc|h)$/.test(name) && !/_test\.cc$|^test_|_fixture\.h$/.test(name))
    .map((name) => readFileSync(new URL(`${folder}/${name}`, root), 'utf8').replace(/^\s*\/\/.*$/gm, ''));
const allOf = (sources: string[], pattern: RegExp) =>
  sources.flatMap((source) => [...source.matchAll(pattern)].map((found) => found[1]!));

const authority = sourcesOf('src/authority');
// What webhooks are told of has names of the same form.
const told = allOf(sourcesOf('src/accounts'), /"((?:key|account)\.[a-z]+)"/g);

// The authority's own are written out, but for these two, which end in a word from elsewhere.
const composed = {
  'mass_action.': [
    ...allOf(authority, /mass_action_fact\(\*?\w+, "(\w+)"/g),
    ...allOf(authority, /mass_action_fact\(\*?\w+, [^,;]*\? "(\w+)" : /g),
    ...allOf(authority, /mass_action_fact\(\*?\w+, [^,;]* : "(\w+)"/g),
  ],
  'upstream_event.': allOf(authority, /kAnswerNames =\s*std::to_array<std::string_view>\(\{([^}]*)\}/g)
    .flatMap((names) => allOf([names], /"(\w+)"/g))
    .filter((name) => name !== 'waiting'), // it is told once it was answered
};
const written = [
  ...allOf(authority, /"([a-z_]+\.[a-z_]+)"/g).filter((name) => !told.includes(name)),
  ...Object.entries(composed).flatMap(([subject, ends]) => ends.map((end) => subject + end)),
  ...allOf(['src/app', 'src/backup', 'src/doors/management'].flatMap(sourcesOf), /\.action = "([a-z_]+\.[a-z_]+)"/g),
];

const leaves = (tree: object, at = ''): string[] =>
  Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [at + name] : leaves(value as object, `${at}${name}.`),
  );

let english: TFunction<'audit'>;
let chinese: TFunction<'audit'>;
beforeAll(async () => {
  const other = i18next.createInstance();
  await other.init({
    ns: ['audit'],
    defaultNS: 'audit',
    resources: { en: { audit: auditEn }, zh: { audit: auditZh } },
  });
  english = other.getFixedT('en', 'audit');
  chinese = other.getFixedT('zh', 'audit');
});

test('every action that the node writes is said in both languages', () => {
  expect(written.length).toBeGreaterThan(100);
  const lacking = [...new Set(written)].filter((name) => !actionText(english, name) || !actionText(chinese, name));
  expect(lacking).toEqual([]);
});

test('and no other is', () => {
  expect(leaves(auditEn.action).filter((name) => !written.includes(name))).toEqual([]);
});

test('no further action is put together from parts', () => {
  const starts = allOf(authority, /\.action = "([a-z_]+\.)" \+/g);
  expect(new Set(starts)).toEqual(new Set(Object.keys(composed)));
  expect(composed['mass_action.'].toSorted()).toEqual(['end', 'forget', 'part', 'start', 'stop']);
});

test('an action of tomorrow, and a subject alone, have no words', () => {
  expect(actionText(chinese, 'key.rotate')).toBe('轮换：添加新密钥对');
  expect(actionText(english, 'key.teleport')).toBeUndefined();
  expect(actionText(english, 'key')).toBeUndefined();
  expect(actionText(english, '')).toBeUndefined();
});
