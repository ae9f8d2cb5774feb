import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconFingerprint, IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { assertPasskey } from '~/crypto/passkey';
import { useNodeTexts } from '~/i18n/node_texts';
import { Original } from '~/parts/original';
import { CodeInput } from '~/parts/code_input';
import { Fault } from '~/parts/fault';

export interface Ask {
  change: string;
  hash: string;
  answer: (grant: string | null) => void;
}

type Factor = { totp: string } | { recovery_code: string } | { passkey: Awaited<ReturnType<typeof assertPasskey>> };

export function StepUpForm({ ask }: { ask: Ask }) {
  const { t } = useTranslation();
  const change = useNodeTexts().change(ask.change);
  const [code, setCode] = useState('');
  const [recovery, setRecovery] = useState(false);
  const options = useMutation({
    mutationFn: () => dataOf(api.POST('/me/step-up/options', { body: { hash: ask.hash } })),
  });
  const { mutate: askOptions } = options;
  useEffect(() => askOptions(), [askOptions]);
  const confirm = useMutation({
    gcTime: 0,
    mutationFn: async (factor: Factor) =>
      (await dataOf(api.POST('/me/step-up', { body: { hash: ask.hash, ...factor } }))).grant,
    onSuccess: (grant) => ask.answer(grant),
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate(recovery ? { recovery_code: code } : { totp: code });
  };
  const passkey = options.data?.public_key;
  return (
    <form onSubmit={submit}>
      <Stack>
        <Alert color="ink" icon={<IconShieldCheck aria-hidden />} title={t('stepUp.confirms')}>
          <Text fw={600} className="wrap">
            {change.text}
          </Text>
          <Original text={change.original} />
        </Alert>
        {passkey && (
          <Button
            leftSection={<IconFingerprint size={18} aria-hidden />}
            data-autofocus
            loading={confirm.isPending}
            onClick={() =>
              void assertPasskey(options.data!.challenge_id, passkey).then(
                (answer) => confirm.mutate({ passkey: answer }),
                () => undefined,
              )
            }
          >
            {t('stepUp.passkey')}
          </Button>
        )}
        {recovery ? (
          <TextInput
            label={t('login.recoveryCode')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        ) : (
          options.data?.totp && (
            <CodeInput
              label={t('login.code')}
              value={code}
              onChange={setCode}
              onComplete={(totp) => confirm.mutate({ totp })}
              autoFocus={!passkey}
            />
          )
        )}
        {options.isError && <Fault error={options.error} retry={() => askOptions()} />}
        {confirm.isError && <Fault error={confirm.error} />}
        <Group justify="space-between">
          <Button variant="subtle" size="compact-sm" onClick={() => (setRecovery(!recovery), setCode(''))}>
            {recovery ? t('login.useApp') : t('login.useRecovery')}
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={() => ask.answer(null)}>
              {t('act.cancel')}
            </Button>
            <Button type="submit" disabled={code.length < 6} loading={confirm.isPending}>
              {t('act.confirm')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
