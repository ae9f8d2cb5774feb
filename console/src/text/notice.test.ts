// @vitest-environment node
import { readFileSync } from 'node:fs';
import i18next from 'i18next';
import { expect, test } from 'vitest';
import type { Notice } from '~/api/types';
import { peopleEn } from '~/i18n/people_en';
import { peopleZh } from '~/i18n/people_zh';
import { webhookEvents } from '~/screens/settings/webhook_events';
import { noticeText, noticeWords } from './notice';

const notice = (what: string): Notice => ({
  id: '1',
  what,
  at: '2026-03-01T12:00:00Z',
  seen: false,
  by_oneself: true,
  address: null,
  object: 'o',
  count: 1,
  detail: {},
});

const source = (name: string) => readFileSync(new URL(`../../../src/authority/${name}`, import.meta.url), 'utf8');

test('every kind of notice that the node makes is said in both languages', async () => {
  const other = i18next.createInstance();
  const resources = { en: { people: peopleEn }, zh: { people: peopleZh } };
  await other.init({ ns: ['people'], defaultNS: 'people', resources });
  const kinds = [...source('notices.cc').matchAll(/\{"([a-z_]+\.[a-z_]+)", Told::/g)].map(([, kind]) => kind!);

  expect(kinds.length).toBeGreaterThan(30);
  for (const language of ['en', 'zh'] as const) {
    const t = other.getFixedT(language, 'people');
    expect(kinds.filter((kind) => noticeWords(t, kind) === kind)).toEqual([]);
  }
});

test('the console tells under its name what webhooks are told of', () => {
  const rows = [...source('webhook_news.cc').matchAll(/\{"([a-z_.]+)", WebhookEvent::k([A-Za-z]+)\}/g)];
  const told = rows.map(([, action, event]) => `${event!.replace(/(?!^)[A-Z]/, '.$&').toLowerCase()} ${action}`);

  expect(rows.length).toBeGreaterThan(12);
  expect(Object.entries(webhookEvents).filter(([event, notice]) => !told.includes(`${event} ${notice}`))).toEqual([]);
});

test('says what it knows, and names what it does not', async () => {
  const other = i18next.createInstance();
  await other.init({ lng: 'en', ns: ['people'], defaultNS: 'people', resources: { en: { people: peopleEn } } });
  const t = other.getFixedT('en', 'people');

  expect(noticeText(t, notice('password.reset'))).toBe('Your passphrase was reset with a link');
  expect(noticeText(t, notice('recovery_codes.make'))).toBe('New recovery codes were made');
  expect(noticeText(t, notice('person.teleport'))).toBe('person.teleport');
});
