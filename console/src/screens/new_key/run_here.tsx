import { Alert, Button, Code, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { type Signer, signedTarget } from '~/crypto/signer';
import { Fault } from '~/parts/fault';
import { serverNow } from '~/parts/now';

// RunHere signs one request in this page and has the node send it to its gateway: the page itself
// may call no other origin. What comes back is the upstream's text, and shown as text.
export function RunHere({
  apiKey,
  path,
  sign,
  isBound,
}: {
  apiKey: string;
  path: string;
  sign: Signer;
  isBound: boolean;
}) {
  const { t } = useTranslation();
  const run = useMutation({
    gcTime: 0,
    mutationFn: async () =>
      dataOf(
        api.POST('/relay', {
          body: { method: 'GET', target: await signedTarget(path, sign, serverNow()), api_key: apiKey },
        }),
      ),
  });
  if (isBound) {
    return (
      <Text size="sm" c="dimmed">
        {t('first.bound')}
      </Text>
    );
  }
  const answer = run.data;
  return (
    <Stack gap="xs">
      <Button variant="default" w="fit-content" loading={run.isPending} onClick={() => run.mutate()}>
        {t('first.run')}
      </Button>
      <Text size="sm" c="dimmed">
        {t('first.runText', { path })}
      </Text>
      {run.isError && <Fault error={run.error} />}
      {answer && (
        <Alert
          color={answer.status < 300 ? 'green' : 'red'}
          role="status"
          title={t('first.answer', { status: answer.status })}
        >
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
            {answer.headers['x-counterfoil-request-id'] && (
              <Text size="xs">
                {t('fault.requestId')} <span className="mono">{answer.headers['x-counterfoil-request-id']}</span>
              </Text>
            )}
          </Stack>
        </Alert>
      )}
    </Stack>
  );
}
