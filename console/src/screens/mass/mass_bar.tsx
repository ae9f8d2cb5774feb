import { Button, Card, Group, Text } from '@mantine/core';
import { IconPlayerPause, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '~/api/types';
import type { Selection } from '~/screens/keys/selection';
import { later } from '~/parts/later';

const MassDialog = later(() => import('./mass_dialog').then((m) => m.MassDialog));

export function MassBar({ selection, keys }: { selection: Selection; keys: ApiKey[] }) {
  const { t } = useTranslation();
  const [verb, setVerb] = useState<'suspend' | 'revoke' | null>(null);
  return (
    <Card padding="sm" mb="md" role="region" aria-label={t('mass.chosen', { count: selection.size })}>
      <Group justify="space-between">
        <Text fw={600}>{t('mass.chosen', { count: selection.size })}</Text>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerPause size={15} aria-hidden />}
            data-control="mass-suspend"
            onClick={() => setVerb('suspend')}
          >
            {t('key.suspend')}
          </Button>
          <Button
            size="xs"
            color="red"
            leftSection={<IconTrash size={15} aria-hidden />}
            data-control="mass-revoke"
            onClick={() => setVerb('revoke')}
          >
            {t('key.revoke')}
          </Button>
          <Button size="xs" variant="subtle" onClick={() => selection.setAll([])}>
            {t('mass.none')}
          </Button>
        </Group>
      </Group>
      {verb && <MassDialog verb={verb} keys={keys} onClose={() => setVerb(null)} />}
    </Card>
  );
}
