import { Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf, setCsrf } from '~/api/client';
import { sessionQuery } from '~/api/queries';
import type { Session } from '~/api/types';
import { assertPasskey, passkeysWork } from '~/crypto/passkey';
import { FactorField } from '~/parts/factor_field';
import { Fault } from '~/parts/fault';

// SignInForm always asks for passphrase and code together: whether a name exists, or has which factor,
// is told to nobody. A passkey that verified its user is both factors at once.
export function SignInForm({ onDone }: { onDone: (session: Session) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [recovery, setRecovery] = useState(false);
  const signIn = useMutation({
    gcTime: 0,
    mutationFn: (body: NonNullable<Parameters<typeof api.POST<'/session', { body: object }>>[1]>['body']) =>
      dataOf(api.POST('/session', { body })),
    onSuccess: (session) => {
      setPassword('');
      setCsrf(session.csrf);
      client.setQueryData(sessionQuery.queryKey, session);
      onDone(session);
    },
    onError: () => setCode(''),
  });
  const byPassword = (second: string) =>
    signIn.mutate({ email, password, ...(recovery ? { recovery_code: second } : { totp: second }) });
  const byPasskey = useMutation({
    gcTime: 0,
    mutationFn: async () => {
      const options = await dataOf(api.POST('/session/passkey-options', { body: email ? { email } : {} }));
      return assertPasskey(options.challenge_id, options.public_key);
    },
    onSuccess: (passkey) => signIn.mutate({ passkey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    byPassword(code);
  };
  const gaveUp = byPasskey.error instanceof DOMException;
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('login.email')}
          type="email"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          autoComplete="username webauthn"
          required
          withAsterisk={false}
          data-autofocus
          autoFocus
        />
        <PasswordInput
          label={t('login.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword'), tabIndex: 0 }}
          required
          withAsterisk={false}
        />
        <FactorField
          code={code}
          onCode={setCode}
          recovery={recovery}
          onRecovery={setRecovery}
          onComplete={(totp) => email && password && byPassword(totp)}
        />
        {signIn.isError && <Fault error={signIn.error} title={t('login.failed')} />}
        {byPasskey.isError && !gaveUp && <Fault error={byPasskey.error} title={t('login.failed')} />}
        <Button type="submit" fullWidth loading={signIn.isPending}>
          {t('login.signIn')}
        </Button>
        {passkeysWork() && (
          <>
            <Divider label={t('login.or')} />
            <Button
              variant="default"
              fullWidth
              leftSection={<IconFingerprint size={18} aria-hidden />}
              loading={byPasskey.isPending}
              onClick={() => byPasskey.mutate()}
            >
              {t('login.passkey')}
            </Button>
          </>
        )}
      </Stack>
    </form>
  );
}
