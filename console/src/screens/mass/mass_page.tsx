import { Alert, Button, Card, Group, Progress, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconDownload, IconPlayerPlay, IconShieldCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { massActionQuery } from '~/api/queries';
import type { KeySelection, MassAction } from '~/api/types';
import { useMayChange } from '~/app/session';
import { useNodeTexts } from '~/i18n/node_texts';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { PageHead } from '~/parts/page_head';
import { saveFile } from '~/parts/secret_box';
import { Wide } from '~/parts/wide';
import { count, exact, shortId } from '~/text/words';
import { prepare, results, start, stop } from './mass';

interface Line {
  api_key: string;
  outcome: 'changed' | 'already' | 'refused';
  reason?: string;
  detail?: string;
  receipt?: string;
}

function Results({ of }: { of: MassAction }) {
  const { t } = useTranslation();
  const say = useNodeTexts();
  const { data, error } = useQuery({ queryKey: ['mass-results', of.id], queryFn: () => results(of.id) });
  if (error) {
    return <Fault error={error} />;
  }
  if (data === undefined) {
    return <Loading rows={3} />;
  }
  const lines = data
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('mass.results')}</Title>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={15} aria-hidden />}
          onClick={() => saveFile({ name: `mass-action-${of.id}.ndjson`, text: data })}
        >
          {t('mass.download')}
        </Button>
      </Group>
      <Wide name={t('mass.results')}>
        <Table miw={420} aria-label={t('mass.results')}>
          <Table.Tbody>
            {lines.slice(0, 200).map((line) => (
              <Table.Tr key={line.api_key}>
                <Table.Td>
                  <Link to="/keys/$id" params={{ id: line.api_key }} className="mono">
                    {shortId(line.api_key)}
                  </Link>
                </Table.Td>
                <Table.Td c={line.outcome === 'refused' ? 'var(--refuse)' : undefined}>
                  {t(`mass.outcome.${line.outcome}`)}{' '}
                  {line.detail && say.problem({ reason: line.reason ?? '', message: line.detail }).text}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

// MassPage shows how far a change of many keys is, what became of each, and the way back from a
// suspension.
export function MassPage() {
  const { t } = useTranslation();
  const say = useNodeTexts();
  const { id } = useParams({ from: '/shell/mass/$id' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayChange = useMayChange();
  const { data, error, refetch } = useQuery(massActionQuery(id));
  const halt = useMutation({
    mutationFn: () => stop(id),
    onSettled: () => void client.invalidateQueries({ queryKey: ['mass-action', id] }),
  });
  const resume = useMutation({
    mutationFn: async (action: MassAction) => {
      const { listed, ...select } = action.select as KeySelection & { listed?: number };
      const again =
        listed === undefined
          ? select
          : {
              api_keys: (await results(id))
                .split('\n')
                .filter(Boolean)
                .map((line) => (JSON.parse(line) as Line).api_key),
            };
      return start((await prepare('resume', t('mass.resumeCause'), again)).id);
    },
    onSuccess: (action) => void navigate({ to: '/mass/$id', params: { id: action.id } }),
  });
  const state = data?.state;
  useEffect(() => {
    if (state === 'done' || state === 'stopped') {
      void client.invalidateQueries({ queryKey: ['keys'] });
    }
  }, [client, state]);
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={3} height={90} />;
  }
  const done = data.changed + data.already + data.refused;
  const share = data.selected.keys === 0 ? 100 : Math.min(100, Math.round((100 * done) / data.selected.keys));
  const hasEnded = state === 'done' || state === 'stopped';
  return (
    <>
      <PageHead title={t(`mass.page.${data.action}`)}>
        {t('mass.by', { name: data.by, time: exact(data.begun_at) })}
        {data.cause && ` · ${say.cause(data.cause)}`}
      </PageHead>
      <Stack gap="lg">
        <Card>
          <Group justify="space-between" mb="xs">
            <Text fw={600} role="status">
              {t(`mass.state.${data.state}`)}
            </Text>
            <Text c="dimmed">{t('mass.progress', { done: count(done), all: count(data.selected.keys) })}</Text>
          </Group>
          {data.stop_reason && (
            <Text size="sm" c="var(--warn)" mb="xs">
              {t(`mass.stopReason.${data.stop_reason}`)}
            </Text>
          )}
          <Progress value={share} size="lg" animated={state === 'running'} aria-label={t('mass.share', { share })} />
          <SimpleGrid cols={{ base: 2, sm: 4 }} mt="lg">
            {(['changed', 'already', 'refused', 'still_valid'] as const).map((name) => (
              <div key={name}>
                <Text className="tile-number">{data[name] === null ? '–' : count(data[name])}</Text>
                <Text size="sm" c="dimmed">
                  {t(`mass.count.${name}`)}
                </Text>
              </div>
            ))}
          </SimpleGrid>
          {state === 'running' && mayChange && (
            <Button mt="md" variant="default" loading={halt.isPending} onClick={() => halt.mutate()}>
              {t('mass.stop')}
            </Button>
          )}
        </Card>
        {hasEnded && data.action === 'suspend' && mayChange && (
          <Alert color="ink" icon={<IconShieldCheck aria-hidden />} title={t('panic.next')}>
            <Stack gap="sm">
              <Text size="sm">{t('panic.nextText')}</Text>
              <Group>
                <Button component={Link} to="/keys?card=suspended" variant="default">
                  {t('panic.look')}
                </Button>
                <Button
                  leftSection={<IconPlayerPlay size={16} aria-hidden />}
                  loading={resume.isPending}
                  onClick={() => resume.mutate(data)}
                >
                  {t('panic.resume')}
                </Button>
              </Group>
              {resume.isError && <Fault error={resume.error} />}
            </Stack>
          </Alert>
        )}
        {hasEnded && <Results of={data} />}
      </Stack>
    </>
  );
}
