import { Card, Stack, Table, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { acceptedQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { Fault } from '~/parts/fault';
import { LoadMore } from '~/parts/load_more';
import { Loading } from '~/parts/loading';
import { When } from '~/parts/when';
import { Wide } from '~/parts/wide';
import { count } from '~/text/words';

// Accepted lists what was accepted, those of one minute that are alike in one row.
export function Accepted({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const all = useInfiniteQuery(acceptedQuery(of.api_key));
  const rows = all.data?.pages.flatMap((page) => page.items);
  return (
    <Card>
      <Title order={2} mb="xs">
        {t('requests.accepted')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('requests.acceptedText')}
      </Text>
      {all.isError ? (
        <Fault error={all.error} retry={() => void all.refetch()} />
      ) : !rows ? (
        <Loading rows={3} />
      ) : rows.length === 0 ? (
        <Text c="dimmed">{t('clients.none')}</Text>
      ) : (
        <Stack gap="sm">
          <Wide name={t('requests.accepted')}>
            <Table miw={640} aria-label={t('requests.accepted')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('word.time')}</Table.Th>
                  <Table.Th>{t('clients.route')}</Table.Th>
                  <Table.Th>{t('clients.address')}</Table.Th>
                  <Table.Th>{t('clients.client')}</Table.Th>
                  <Table.Th ta="right">{t('tail.accepted')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((one) => (
                  <Table.Tr key={`${one.request_id} ${one.route} ${one.address}`}>
                    <Table.Td>
                      <When time={one.last_at} />
                    </Table.Td>
                    <Table.Td className="mono wrap">{one.route}</Table.Td>
                    <Table.Td className="mono">{one.address}</Table.Td>
                    <Table.Td className="wrap">{one.client}</Table.Td>
                    <Table.Td ta="right">{count(one.count)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
          <LoadMore of={all} />
        </Stack>
      )}
    </Card>
  );
}
