import { Button, Card, Stack, Table, Title } from '@mantine/core';
import { IconKey, IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '~/api/problem';
import { Conflict } from '~/parts/conflict';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { Stale } from '~/parts/stale';
import { SignInForm } from '~/screens/login/sign_in_form';

const nothing = () => undefined;
const lately = Date.now() - 40_000;

// A state of a view of data.
function State({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Card data-story={name}>
      <Title order={2} mb="md">
        {name}
      </Title>
      {children}
    </Card>
  );
}

function Rows() {
  return (
    <Table aria-label="rows">
      <Table.Tbody>
        {['mm-bot-3', 'tax-2026'].map((name) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

// States shows every state that a view of data may be in.
export function States() {
  const { t } = useTranslation();
  const problem = (status: number, detail: string, more: object = {}) =>
    new ApiProblem({ status, detail, request_id: 'req_7Qk', ...more });
  return (
    <Stack>
      <State name="loading">
        <Loading rows={3} />
      </State>
      <State name="empty, first time">
        <Empty icon={IconKey} title={t('keys.none')} actions={<Button>{t('keys.create')}</Button>}>
          {t('keys.noneText')}
        </Empty>
      </State>
      <State name="empty, filtered">
        <Empty
          icon={IconSearch}
          title={t('keys.noMatch', { filter: 'status:expiring label:bot' })}
          actions={<Button variant="default">{t('keys.clear')}</Button>}
        />
      </State>
      <State name="partial">
        <Stack>
          <Fault error={problem(503, 'The journal does not answer: the last use is not shown.')} retry={nothing} />
          <Rows />
        </Stack>
      </State>
      <State name="stale">
        <Stack>
          <Stale asOf={lately} retry={nothing} />
          <Rows />
        </Stack>
      </State>
      <State name="refused">
        <Fault error={problem(403, 'Your role (holder) does not allow this; who may: owners.')} />
      </State>
      <State name="signed out">
        <SignInForm onDone={nothing} />
      </State>
      <State name="conflict">
        <Conflict
          theirs={[{ name: t('edit.label'), before: 'bot', after: 'theirs' }]}
          mine={[{ name: t('edit.label'), before: 'bot', after: 'mine' }]}
          useTheirs={nothing}
          applyMine={nothing}
        />
      </State>
      <State name="limited">
        <Fault error={problem(429, 'Too many tries.', { retry_after_s: 20 })} retry={nothing} />
      </State>
      <State name="fault">
        <Fault error={problem(503, 'The registry does not answer.', { mayHaveHappened: true })} retry={nothing} />
      </State>
    </Stack>
  );
}
