import { Alert, Button, Group, Text } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { exact } from '~/text/words';

// Stale stands above data that could not be renewed, and carries its age.
export function Stale({ asOf, retry }: { asOf: number; retry: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="orange" icon={<IconCloudOff aria-hidden />} role="status" mb="md">
      <Group justify="space-between" gap="xs">
        <Text size="sm">{t('state.stale', { time: exact(asOf) })}</Text>
        <Button size="compact-sm" variant="default" onClick={retry}>
          {t('act.retry')}
        </Button>
      </Group>
    </Alert>
  );
}
