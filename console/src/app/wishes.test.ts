import { beforeEach, expect, test, vi } from 'vitest';
import { currentLanguage, speak, startLanguages } from '~/i18n';
import { zone } from '~/text/zone';
import { followWishes } from './wishes';

const setTheme = vi.fn();
beforeEach(async () => {
  await startLanguages('en');
  localStorage.clear();
  setTheme.mockClear();
});

test('a new browser follows what the person chose elsewhere', async () => {
  followWishes({ language: 'zh', time_zone: 'Asia/Tokyo', theme: 'dark' }, setTheme);
  await vi.waitFor(() => expect(currentLanguage()).toBe('zh'));
  expect(zone()).toBe('local');
  expect(setTheme).toHaveBeenCalledExactlyOnceWith('dark');
});

test('what was chosen in this browser stays', async () => {
  await speak('en');
  localStorage.setItem('counterfoil.zone', 'utc');
  localStorage.setItem('mantine-color-scheme-value', 'auto');
  followWishes({ language: 'zh', time_zone: 'Asia/Tokyo', theme: 'dark' }, setTheme);
  expect(localStorage.getItem('counterfoil.language')).toBe('en');
  expect(zone()).toBe('utc');
  expect(setTheme).not.toHaveBeenCalled();
});

test('who chose nothing, or what the page does not know, changes nothing', () => {
  followWishes({ language: '', time_zone: '', theme: '' }, setTheme);
  followWishes({ language: 'tlh', time_zone: '', theme: 'sepia' }, setTheme);
  expect(localStorage.length).toBe(0);
  expect(setTheme).not.toHaveBeenCalled();
});
