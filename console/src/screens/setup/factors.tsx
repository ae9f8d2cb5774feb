import { Button, Divider, Stack, Text } from '@mantine/core';
import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '~/api/problem';
import { sessionQuery } from '~/api/queries';
import { passkeysWork } from '~/crypto/passkey';
import { Fault } from '~/parts/fault';
import { FrontPage } from '~/parts/front_page';
import { Loading } from '~/parts/loading';
import { AddPasskey } from '~/screens/settings/add_passkey';
import { AddTotp } from '~/screens/settings/add_totp';
import { RecoveryCodes } from '~/screens/settings/recovery_codes';

type Step = 'choose' | 'passkey' | 'totp' | 'codes';

// Factors: nobody works here with a passphrase alone. A passkey or an authenticator app first, then
// the recovery codes, then the way is free.
export function Factors() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery);
  const [step, setStep] = useState<Step>('choose');
  if (session.error) {
    return asProblem(session.error).status === 401 ? <Navigate to="/login" /> : <Fault error={session.error} />;
  }
  if (!session.data) {
    return <Loading />;
  }
  return (
    <FrontPage title={step === 'codes' ? t('factor.codesTitle') : t('factor.title')} text={t('factor.text')} wide>
      {step === 'choose' && (
        <Stack>
          {passkeysWork() ? (
            <Button size="md" leftSection={<IconFingerprint aria-hidden />} onClick={() => setStep('passkey')}>
              {t('factor.passkey')}
            </Button>
          ) : (
            <Text size="sm" c="dimmed">
              {t('factor.noPasskeys')}
            </Text>
          )}
          <Divider label={t('login.or')} />
          <Button
            size="md"
            variant="default"
            leftSection={<IconDeviceMobile aria-hidden />}
            onClick={() => setStep('totp')}
          >
            {t('factor.totp')}
          </Button>
        </Stack>
      )}
      {step === 'passkey' && <AddPasskey onDone={() => setStep('codes')} onCancel={() => setStep('choose')} />}
      {step === 'totp' && <AddTotp onDone={() => setStep('codes')} onCancel={() => setStep('choose')} />}
      {step === 'codes' && (
        <RecoveryCodes
          onDone={() =>
            void client.invalidateQueries({ queryKey: sessionQuery.queryKey }).then(() => navigate({ to: '/keys' }))
          }
        />
      )}
    </FrontPage>
  );
}
