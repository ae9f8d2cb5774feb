import { Anchor, Badge, Collapse, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconCircleCheck, IconHelpCircle, IconTool, IconZoomCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Finding } from '~/api/findings';
import { useNodeTexts } from '~/i18n/node_texts';
import type { Range } from '~/text/ranges';
import { MarkedText } from './marked_text';
import { Tongues } from './snippet';

const looks = {
  proved: { color: 'green', icon: IconCircleCheck },
  strong: { color: 'blue', icon: IconZoomCheck },
  possible: { color: 'gray', icon: IconHelpCircle },
} as const;

function FindingClass({ of }: { of: Finding['class'] }) {
  const { t } = useTranslation();
  const { color, icon: Icon } = looks[of];
  return (
    <Badge color={color} leftSection={<Icon size={13} aria-hidden />}>
      {t(`finding.class.${of}`)}
    </Badge>
  );
}

function Texts({ of }: { of: Finding }) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const rows = [
    { name: t('finding.verified'), text: of.verified_text, side: 'verified' as const },
    {
      name: of.class === 'proved' ? t('finding.signed') : t('finding.signedLikely'),
      text: of.signed_text,
      side: 'signed' as const,
    },
  ].filter((row) => row.text !== null);
  if (rows.length === 0) {
    return null;
  }
  return (
    <div>
      <dl className="payloads">
        {rows.map(({ name, text, side }) => (
          <div key={side}>
            <dt>{name}</dt>
            <dd>
              <MarkedText text={text!} ranges={of.differences.map((one) => one[side] as Range)} whole={whole} />
            </dd>
          </div>
        ))}
      </dl>
      {rows.some((row) => row.text!.length > 100) && (
        <Anchor component="button" size="xs" onClick={() => setWhole(!whole)}>
          {whole ? t('finding.shorter') : t('finding.whole')}
        </Anchor>
      )}
    </div>
  );
}

// FindingCard is one mistake: what the client did, what shows it, what to do, and how that looks in code.
function FindingCard({ of }: { of: Finding }) {
  const { t } = useTranslation();
  const { title, detail, fix } = useNodeTexts().finding(of);
  return (
    <Stack gap="sm">
      <Group gap="sm" justify="space-between" align="flex-start" wrap="nowrap">
        <Text fw={600} size="lg" lh={1.35}>
          {title}
        </Text>
        <FindingClass of={of.class} />
      </Group>
      {detail && (
        <Text size="sm" c="dimmed" className="wrap">
          {t('finding.seen', { detail })}
        </Text>
      )}
      <Texts of={of} />
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <IconTool size={17} aria-hidden color="var(--accept)" style={{ flexShrink: 0, marginTop: 2 }} />
        <Text>
          <b>{t('finding.fix')}</b> {fix}
        </Text>
      </Group>
      {Object.keys(of.snippets).length > 0 && (
        <Tongues of={of.snippets} label={(language) => t('finding.code', { language })} />
      )}
    </Stack>
  );
}

// FindingList is all mistakes of a request: the one to mend first, the others folded away.
export function FindingList({ of }: { of: Finding[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const [first, ...others] = of;
  return (
    <>
      {first && <FindingCard of={first} />}
      {others.length > 0 && (
        <div>
          <UnstyledButton className="more" aria-expanded={all} onClick={() => setAll(!all)}>
            <IconChevronDown size={15} aria-hidden data-open={all} /> {t('refusal.others', { count: others.length })}
          </UnstyledButton>
          <Collapse expanded={all}>
            <Stack gap="lg" pt="md">
              {others.map((one) => (
                <FindingCard key={one.id} of={one} />
              ))}
            </Stack>
          </Collapse>
        </div>
      )}
    </>
  );
}
