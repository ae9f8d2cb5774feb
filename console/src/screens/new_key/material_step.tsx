import { Alert, Badge, Group, Radio, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconDeviceLaptop, IconKey, IconLink, IconServer } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyType } from '~/api/types';
import { canMake, type MadeKind, makePair } from '~/crypto/generate';
import { Fault } from '~/parts/fault';
import { typeNames } from '~/parts/type_badge';
import { BroughtKey } from './brought_key';
import { askChallenge, type Material, type OwnMaterial } from './material';

const kinds = [
  { kind: 'made', icon: IconDeviceLaptop },
  { kind: 'brought', icon: IconKey },
  { kind: 'hmac', icon: IconServer },
  { kind: 'link', icon: IconLink },
] as const;
type Kind = (typeof kinds)[number]['kind'];

function Made({ value, onChange }: { value: OwnMaterial | null; onChange: (material: OwnMaterial | null) => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<MadeKind>('ed25519');
  const make = useMutation({
    gcTime: 0,
    mutationFn: makePair,
    onSuccess: (pair) => onChange({ kind: 'made', pair }),
  });
  const pair = value?.kind === 'made' ? value.pair : null;
  return (
    <Stack>
      <SegmentedControl
        w="fit-content"
        aria-label={t('made.type')}
        value={kind}
        onChange={(chosen) => {
          setKind(chosen as MadeKind);
          make.mutate(chosen as MadeKind);
        }}
        data={[
          { value: 'ed25519', label: 'Ed25519' },
          { value: 'rsa-3072', label: 'RSA-3072' },
          { value: 'rsa-4096', label: 'RSA-4096' },
        ]}
      />
      {kind !== 'ed25519' && (
        <Text size="sm" c="dimmed">
          {t('made.rsa')}
        </Text>
      )}
      {make.isError && <Fault error={make.error} />}
      <Text size="sm" c="dimmed" role="status">
        {make.isPending ? t('made.making') : pair ? t('made.ready') : ''}
      </Text>
    </Stack>
  );
}

// Linked asks of which type the pair is to be that somebody else makes.
function Linked({ value, onChange }: { value: Material | null; onChange: (material: Material) => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <SegmentedControl
        w="fit-content"
        aria-label={t('made.type')}
        value={value?.kind === 'link' ? value.type : 'ed25519'}
        onChange={(type) => onChange({ kind: 'link', type: type as KeyType })}
        data={(['ed25519', 'rsa-sha256', 'hmac-sha256'] as const).map((type) => ({
          value: type,
          label: typeNames[type],
        }))}
      />
      <Text size="sm" c="dimmed">
        {t('link.kindText')}
      </Text>
    </Stack>
  );
}

// MaterialStep asks how the key pair comes to be; the safest way stands first. A way that this
// browser cannot go says why.
// `links`: somebody else may make it.
export function MaterialStep({
  account,
  value,
  onChange,
  links = false,
}: {
  account: string;
  value: Material | null;
  onChange: (material: Material | null) => void;
  links?: boolean;
}) {
  const { t } = useTranslation();
  const able = useQuery({ queryKey: ['can-make'], queryFn: canMake, staleTime: Infinity });
  const [kind, setKind] = useState<Kind | null>(value?.kind ?? null);
  // The safest way is chosen unless somebody chooses another.
  if (kind === null && able.data === 'yes') {
    setKind('made');
  }
  const choose = (chosen: Kind) => {
    setKind(chosen);
    onChange(chosen === 'hmac' ? { kind: 'hmac' } : chosen === 'link' ? { kind: 'link', type: 'ed25519' } : null);
  };
  const { mutate: makeFirst } = useMutation({
    gcTime: 0,
    mutationFn: makePair,
    onSuccess: (pair) => onChange({ kind: 'made', pair }),
  });
  const wantsPair = kind === 'made' && value?.kind !== 'made';
  useEffect(() => {
    if (wantsPair) {
      makeFirst('ed25519');
    }
  }, [wantsPair, makeFirst]);
  const own = value?.kind === 'link' ? null : value;
  return (
    <Stack>
      <Radio.Group aria-label={t('wizard.kind')} value={kind} onChange={(chosen) => choose(chosen as Kind)}>
        <Stack gap="xs">
          {kinds
            .filter(({ kind: one }) => links || one !== 'link')
            .map(({ kind: one, icon: Icon }) => {
              const cannot = one === 'made' && able.data !== undefined && able.data !== 'yes' ? able.data : null;
              return (
                <Radio.Card key={one} value={one} className="choice" disabled={cannot !== null}>
                  <Group wrap="nowrap" align="flex-start" gap="md">
                    <Icon size={24} stroke={1.6} aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
                    <div>
                      <Group gap="xs">
                        <Text fw={620}>{t(`kind.${one}`)}</Text>
                        {one === 'made' && <Badge color="green">{t('kind.recommended')}</Badge>}
                        {one === 'hmac' && <Badge color="gray">{t('kind.older')}</Badge>}
                      </Group>
                      <Text size="sm" c="dimmed">
                        {t(`kind.${one}Text`)}
                      </Text>
                      {cannot && (
                        <Text size="sm" c="var(--warn)" mt={4}>
                          {t(`kind.cannot.${cannot}`)}
                        </Text>
                      )}
                    </div>
                  </Group>
                </Radio.Card>
              );
            })}
        </Stack>
      </Radio.Group>
      {kind === 'made' && <Made value={own} onChange={onChange} />}
      {kind === 'brought' && <BroughtKey ask={askChallenge(account)} value={own} onChange={onChange} />}
      {kind === 'link' && <Linked value={value} onChange={onChange} />}
      {kind === 'hmac' && <Alert color="orange">{t('kind.hmacWarning')}</Alert>}
    </Stack>
  );
}
