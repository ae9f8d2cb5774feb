import { Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { passkeysQuery } from '~/api/queries';
import { useSession } from '~/app/session';
import { passkeysWork } from '~/crypto/passkey';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { When } from '~/parts/when';
import { AddPasskey } from './add_passkey';
import { AddTotp } from './add_totp';
import { LinkedAccounts } from './linked_accounts';
import { PasswordForm } from './password_form';
import { RecoveryCodes } from './recovery_codes';

type Dialog = 'passkey' | 'totp' | 'codes' | null;

// Security is one's factors. The last one cannot be removed: the node refuses it and says why.
export function Security() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { factors } = useSession();
  const [dialog, setDialog] = useState<Dialog>(null);
  const passkeys = useQuery(passkeysQuery);
  const renew = () => {
    void client.invalidateQueries({ queryKey: ['passkeys'] });
    void client.invalidateQueries({ queryKey: ['session'] });
  };
  const remove = useMutation({
    mutationFn: (id: string | 'totp') =>
      id === 'totp' ? api.DELETE('/me/totp') : api.DELETE('/me/passkeys/{id}', { params: { path: { id } } }),
    onSettled: renew,
  });
  const done = () => {
    setDialog(null);
    renew();
  };
  return (
    <Stack gap="lg" maw={720}>
      <Card>
        <Group justify="space-between" mb="sm">
          <Title order={2}>{t('factor.passkeys')}</Title>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconFingerprint size={15} aria-hidden />}
            disabled={!passkeysWork()}
            onClick={() => setDialog('passkey')}
          >
            {t('factor.passkey')}
          </Button>
        </Group>
        {!passkeysWork() && (
          <Text size="sm" c="dimmed" mb="sm">
            {t('factor.noPasskeys')}
          </Text>
        )}
        {remove.isError && <Fault error={remove.error} />}
        {passkeys.isError ? (
          <Fault error={passkeys.error} retry={() => void passkeys.refetch()} />
        ) : !passkeys.data ? (
          <Loading rows={1} />
        ) : passkeys.data.items.length === 0 ? (
          <Text c="dimmed">{t('factor.nonePasskeys')}</Text>
        ) : (
          <Table aria-label={t('factor.passkeys')}>
            <Table.Tbody>
              {passkeys.data.items.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td>
                    <Text fw={600} size="sm">
                      {one.name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {t('key.created')} <When time={one.created_at} /> · {t('keys.column.lastUse')}{' '}
                      <When time={one.last_used_at} />
                    </Text>
                  </Table.Td>
                  <Table.Td ta="right">
                    <Button size="compact-sm" variant="subtle" color="red" onClick={() => remove.mutate(one.id)}>
                      {t('act.remove')}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Card>
      <Card>
        <Group justify="space-between">
          <div>
            <Title order={2}>{t('factor.totpShort')}</Title>
            <Badge mt={6} color={factors.totp ? 'green' : 'gray'}>
              {factors.totp ? t('factor.on') : t('factor.off')}
            </Badge>
          </div>
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={() => setDialog('totp')}>
              {factors.totp ? t('factor.replace') : t('factor.totp')}
            </Button>
            {factors.totp && (
              <Button size="xs" variant="subtle" color="red" onClick={() => remove.mutate('totp')}>
                {t('act.remove')}
              </Button>
            )}
          </Group>
        </Group>
      </Card>
      <Card>
        <Group justify="space-between">
          <div>
            <Title order={2}>{t('factor.codes')}</Title>
            <Text size="sm" c={factors.recovery_codes_left < 4 ? 'var(--warn)' : 'dimmed'}>
              {t('factor.codesLeft', { count: factors.recovery_codes_left })}
            </Text>
          </div>
          <Button size="xs" variant="default" onClick={() => setDialog('codes')}>
            {t('factor.newCodes')}
          </Button>
        </Group>
      </Card>
      <LinkedAccounts />
      <PasswordForm />
      {dialog && (
        <Dialog
          onClose={() => setDialog(null)}
          title={t(dialog === 'codes' ? 'factor.codesTitle' : dialog === 'totp' ? 'factor.totp' : 'factor.passkey')}
          size="lg"
          closeOnEscape={dialog !== 'codes'}
          closeOnClickOutside={dialog !== 'codes'}
        >
          {dialog === 'passkey' && <AddPasskey onDone={done} onCancel={() => setDialog(null)} />}
          {dialog === 'totp' && <AddTotp onDone={done} onCancel={() => setDialog(null)} />}
          {dialog === 'codes' && <RecoveryCodes onDone={done} />}
        </Dialog>
      )}
    </Stack>
  );
}
