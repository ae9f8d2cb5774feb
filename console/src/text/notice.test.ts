import i18next from 'i18next';
import { expect, test } from 'vitest';
import type { Notice } from '~/api/types';
import { peopleEn } from '~/i18n/people_en';
import { noticeText } from './notice';

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

test('says what it knows, and names what it does not', async () => {
  const other = i18next.createInstance();
  await other.init({ lng: 'en', ns: ['people'], defaultNS: 'people', resources: { en: { people: peopleEn } } });
  const t = other.getFixedT('en', 'people');

  expect(noticeText(t, notice('password.reset'))).toBe('Your passphrase was reset with a link');
  expect(noticeText(t, notice('recovery_codes.make'))).toBe('New recovery codes were made');
  expect(noticeText(t, notice('person.teleport'))).toBe('person.teleport');
});
