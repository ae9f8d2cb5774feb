import { Card, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { IconChartAreaLine } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usageQuery, type UsageSpan } from '~/api/queries';
import type { ApiKey, Usage } from '~/api/types';
import { useLive } from '~/app/live';
import { ChartTable } from '~/parts/chart_table';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { type Series, TimeChart } from '~/parts/time_chart';
import { count, utc } from '~/text/words';
import { RouteTable } from './route_table';

const spans: Record<UsageSpan, { step: number; steps: number }> = {
  hour: { step: 60, steps: 60 },
  day: { step: 3600, steps: 24 },
  week: { step: 3600, steps: 168 },
  quarter: { step: 86_400, steps: 90 },
};

// series spreads what was counted over equal steps up to now; a step without requests is a zero.
function series(usage: Usage, span: UsageSpan) {
  const { step, steps } = spans[span];
  const end = Math.floor(new Date(usage.as_of).getTime() / 1000 / step);
  const times = Array.from({ length: steps }, (_, i) => (end - steps + 1 + i) * step);
  const put = (values: number[], time: string, value: number) => {
    const at = Math.floor(new Date(time).getTime() / 1000 / step) - (end - steps + 1);
    if (at >= 0 && at < steps) {
      values[at] = values[at]! + value;
    }
  };
  const accepted = times.map(() => 0);
  const refused = times.map(() => 0);
  usage.steps.forEach((one) => {
    put(accepted, one.start, one.accepted);
    put(refused, one.start, one.refused);
  });
  return { times, accepted, refused };
}

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
                {at !== null && utc(drawn.times[at]! * 1000)}
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
