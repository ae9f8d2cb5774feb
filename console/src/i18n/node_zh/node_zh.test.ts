// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KeyRemedy, KeyTrouble } from '~/api/types';
import { chinese } from '.';
import { causes } from './causes';
import { remedies, risks, troubles } from './of_keys';
import { outlines, problems } from './problems';
import { reasons } from './reasons';
import * as sentences from './sentences';

// What the node can say is listed in its documents and sources; what is added there is asked for here.

const root = new URL('../../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const allOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1]!);
const sourcesOf = (folder: string) =>
  readdirSync(new URL(folder, root))
    .filter((name) => /\.(cc|h)$/.test(name) && !/_test\.cc$|^test_|_fixture\.h$/.test(name))
    .map((name) => read(`${folder}/${name}`));
// literals gives the texts of a C++ source; those that stand side by side are one.
const literals = (source: string) =>
  allOf(source.replace(/^\s*\/\/.*$/gm, ''), /((?:"(?:[^"\\\n]|\\.)*"\s*)+)/g).map((run) =>
    allOf(run, /"((?:[^"\\\n]|\\.)*)"/g)
      .join('')
      .replaceAll(String.raw`\"`, '"'),
  );
const lacking = (ids: string[], known: (id: string) => boolean) => [...new Set(ids)].filter((id) => !known(id));

