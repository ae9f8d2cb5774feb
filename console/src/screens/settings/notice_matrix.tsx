import { Badge, Button, Card, Checkbox, Group, Select, Stack, Table, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { profileQuery, webhooksQuery } from '~/api/queries';
import type { Webhook, WebhookEvent } from '~/api/types';
import { useSession } from '~/app/session';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { Wide } from '~/parts/wide';
import { accountChoices } from '~/text/account_choices';
import { noticeWords } from '~/text/notice';
import { allEvents, webhookEvents } from './webhook_events';

// Drafts are the ticks of the webhooks that were touched and are not saved.
type Drafts = Record<string, WebhookEvent[]>;

// What is told of oneself, and what of the account: in the console alone.
const ofOneself = ['signIn', 'person'] as const;
const ofAccount = ['webhook', 'link'] as const;

// useReminders says when one is told that an API key is about to expire.
function useReminders() {
  const { t } = useTranslation('settings');
  const { data } = useQuery(profileQuery);
  const days = data?.reminder_days ?? [];
  return days.length === 0
    ? data && t('matrix.remindNone')
    : t('matrix.remind', { count: days[0]!, days: days.join(', ') });
}

function Row({ event, children, more }: { event: string; children: ReactNode; more?: ReactNode }) {
  const { t } = useTranslation('settings');
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} c="var(--mantine-color-text)" style={{ whiteSpace: 'normal' }}>
        <Text size="sm">{event}</Text>
        {more && (
          <Text size="xs" c="dimmed">
            {more}
          </Text>
        )}
      </Table.Th>
      <Table.Td>{t('matrix.always')}</Table.Td>
      {children}
    </Table.Tr>
  );
}

// Untold are the rows that no webhook is told of.
function Untold({
  names,
  webhooks,
}: {
  names: readonly (typeof ofOneself | typeof ofAccount)[number][];
  webhooks: Webhook[];
}) {
  const { t } = useTranslation('settings');
  return names.map((name) => (
    <Row key={name} event={t(`matrix.${name}`)}>
      {webhooks.map((one) => (
        <Table.Td key={one.id} c="dimmed">
          {t('matrix.never')}
        </Table.Td>
      ))}
    </Row>
  ));
}

