import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { AddressEditor } from '~/parts/address_editor';
import { ExpiryPicker } from '~/parts/expiry_picker';
import type { Draft } from './draft';

// LimitsStep asks from where the key may be used and how long. `unbound` names the permissions that cannot
// be had without an allow-list.
export function LimitsStep({
  draft,
  onChange,
  unbound,
}: {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  unbound: string[];
}) {
  const { t } = useTranslation();
  return (
    <Stack>
      <AddressEditor value={draft.allow_list} onChange={(allow_list) => onChange({ allow_list })} />
      {unbound.length > 0 ? (
        <Text size="sm" c="var(--refuse)" role="alert">
          {t('wizard.needsList', { names: unbound.join(', ') })}
        </Text>
      ) : (
        draft.allow_list.length === 0 && (
          <Text size="sm" c="var(--warn)">
            {t('wizard.anywhere')}
          </Text>
        )
      )}
      <ExpiryPicker value={draft.expires_at} onChange={(expires_at) => onChange({ expires_at })} />
    </Stack>
  );
}
