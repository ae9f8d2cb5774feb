import { Alert, Button, Divider, PasswordInput, Stack, Text } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { assertPasskey, passkeysWork } from '~/crypto/passkey';
import { FactorField } from '~/parts/factor_field';
import { Fault } from '~/parts/fault';
import { FrontPage } from '~/parts/front_page';
import { exact } from '~/text/words';
import { takeFragment } from './fragment';

const shortest = 12;
type Factor = { totp: string } | { recovery_code: string } | { passkey: Awaited<ReturnType<typeof assertPasskey>> };

function Done({ heldUntil }: { heldUntil: string | null }) {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  return (
    <FrontPage title={p('reset.done')}>
      <Stack>
        <Text>{p('reset.doneText')}</Text>
        {heldUntil && <Alert color="orange">{p('reset.heldText', { time: exact(heldUntil) })}</Alert>}
        <Button component={Link} to="/login">
          {t('login.signIn')}
        </Button>
      </Stack>
    </FrontPage>
  );
}

// Reset sets a new passphrase with the token of a link and the second factor, which is never skipped.
// The page knows nobody's name, and a link that is no good is not told from a code that is wrong.
export function Reset() {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const [token] = useState(() => takeFragment('r'));
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [recovery, setRecovery] = useState(false);
  const reset = useMutation({
    gcTime: 0,
    mutationFn: (factor: Factor) => dataOf(api.POST('/password-reset', { body: { token, password, ...factor } })),
    onSuccess: () => setPassword(''),
    onError: () => setCode(''),
  });
  const byPasskey = useMutation({
    gcTime: 0,
    mutationFn: async () => {
      const options = await dataOf(api.POST('/session/passkey-options', { body: {} }));
      return assertPasskey(options.challenge_id, options.public_key);
    },
    onSuccess: (passkey) => reset.mutate({ passkey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate(recovery ? { recovery_code: code } : { totp: code });
  };
  const length = [...password].length;
  if (reset.data) {
    return <Done heldUntil={reset.data.keys_held_until} />;
  }
  if (token === '') {
    return (
      <FrontPage title={p('reset.title')}>
        <Alert color="orange">{p('reset.noToken')}</Alert>
      </FrontPage>
    );
  }
  return (
    <FrontPage title={p('reset.title')} text={p('reset.text')}>
      <form onSubmit={submit}>
        <Stack>
          <PasswordInput
            label={p('reset.password')}
            description={t('person.passwordRule', { count: shortest })}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword'), tabIndex: 0 }}
            error={length > 0 && length < shortest ? t('person.passwordShort', { count: shortest - length }) : null}
            required
            withAsterisk={false}
            data-autofocus
          />
          <FactorField code={code} onCode={setCode} recovery={recovery} onRecovery={setRecovery} />
          {reset.isError && <Fault error={reset.error} title={p('reset.failed')} />}
          {byPasskey.isError && !(byPasskey.error instanceof DOMException) && <Fault error={byPasskey.error} />}
          <Button type="submit" fullWidth loading={reset.isPending} disabled={length < shortest || code === ''}>
            {p('reset.act')}
          </Button>
          {passkeysWork() && (
            <>
              <Divider label={t('login.or')} />
              <Button
                variant="default"
                fullWidth
                leftSection={<IconFingerprint size={18} aria-hidden />}
                loading={byPasskey.isPending}
                disabled={length < shortest}
                onClick={() => byPasskey.mutate()}
              >
                {p('reset.passkey')}
              </Button>
            </>
          )}
        </Stack>
      </form>
    </FrontPage>
  );
}
