import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleX, IconClock, IconLock } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ApiProblem, asProblem } from '~/api/problem';
import { type Said, useNodeTexts } from '~/i18n/node_texts';
import { CopyButton } from './copy_button';
import { useNow } from './now';
import { Original } from './original';

// Wait counts Retry-After down and gives the button back by itself.
function Wait({ seconds, retry }: { seconds: number; retry?: (() => void) | undefined }) {
  const { t } = useTranslation();
  const now = useNow();
  const [until] = useState(now + seconds * 1000);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  if (!retry) {
    return left > 0 ? <Text size="sm">{t('fault.wait', { seconds: left })}</Text> : null;
  }
  return (
    <Button size="compact-sm" variant="default" disabled={left > 0} onClick={retry}>
      {left > 0 ? t('fault.retryIn', { seconds: left }) : t('act.retry')}
    </Button>
  );
}

function sentence(problem: ApiProblem, t: TFunction, problemOf: (of: ApiProblem) => Said): Said {
  if (problem.status === 0 && problem.reason === 'no_answer') {
    return { text: t('fault.noAnswer') };
  }
  return problem.message === '' ? { text: t('fault.unexplained', { status: problem.status }) } : problemOf(problem);
}

// Fault says what went wrong, whether a change may have happened, and what to do: one place for
// every refusal and fault of the API. It stays on the page.
export function Fault({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  const { t } = useTranslation();
  const problem = asProblem(error);
  const said = sentence(problem, t, useNodeTexts().problem);
  const Icon = problem.isFault
    ? IconAlertTriangle
    : problem.status === 403
      ? IconLock
      : problem.status === 429
        ? IconClock
        : IconCircleX;
  return (
    <Alert
      color={problem.isFault ? 'orange' : 'red'}
      icon={<Icon aria-hidden />}
      role="alert"
      title={title ?? (problem.isFault ? t('fault.title') : t('fault.refused'))}
    >
      <Stack gap="xs">
        <Text size="sm" className="wrap">
          {said.text}
        </Text>
        <Original text={said.original} />
        {problem.mayHaveHappened && <Text size="sm">{t('fault.mayHaveHappened')}</Text>}
        {problem.action && (
          <Text size="sm">
            {t('fault.try')} <Code>{problem.action}</Code>
          </Text>
        )}
        <Group gap="sm">
          {problem.retryAfterS !== undefined ? (
            <Wait seconds={problem.retryAfterS} retry={retry} />
          ) : (
            retry && (
              <Button size="compact-sm" variant="default" onClick={retry}>
                {t('act.retry')}
              </Button>
            )
          )}
          {problem.requestId && (
            <Group gap={4} wrap="nowrap">
              <Text size="xs" className="wrap">
                {t('fault.requestId')} <span className="mono">{problem.requestId}</span>
              </Text>
              <CopyButton value={problem.requestId} what={t('fault.requestId')} />
            </Group>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
