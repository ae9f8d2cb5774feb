import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { refusalsQuery, usageQuery } from '~/api/queries';
import type { KeyType } from '~/api/types';
import { useLive } from '~/app/live';
import type { Signer } from '~/crypto/signer';
import { RefusalCard } from '~/parts/refusal_card';
import { Snippet } from '~/parts/snippet';
import { useGateway } from './gateway';
import { RunHere } from './run_here';

const path = '/api/v3/account';

// FirstCall waits for the first signed request. A refusal on the way is help, not a dead end. The
// stream of events is quickest; looking every few seconds finds what it missed.
// `sign` is there while the secret half is still in this page; `saved` is what its file was called, without the
// ending; `isBound`: the key has an allow-list.
export function FirstCall({
  apiKey,
  type,
  sign,
  saved,
  isBound,
}: {
  apiKey: string;
  type: KeyType;
  sign: Signer | null;
  saved?: string | undefined;
  isBound: boolean;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const gateway = useGateway();
  const [accepted, setAccepted] = useState<{ at: string; address: string; route: string } | null>(null);
  useLive(`key:${apiKey}`, (event) => {
    if (event.kind === 'request' && event.outcome === 'accepted') {
      setAccepted((first) => first ?? event);
    } else {
      void client.invalidateQueries({ queryKey: ['refusals', { api_key: apiKey }] });
    }
  });
  const refusals = useQuery({ ...refusalsQuery({ api_key: apiKey }), refetchInterval: accepted ? false : 3000 });
  const usage = useQuery({ ...usageQuery(apiKey, 'hour'), refetchInterval: accepted ? false : 3000 });
  const used = usage.data?.clients[0];
  const first = accepted ?? (used && { at: used.first_at, address: used.address, route: used.route });
  return (
    <Stack>
      <Snippet type={type} gateway={gateway} apiKey={apiKey} path={path} file={saved} />
      {sign && <RunHere apiKey={apiKey} path={path} sign={sign} isBound={isBound} />}
      {first ? (
        <Alert color="green" icon={<IconCircleCheck aria-hidden />} role="status" title={t('first.accepted')}>
          {t('first.acceptedText', { address: first.address, route: first.route })}
        </Alert>
      ) : (
        <Group gap="sm" role="status">
          <Loader size="sm" aria-hidden />
          <Text>{t('first.waiting')}</Text>
        </Group>
      )}
      {!first && refusals.data && refusals.data.items.length > 0 && (
        <Stack gap="xs">
          <Group gap="xs">
            <IconX size={18} aria-hidden color="var(--refuse)" />
            <Text fw={600}>{t('first.refused')}</Text>
          </Group>
          <RefusalCard key={refusals.data.items[0]!.request_id} refusal={refusals.data.items[0]!} open />
        </Stack>
      )}
      <Group>
        <Button component={Link} to={`/keys/${apiKey}`} variant={first ? 'filled' : 'default'}>
          {first ? t('act.done') : t('first.later')}
        </Button>
      </Group>
    </Stack>
  );
}
