import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { usageQuery } from '~/api/queries';
import type { ApiKey, Usage } from '~/api/types';
import { Sparkline } from '~/parts/sparkline';
import { When } from '~/parts/when';
import { count } from '~/text/words';

const hour = 3_600_000;

// hours gives the accepted requests of each of the last 24 hours, the oldest first.
export function hours(usage: Usage): number[] {
  const end = Math.floor(new Date(usage.as_of).getTime() / hour);
  const counts = Array.from({ length: 24 }, () => 0);
  for (const { start, accepted } of usage.steps) {
    const at = 23 - (end - Math.floor(new Date(start).getTime() / hour));
    if (at >= 0 && at < 24) {
      counts[at] = counts[at]! + accepted;
    }
  }
  return counts;
}

const latest = (usage: Usage) => usage.clients.toSorted((a, b) => b.last_at.localeCompare(a.last_at))[0];

export function LastUse({ of }: { of: ApiKey }) {
  const { data } = useQuery({ ...usageQuery(of.api_key, 'day'), enabled: Boolean(of.last_used_at) });
  const from = data && latest(data);
  return (
    <>
      <When time={of.last_used_at} />
      {from && (
        <Text size="xs" c="dimmed" truncate maw={210}>
          {from.address} · {from.client}
        </Text>
      )}
    </>
  );
}

export function DayOfUse({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...usageQuery(of.api_key, 'day'), enabled: Boolean(of.last_used_at) });
  if (!data) {
    return null;
  }
  const counts = hours(data);
  const sum = counts.reduce((all, one) => all + one, 0);
  return sum === 0 ? (
    <Text size="xs" c="dimmed">
      {t('keys.quiet')}
    </Text>
  ) : (
    <Sparkline counts={counts} label={t('keys.spark', { count: sum, accepted: count(sum) })} />
  );
}
