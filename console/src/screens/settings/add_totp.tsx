import { Box, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { encode } from 'uqr';
import { api, dataOf } from '~/api/client';
import { CodeInput } from '~/parts/code_input';
import { CopyButton } from '~/parts/copy_button';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';

function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} width={190} height={190}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

// AddTotp feeds an authenticator app, and counts only once a code from it was right.
export function AddTotp({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const begin = useMutation({ gcTime: 0, mutationFn: () => dataOf(api.POST('/me/totp')) });
  const confirm = useMutation({
    mutationFn: (totp: string) => api.POST('/me/totp/confirm', { body: { code: totp } }),
    onSuccess: onDone,
    onError: () => setCode(''),
  });
  const { mutate: ask } = begin;
  useEffect(() => ask(), [ask]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate(code);
  };
  if (begin.isError) {
    return <Fault error={begin.error} retry={() => ask()} />;
  }
  if (!begin.data) {
    return <Loading rows={2} height={90} />;
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Group align="flex-start" gap="lg">
          <QrCode text={begin.data.otpauth_uri} label={t('factor.qr')} />
          <Box flex={1} miw={200}>
            <Text size="sm" mb="xs">
              {t('factor.scan')}
            </Text>
            <Group gap={4} wrap="nowrap">
              <span className="mono wrap">{begin.data.secret_base32.match(/.{1,4}/g)?.join(' ')}</span>
              <CopyButton value={begin.data.secret_base32} what={t('factor.secret')} />
            </Group>
          </Box>
        </Group>
        <CodeInput
          label={t('factor.nextCode')}
          value={code}
          onChange={setCode}
          onComplete={(totp) => confirm.mutate(totp)}
        />
        {confirm.isError && <Fault error={confirm.error} />}
        <Group>
          <Button type="submit" loading={confirm.isPending} disabled={code.length < 6}>
            {t('act.confirm')}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('act.back')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
