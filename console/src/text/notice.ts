import type { TFunction } from 'i18next';
import type { Notice } from '~/api/types';

// noticeWords says what a kind of notice tells; what this page does not know yet, in the node's own word.
export function noticeWords(t: TFunction<'people'>, what: string): string {
  const known = t as unknown as (key: string, options: { defaultValue: string }) => string;
  return known(`notices.${what}`, { defaultValue: what });
}

export const noticeText = (t: TFunction<'people'>, of: Notice) => noticeWords(t, of.what);
