import { Alert, List, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { usageQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { When } from '~/parts/when';
import { count } from '~/text/words';

// BlastRadius shows before a dangerous act whom it would hit: how many requests, from where.
export function BlastRadius({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(usageQuery(of.api_key, 'day'));
  if (error) {
    return <Fault error={error} retry={() => void refetch()} title={t('radius.unknown')} />;
  }
  if (!data) {
    return <Loading rows={1} height={90} />;
  }
  const day = data.steps.reduce((sum, step) => sum + step.accepted, 0);
  if (day === 0) {
    return (
      <Alert color="gray" icon={<IconUsers aria-hidden />}>
        <Text size="sm">
          {t('radius.quiet')} {t('keys.column.lastUse')}: <When time={data.last_used_at} />
        </Text>
      </Alert>
    );
  }
  const clients = data.clients.toSorted((a, b) => b.last_at.localeCompare(a.last_at)).slice(0, 5);
  return (
    <Alert color="orange" icon={<IconUsers aria-hidden />} title={t('radius.inUse')}>
      <Text size="sm">{t('radius.counts', { hour: count(data.accepted_last_hour), day: count(day) })}</Text>
      <List size="sm" mt="xs">
        {clients.map((client) => (
          <List.Item key={`${client.address} ${client.client} ${client.number}`}>
            <span className="mono">{client.address}</span> · {client.client} · <When time={client.last_at} />
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
