import { Anchor, Card, Grid, Group, SimpleGrid, Stack, Table, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usageQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { Addresses } from '~/parts/addresses';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { useNow } from '~/parts/now';
import { PermissionChips } from '~/parts/permission_chips';
import { Sparkline } from '~/parts/sparkline';
import { Countdown, When } from '~/parts/when';
import { Wide } from '~/parts/wide';
import { hours } from '~/screens/keys/use_cell';
import { count, exact } from '~/text/words';
import { hygiene } from './hygiene';

function Tile({ name, children, below }: { name: string; children: ReactNode; below?: ReactNode }) {
  return (
    <Card padding="md">
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text className="tile-number" component="div">
        {children}
      </Text>
      {below && (
        <Text size="xs" c="dimmed" component="div">
          {below}
        </Text>
      )}
    </Card>
  );
}

function Hygiene({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const now = useNow();
  const usage = useQuery(usageQuery(of.api_key, 'quarter'));
  const advice = hygiene(of, usage.data, now);
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('hygiene.title')}
      </Title>
      {advice.length === 0 ? (
        <Group gap="xs">
          <IconCircleCheck size={18} color="var(--accept)" aria-hidden />
          <Text>{t('hygiene.fine')}</Text>
        </Group>
      ) : (
        <Stack gap="sm">
          {advice.map((one) => (
            <Group key={one} gap="sm" wrap="nowrap" align="flex-start">
              <ThemeIcon color="orange" variant="light" size="sm" radius="xl" aria-hidden>
                <IconAlertTriangle size={13} />
              </ThemeIcon>
              <Text size="sm">{t(`hygiene.${one}`)}</Text>
            </Group>
          ))}
        </Stack>
      )}
    </Card>
  );
}

export function Overview({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const usage = useQuery(usageQuery(of.api_key, 'day'));
  if (usage.isError) {
    return <Fault error={usage.error} retry={() => void usage.refetch()} />;
  }
  if (!usage.data) {
    return <Loading rows={3} height={100} />;
  }
  const counts = hours(usage.data);
  const accepted = counts.reduce((sum, one) => sum + one, 0);
  const since = new Date(usage.data.as_of).getTime() - 86_400_000;
  const refused = usage.data.steps.reduce((sum, one) => sum + one.refused, 0);
  const addresses = new Set(
    usage.data.clients.filter((one) => new Date(one.last_at).getTime() >= since).map((one) => one.address),
  );
  const clients = usage.data.clients.toSorted((a, b) => b.last_at.localeCompare(a.last_at));
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        <Tile
          name={t('tile.accepted')}
          below={
            accepted > 0 && (
              <Sparkline counts={counts} label={t('keys.spark', { count: accepted, accepted: count(accepted) })} />
            )
          }
        >
          {count(accepted)}
        </Tile>
        <Tile
          name={t('tile.refused')}
          below={
            refused > 0 && (
              <Anchor component={Link} to={`/keys/${of.api_key}`} search={{ tab: 'requests' } as never} inherit>
                {t('tile.see')}
              </Anchor>
            )
          }
        >
          <Text span inherit c={refused > 0 ? 'var(--refuse)' : undefined}>
            {count(refused)}
          </Text>
        </Tile>
        <Tile name={t('tile.addresses')}>{addresses.size}</Tile>
        <Tile name={t('tile.lastHour')} below={<When time={usage.data.last_used_at} />}>
          {count(usage.data.accepted_last_hour)}
        </Tile>
      </SimpleGrid>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Card h="100%">
            <Title order={2} mb="sm">
              {t('key.facts')}
            </Title>
            <dl className="facts">
              <dt>{t('edit.permissions')}</dt>
              <dd>
                <PermissionChips names={of.permissions} most={12} />
              </dd>
              <dt>{t('edit.allow_list')}</dt>
              <dd>
                <Addresses all list={of.allow_list} />
              </dd>
              <dt>{t('edit.symbols')}</dt>
              <dd>{of.symbols.length === 0 ? t('key.allSymbols') : of.symbols.join(', ')}</dd>
              <dt>{t('edit.expires_at')}</dt>
              <dd>
                <Countdown to={of.expires_at} />
              </dd>
              <dt>{t('key.created')}</dt>
              <dd>{exact(of.created_at)}</dd>
              {of.pairs
                .filter((pair) => pair.fingerprint)
                .map((pair) => (
                  <Group key={pair.number} component="div" display="contents">
                    <dt>{t('key.fingerprint', { number: pair.number })}</dt>
                    <dd className="mono">{pair.fingerprint}</dd>
                  </Group>
                ))}
              {of.vendor && (
                <>
                  <dt>{t('key.vendor')}</dt>
                  <dd>{of.vendor}</dd>
                </>
              )}
              {of.parent && (
                <>
                  <dt>{t('key.parent')}</dt>
                  <dd>
                    <Anchor component={Link} to={`/keys/${of.parent}`} inherit className="mono">
                      {of.parent.slice(0, 10)}…
                    </Anchor>
                  </dd>
                </>
              )}
            </dl>
          </Card>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Hygiene of={of} />
        </Grid.Col>
      </Grid>
      <Card>
        <Title order={2} mb="sm">
          {t('clients.title')}
        </Title>
        {clients.length === 0 ? (
          <Text c="dimmed">{t('clients.none')}</Text>
        ) : (
          <Wide name={t('clients.title')}>
            <Table miw={560} aria-label={t('clients.title')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('clients.address')}</Table.Th>
                  <Table.Th>{t('clients.client')}</Table.Th>
                  <Table.Th>{t('clients.route')}</Table.Th>
                  <Table.Th>{t('keys.column.lastUse')}</Table.Th>
                  <Table.Th ta="right">{t('tail.accepted')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {clients.slice(0, 20).map((one) => (
                  <Table.Tr key={`${one.number} ${one.address} ${one.client}`}>
                    <Table.Td className="mono">{one.address}</Table.Td>
                    <Table.Td className="wrap">{one.client}</Table.Td>
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
    </Stack>
  );
}
