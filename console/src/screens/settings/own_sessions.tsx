import { Badge, Button, Card, Group, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { sessionsQuery } from '~/api/queries';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { When } from '~/parts/when';
import { Wide } from '~/parts/wide';

export function OwnSessions() {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: string | null) =>
      id === null ? api.DELETE('/me/sessions') : api.DELETE('/me/sessions/{id}', { params: { path: { id } } }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['sessions'] }),
  });
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={3} />;
  }
  return (
    <Stack maw={820}>
      {end.isError && <Fault error={end.error} />}
      <Card padding={0}>
        <Wide name={t('sessions')}>
          <Table miw={520} aria-label={t('sessions')}>
            <Table.Tbody>
              {data.items.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td>
                    <Group gap="xs">
                      <Text size="sm" fw={600}>
                        {one.client}
                      </Text>
                      {one.current && <Badge color="green">{t('session.this')}</Badge>}
                    </Group>
                    <Text size="xs" c="dimmed" className="mono">
                      {one.address}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm">
                      {t('session.since')} <When time={one.started_at} />
                    </Text>
                    <Text size="xs" c="dimmed">
                      {t('session.seen')} <When time={one.last_seen_at} />
                    </Text>
                  </Table.Td>
                  <Table.Td ta="right">
                    {!one.current && (
                      <Button size="compact-sm" variant="default" onClick={() => end.mutate(one.id)}>
                        {t('session.end')}
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </Card>
      {data.items.length > 1 && (
        <Button w="fit-content" variant="default" loading={end.isPending} onClick={() => end.mutate(null)}>
          {t('session.endOthers')}
        </Button>
      )}
    </Stack>
  );
}
