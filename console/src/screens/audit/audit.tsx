import { Button, Card, Group, Table, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconDownload, IconFileCertificate } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { auditQuery } from '~/api/queries';
import type { AuditRecord } from '~/api/types';
import { ActionName } from '~/parts/action_name';
import { Dialog } from '~/parts/dialog';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { PageHead } from '~/parts/page_head';
import { saveFile } from '~/parts/secret_box';
import { Wide } from '~/parts/wide';
import { actionText } from '~/text/action';
import { exact, shortId } from '~/text/words';

const filters = ['actor', 'action', 'object'] as const;

// textOf gives what a filter looks at: an action by its name and in the person's words.
function textOf(t: TFunction<'audit'>, record: AuditRecord, name: (typeof filters)[number]) {
  const text = record[name] ?? '';
  return (name === 'action' ? `${text} ${actionText(t, text) ?? ''}` : text).toLowerCase();
}

const outcomeText = (t: TFunction<'audit'>, of = '') => (of === 'done' || of === 'refused' ? t(`outcomes.${of}`) : of);

function Meaning({ of }: { of: string }) {
  const { t } = useTranslation('audit');
  const said = actionText(t, of);
  return said && <Text size="sm">{said}</Text>;
}

function Entry({ record, onClose }: { record: AuditRecord; onClose: () => void }) {
  const { t } = useTranslation('audit');
  const rows = Object.entries({ ...record, detail: undefined }).filter(([, value]) => value !== undefined);
  return (
    <Dialog onClose={onClose} title={t('entry', { seq: record.seq })} size="lg">
      <dl className="facts">
        {[
          ...rows,
          ...Object.entries(record.detail ?? {}).map(([name, value]) => [`detail.${name}`, value] as const),
        ].map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd className="mono">
              {name === 'time' ? exact(String(value)) : String(value)}
              {name === 'action' && <Meaning of={String(value)} />}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}

function Export() {
  const { t } = useTranslation('audit');
  const run = useMutation({
    mutationFn: async () => {
      const { data } = await api.GET('/audit/export', { parseAs: 'text' });
      saveFile({ name: 'audit.ndjson', text: data ?? '' }, 'application/x-ndjson');
    },
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
        loading={run.isPending}
        onClick={() => run.mutate()}
      >
        {t('export')}
      </Button>
      {run.isError && <Fault error={run.error} />}
    </>
  );
}

// Audit shows who did what, newest first. Filters look at what was loaded and say so.
export function Audit() {
  const { t } = useTranslation('audit');
  const { t: page } = useTranslation();
  const search = useSearch({ from: '/shell/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const [opened, setOpened] = useState<AuditRecord | null>(null);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(auditQuery);
  const all = data?.pages.flatMap((page) => page.items) ?? [];
  const shown = all.filter((record) =>
    filters.every((name) => !search[name] || textOf(t, record, name).includes(search[name].toLowerCase())),
  );
  return (
    <>
      <PageHead title={page('nav.audit')} actions={<Export />}>
        {t('text')}
      </PageHead>
      <Group mb="md" grow preventGrowOverflow={false} wrap="wrap">
        {filters.map((name) => (
          <TextInput
            key={name}
            miw={160}
            label={t(`column.${name}`)}
            value={search[name] ?? ''}
            onChange={(event) => {
              const text = event.currentTarget.value || undefined;
              void navigate({ search: (old) => ({ ...old, [name]: text }), replace: true });
            }}
          />
        ))}
      </Group>
      {error && !data ? (
        <Fault error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading rows={8} />
      ) : shown.length === 0 ? (
        <Card>
          <Empty
            icon={IconFileCertificate}
            title={all.length === 0 ? t('none') : t('noMatch')}
            actions={
              all.length > 0 && <Button onClick={() => void navigate({ search: {} })}>{page('keys.clear')}</Button>
            }
          />
        </Card>
      ) : (
        <Card padding={0}>
          <Wide name={page('nav.audit')}>
            <Table miw={820} highlightOnHover aria-label={page('nav.audit')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{page('word.time')}</Table.Th>
                  {filters.map((name) => (
                    <Table.Th key={name}>{t(`column.${name}`)}</Table.Th>
                  ))}
                  <Table.Th>{t('column.source')}</Table.Th>
                  <Table.Th>{t('column.outcome')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {shown.map((record) => (
                  <Table.Tr key={record.seq}>
                    <Table.Td style={{ whiteSpace: 'nowrap' }}>
                      <UnstyledButton
                        className="mono"
                        td="underline"
                        data-control={`record-${record.seq}`}
                        onClick={() => setOpened(record)}
                      >
                        {record.time ? exact(record.time) : `#${record.seq}`}
                      </UnstyledButton>
                    </Table.Td>
                    <Table.Td className="mono wrap">{record.actor}</Table.Td>
                    <Table.Td>
                      <ActionName of={record.action ?? ''} />
                    </Table.Td>
                    <Table.Td className="mono">{shortId(record.object ?? '')}</Table.Td>
                    <Table.Td className="mono">{record.source}</Table.Td>
                    <Table.Td c={record.outcome === 'done' ? undefined : 'var(--refuse)'}>
                      {outcomeText(t, record.outcome)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      {data && (
        <Group justify="space-between" mt="sm">
          <Text size="sm" c="dimmed" aria-live="polite">
            {t('loaded', { count: all.length })}
          </Text>
          {hasNextPage && (
            <Button variant="default" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t('older')}
            </Button>
          )}
        </Group>
      )}
      {opened && <Entry record={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
