import { Button, Card, Group, Text, Timeline as Line, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { receiptsQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { ActionName } from '~/parts/action_name';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { saveFile } from '~/parts/secret_box';
import { When } from '~/parts/when';
import { exact, micros } from '~/text/words';

// Timeline shows every change of a key that has a receipt, newest first, down to its creation.
export function Timeline({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(receiptsQuery(of.api_key));
  if (error) {
    return <Fault error={error} retry={() => void refetch()} />;
  }
  if (!data) {
    return <Loading rows={4} />;
  }
  return (
    <Card>
      <Title order={2} mb="md">
        {t('timeline.title')}
      </Title>
      <Line bulletSize={14} lineWidth={2} active={data.items.length}>
        {data.items.map(({ receipt }) => (
          <Line.Item key={receipt.id} title={<ActionName of={receipt.action} />}>
            <Group gap="sm">
              <Text size="sm" c="dimmed">
                <When time={receipt.committed_at} /> · {exact(receipt.committed_at)} ·{' '}
                {t('timeline.inForce', { time: micros(Math.max(0, ...receipt.gateways.map((one) => one.after_us))) })}
              </Text>
              <Button
                size="compact-xs"
                variant="subtle"
                leftSection={<IconDownload size={13} aria-hidden />}
                onClick={() =>
                  saveFile({ name: `receipt-${receipt.id}.json`, text: JSON.stringify({ receipt }, null, 2) })
                }
              >
                {t('receipt.download')}
              </Button>
            </Group>
          </Line.Item>
        ))}
        <Line.Item title={<ActionName of={of.imported ? 'key.import' : 'key.create'} />}>
          <Text size="sm" c="dimmed">
            <When time={of.created_at} /> · {exact(of.created_at)}
          </Text>
        </Line.Item>
      </Line>
    </Card>
  );
}
