import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Difference, DiffView } from './diff_view';

// Conflict stands where somebody else was faster: both changes, and two ways on. Neither overwrites anything.
export function Conflict({
  theirs,
  mine,
  useTheirs,
  applyMine,
}: {
  theirs: Difference[];
  mine: Difference[];
  useTheirs: () => void;
  applyMine: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Alert color="orange" title={t('conflict.title')} role="alert">
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          {t('conflict.theirs')}
        </Text>
        <DiffView differences={theirs} />
        <Text size="sm" fw={600}>
          {t('conflict.mine')}
        </Text>
        <DiffView differences={mine} />
        <Group gap="xs">
          <Button size="compact-sm" variant="default" onClick={useTheirs}>
            {t('conflict.useTheirs')}
          </Button>
          <Button size="compact-sm" onClick={applyMine}>
            {t('conflict.applyMine')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
