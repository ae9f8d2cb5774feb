import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '~/api/types';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { GatewayAcks } from '~/parts/gateway_acks';
import { useSuspend } from './changes';

// SuspendDialog holds one API key. It can be undone, so one press is enough.
export function SuspendDialog({ of, onClose }: { of: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const [cause, setCause] = useState('');
  const suspend = useSuspend(of.api_key);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    suspend.mutate(cause);
  };
  return (
    <Dialog onClose={onClose} title={t('suspend.title', { name: of.label || of.api_key.slice(0, 8) })}>
      {suspend.data ? (
        <Stack>
          {suspend.data.receipt && <GatewayAcks receipt={suspend.data.receipt} />}
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              {t('act.done')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <Text>{t('suspend.text')}</Text>
            <TextInput
              label={t('revoke.words')}
              description={t('revoke.wordsHint')}
              value={cause}
              onChange={(event) => setCause(event.currentTarget.value)}
              maxLength={200}
              data-autofocus
            />
            {suspend.isError && <Fault error={suspend.error} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {t('act.cancel')}
              </Button>
              <Button type="submit" color="orange" loading={suspend.isPending}>
                {t('key.suspend')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
