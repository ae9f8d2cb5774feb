import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { createPasskey } from '~/crypto/passkey';
import { Fault } from '~/parts/fault';

export function AddPasskey({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const add = useMutation({
    mutationFn: async () => {
      const options = await dataOf(api.POST('/me/passkeys/options'));
      const credential = await createPasskey(options);
      await api.POST('/me/passkeys', { body: { name, challenge_id: options.challenge_id, credential } });
    },
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('factor.passkeyName')}
          placeholder={t('factor.passkeyExample')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          withAsterisk={false}
          data-autofocus
        />
        {add.isError && <Fault error={add.error} />}
        <Group>
          <Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>
            {t('factor.makePasskey')}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('act.back')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
