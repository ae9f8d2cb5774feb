import { Anchor, Card, Group, Select, Stack, Title } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { refusalQuery, refusedQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { useNodeTexts } from '~/i18n/node_texts';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { LiveTail } from '~/parts/live_tail';
import { LoadMore } from '~/parts/load_more';
import { Loading } from '~/parts/loading';
import { RefusalCard } from '~/parts/refusal_card';
import { Accepted } from './accepted';

function OpenedRefusal({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data, error } = useQuery(refusalQuery(id));
  return (
    <Stack gap="xs">
      <Title order={2}>{t('requests.opened')}</Title>
      {data ? (
        <RefusalCard key={id} refusal={data} open />
      ) : error ? (
        <Fault error={error} />
      ) : (
        <Loading rows={1} height={120} />
      )}
    </Stack>
  );
}

export function Requests({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const say = useNodeTexts();
  const { reason, request } = useSearch({ from: '/shell/keys/$id' });
  const navigate = useNavigate({ from: '/keys/$id' });
  const all = useInfiniteQuery(refusedQuery(of.api_key));
  const loaded = all.data?.pages.flatMap((page) => page.items) ?? [];
  const reasons = [...new Set(loaded.map((one) => one.reason))].toSorted();
  const shown = loaded.filter((one) => !reason || one.reason === reason);
  return (
    <Stack gap="lg">
      <Card>
        <Title order={2} mb="xs">
          {t('requests.live')}
        </Title>
        <LiveTail apiKey={of.api_key} onOpen={(id) => void navigate({ search: (old) => ({ ...old, request: id }) })} />
      </Card>
      {request && <OpenedRefusal id={request} />}
      <Group justify="space-between">
        <Title order={2}>{t('requests.refused')}</Title>
        {reasons.length > 1 && (
          <Select
            aria-label={t('requests.reason')}
            placeholder={t('requests.allReasons')}
            data={reasons.map((one) => ({ value: one, label: say.reason(one) }))}
            value={reason ?? null}
            onChange={(to) => void navigate({ search: (old) => ({ ...old, reason: to ?? undefined }) })}
            clearable
            clearButtonProps={{ 'aria-label': t('keys.clear') }}
          />
        )}
      </Group>
      <Anchor component={Link} to="/doctor" size="sm" w="fit-content">
        {t('requests.doctor')}
      </Anchor>
      {all.isError ? (
        <Fault error={all.error} retry={() => void all.refetch()} />
      ) : !all.data ? (
        <Loading rows={3} height={120} />
      ) : shown.length === 0 ? (
        <Card>
          <Empty icon={IconShieldCheck} title={t('requests.none')}>
            {t('requests.noneText')}
          </Empty>
        </Card>
      ) : (
        <Stack gap="xs">
          {shown.map((one) => (
            <RefusalCard key={one.request_id} refusal={one} />
          ))}
        </Stack>
      )}
      <LoadMore of={all} />
      <Accepted of={of} />
    </Stack>
  );
}
