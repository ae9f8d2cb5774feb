import { Card, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { IconChartAreaLine } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usageQuery, type UsageSpan } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { useLive } from '~/app/live';
import { ChartTable } from '~/parts/chart_table';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { type Series, TimeChart } from '~/parts/time_chart';
import { count, exact } from '~/text/words';
import { RouteTable } from './route_table';
import { series, spans } from './usage_series';

// useLiveUsage reads the numbers anew while the key is used, at most once in two seconds: the journal has them by then.
function useLiveUsage(id: string) {
  const client = useQueryClient();
  const waiting = useRef(false);
  useLive(`key:${id}`, () => {
    if (!waiting.current) {
      waiting.current = true;
      setTimeout(() => {
        waiting.current = false;
        void client.invalidateQueries({ queryKey: ['usage', id] });
      }, 2000);
    }
  });
}

export function UsageTab({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const { range = 'day' } = useSearch({ from: '/shell/keys/$id' });
  const navigate = useNavigate({ from: '/keys/$id' });
  const usage = useQuery(usageQuery(of.api_key, range));
  useLiveUsage(of.api_key);
  const [at, setAt] = useState<number | null>(null);
  const drawn = useMemo(() => {
    if (!usage.data) {
      return null;
    }
    const { times, accepted, refused } = series(usage.data, range);
    const lines: Series[] = [
      { name: t('tail.accepted'), color: '--mantine-primary-color-filled', values: accepted },
      { name: t('tile.refusedName'), color: '--refuse', values: refused },
    ];
    return { times, lines, sums: lines.map((line) => line.values.reduce((sum, one) => sum + one, 0)) };
  }, [usage.data, range, t]);
  if (usage.isError) {
    return <Fault error={usage.error} retry={() => void usage.refetch()} />;
  }
  return (
    <Stack gap="lg">
      <Card>
        <Group justify="space-between" mb="md">
          <Title order={2}>{t('usage.title')}</Title>
          <SegmentedControl
            size="xs"
            aria-label={t('usage.range')}
            value={range}
            onChange={(to) => void navigate({ search: (old) => ({ ...old, range: to as UsageSpan }) })}
            data={(Object.keys(spans) as UsageSpan[]).map((one) => ({ value: one, label: t(`usage.${one}`) }))}
          />
        </Group>
        {!drawn || !usage.data ? (
          <Loading rows={1} height={240} />
        ) : drawn.sums.every((sum) => sum === 0) ? (
          <Empty icon={IconChartAreaLine} title={t('usage.none')}>
            {t('usage.noneText')}
          </Empty>
        ) : (
          <>
            <Group gap="lg" mb="xs" mih={22}>
              {drawn.lines.map((line, i) => (
                <Text key={line.name} size="sm">
                  <span aria-hidden style={{ color: `var(${line.color})` }}>
                    ●{' '}
                  </span>
                  {line.name} <b>{count(at === null ? drawn.sums[i]! : line.values[at]!)}</b>
                </Text>
              ))}
              <Text size="sm" c="dimmed" aria-hidden>
                {at !== null && exact(drawn.times[at]! * 1000)}
              </Text>
            </Group>
            <TimeChart times={drawn.times} series={drawn.lines} onHover={setAt} />
            <Group justify="space-between">
              <ChartTable times={drawn.times} series={drawn.lines} />
              <Text size="xs" c="dimmed">
                {t('usage.zoom')}
              </Text>
            </Group>
          </>
        )}
      </Card>
      {usage.data && <RouteTable routes={usage.data.routes} />}
    </Stack>
  );
}
