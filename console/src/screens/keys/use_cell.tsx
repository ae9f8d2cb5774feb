import { Group, Text } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usageQuery } from '~/api/queries';
import type { ApiKey, Usage } from '~/api/types';
import { Sparkline } from '~/parts/sparkline';
import { When } from '~/parts/when';
import { count } from '~/text/words';

const hour = 3_600_000;

// hours gives the accepted or refused requests of each of the last 24 hours, the oldest first.
export function hours(usage: Usage, which: 'accepted' | 'refused' = 'accepted'): number[] {
  const end = Math.floor(new Date(usage.as_of).getTime() / hour);
  const counts = Array.from({ length: 24 }, () => 0);
  for (const step of usage.steps) {
    const at = 23 - (end - Math.floor(new Date(step.start).getTime() / hour));
    if (at >= 0 && at < 24) {
      counts[at] = counts[at]! + step[which];
    }
  }
  return counts;
}

const latest = (usage: Usage) => usage.clients.toSorted((a, b) => b.last_at.localeCompare(a.last_at))[0];

// Use says when a key was last used, from where and by what, above the line of its last 24 hours. What is
// behind one call a key is asked once the row is in sight.
export function Use({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const { ref, entry } = useIntersection({ rootMargin: '300px' });
  const [seen, setSeen] = useState(false);
  if (entry?.isIntersecting && !seen) {
    setSeen(true);
  }
  const { data } = useQuery({ ...usageQuery(of.api_key, 'day'), enabled: seen && Boolean(of.last_used_at) });
  const from = data && latest(data);
  const counts = data ? hours(data) : [];
  const sum = counts.reduce((all, one) => all + one, 0);
  return (
    <Group ref={ref} gap="sm" wrap="nowrap" justify="space-between">
      <div style={{ minWidth: 0 }}>
        <When time={of.last_used_at} />
        {from && (
          <Text size="xs" c="dimmed" className="from">
            {from.address}
            <br />
            {from.client}
          </Text>
        )}
      </div>
      {data && sum > 0 && (
        <Sparkline
          counts={counts}
          refused={hours(data, 'refused')}
          label={t('keys.spark', { count: sum, accepted: count(sum) })}
        />
      )}
    </Group>
  );
}
