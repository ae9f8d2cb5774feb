import { Alert, Badge, Card, Group, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { statusQuery } from '~/api/queries';
import type { NodeStatus } from '~/api/types';
import { useNodeTexts } from '~/i18n/node_texts';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { Original } from '~/parts/original';
import { PageHead } from '~/parts/page_head';
import { Stale } from '~/parts/stale';
import { When } from '~/parts/when';
import { Wide } from '~/parts/wide';
import { count, span } from '~/text/words';

function Tile({
  name,
  good,
  children,
  below,
}: {
  name: string;
  good: boolean;
  children: ReactNode;
  below?: ReactNode;
}) {
  const { t } = useTranslation();
  const Icon = good ? IconCircleCheck : IconAlertTriangle;
  return (
    <Card padding="md">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="dimmed">
          {name}
        </Text>
        <Icon
          size={17}
          role="img"
          aria-label={good ? t('check.ok') : t('check.warn')}
          color={good ? 'var(--accept)' : 'var(--warn)'}
        />
      </Group>
      <Text className="tile-number" component="div">
        {children}
      </Text>
      <Text size="xs" c="dimmed" component="div">
        {below}
      </Text>
    </Card>
  );
}

function Trouble({ of }: { of: NodeStatus['troubles'][number] }) {
  const said = useNodeTexts().problem({ reason: of.reason, message: of.detail });
  return (
    <Alert color="red" icon={<IconX aria-hidden />} title={of.reason}>
      {said.text}
      <Original text={said.original} />
    </Alert>
  );
}

const targetColors = { up: 'green', on_trial: 'yellow', out: 'red' } as const;

function Targets({ of }: { of: NodeStatus }) {
  const { t } = useTranslation();
  const say = useNodeTexts();
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('health.targets')}
      </Title>
      <Wide name={t('health.targets')}>
        <Table miw={460} aria-label={t('health.targets')}>
          <Table.Tbody>
            {of.upstream_targets.map((target) => (
              <Table.Tr key={target.url}>
                <Table.Td className="mono wrap">{target.url}</Table.Td>
                <Table.Td>
                  <Badge color={targetColors[target.state]}>{t(`health.target.${target.state}`)}</Badge>
                </Table.Td>
                <Table.Td>
                  {target.last_fault &&
                    t('health.lastFault', { fault: say.fault(target.last_fault), count: target.failures })}
                  {target.next_probe_in_ms !== null &&
                    ` · ${t('health.probe', { span: span(target.next_probe_in_ms) })}`}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

export function Health() {
  const { t } = useTranslation();
  const { data, error, refetch, dataUpdatedAt } = useQuery(statusQuery);
  if (!data) {
    return (
      <>
        <PageHead title={t('nav.health')} />
        {error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={3} height={100} />}
      </>
    );
  }
  const lag = data.registry_revision - data.applied_revision;
  return (
    <>
      <PageHead title={t('nav.health')}>
        {data.node} · {data.version} · {data.profile}
      </PageHead>
      {error && <Stale asOf={dataUpdatedAt} retry={() => void refetch()} />}
      <Stack gap="lg">
        {data.troubles.length === 0 ? (
          <Alert color="green" icon={<IconCircleCheck aria-hidden />}>
            {t('health.fine')}
          </Alert>
        ) : (
          data.troubles.map((trouble) => <Trouble key={trouble.reason} of={trouble} />)
        )}
        <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
          <Tile name={t('health.accepts')} good={data.accepts_signed_requests} below="accepts_signed_requests">
            {data.accepts_signed_requests ? t('word.yes') : t('word.no')}
          </Tile>
          <Tile name={t('health.lag')} good={lag === 0} below={`${data.applied_revision} / ${data.registry_revision}`}>
            {count(lag)}
          </Tile>
          <Tile name={t('health.clock')} good={!data.clock.in_doubt} below="clock.step_ms">
            {data.clock.step_ms} ms
          </Tile>
          <Tile
            name={t('health.keys')}
            good={data.unusable_records === 0}
            below={t('health.unusable', { count: data.unusable_records })}
          >
            {count(data.api_keys)}
          </Tile>
          <Tile
            name={t('health.audit')}
            good={data.audit_waiting === 0}
            below={t('health.waiting', { count: data.audit_waiting })}
          >
            {count(data.audit_seq)}
          </Tile>
          <Tile name={t('health.uncounted')} good={data.uses_not_counted === 0} below="uses_not_counted">
            {count(data.uses_not_counted)}
          </Tile>
          <Tile name={t('health.unkept')} good={data.refusals_not_kept === 0} below="refusals_not_kept">
            {count(data.refusals_not_kept)}
          </Tile>
          <Tile name={t('health.started')} good={data.needs_restart.length === 0} below={data.needs_restart.join(', ')}>
            <Text span fz="lg" fw={600}>
              <When time={data.started_at} />
            </Text>
          </Tile>
        </SimpleGrid>
        <Targets of={data} />
        <Card>
          <Title order={2} mb="sm">
            {t('health.doors')}
          </Title>
          <dl className="facts">
            {data.listeners.map((listener) => (
              <Group key={listener.door} display="contents">
                <dt>{listener.door}</dt>
                <dd className="mono">{listener.address}</dd>
              </Group>
            ))}
          </dl>
        </Card>
      </Stack>
    </>
  );
}
