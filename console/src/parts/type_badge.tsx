import { Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { KeyType } from '~/api/types';

export const typeNames: Record<KeyType, string> = {
  'hmac-sha256': 'HMAC',
  ed25519: 'Ed25519',
  'rsa-sha256': 'RSA',
};

// TypeName marks the one type whose secret we know too.
export function TypeName({ type }: { type: KeyType }) {
  const { t } = useTranslation();
  return (
    <Group gap={5} wrap="nowrap" display="inline-flex">
      {typeNames[type]}
      {type === 'hmac-sha256' && (
        <Text span size="xs" c="dimmed">
          {t('keys.legacy')}
        </Text>
      )}
    </Group>
  );
}
