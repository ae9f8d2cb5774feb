import { Alert, Anchor, Badge, Card, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconEyeOff, IconHelpCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { findingsOf } from '~/api/findings';
import type { ExaminedRequest } from '~/api/types';
import { useNodeTexts } from '~/i18n/node_texts';
import { FindingList } from '~/parts/finding_card';
import { shortId } from '~/text/words';

const looks = {
  explained: { color: 'red', icon: IconAlertTriangle },
  unknown_signature: { color: 'orange', icon: IconHelpCircle },
  nothing_wrong: { color: 'green', icon: IconCircleCheck },
  format_only: { color: 'gray', icon: IconEyeOff },
} as const;

// ExaminedCard is one pasted request: what it is, whose key it names, and what is wrong with it.
export function ExaminedCard({ of }: { of: ExaminedRequest }) {
  const { t: m } = useTranslation('mending');
  const say = useNodeTexts();
  const findings = findingsOf({ ...of, possible: [] }) ?? [];
  const possible = findingsOf({ findings: of.possible }) ?? [];
  const { color, icon: Icon } = looks[of.verdict];
  return (
    <Card component="article">
      <Stack gap="md">
        <Group gap="sm" justify="space-between" align="flex-start">
          <Stack gap={2} miw={0}>
            <Text className="mono wrap" fw={600}>
              {[of.method, of.host + of.path].filter((part) => part !== '').join(' ') || say.pasted(of.form)}
            </Text>
            <Text size="xs" c="dimmed" className="wrap">
              {m('doctor.where', { form: say.pasted(of.form), line: of.line })}
              {of.key ? (
                <>
                  {' · '}
                  <Anchor
                    component={Link}
                    inherit
                    underline="always"
                    to="/keys/$id"
                    params={{ id: of.key.api_key } as never}
                  >
                    {of.key.label || shortId(of.key.api_key)}
                  </Anchor>
                </>
              ) : (
                of.api_key && (
                  <>
                    {' · '}
                    <span className="mono">{of.api_key}</span>
                  </>
                )
              )}
            </Text>
          </Stack>
          <Badge color={color} leftSection={<Icon size={13} aria-hidden />}>
            {m(`doctor.verdict.${of.verdict}`)}
          </Badge>
        </Group>
        {of.verdict === 'format_only' && (
          <Alert color="gray" icon={<IconEyeOff aria-hidden />}>
            {m('doctor.notYours')}
          </Alert>
        )}
        {of.verdict === 'nothing_wrong' && <Text>{m('doctor.fine')}</Text>}
        {of.verdict === 'format_only' && findings.length === 0 && <Text>{m('doctor.formFine')}</Text>}
        <FindingList of={findings} />
        {of.verdict === 'unknown_signature' && <Text>{m('doctor.unknown')}</Text>}
        <FindingList of={possible} />
        {of.doubts.length > 0 && (
          <div>
            <Text size="sm" fw={600}>
              {m('doctor.doubts')}
            </Text>
            <ul className="plain">
              {of.doubts.map((one) => (
                <li key={one}>{say.pasted(one)}</li>
              ))}
            </ul>
          </div>
        )}
        {of.not_checked.length > 0 && (
          <Text size="xs" c="dimmed" className="foot">
            {m('doctor.notChecked')} {of.not_checked.map((one) => m(`doctor.unchecked.${one}`)).join(' · ')}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
