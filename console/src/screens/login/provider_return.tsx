import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf, setCsrf } from '~/api/client';
import { sessionQuery } from '~/api/queries';
import type { Session } from '~/api/types';
import { arrivedWith } from '~/app/router';
import { Fault } from '~/parts/fault';
import { FrontPage } from '~/parts/front_page';
import { answerIn, isLink, type ProviderAnswer } from './provider_answer';
import { ProviderFactor, type Question } from './provider_factor';
import { takePlace } from './wanted_place';

// The answer is good once, so it is sent once, also where React mounts everything twice.
function useOnce(act: () => void) {
  const done = useRef(false);
  useEffect(() => {
    if (!done.current) {
      done.current = true;
      act();
    }
  });
}

function Linking({ answer }: { answer: ProviderAnswer }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const toSettings = () => void navigate({ to: '/settings', search: { tab: 'security' } });
  const link = useMutation({
    mutationFn: () => dataOf(api.POST('/me/identities', { body: answer })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['identities'] });
      toSettings();
    },
  });
  useOnce(() => link.mutate());
  return link.isError ? (
    <Stack>
      <Fault error={link.error} title={t('provider.notLinked')} />
      <Button onClick={toSettings}>{t('provider.toSettings')}</Button>
    </Stack>
  ) : (
    <Text role="status">{t('provider.working')}</Text>
  );
}

function SigningIn({ answer }: { answer: ProviderAnswer }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [question, setQuestion] = useState<Question | null>(null);
  const done = (session: Session) => {
    setCsrf(session.csrf);
    client.setQueryData(sessionQuery.queryKey, session);
    const wanted = takePlace();
    if (session.stage === 'full' && wanted) {
      router.history.push(wanted);
    } else {
      void navigate({ to: session.stage === 'full' ? '/keys' : '/factors' });
    }
  };
  const signIn = useMutation({
    gcTime: 0,
    mutationFn: () => dataOf(api.POST('/session/oidc', { body: answer })),
    onSuccess: (said) => ('person' in said ? done(said) : setQuestion(said)),
  });
  useOnce(() => signIn.mutate());
  if (question) {
    return <ProviderFactor question={question} onDone={done} />;
  }
  return signIn.isError ? (
    <Stack>
      <Fault error={signIn.error} title={t('login.failed')} />
      <Button onClick={() => void navigate({ to: '/login' })}>{t('provider.toLogin')}</Button>
    </Stack>
  ) : (
    <Text role="status">{t('provider.working')}</Text>
  );
}

function Denied() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Stack>
      <Text role="alert">{t('provider.denied')}</Text>
      <Button onClick={() => void navigate({ to: '/login' })}>{t('provider.toLogin')}</Button>
    </Stack>
  );
}

// ProviderReturn is where an identity provider sends the browser back to. It takes what came out of the
// address, so that neither history nor a reload has it, and posts it.
export function ProviderReturn() {
  const { t } = useTranslation();
  const [answer] = useState(() => answerIn(arrivedWith));
  const links = isLink(arrivedWith);
  useEffect(() => globalThis.history.replaceState(globalThis.history.state, '', '/login/oidc'), []);
  return (
    <FrontPage title={t(links ? 'provider.link' : 'provider.signIn')}>
      {!answer ? <Denied /> : links ? <Linking answer={answer} /> : <SigningIn answer={answer} />}
    </FrontPage>
  );
}
