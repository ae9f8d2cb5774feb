import type { TFunction } from 'i18next';

// actionText says what the audit log and receipts name: "key.rotate". What this page does not know yet has none.
export function actionText(t: TFunction<'audit'>, name: string): string | undefined {
  const known = t as unknown as (key: string, options: { defaultValue: string; returnObjects: true }) => unknown;
  const said = known(`action.${name}`, { defaultValue: '', returnObjects: true });
  return typeof said === 'string' && said !== '' ? said : undefined;
}
