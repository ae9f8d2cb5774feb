import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { refusalQuery, refusalsQuery, usageQuery } from '~/api/queries';
import type { Receipt } from '~/api/types';
import { useLive } from '~/app/live';
import { useNodeTexts } from '~/i18n/node_texts';
import { Fault } from '~/parts/fault';
import { GatewayAcks } from '~/parts/gateway_acks';
import { Loading } from '~/parts/loading';
import { serverNow } from '~/parts/now';
import { RefusalCard } from '~/parts/refusal_card';
import { type Next, nextOf } from './remedy';

const lookAgain = 3000;

// useNext waits for a request of a key from now on that went as it should; until then it gives the last
// one that did not. The stream of events is quickest; looking every few seconds finds what it missed.
function useNext(apiKey: string, wanted: Next['outcome']): Next | null {
  const [since] = useState(serverNow);
  const [next, setNext] = useState<Next | null>(null);
  useLive(`key:${apiKey}`, (event) => {
    if (event.kind === 'request') {
      setNext((before) =>
        before?.outcome === wanted
          ? before
          : event.outcome === 'accepted'
            ? { outcome: 'accepted', address: event.address, route: event.route }
            : { outcome: 'refused', request_id: event.request_id, reason: event.reason ?? '' },
      );
    }
  });
  const waits = { refetchInterval: next?.outcome === wanted ? (false as const) : lookAgain };
  const usage = useQuery({ ...usageQuery(apiKey, 'hour'), ...waits });
  const refusals = useQuery({ ...refusalsQuery({ api_key: apiKey }), ...waits });
  const found = nextOf(since, usage.data, refusals.data?.items);
  return [next, found].find((one) => one?.outcome === wanted) ?? next ?? found;
}

// Refused shows the refusal once the node has it, which may be a moment after the event.
function Refused({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({ ...refusalQuery(id), retry: 5, retryDelay: 1000 });
  return data ? (
    <RefusalCard refusal={data} open />
  ) : error ? (
    <Fault error={error} retry={() => void refetch()} />
  ) : (
    <Loading rows={1} height={120} />
  );
}

// AfterRemedy waits for the next request after something was changed, and says whether it is fixed. Of a
// key that was suspended the next one has to be refused.
export function AfterRemedy({
  apiKey,
  text,
  wantsRefused,
  receipt,
  onBack,
  onClose,
}: {
  apiKey: string;
  text: string;
  wantsRefused: boolean;
  receipt: Receipt | undefined;
  onBack: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { t: m } = useTranslation('mending');
  const client = useQueryClient();
  const say = useNodeTexts();
  const wanted = wantsRefused ? 'refused' : 'accepted';
  const next = useNext(apiKey, wanted);
  const outcome = next?.outcome;
  useEffect(() => {
    if (outcome) {
      void client.invalidateQueries({ queryKey: ['fix', apiKey] });
    }
  }, [outcome, client, apiKey]);
  const isGood = outcome === wanted;
  return (
    <Stack>
      <Text>{text}</Text>
      {receipt && <GatewayAcks receipt={receipt} />}
      {!next ? (
        <Group gap="sm" role="status" wrap="nowrap">
          <Loader size="sm" aria-hidden />
          <Text>{m(wantsRefused ? 'fix.waitingRefused' : 'fix.waiting')}</Text>
        </Group>
      ) : (
        <>
          <Alert
            color={isGood ? 'green' : 'red'}
            icon={isGood ? <IconCircleCheck aria-hidden /> : <IconCircleX aria-hidden />}
            role={isGood ? 'status' : 'alert'}
            title={m(
              wantsRefused ? (isGood ? 'fix.inForce' : 'fix.notInForce') : isGood ? 'fix.fixed' : 'fix.notFixed',
            )}
          >
            {next.outcome === 'accepted'
              ? t('first.acceptedText', { address: next.address, route: next.route })
              : m('fix.refusedFor', { reason: say.reason(next.reason) })}
          </Alert>
          {next.outcome === 'refused' && !isGood && <Refused key={next.request_id} id={next.request_id} />}
          {!isGood && (
            <Group gap="sm" wrap="nowrap">
              <Loader size="sm" aria-hidden />
              <Text size="sm">{m(wantsRefused ? 'fix.waitingRefused' : 'fix.waiting')}</Text>
            </Group>
          )}
        </>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onBack}>
          {m('fix.back')}
        </Button>
        <Button onClick={onClose} variant={next ? 'filled' : 'default'} data-autofocus>
          {t('act.done')}
        </Button>
      </Group>
    </Stack>
  );
}
