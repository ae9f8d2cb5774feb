import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { profileQuery, refusalsQuery, usageQuery } from '~/api/queries';
import type { KeyType } from '~/api/types';
import { useLive } from '~/app/live';
import type { Signer } from '~/crypto/signer';
import { RefusalCard } from '~/parts/refusal_card';
import { Snippet } from '~/parts/snippet';
import { opensManagementAlone } from './draft';
import { useGateway } from './gateway';
import { CallHere, RunHere } from './run_here';

// What a first request asks for: something that changes nothing, of the gateway or the management API.
const gatewayPath = '/api/v3/account';
const managementPath = '/api/v1/keys';

// FirstCall waits for the first signed request. A refusal on the way is help, not a dead end. The
// stream of events is quickest; looking every few seconds finds what it missed.
// `sign` is there while the secret half is still in this page; `saved` is what its file was called, without the
// ending; `isBound`: the key has an allow-list; `permissions`: those of the key; with some it may call the
// management API only, which is where this page came from.
export function FirstCall({
  apiKey,
  type,
  sign,
  saved,
  isBound,
  permissions,
}: {
  apiKey: string;
  type: KeyType;
  sign: Signer | null;
  saved?: string | undefined;
  isBound: boolean;
  permissions: string[];
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const gateway = useGateway();
  const profile = useQuery(profileQuery);
  const isManagement = opensManagementAlone(permissions, profile.data?.permissions ?? []);
  const [host, path] = isManagement ? [location.origin, managementPath] : [gateway, gatewayPath];
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
      <Snippet type={type} gateway={host} apiKey={apiKey} path={path} file={saved} />
      {sign &&
        (isManagement ? (
          <CallHere apiKey={apiKey} path={path} sign={sign} />
        ) : (
          <RunHere apiKey={apiKey} path={path} sign={sign} isBound={isBound} />
        ))}
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
