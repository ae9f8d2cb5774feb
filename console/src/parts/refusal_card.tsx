import { Badge, Card, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconTool, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Finding } from '~/api/findings';
import { refusalQuery } from '~/api/queries';
import type { Refusal } from '~/api/types';
import { type NodeTexts, useNodeTexts } from '~/i18n/node_texts';
import { count, exact } from '~/text/words';
import { CopyButton } from './copy_button';
import { Fault } from './fault';
import { FindingList } from './finding_card';
import { Loading } from './loading';
import { When } from './when';

// ticket is the refusal in words, for whoever has to mend the client. It holds no signature.
function ticket(refusal: Refusal, findings: Finding[], say: NodeTexts): string {
  const { name, detail, fix } = say.refusal(refusal);
  return [
    `request ${refusal.request_id}`,
    `${refusal.time} ${refusal.method} ${refusal.path}`,
    `from ${refusal.address} (${refusal.client})`,
    `refused: ${name === refusal.reason ? name : `${refusal.reason} (${name})`}. ${detail ?? ''}`,
    ...findings.map((one) => say.finding(one)).map((one) => `${one.title} ${one.fix}`),
    ...(findings.length === 0 && fix ? [fix] : []),
  ].join('\n');
}

// Autopsy is what the node found out about a refused request: the most certain cause first, the others
// folded away.
function Autopsy({ of }: { of: Refusal }) {
  const { t } = useTranslation();
  const say = useNodeTexts();
  const { data, error, refetch } = useQuery(refusalQuery(of.request_id));
  if (error) {
    return <Fault error={error} retry={() => void refetch()} />;
  }
  if (!data) {
    return <Loading rows={1} height={140} />;
  }
  const findings = data.findings ?? [];
  const { name, detail, fix } = say.refusal(of);
  const behind = Math.round(of.clock_offset_us / 1000);
  return (
    <Stack gap="md" pt="md">
      {findings.length > 0 ? (
        <FindingList of={findings} />
      ) : (
        <Stack gap="xs">
          <Text>{detail}</Text>
          {fix && (
            <Group gap="xs" wrap="nowrap" align="flex-start">
              <IconTool size={17} aria-hidden color="var(--accept)" style={{ flexShrink: 0, marginTop: 2 }} />
              <Text>
                <b>{t('finding.fix')}</b> {fix}
              </Text>
            </Group>
          )}
        </Stack>
      )}
      <Group gap="sm" justify="space-between" className="foot">
        <Text size="xs" c="dimmed" className="wrap">
          {exact(of.time)} · {of.address} · {of.client}
          {Math.abs(behind) >= 500 &&
            ` · ${t(behind > 0 ? 'refusal.behind' : 'refusal.ahead', { ms: count(Math.abs(behind)) })}`}
          {of.count > 1 && ` · ${t('refusal.alike', { count: of.count })}`} ·{' '}
          {name !== of.reason && (
            <>
              <span className="mono">{of.reason}</span> ·{' '}
            </>
          )}
          <span className="mono">{of.request_id}</span>
        </Text>
        <CopyButton wide small value={ticket(of, findings, say)} what={t('refusal.ticket')} />
      </Group>
    </Stack>
  );
}

// RefusalCard is a refused request in one line, and opened the autopsy: why, what shows it, and what to do.
export function RefusalCard({ refusal, open = false }: { refusal: Refusal; open?: boolean }) {
  const [opened, setOpened] = useState(open);
  const say = useNodeTexts();
  return (
    <Card padding={0} component="article">
      <UnstyledButton className="refusal" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <Badge color="red" leftSection={<IconX size={12} aria-hidden />}>
          {say.reason(refusal.reason)}
        </Badge>
        <span className="mono wrap">
          {refusal.method} {refusal.path}
        </span>
        {refusal.count > 1 && <Badge color="gray">× {count(refusal.count)}</Badge>}
        <Text span size="xs" c="dimmed" className="when">
          {refusal.address} · <When time={refusal.time} />
        </Text>
        <IconChevronDown size={16} aria-hidden data-open={opened} />
      </UnstyledButton>
      {opened && (
        <div className="opened">
          <Autopsy of={refusal} />
        </div>
      )}
    </Card>
  );
}
