import { Card, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Addresses } from '~/parts/addresses';
import { PermissionChips } from '~/parts/permission_chips';
import { typeNames } from '~/parts/type_badge';
import { Countdown } from '~/parts/when';
import type { Draft } from './draft';
import { type Material, typeOf } from './material';

export function Summary({ draft, material }: { draft: Draft; material: Material | null }) {
  const { t } = useTranslation();
  return (
    <Card component="aside" aria-label={t('wizard.summary')}>
      <Text fw={620} mb="sm">
        {t('wizard.summary')}
      </Text>
      <dl className="facts">
        <dt>{t('edit.label')}</dt>
        <dd>{draft.label || '–'}</dd>
        <dt>{t('word.account')}</dt>
        <dd>{draft.account}</dd>
        <dt>{t('wizard.pair')}</dt>
        <dd>{material ? typeNames[typeOf(material)] : '–'}</dd>
        <dt>{t('edit.permissions')}</dt>
        <dd>{draft.permissions.length === 0 ? '–' : <PermissionChips names={draft.permissions} most={9} />}</dd>
        <dt>{t('edit.allow_list')}</dt>
        <dd>
          <Addresses list={draft.allow_list.length === 0 ? ['any'] : draft.allow_list} />
        </dd>
        {draft.symbols.length > 0 && (
          <>
            <dt>{t('edit.symbols')}</dt>
            <dd>{draft.symbols.join(', ')}</dd>
          </>
        )}
        <dt>{t('edit.expires_at')}</dt>
        <dd>
          <Countdown to={draft.expires_at} />
        </dd>
      </dl>
    </Card>
  );
}
