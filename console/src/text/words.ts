import { currentLanguage } from '~/i18n';
import { offsetAt } from './zone';

// Times, spans and numbers in the person's language.

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

// relative says how far `time` is from `now`, both in milliseconds: "3 minutes ago", "in 6 days".
export function relative(time: number, now: number): string {
  const seconds = Math.round((time - now) / 1000);
  const format = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto', style: 'short' });
  const unit = units.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
  return format.format(Math.trunc(seconds / unit[1]), unit[0]);
}

const spanUnits = [86_400, 3_600, 60, 1];
const spanWords = { en: ['d', 'h', 'min', 's'], zh: ['天', '小时', '分钟', '秒'] };

// span spells a length with its two largest units: "6 d 4 h".
export function span(milliseconds: number): string {
  let left = Math.max(0, Math.floor(milliseconds / 1000));
  const names = spanWords[currentLanguage()];
  const words: string[] = [];
  for (const [at, size] of spanUnits.entries()) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0 || (size === 1 && words.length === 0)) {
      words.push(`${count} ${names[at]}`);
    }
    if (words.length === 2 || (words.length === 1 && count === 0)) {
      break;
    }
  }
  return words.join(' ');
}

// hands is what a clock shows that is so many minutes ahead of UTC: "2026-03-01 13:00:00".
const hands = (time: string | number, ahead: number) =>
  new Date(new Date(time).getTime() + ahead * 60_000).toISOString().slice(0, 19).replace('T', ' ');

export const utc = (time: string | number) => `${hands(time, 0)} UTC`;

// local is an instant as the person's clock shows it (text/zone.ts), without the zone.
export const local = (time: string | number) => hands(time, offsetAt(time));

// exact names an instant in the person's zone: "2026-03-01 13:00:00 +01:00", or "… UTC".
export function exact(time: string | number): string {
  const ahead = offsetAt(time);
  if (ahead === 0) {
    return utc(time);
  }
  const [hours, minutes] = [Math.abs(ahead) / 60, Math.abs(ahead) % 60].map((part) =>
    String(Math.floor(part)).padStart(2, '0'),
  );
  return `${local(time)} ${ahead < 0 ? '-' : '+'}${hours}:${minutes}`;
}

// exactWithUtc has a second line in UTC, which logs and other people speak.
export const exactWithUtc = (time: string | number) =>
  offsetAt(time) === 0 ? utc(time) : `${exact(time)}\n${utc(time)}`;

export const count = (value: number) => new Intl.NumberFormat(currentLanguage()).format(value);

export const shortId = (id: string) => (id.length > 16 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id);

export function micros(value: number): string {
  return value < 1000 ? `${value} µs` : `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} ms`;
}
