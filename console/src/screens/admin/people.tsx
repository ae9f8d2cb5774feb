import { ActionIcon, Badge, Button, Card, Group, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle, IconDots, IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { peopleQuery } from '~/api/queries';
import type { Person } from '~/api/types';
import { useSession } from '~/app/session';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { MenuButton } from '~/parts/menu_button';
import { When } from '~/parts/when';
import { Wide } from '~/parts/wide';
import { exact } from '~/text/words';
import { InviteDialog } from './invite_dialog';
import { ResetDialog } from './reset_dialog';

const acts = ['disable', 'enable', 'force-new-factor'] as const;

function PersonMenu({ of, onReset, onError }: { of: Person; onReset: () => void; onError: (error: unknown) => void }) {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (act: (typeof acts)[number]) => api.POST(`/people/{id}/${act}`, { params: { path: { id: of.id } } }),
    onError,
    onSettled: () => void client.invalidateQueries({ queryKey: ['people'] }),
  });
  const unlink = useMutation({
    mutationFn: (identity: string) =>
      api.POST('/people/{id}/unlink-identity', { params: { path: { id: of.id } }, body: { identity } }),
    onError,
    onSettled: () => void client.invalidateQueries({ queryKey: ['people'] }),
  });
  const offered = acts.filter((act) => act !== (of.state === 'disabled' ? 'disable' : 'enable'));
  return (
    <MenuButton
      target={
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('keys.menu', { name: of.name })}
          data-control={`person-${of.id}`}
          loading={change.isPending || unlink.isPending}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      }
      entries={[
        ...offered.map((act) => ({
          label: p(`people.act.${act}`),
          isDangerous: act === 'disable',
          act: () => change.mutate(act),
        })),
        ...of.identities.map((one) => ({
          label: p('unlink', { account: one.shown || one.id.slice(0, 12) }),
          isDangerous: true,
          act: () => unlink.mutate(one.id),
        })),
        ...(of.state === 'active' ? [{ label: p('reset.offer'), act: onReset }] : []),
      ]}
    />
  );
}

function Factors({ of }: { of: Person }) {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const { passkeys, totp } = of.factors;
  if (passkeys === 0 && !totp) {
    return (
      <Badge color="orange" leftSection={<IconAlertTriangle size={12} aria-hidden />}>
        {p('people.noFactor')}
      </Badge>
    );
  }
  return (
    <Text size="sm">
      {[passkeys > 0 && p('people.passkeys', { count: passkeys }), totp && t('factor.totpShort')]
        .filter(Boolean)
        .join(', ')}
    </Text>
  );
}

export function People() {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const { person } = useSession();
  const [inviting, setInviting] = useState(false);
  const [resetting, setResetting] = useState<Person | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const { data, error, refetch } = useQuery(peopleQuery);
  const isOwner = person.role === 'owner';
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={4} />;
  }
  return (
    <Stack>
      {isOwner && (
        <Button w="fit-content" leftSection={<IconUserPlus size={18} aria-hidden />} onClick={() => setInviting(true)}>
          {p('people.invite')}
        </Button>
      )}
      {failed !== null && <Fault error={failed} />}
      <Card padding={0}>
        <Wide name={p('people.title')}>
          <Table miw={720} aria-label={p('people.title')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('person.name')}</Table.Th>
                <Table.Th>{p('people.role')}</Table.Th>
                <Table.Th>{p('people.factors')}</Table.Th>
                <Table.Th>{p('people.lastSeen')}</Table.Th>
                <Table.Th>{p('people.sessions')}</Table.Th>
                <Table.Th w={40}>
                  <span className="unseen">{t('keys.column.menu')}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.items.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td>
                    <Group gap="xs">
                      <Text fw={600} size="sm">
                        {one.name}
                      </Text>
                      {one.state === 'disabled' && <Badge color="red">{p('people.disabled')}</Badge>}
                    </Group>
                    <Text size="xs" c="dimmed">
                      {one.email}
                    </Text>
                    {one.keys_held_until && (
                      <Text size="xs" c="var(--warn)">
                        {p('held.title', { time: exact(one.keys_held_until) })}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    {t(`role.${one.role}`)}
                    {one.account && (
                      <Text size="xs" c="dimmed">
                        {one.account}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Factors of={one} />
                  </Table.Td>
                  <Table.Td>
                    <When time={one.last_seen_at} />
                  </Table.Td>
                  <Table.Td>{one.sessions}</Table.Td>
                  <Table.Td>
                    {isOwner && one.id !== person.id && (
                      <PersonMenu of={one} onReset={() => setResetting(one)} onError={setFailed} />
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </Card>
      {resetting && <ResetDialog of={resetting} onClose={() => setResetting(null)} />}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Stack>
  );
}
