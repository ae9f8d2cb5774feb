import { Badge, Card, Group, Stack, Text } from '@mantine/core';
import { IconTool, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Refusal } from '~/api/types';
import { count } from '~/text/words';
import { CopyButton } from './copy_button';
import { When } from './when';

// RefusalCard tells the owner of a key why a request was refused and what to do next.
export function RefusalCard({ refusal }: { refusal: Refusal }) {
  const { t } = useTranslation();
  const offset = Math.round(refusal.clock_offset_us / 1000);
  const ticket = [
    `request ${refusal.request_id}`,
    `${refusal.time} ${refusal.method} ${refusal.path}`,
    `from ${refusal.address} (${refusal.client})`,
    `refused: ${refusal.reason}. ${refusal.detail ?? ''}`,
    refusal.fix ?? '',
  ].join('\n');
  return (
    <Card padding="md">
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Badge color="red" leftSection={<IconX size={12} aria-hidden />}>
              {refusal.reason}
            </Badge>
            <span className="mono wrap">
              {refusal.method} {refusal.path}
            </span>
          </Group>
          <Text size="sm" c="dimmed">
            <When time={refusal.time} />
          </Text>
        </Group>
        {refusal.detail && (
          <Text>
            <Text span c="dimmed">
              {t('refusal.why')}{' '}
            </Text>
            {refusal.detail}
          </Text>
        )}
        {refusal.fix && (
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <IconTool size={18} aria-hidden color="var(--accept)" style={{ flexShrink: 0, marginTop: 3 }} />
            <Text fw={600}>{refusal.fix}</Text>
          </Group>
        )}
        <Group gap="md">
          <Text size="sm" c="dimmed" className="wrap">
            {refusal.address} · {refusal.client}
            {Math.abs(offset) >= 500 &&
              ` · ${t(offset > 0 ? 'refusal.ahead' : 'refusal.behind', { ms: count(Math.abs(offset)) })}`}
            {refusal.count > 1 && ` · ${t('refusal.alike', { count: refusal.count })}`}
          </Text>
          <Group gap={4} wrap="nowrap">
            <Text size="xs" c="dimmed" className="mono">
              {refusal.request_id}
            </Text>
            <CopyButton value={ticket} what={t('refusal.ticket')} />
          </Group>
        </Group>
      </Stack>
    </Card>
  );
}
