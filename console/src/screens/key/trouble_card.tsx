import { Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle, IconKeyOff, IconTool, IconUserQuestion, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { snippetsOf } from '~/api/findings';
import type { KeyRemedy, KeyTrouble } from '~/api/types';
import { useMayChange } from '~/app/session';
import { useNodeTexts } from '~/i18n/node_texts';
import { Original } from '~/parts/original';
import { Tongues } from '~/parts/snippet';
import { When } from '~/parts/when';
import { count } from '~/text/words';

const looks = {
  possible_theft: { color: 'red', icon: IconUserQuestion },
  compromised: { color: 'red', icon: IconAlertTriangle },
  dead: { color: 'red', icon: IconKeyOff },
  refused: { color: 'orange', icon: IconX },
  warning: { color: 'gray', icon: IconInfoCircle },
} as const;

// A remedy that lets in more than before says its risk, and is done only after that was seen.
function Confirm({
  of,
  trouble,
  act,
  cancel,
  busy,
}: {
  of: KeyRemedy;
  trouble: KeyTrouble;
  act: () => void;
  cancel: () => void;
  busy: boolean;
}) {
  const { t } = useTranslation();
  const { t: m } = useTranslation('mending');
  const { text, original, risk } = useNodeTexts().remedy(of, trouble);
  return (
    <Stack gap="xs" className="risk" role="group" aria-label={text}>
      <Text size="sm">{text}</Text>
      <Original text={original} />
      {risk && (
        <Text size="sm">
          <b>{m('fix.risk')}</b> {risk}
        </Text>
      )}
      <Group gap="xs">
        <Button size="xs" loading={busy} onClick={act}>
          {m('fix.doIt')}
        </Button>
        <Button size="xs" variant="default" onClick={cancel}>
          {t('act.cancel')}
        </Button>
      </Group>
    </Stack>
  );
}

function Remedies({ of, act, busy }: { of: KeyTrouble; act: (remedy: KeyRemedy) => void; busy: boolean }) {
  const { t } = useTranslation();
  const { t: m } = useTranslation('mending');
  const say = useNodeTexts();
  const mayChange = useMayChange();
  const [asked, setAsked] = useState<KeyRemedy | null>(null);
  const isTheft = of.rank === 'possible_theft';
  const label = (remedy: KeyRemedy) =>
    isTheft && remedy.kind === 'suspend' ? m('fix.notMe') : m(`fix.do.${remedy.kind}`, { value: remedy.value ?? '' });
  const changes = of.remedies.filter((one) => one.kind !== 'client_change');
  const advice = of.remedies.filter((one) => one.kind === 'client_change');
  return (
    <>
      {mayChange && changes.length > 0 && (
        <Group gap="xs">
          {changes.map((one, at) => (
            <Button
              key={one.id}
              size="xs"
              {...(one.kind === 'suspend' ? { color: 'red' } : {})}
              variant={at === 0 ? 'filled' : 'default'}
              loading={busy && asked === null}
              aria-expanded={one.ours && one.step_up ? asked?.id === one.id : undefined}
              onClick={() => (one.ours && one.step_up ? setAsked(one) : act(one))}
            >
              {label(one)}
            </Button>
          ))}
        </Group>
      )}
      {asked && <Confirm of={asked} trouble={of} busy={busy} act={() => act(asked)} cancel={() => setAsked(null)} />}
      {advice.map((one) => (
        <Stack key={one.id} gap="xs">
          {one.text !== of.fix && (
            <>
              <Text size="sm">{say.remedy(one, of).text}</Text>
              <Original text={say.remedy(one, of).original} />
            </>
          )}
          {of.snippets.length > 0 && (
            <Tongues of={snippetsOf(of.snippets)} label={(language) => t('finding.code', { language })} />
          )}
          {of.rank !== 'dead' && (
            <Button size="xs" variant="light" w="fit-content" onClick={() => act(one)}>
              {m('fix.do.client_change')}
            </Button>
          )}
        </Stack>
      ))}
    </>
  );
}

// TroubleCard is one thing that is wrong with a key, with what to do about it.
export function TroubleCard({
  of,
  isNew,
  apiKey,
  act,
  busy,
  onLeave,
}: {
  of: KeyTrouble;
  isNew: boolean; // it was not there when somebody began to look
  apiKey: string;
  act: (remedy: KeyRemedy) => void;
  busy: boolean;
  onLeave: () => void;
}) {
  const { t: m } = useTranslation('mending');
  const { title, detail, fix } = useNodeTexts().trouble(of);
  const { color, icon: Icon } = looks[of.rank];
  return (
    <Stack gap="xs" component="li" className="trouble" data-rank={of.rank}>
      <Group justify="space-between" gap="xs" align="flex-start">
        <Text fw={650} size="lg" lh={1.35} style={{ flex: '1 1 14rem' }}>
          {of.rank === 'possible_theft' && `${m('fix.wasThisYou')} `}
          {title}
        </Text>
        <Group gap={4}>
          {isNew && <Badge color="blue">{m('fix.fresh')}</Badge>}
          <Badge color={color} leftSection={<Icon size={13} aria-hidden />}>
            {m(`fix.rank.${of.rank}`)}
          </Badge>
        </Group>
      </Group>
      {detail && (
        <Text size="sm" className="wrap">
          {detail}
        </Text>
      )}
      {of.at && (
        <Text size="sm">
          <When time={of.at} />
        </Text>
      )}
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <IconTool size={16} aria-hidden color="var(--accept)" style={{ flexShrink: 0, marginTop: 3 }} />
        <Text size="sm">{fix}</Text>
      </Group>
      <Remedies of={of} act={act} busy={busy} />
      {of.last_at && (
        <Text size="xs" c="dimmed">
          {m('fix.times', { count: of.count, requests: count(of.count) })} <When time={of.first_at ?? of.last_at} />
          {of.accepted_since && ` · ${m('fix.acceptedSince')}`}
          {of.last_request_id && (
            <>
              {' · '}
              <Anchor
                component={Link}
                inherit
                underline="always"
                to="/keys/$id"
                params={{ id: apiKey } as never}
                search={{ tab: 'requests', request: of.last_request_id } as never}
                onClick={onLeave}
              >
                {m('fix.look')}
              </Anchor>
            </>
          )}
        </Text>
      )}
    </Stack>
  );
}
