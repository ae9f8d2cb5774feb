import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { gates } from '~/api/client';
import { LateDialog, later } from '~/parts/later';

const SignInForm = later(() => import('~/screens/login/sign_in_form').then((m) => m.SignInForm));

// SignInAgain stands over the page when a session has ended: what was typed below it survives, and
// every call that waits goes on after it.
export function SignInAgain() {
  const { t } = useTranslation();
  const [waiting, setWaiting] = useState<((done: boolean) => void)[]>([]);
  useEffect(() => {
    const before = gates.signIn;
    gates.signIn = () => new Promise((resolve) => setWaiting((others) => [...others, resolve]));
    return () => {
      gates.signIn = before;
    };
  }, []);
  const end = (done: boolean) => {
    waiting.forEach((resolve) => resolve(done));
    setWaiting([]);
  };
  return (
    waiting.length > 0 && (
      <LateDialog onClose={() => end(false)} title={t('login.again')} zIndex={500}>
        <Text mb="md" c="dimmed" size="sm">
          {t('login.againText')}
        </Text>
        <SignInForm onDone={() => end(true)} />
      </LateDialog>
    )
  );
}
