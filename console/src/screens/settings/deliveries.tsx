import { Badge, Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { deliveriesQuery } from '~/api/queries';
import type { Webhook, WebhookDelivery } from '~/api/types';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { When } from '~/parts/when';
import { Wide } from '~/parts/wide';

const colors = { waiting: 'blue', taken: 'green', given_up: 'red' } as const;

function pretty(body: string) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

// One delivery with what was sent and what was answered.
function DeliveryDialog({ of, to, onClose }: { of: WebhookDelivery; to: string; onClose: () => void }) {
  const { t } = useTranslation('webhooks');
  return (
    <Dialog onClose={onClose} title={of.type} size="lg">
      <Stack gap="sm">
        <Text fw={600}>{t('request')}</Text>
        <Code
          block
          className="wrap"
          style={{ whiteSpace: 'pre-wrap' }}
        >{`POST ${to}\nwebhook-id: ${of.webhook_id}\n\n${pretty(of.body)}`}</Code>
        <Text fw={600}>{t('answer')}</Text>
        <Text size="sm" className="wrap">
          {of.status === null ? (of.fault ?? t('noAnswer')) : t('answered', { status: of.status })}
        </Text>
      </Stack>
    </Dialog>
  );
}

// Deliveries is what a webhook was told and is to be told, newest first.
export function Deliveries({ of }: { of: Webhook }) {
  const { t } = useTranslation('webhooks');
  const client = useQueryClient();
  const [open, setOpen] = useState<WebhookDelivery | null>(null);
  const { data, error, refetch } = useQuery({ ...deliveriesQuery(of.id), refetchInterval: 3_000 });
  const again = useMutation({
    mutationFn: (delivery: string) =>
      dataOf(api.POST('/webhooks/{id}/redeliver', { params: { path: { id: of.id } }, body: { delivery } })),
    onSettled: () => void client.invalidateQueries({ queryKey: ['deliveries', of.id] }),
  });
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={2} />;
  }
  if (data.items.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('noDeliveries')}
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      {again.isError && <Fault error={again.error} />}
      <Wide name={t('deliveries')}>
        <Table miw={600} aria-label={t('deliveries')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('event')}</Table.Th>
              <Table.Th>{t('outcome')}</Table.Th>
              <Table.Th>
                <span className="unseen">{t('show')}</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.items.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>
                  <Text size="sm" className="mono">
                    {one.type}
                  </Text>
                  <Text size="xs" c="dimmed">
                    <When time={one.made_at} />
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Group gap="xs">
                    <Badge color={colors[one.state]}>{t(`state.${one.state}`)}</Badge>
                    {one.status !== null && <Text size="sm">{one.status}</Text>}
                  </Group>
                  <Text size="xs" c="dimmed">
                    {t('attempts', { count: one.attempts })}
                    {one.next_try_at !== null && (
                      <>
                        {' · '}
                        {t('next')} <When time={one.next_try_at} />
                      </>
                    )}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  <Group gap="xs" justify="flex-end" wrap="nowrap">
                    <Button size="compact-sm" variant="default" onClick={() => setOpen(one)}>
                      {t('show')}
                    </Button>
                    <Button
                      size="compact-sm"
                      variant="default"
                      disabled={one.state === 'waiting' || of.state === 'stopped'}
                      loading={again.isPending && again.variables === one.id}
                      onClick={() => again.mutate(one.id)}
                    >
                      {t('redeliver')}
                    </Button>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      {open && <DeliveryDialog of={open} to={of.url} onClose={() => setOpen(null)} />}
    </Stack>
  );
}
