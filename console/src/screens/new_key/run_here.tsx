import { Alert, Button, Code, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { ApiProblem } from '~/api/problem';
import { type Signer, signedTarget } from '~/crypto/signer';
import { Fault } from '~/parts/fault';
import { serverNow } from '~/parts/now';

interface Answer {
  status: number;
  body: string;
  is_cut: boolean;
  requestId: string | null | undefined;
}

// Run has a button that sends one request, and shows what comes back: text, whatever it is.
function Run({
  about,
  answered,
  send,
}: {
  about: string;
  answered: (status: number) => string;
  send: () => Promise<Answer>;
}) {
  const { t } = useTranslation();
  const run = useMutation({ gcTime: 0, mutationFn: send });
  const answer = run.data;
  return (
    <Stack gap="xs">
      <Button variant="default" w="fit-content" loading={run.isPending} onClick={() => run.mutate()}>
        {t('first.run')}
      </Button>
      <Text size="sm" c="dimmed">
        {about}
      </Text>
      {run.isError && <Fault error={run.error} />}
      {answer && (
        <Alert color={answer.status < 300 ? 'green' : 'red'} role="status" title={answered(answer.status)}>
          <Stack gap={4}>
            <Code
              block
              tabIndex={0}
              role="region"
              aria-label={t('first.answerBody')}
              mah={320}
              style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', overflowY: 'auto' }}
            >
              {answer.body}
            </Code>
            {answer.is_cut && <Text size="xs">{t('first.cut')}</Text>}
            {answer.requestId && (
              <Text size="xs">
                {t('fault.requestId')} <span className="mono">{answer.requestId}</span>
              </Text>
            )}
          </Stack>
        </Alert>
      )}
    </Stack>
  );
}

interface Request {
  apiKey: string;
  path: string;
  sign: Signer;
}

// RunHere signs one request in this page and has the node send it to its gateway: the page itself
// may call no other origin. What comes back is the upstream's text.
export function RunHere({ apiKey, path, sign, isBound }: Request & { isBound: boolean }) {
  const { t } = useTranslation();
  const send = async (): Promise<Answer> => {
    const { headers, ...answer } = await dataOf(
      api.POST('/relay', {
        body: { method: 'GET', target: await signedTarget(path, sign, serverNow()), api_key: apiKey },
      }),
    );
    return { ...answer, requestId: headers['x-counterfoil-request-id'] };
  };
  return isBound ? (
    <Text size="sm" c="dimmed">
      {t('first.bound')}
    </Text>
  ) : (
    <Run about={t('first.runText', { path })} answered={(status) => t('first.answer', { status })} send={send} />
  );
}

const shownMax = 16 * 1024;

// CallHere signs one call of the management API, which the page may reach by itself: from the person's
// own address, and without the session, for a call is made by one or the other.
export function CallHere({ apiKey, path, sign }: Request) {
  const { t } = useTranslation();
  const send = async (): Promise<Answer> => {
    const response = await fetch(await signedTarget(path, sign, serverNow()), {
      credentials: 'omit',
      headers: { 'X-MBX-APIKEY': apiKey },
    }).catch(() => {
      throw new ApiProblem({ status: 0 });
    });
    const body = await response.text();
    return {
      status: response.status,
      body: body.slice(0, shownMax),
      is_cut: body.length > shownMax,
      requestId: response.headers.get('X-Counterfoil-Request-Id'),
    };
  };
  return (
    <Run about={t('first.callText', { path })} answered={(status) => t('first.callAnswer', { status })} send={send} />
  );
}