function Head({ webhooks }: { webhooks: Webhook[] }) {
  const { t } = useTranslation('settings');
  const { t: ofWebhooks } = useTranslation('webhooks');
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th>{t('matrix.event')}</Table.Th>
        <Table.Th style={{ whiteSpace: 'normal' }}>{t('matrix.console')}</Table.Th>
        {webhooks.map((one) => (
          <Table.Th key={one.id} className="wrap" style={{ whiteSpace: 'normal', verticalAlign: 'top' }}>
            <span className="mono">{one.url.replace('https://', '')}</span>{' '}
            {one.state === 'stopped' && <Badge color="orange">{ofWebhooks('stopped')}</Badge>}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}

function Told({
  webhooks,
  ticked,
  onTick,
}: {
  webhooks: Webhook[];
  ticked: (webhook: Webhook) => WebhookEvent[];
  onTick: (webhook: Webhook, events: WebhookEvent[]) => void;
}) {
  const { t } = useTranslation('settings');
  const { t: people } = useTranslation('people');
  const reminders = useReminders();
  const more: Partial<Record<WebhookEvent, string | undefined>> = {
    'key.changed': t('matrix.wider'),
    'key.expiring': reminders,
  };
  return allEvents.map((event) => {
    const words = event === 'key.changed' ? t('matrix.changed') : noticeWords(people, webhookEvents[event]);
    return (
      <Row
        key={event}
        event={words}
        more={
          <>
            <span className="mono">{event}</span> {more[event]}
          </>
        }
      >
        {webhooks.map((one) => {
          const events = ticked(one);
          const isOn = events.includes(event);
          return (
            <Table.Td key={one.id}>
              <Checkbox
                aria-label={t('matrix.tell', { url: one.url, event: words })}
                checked={isOn}
                disabled={isOn && events.length === 1}
                onChange={() => onTick(one, isOn ? events.filter((each) => each !== event) : [...events, event])}
              />
            </Table.Td>
          );
        })}
      </Row>
    );
  });
}

// useDrafts keeps the ticks that are not saved. Each webhook is saved by itself, and confirmed as any change of one is.
function useDrafts(account: string, webhooks: Webhook[]) {
  const client = useQueryClient();
  const [drafts, setDrafts] = useState<Drafts>({});
  const ticked = (webhook: Webhook) => drafts[webhook.id] ?? webhook.events;
  const touched = webhooks.filter((one) => ticked(one).toSorted().join() !== one.events.toSorted().join());
  const save = useMutation({
    mutationFn: async () => {
      for (const one of touched) {
        await dataOf(api.PATCH('/webhooks/{id}', { params: { path: { id: one.id } }, body: { events: ticked(one) } }));
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: webhooksQuery(account).queryKey }),
  });
  return {
    ticked,
    touched,
    save,
    tick: (webhook: Webhook, events: WebhookEvent[]) => setDrafts((now) => ({ ...now, [webhook.id]: events })),
    discard: () => setDrafts({}),
  };
}

function OfAccount({ account }: { account: string }) {
  const { t } = useTranslation('settings');
  const { t: page } = useTranslation();
  const { data, error, refetch } = useQuery(webhooksQuery(account));
  const webhooks = data?.items ?? [];
  const { ticked, touched, save, tick, discard } = useDrafts(account, webhooks);
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={6} />;
  }
  const isSame = touched.length === 0;
  return (
    <>
      <Matrix webhooks={webhooks}>
        <Told webhooks={webhooks} ticked={ticked} onTick={tick} />
        <Untold names={[...ofAccount, ...ofOneself]} webhooks={webhooks} />
      </Matrix>
      {webhooks.some((one) => ticked(one).length === 1) && (
        <Text size="sm" c="dimmed">
          {t('matrix.last')}
        </Text>
      )}
      {save.isError && <Fault error={save.error} />}
      <Group gap="xs">
        {webhooks.length > 0 && (
          <>
            <Button loading={save.isPending} disabled={isSame} onClick={() => save.mutate()}>
              {isSame ? page('act.save') : t('matrix.save', { count: touched.length })}
            </Button>
            <Button variant="default" disabled={isSame} onClick={discard}>
              {t('matrix.discard')}
            </Button>
            <Text size="sm" c="var(--accept)" role="status">
              {save.isSuccess && isSame && t('saved')}
            </Text>
          </>
        )}
        {webhooks.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('matrix.none')}
          </Text>
        )}
        <Link to="/settings" search={{ tab: 'webhooks' }}>
          {t('matrix.add')}
        </Link>
      </Group>
    </>
  );
}

function Matrix({ webhooks, children }: { webhooks: Webhook[]; children: ReactNode }) {
  const { t } = useTranslation('settings');
  return (
    <Card padding={0}>
      <Wide name={t('matrix.title')}>
        <Table miw={300 + 150 * webhooks.length} aria-label={t('matrix.title')}>
          <Head webhooks={webhooks} />
          <Table.Tbody>{children}</Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

// NoticeMatrix is what is told where: kinds of events by the console and the webhooks of an account. Who holds none is
// told of themselves alone.
export function NoticeMatrix() {
  const { t } = useTranslation('settings');
  const { t: page } = useTranslation();
  const { accounts } = useSession();
  const [account, setAccount] = useState(accounts[0]?.id);
  return (
    <Stack maw={960} mt="xl">
      <Title order={2}>{t('matrix.title')}</Title>
      <Text c="dimmed">{t('matrix.text')}</Text>
      {accounts.length > 1 && (
        <Select
          label={page('word.account')}
          data={accountChoices(accounts)}
          value={account ?? null}
          allowDeselect={false}
          maw={360}
          onChange={(to) => to && setAccount(to)}
        />
      )}
      {account === undefined ? (
        <Matrix webhooks={[]}>
          <Untold names={ofOneself} webhooks={[]} />
        </Matrix>
      ) : (
        <OfAccount key={account} account={account} />
      )}
    </Stack>
  );
}
