import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { accountsQuery } from '~/api/queries';
import type { Role } from '~/api/types';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { SecretBox } from '~/parts/secret_box';

const roles: Role[] = ['holder', 'operator', 'auditor', 'owner'];

// InviteDialog makes a link with which somebody becomes a person here. It is shown once; the token
// stands behind the #, which no server ever sees.
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const client = useQueryClient();
  const accounts = useQuery(accountsQuery);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('holder');
  const [account, setAccount] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const invite = useMutation({
    gcTime: 0,
    mutationFn: () =>
      dataOf(
        api.POST('/people/invitations', {
          body: { email, role, ...(role === 'holder' && account ? { account } : {}) },
        }),
      ),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['people'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <Dialog
      onClose={onClose}
      title={p('people.invite')}
      closeOnEscape={!invite.data || saved}
      closeOnClickOutside={!invite.data || saved}
    >
      {invite.data ? (
        <Stack>
          <Text>{p('people.inviteDone')}</Text>
          <SecretBox
            secret={`${location.origin}/join#i=${invite.data.url_token}`}
            what={p('people.link')}
            files={[]}
            saved={saved}
            onSaved={setSaved}
          />
          <Button onClick={onClose} disabled={!saved}>
            {t('act.done')}
          </Button>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t('login.email')}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              required
              withAsterisk={false}
              data-autofocus
            />
            <Select
              label={p('people.role')}
              description={p(`people.roleText.${role}`)}
              data={roles.map((one) => ({ value: one, label: t(`role.${one}`) }))}
              value={role}
              onChange={(to) => to && setRole(to as Role)}
              allowDeselect={false}
            />
            {role === 'holder' && (
              <Select
                label={t('word.account')}
                data={(accounts.data?.items ?? []).map((one) => one.id)}
                value={account}
                onChange={setAccount}
                searchable
              />
            )}
            {invite.isError && <Fault error={invite.error} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {t('act.cancel')}
              </Button>
              <Button type="submit" loading={invite.isPending} disabled={role === 'holder' && account === null}>
                {p('people.makeLink')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
