import { Alert, Button, Card, Group, List, Progress, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usageQuery } from '~/api/queries';
import type { ApiKey, KeyPair, Usage } from '~/api/types';
import { useMayChange } from '~/app/session';
import { ConfirmDanger } from '~/parts/confirm_danger';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { useNow } from '~/parts/now';
import { typeNames } from '~/parts/type_badge';
import { When } from '~/parts/when';
import { count, span } from '~/text/words';
import { useBackOut, useEndRetiring } from './changes';
import { RotateDialog } from './rotate_dialog';

const hour = 3_600_000;
const uses = (usage: Usage, pair: KeyPair) => usage.pairs.find((one) => one.number === pair.number);

function OnOld({ clients }: { clients: Usage['clients'] }) {
  const { t } = useTranslation();
  return (
    <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title={t('rotation.stillOld')}>
      <List size="sm">
        {clients.map((client) => (
          <List.Item key={`${client.address} ${client.client}`}>
            <span className="mono">{client.address}</span> · {client.client} · <When time={client.last_at} /> ·{' '}
            {t('rotation.count', { count: client.accepted, requests: count(client.accepted) })}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Progressing({ of, fresh, old, usage }: { of: ApiKey; fresh: KeyPair; old: KeyPair; usage: Usage }) {
  const { t } = useTranslation();
  const now = useNow();
  const mayChange = useMayChange();
  const end = useEndRetiring(of.api_key);
  const back = useBackOut(of.api_key);
  const [warned, setWarned] = useState(false);
  const begun = new Date(fresh.created_at).getTime();
  const since = usage.clients.filter((client) => new Date(client.last_at).getTime() >= begun);
  const onOld = since.filter((client) => client.number === old.number);
  const ofPair = (pair: KeyPair) =>
    since.filter((client) => client.number === pair.number).reduce((sum, client) => sum + client.accepted, 0);
  const all = Math.max(1, ofPair(fresh) + ofPair(old));
  const share = Math.round((100 * ofPair(fresh)) / all);
  const firstUse = uses(usage, fresh)?.first_at;
  const lastOld = uses(usage, old)?.last_at;
  const quiet = now - Math.max(begun, lastOld ? new Date(lastOld).getTime() : 0);
  const isHot = onOld.length > 0 && quiet < hour;
  const phases = [
    {
      name: t('rotation.made'),
      text: (
        <>
          {typeNames[fresh.type]} · <When time={fresh.created_at} />
        </>
      ),
      done: true,
    },
    {
      name: t('rotation.firstUsed'),
      text: firstUse ? <When time={firstUse} /> : t('rotation.notYet'),
      done: firstUse !== undefined,
    },
    {
      name: t('rotation.quiet'),
      text: old.quiet_s
        ? t('rotation.quietOf', { now: span(quiet), all: span(old.quiet_s * 1000) })
        : t('rotation.quietFor', { now: span(quiet) }),
      done: firstUse !== undefined && !isHot,
    },
    {
      name: t('rotation.ends'),
      text: old.retires_at ? t('state.in', { span: span(new Date(old.retires_at).getTime() - now) }) : '–',
      done: false,
    },
  ];
  return (
    <Stack gap="lg">
      <Card>
        <Title order={2} mb="md">
          {t('rotation.progress')}
        </Title>
        <ol className="phases">
          {phases.map(({ name, text, done }) => (
            <li key={name} data-done={done}>
              <Text fw={600}>{name}</Text>
              <Text size="sm" c="dimmed" component="div">
                {text}
              </Text>
            </li>
          ))}
        </ol>
        <Stack gap={6} mt="lg">
          <Group justify="space-between">
            <Text size="sm">{t('rotation.share', { share })}</Text>
            <Text size="sm" c="dimmed">
              {t('rotation.requests', { fresh: count(ofPair(fresh)), old: count(ofPair(old)) })}
            </Text>
          </Group>
          <Progress value={share} size="lg" aria-label={t('rotation.share', { share })} />
        </Stack>
      </Card>
      {onOld.length > 0 && <OnOld clients={onOld} />}
      {mayChange && (
        <>
          <Group>
            <Button
              variant={isHot ? 'default' : 'filled'}
              loading={end.isPending}
              onClick={() => (isHot ? setWarned(true) : end.mutate())}
            >
              {t('rotation.endNow')}
            </Button>
            <Button variant="default" loading={back.isPending} onClick={() => back.mutate()}>
              {t('rotation.backOut')}
            </Button>
          </Group>
          {warned ? (
            <ConfirmDanger
              title={t('rotation.endTitle')}
              act={t('rotation.endNow')}
              pending={end.isPending}
              error={end.error}
              onConfirm={() => end.mutate()}
              onClose={() => setWarned(false)}
            >
              <Text>{t('rotation.endText')}</Text>
              <OnOld clients={onOld} />
            </ConfirmDanger>
          ) : (
            end.isError && <Fault error={end.error} />
          )}
          {back.isError && <Fault error={back.error} />}
        </>
      )}
    </Stack>
  );
}

// Rotation shows how far a change of key pairs is, and above all which hosts still use the old one.
export function Rotation({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const mayChange = useMayChange();
  const [rotating, setRotating] = useState(false);
  const usage = useQuery({ ...usageQuery(of.api_key, 'week'), refetchInterval: 5000 });
  const old = of.pairs.find((pair) => pair.state === 'retiring');
  const fresh = of.pairs.find((pair) => pair.state === 'active');
  const state =
    old && fresh ? (
      usage.data ? (
        <Progressing of={of} fresh={fresh} old={old} usage={usage.data} />
      ) : usage.isError ? (
        <Fault error={usage.error} retry={() => void usage.refetch()} />
      ) : (
        <Loading rows={3} height={110} />
      )
    ) : (
      <Card>
        <Empty
          icon={IconRefresh}
          title={t('rotation.idle')}
          actions={
            mayChange &&
            of.state === 'active' && (
              <Button data-control="rotation" onClick={() => setRotating(true)}>
                {t('rotation.begin')}
              </Button>
            )
          }
        >
          {t('rotation.idleText')}
        </Empty>
        {fresh && (
          <Text ta="center" size="sm" c="dimmed">
            {typeNames[fresh.type]} · {t('key.created')} <When time={fresh.created_at} />
          </Text>
        )}
      </Card>
    );
  // The dialog stays while the key turns from one state into the other: it shows the new private key.
  return (
    <>
      {state}
      {rotating && <RotateDialog of={of} onClose={() => setRotating(false)} />}
    </>
  );
}
