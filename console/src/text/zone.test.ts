import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { series } from '~/screens/key/usage_series';
import { exact, exactWithUtc, local, utc } from './words';
import { setZone, startOf, zone, zoneName } from './zone';

// The process takes another zone on from one line to the next; each test says in which it is.
const before = process.env.TZ;
const inZone = (name: string) => {
  process.env.TZ = name;
  setZone('local');
};
beforeEach(() => localStorage.clear());
afterEach(() => {
  if (before === undefined) {
    delete process.env.TZ;
  } else {
    process.env.TZ = before;
  }
});

describe('the zone of a person', () => {
  test('is UTC unless they chose otherwise, wherever the browser is', () => {
    process.env.TZ = 'Asia/Tokyo';
    expect(zone()).toBe('utc');
    expect(zoneName()).toBe('UTC');
    expect(exact('2026-03-01T12:00:00.482Z')).toBe('2026-03-01 12:00:00 UTC');
    expect(exactWithUtc('2026-03-01T12:00:00Z')).toBe('2026-03-01 12:00:00 UTC');
    expect(startOf('2026-03-01')).toBe(Date.parse('2026-03-01T00:00:00Z'));
  });

  test.each([
    ['Asia/Tokyo', '2026-03-01T16:30:05Z', '2026-03-02 01:30:05 +09:00'],
    ['America/New_York', '2026-03-01T03:04:05Z', '2026-02-28 22:04:05 -05:00'],
    ['Asia/Kolkata', '2026-03-01T12:00:00Z', '2026-03-01 17:30:00 +05:30'],
    ['Asia/Kathmandu', '2026-03-01T12:00:00Z', '2026-03-01 17:45:00 +05:45'],
    ['America/St_Johns', '2026-01-01T00:00:00Z', '2025-12-31 20:30:00 -03:30'],
    ['Pacific/Marquesas', '2026-03-01T12:00:00Z', '2026-03-01 02:30:00 -09:30'],
    ['Pacific/Kiritimati', '2026-03-01T12:00:00Z', '2026-03-02 02:00:00 +14:00'],
  ])('%s', (name, time, shown) => {
    inZone(name);
    expect(exact(time)).toBe(shown);
    expect(exactWithUtc(time)).toBe(`${shown}\n${utc(time)}`);
  });

  test('the hour that comes twice is told apart by its offset, and the one that is left out is never shown', () => {
    inZone('Europe/Berlin');
    expect(zoneName()).toBe('Europe/Berlin');
    expect(exact('2026-10-25T00:30:00Z')).toBe('2026-10-25 02:30:00 +02:00');
    expect(exact('2026-10-25T01:30:00Z')).toBe('2026-10-25 02:30:00 +01:00');
    expect(exact('2026-03-29T00:59:59Z')).toBe('2026-03-29 01:59:59 +01:00');
    expect(exact('2026-03-29T01:00:00Z')).toBe('2026-03-29 03:00:00 +02:00');
  });

  test('where clocks show UTC it is said once, and so in winter only', () => {
    inZone('Europe/London');
    expect(exactWithUtc('2026-01-01T12:00:00Z')).toBe('2026-01-01 12:00:00 UTC');
    expect(exactWithUtc('2026-07-01T12:00:00Z')).toBe('2026-07-01 13:00:00 +01:00\n2026-07-01 12:00:00 UTC');
  });

  test.each(['Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'Pacific/Auckland', 'Australia/Lord_Howe'])(
    'a date of %s begins on that date, all the year round',
    (name) => {
      inZone(name);
      for (let day = 1; day <= 365; ++day) {
        const date = new Date(Date.UTC(2026, 0, day)).toISOString().slice(0, 10);
        expect(local(startOf(date))).toBe(`${date} 00:00:00`);
      }
    },
  );
});

describe('usage by days', () => {
  const usage = (starts: string[]) =>
    ({ as_of: '2026-10-26T12:00:00Z', steps: starts.map((start) => ({ start, accepted: 1, refused: 0 })) }) as Parameters<typeof series>[0]; // prettier-ignore

  test('counts by days of UTC', () => {
    const { times, accepted } = series(usage(['2026-10-25T22:00:00Z', '2026-10-26T00:00:00Z']), 'quarter');
    expect(times.at(-1)).toBe(Date.parse('2026-10-26T00:00:00Z') / 1000);
    expect(accepted.slice(-2)).toEqual([1, 1]);
  });

  test('counts by days of the zone, also the one of 25 hours', () => {
    inZone('Europe/Berlin');
    const { times, accepted } = series(
      usage(['2026-10-24T21:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T22:00:00Z', '2026-10-25T23:00:00Z']),
      'quarter',
    );
    expect(times.slice(-2).map((time) => exact(time * 1000))).toEqual([
      '2026-10-25 00:00:00 +02:00',
      '2026-10-26 00:00:00 +01:00',
    ]);
    expect(accepted.slice(-3)).toEqual([1, 2, 1]);
  });

  test('leaves hours as the node counts them', () => {
    inZone('Asia/Kolkata');
    const { times, accepted } = series(usage(['2026-10-26T11:00:00Z', '2026-10-26T12:00:00Z']), 'day');
    expect(exact(times.at(-1)! * 1000)).toBe('2026-10-26 17:30:00 +05:30');
    expect(accepted.slice(-2)).toEqual([1, 1]);
  });
});