describe('every name that the node has for something has Chinese words', () => {
  test('causes of autopsies', () => {
    const ids = allOf(read('docs/causes.md'), /^### (\S+)$/gm);
    expect(ids.length).toBeGreaterThan(100);
    expect(lacking(ids, (id) => id in causes)).toEqual([]);
    expect(lacking(Object.keys(causes), (id) => ids.includes(id))).toEqual([]);
  });

  test('reasons of refusals', () => {
    const names = allOf(read('docs/errors.md'), /^## (\S+)$/gm);
    expect(names.length).toBeGreaterThan(50);
    expect(lacking(names, (name) => name in reasons)).toEqual([]);
    expect(lacking(Object.keys(reasons), (name) => names.includes(name))).toEqual([]);
  });

  test('kinds of remedies', () => {
    const { components } = parse(read('openapi.yaml')) as {
      components: { schemas: { KeyRemedy: { properties: { kind: { enum: string[] } } } } };
    };
    expect(Object.keys(remedies).toSorted()).toEqual(components.schemas.KeyRemedy.properties.kind.enum.toSorted());
  });

  test('risks of remedies that let in more', () => {
    const source = read('src/authority/key_remedies.cc');
    const kinds = allOf(source, /confirmed\(\s*RemedyKind::k(\w+)/g).map((name) =>
      name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
    );
    expect(kinds.length).toBeGreaterThan(2);
    expect(lacking(kinds, (kind) => kind in risks)).toEqual([]);
  });

  test('troubles of a key that are no causes', () => {
    const source = read('src/authority/key_troubles.cc');
    const ids = [
      ...allOf(source, /TroubleRank::k\w+,\s*"([a-z-]+)"/g),
      ...allOf(source, /TroubleRank::kWarning,\s*"([a-z-]+)"/g),
      ...allOf(source, /kUnknownSignature = "([a-z-]+)"/g),
    ];
    expect(ids.length).toBeGreaterThan(4);
    expect(lacking(ids, (id) => id in troubles || id in causes)).toEqual([]);
  });

  test('reasons of the management API, and of what is wrong with a node', () => {
    const found = [
      ...['src/authority', 'src/doors/management', 'src/doors/console'].flatMap(sourcesOf),
      read('src/app/node.cc'),
      read('src/app/node_reload.cc'),
      read('src/backup/revocation_log.cc'),
    ].flatMap((source) => [
      ...allOf(source, /Problem::Kind::k\w+,\s*"([a-z_]+)"/g),
      ...allOf(source, /\bKind::k(?!Suspend|Resume|Renew|AllowAddress|TickPermission|Rotate|Edit|ClientChange)\w+,\s*"([a-z_]+)"/g), // prettier-ignore
      ...allOf(source, /bad_input\(\s*"([a-z_]+)"/g),
      ...allOf(source, /\.reason = ([^;,]+)[;,]/g).flatMap((value) => allOf(value, /"([a-z_]+)"/g)),
      ...allOf(source, /refusal\(\s*"([a-z_]+)"/g),
      ...allOf(source, /case \w+Error::k\w+:\s*return "([a-z_]+)";/g),
    ]);
    expect(found.length).toBeGreaterThan(150);
    expect(lacking(found, (name) => name in problems || name in outlines || name in reasons)).toEqual([]);
  });

  test('what a second factor confirms', () => {
    const changes = allOf(read('src/doors/management/route_table.cc'), /StepUp::k\w+, "([^"]+)"/g);
    const known = sentences.changes.map(([english]) => english);
    expect(changes.length).toBeGreaterThan(15);
    expect(lacking(changes, (one) => known.includes(one))).toEqual([]);
  });

  test('permissions of the profiles that come along', () => {
    const known = sentences.permissions.map(([english]) => english);
    for (const profile of ['binance-spot', 'weather']) {
      const texts = allOf(read(`profiles/${profile}.toml`), /^(?:label|risk) = "([^"]*)"$/gm);
      expect(texts.length).toBeGreaterThan(2);
      expect(lacking(texts, (one) => known.includes(one))).toEqual([]);
    }
  });

  test('whole sentences about keys', () => {
    const known = sentences.ofKeys.map(([english]) => english);
    const whole = ['key_troubles', 'key_remedies'].flatMap((name) =>
      literals(read(`src/authority/${name}.cc`)).filter((text) => /^[A-Z].* .*\.$/.test(text)),
    );
    expect(whole.length).toBeGreaterThan(20);
    expect(lacking(whole, (one) => known.includes(one))).toEqual([]);
  });

  test('doubts about a pasted text', () => {
    const known = sentences.pasted.map(([english]) => english);
    const doubts = sourcesOf('src/wire/pasted').flatMap((source) =>
      literals(source).filter((text) => /^[A-Z].* .*\.$/.test(text)),
    );
    expect(doubts.length).toBeGreaterThan(5);
    expect(lacking(doubts, (one) => known.includes(one))).toEqual([]);
  });
});

describe('what is said', () => {
  const theft: KeyTrouble = {
    rank: 'possible_theft',
    id: 'ip-not-allowed',
    title: 'A request from 192.0.2.66 was signed rightly, and the address is not on the IP allow-list.',
    detail: '3 requests by python-requests/2.32',
    fix: 'If it was not you, somebody else has the secret: suspend the key, then rotate it. If it was you, allow the address.',
  } as KeyTrouble;

  test('a sentence keeps its values', () => {
    const { title, detail } = chinese.trouble(theft);
    expect(title).toBe('来自 192.0.2.66 的请求签名正确，但该地址不在 IP 白名单中。');
    expect(detail).toBe('3 个请求，客户端 python-requests/2.32');
    expect(chinese.trouble({ ...theft, detail: '1 request' }).detail).toBe('1 个请求');
  });

  test('a sentence that is not known is that of its name, or stays as it is', () => {
    expect(chinese.trouble({ ...theft, rank: 'refused', title: 'Said anew.' }).title).toBe(
      causes['ip-not-allowed']![0],
    );
    expect(chinese.trouble({ ...theft, id: 'of-tomorrow', title: 'Said anew.' }).title).toBe('Said anew.');
    expect(chinese.reason('of_tomorrow')).toBe('of_tomorrow');
    expect(chinese.problem({ reason: 'of_tomorrow', message: 'said anew' })).toEqual({ text: 'said anew' });
  });

  test('a remedy says what it does, its risk and, where its sentence is new, that one too', () => {
    const remedy = { kind: 'tick_permission', text: 'Give the key TRADE: Spot and margin trading.', risk: 'A thief can send everything away, for good.' } as KeyRemedy; // prettier-ignore
    expect(chinese.remedy(remedy, theft)).toEqual({
      text: '为此密钥授予 TRADE：现货与杠杆交易。',
      risk: '窃取者能把一切转走，无法追回。',
    });
    expect(chinese.remedy({ ...remedy, text: 'Said anew.', risk: '' }, theft)).toEqual({
      text: remedies.tick_permission,
      original: 'Said anew.',
      risk: '',
    });
    expect(chinese.remedy({ kind: 'client_change', text: theft.fix, risk: '' }, theft).text).toBe(
      chinese.trouble(theft).fix,
    );
  });

  test('a fault whose own words tell more keeps them', () => {
    expect(chinese.problem({ reason: 'no_such_key', message: 'there is none' })).toEqual({
      text: problems.no_such_key,
    });
    expect(chinese.problem({ reason: 'permission_unknown', message: 'there is no permission "X"' })).toEqual({
      text: outlines.permission_unknown,
      original: 'there is no permission "X"',
    });
    expect(
      chinese.problem({
        reason: 'password_refused',
        message: 'a password has at least 12 characters; four or five words make a good one',
      }).text,
    ).toContain('12');
  });

  test('what is confirmed stays beside its translation, and a part that is absent is left out', () => {
    const change =
      'Create an API key (ed25519) for account demo, labelled bot, which may USER_DATA, TRADE, from anywhere';
    expect(chinese.change(change)).toEqual({
      text: '为账户 demo 创建 API 密钥（ed25519），标签 bot，权限 USER_DATA, TRADE，来源 任何地址',
      original: change,
    });
    expect(chinese.change('Begin the mass action: suspend 3 listed API keys').text).toBe(
      '开始批量操作：暂停列出的 3 个 API 密钥',
    );
  });

  test("a person's own words are not taken for a sentence", () => {
    expect(chinese.cause('staging, for tests')).toBe('staging, for tests');
    expect(chinese.cause('policy: unused')).toBe('策略：unused');
    expect(chinese.finding({ id: 'x', title: 'x', detail: 'from the moon', fix: 'x' }).detail).toBe('from the moon');
  });

  test('a check of the set-up is said with its values', () => {
    expect(
      chinese.check({
        id: 'disk',
        text: 'The disk of the data directory is nearly full: 12 MiB are free.',
        fix: 'Make room; with a full disk nothing can be changed.',
      }),
    ).toEqual({ text: '数据目录的磁盘快满了：剩余 12 MiB。', fix: '请腾出空间；磁盘满时不能做任何更改。' });
  });
});
