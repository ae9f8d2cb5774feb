import { Badge, Button, Card, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconBuilding, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { accountsQuery } from '~/api/queries';
import type { Account } from '~/api/types';
import { useMayChange } from '~/app/session';
import { useNodeTexts } from '~/i18n/node_texts';
import { Dialog } from '~/parts/dialog';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { When } from '~/parts/when';
import { Wide } from '~/parts/wide';

function NewAccount({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const client = useQueryClient();
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: () => api.POST('/accounts', { body: { id, name } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['accounts'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const isWrong = id !== '' && !/^[a-z0-9][a-z0-9-]{0,31}$/.test(id);
  return (
    <Dialog onClose={onClose} title={p('accounts.create')}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={p('accounts.id')}
            description={p('accounts.idHint')}
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
            error={isWrong && p('accounts.idWrong')}
            data-autofocus
          />
          <TextInput label={t('person.name')} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          {make.isError && <Fault error={make.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('act.cancel')}
            </Button>
            <Button type="submit" disabled={id === '' || isWrong} loading={make.isPending}>
              {p('accounts.create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function Hold({ of, onError }: { of: Account; onError: (error: unknown) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const act = of.state === 'active' ? 'suspend' : 'resume';
  const change = useMutation({
    mutationFn: () =>
      act === 'suspend'
        ? api.POST('/accounts/{account}/suspend', { params: { path: { account: of.id } }, body: {} })
        : api.POST('/accounts/{account}/resume', { params: { path: { account: of.id } } }),
    onError,
    onSettled: () => void client.invalidateQueries({ queryKey: ['accounts'] }),
  });
  return (
    <Button size="compact-sm" variant="default" loading={change.isPending} onClick={() => change.mutate()}>
      {t(`key.${act}`)}
    </Button>
  );
}

export function AccountList() {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const say = useNodeTexts();
  const mayChange = useMayChange();
  const [making, setMaking] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const { data, error, refetch } = useQuery(accountsQuery);
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={4} />;
  }
  const create = mayChange && (
    <Button
      w="fit-content"
      leftSection={<IconPlus size={18} aria-hidden />}
      data-control="account-create"
      onClick={() => setMaking(true)}
    >
      {p('accounts.create')}
    </Button>
  );
  return (
    <Stack>
      {failed !== null && <Fault error={failed} />}
      {data.items.length === 0 ? (
        <Card>
          <Empty icon={IconBuilding} title={p('accounts.none')} actions={create} />
        </Card>
      ) : (
        <>
          {create}
          <Card padding={0}>
            <Wide name={p('accounts.title')}>
              <Table miw={640} aria-label={p('accounts.title')}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('word.account')}</Table.Th>
                    <Table.Th>{t('keys.column.status')}</Table.Th>
                    <Table.Th>{p('accounts.master')}</Table.Th>
                    <Table.Th>{t('key.created')}</Table.Th>
                    <Table.Th>
                      <span className="unseen">{t('keys.column.menu')}</span>
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {data.items.map((one) => (
                    <Table.Tr key={one.id}>
                      <Table.Td>
                        <Link to="/keys" search={{ q: `owner:${one.id}` }}>
                          {one.id}
                        </Link>
                        <Text size="xs" c="dimmed">
                          {one.name}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        <Badge color={one.state === 'active' ? 'green' : 'yellow'}>{t(`standing.${one.state}`)}</Badge>
                        {one.state_cause && (
                          <Text size="xs" c="dimmed">
                            {say.cause(one.state_cause)}
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td>{one.master ?? '–'}</Table.Td>
                      <Table.Td>
                        <When time={one.created_at} />
                      </Table.Td>
                      <Table.Td ta="right">{mayChange && <Hold of={one} onError={setFailed} />}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Wide>
          </Card>
        </>
      )}
      {making && <NewAccount onClose={() => setMaking(false)} />}
    </Stack>
  );
}
