import { Button, Stack, Text } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { Session } from '~/api/types';
import { assertPasskey, passkeysWork } from '~/crypto/passkey';
import { FactorField } from '~/parts/factor_field';
import { Fault } from '~/parts/fault';

export interface Question {
  challenge_id: string;
  public_key: Record<string, unknown>;
}

// ProviderFactor asks for the second factor of somebody whom the identity provider knows. A wrong one
// may be tried again; a passkey's question is good once, so another one is asked for then.
export function ProviderFactor({ question, onDone }: { question: Question; onDone: (session: Session) => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [recovery, setRecovery] = useState(false);
  const [asked, setAsked] = useState<Question | null>(question);
  const give = useMutation({
    gcTime: 0,
    mutationFn: (body: NonNullable<Parameters<typeof api.POST<'/session/oidc/factor', { body: object }>>[1]>['body']) =>
      dataOf(api.POST('/session/oidc/factor', { body })),
    onSuccess: onDone,
    onError: () => setCode(''),
  });
  const byPasskey = useMutation({
    gcTime: 0,
    mutationFn: async () => {
      const { challenge_id, public_key } = asked ?? (await dataOf(api.POST('/session/passkey-options', { body: {} })));
      setAsked(null);
      return assertPasskey(challenge_id, public_key);
    },
    onSuccess: (passkey) => give.mutate({ passkey }),
  });
  const byCode = (second: string) => give.mutate(recovery ? { recovery_code: second } : { totp: second });
  const gaveUp = byPasskey.error instanceof DOMException;
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        byCode(code);
      }}
    >
      <Stack>
        <Text>{t('provider.factor')}</Text>
        <FactorField
          code={code}
          onCode={setCode}
          recovery={recovery}
          onRecovery={setRecovery}
          onComplete={byCode}
          autoFocus
        />
        {give.isError && <Fault error={give.error} title={t('login.failed')} />}
        {byPasskey.isError && !gaveUp && <Fault error={byPasskey.error} title={t('login.failed')} />}
        <Button type="submit" fullWidth loading={give.isPending}>
          {t('login.signIn')}
        </Button>
        {passkeysWork() && (
          <Button
            variant="default"
            fullWidth
            leftSection={<IconFingerprint size={18} aria-hidden />}
            loading={byPasskey.isPending}
            onClick={() => byPasskey.mutate()}
          >
            {t('login.passkey')}
          </Button>
        )}
      </Stack>
    </form>
  );
}
