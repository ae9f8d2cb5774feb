import type { MantineColorScheme } from '@mantine/core';
import type { Session } from '~/api/types';
import { keepsLanguage, type Language, languages, speak } from '~/i18n';
import { keepsZone, setZone } from '~/text/zone';

// followWishes has a browser in which nothing was chosen yet follow what the person chose in another. What was chosen here
// stays.
export function followWishes(
  { language, time_zone, theme }: Pick<Session['person'], 'language' | 'time_zone' | 'theme'>,
  setTheme: (theme: MantineColorScheme) => void,
) {
  if (!keepsLanguage() && language in languages) {
    void speak(language as Language);
  }
  if (!keepsZone() && time_zone) {
    setZone(time_zone === 'UTC' ? 'utc' : 'local');
  }
  if (localStorage.getItem('mantine-color-scheme-value') === null && /^(light|dark)$/.test(theme)) {
    setTheme(theme as MantineColorScheme);
  }
}
