import { Button, Card, Group, Table, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { identitiesQuery, providerQuery } from '~/api/queries';
import { Fault } from '~/parts/fault';
import { When } from '~/parts/when';
import { leaveFor } from '../login/own_path';

// LinkedAccounts are one's accounts at the identity provider. Without a provider and without any it is
// not there at all.
export function LinkedAccounts() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const provider = useQuery(providerQuery);
  const linked = useQuery(identitiesQuery);
  const link = useMutation({
    mutationFn: () => dataOf(api.POST('/me/identities/begin')),
    onSuccess: ({ url }) => leaveFor(url),
  });
  const unlink = useMutation({
    mutationFn: (id: string) => api.DELETE('/me/identities/{id}', { params: { path: { id } } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['identities'] }),
  });
  const name = provider.data;
  const items = linked.data?.items ?? [];
  if (!name && items.length === 0) {
    return null;
  }
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('provider.accounts')}</Title>
        {name && (
          <Button size="xs" variant="default" loading={link.isPending || link.isSuccess} onClick={() => link.mutate()}>
            {t('provider.link')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {name ? t('provider.text', { name }) : t('provider.gone')}
      </Text>
      {link.isError && <Fault error={link.error} title={t('provider.notLinked')} />}
      {unlink.isError && <Fault error={unlink.error} />}
      {linked.isError && <Fault error={linked.error} retry={() => void linked.refetch()} />}
      {linked.isSuccess && items.length === 0 && <Text c="dimmed">{t('provider.none')}</Text>}
      {items.length > 0 && (
        <Table aria-label={t('provider.accounts')}>
          <Table.Tbody>
            {items.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>
                  <Text fw={600} size="sm" className="wrap">
                    {one.shown || one.id.slice(0, 12)}
                  </Text>
                  <Text size="xs" c="dimmed" className="wrap">
                    {one.issuer} · {t('key.created')} <When time={one.created_at} /> · {t('keys.column.lastUse')}{' '}
                    <When time={one.last_used_at} />
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    color="red"
                    loading={unlink.isPending && unlink.variables === one.id}
                    onClick={() => unlink.mutate(one.id)}
                  >
                    {t('provider.unlink')}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}
