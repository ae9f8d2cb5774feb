import type { TFunction } from 'i18next';
import type { Notice } from '~/api/types';

// noticeText says what a notice tells; what this page does not know yet, in the node's own word.
export function noticeText(t: TFunction<'people'>, of: Notice): string {
  const known = t as unknown as (key: string, options: { defaultValue: string }) => string;
  return known(`notices.${of.what}`, { defaultValue: of.what });
}
