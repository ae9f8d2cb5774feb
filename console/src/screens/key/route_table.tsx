import { Card, Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Usage } from '~/api/types';
import { When } from '~/parts/when';
import { Wide } from '~/parts/wide';
import { count } from '~/text/words';

export function RouteTable({ routes }: { routes: Usage['routes'] }) {
  const { t } = useTranslation();
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('routes.title')}
      </Title>
      {routes.length === 0 ? (
        <Text c="dimmed">{t('clients.none')}</Text>
      ) : (
        <Wide name={t('routes.title')}>
          <Table miw={320} aria-label={t('routes.title')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('clients.route')}</Table.Th>
                <Table.Th>{t('keys.column.lastUse')}</Table.Th>
                <Table.Th ta="right">{t('tail.accepted')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {routes
                .toSorted((a, b) => b.accepted - a.accepted)
                .map((one) => (
                  <Table.Tr key={one.route}>
                    <Table.Td className="mono wrap">{one.route}</Table.Td>
                    <Table.Td>
                      <When time={one.last_at} />
                    </Table.Td>
                    <Table.Td ta="right">{count(one.accepted)}</Table.Td>
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </Card>
  );
}
