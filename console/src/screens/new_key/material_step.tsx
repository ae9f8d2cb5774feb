import { Alert, Badge, Group, SegmentedControl, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconDeviceLaptop, IconKey, IconServer } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { canMake, type MadeKind, makePair } from '~/crypto/generate';
import { Fault } from '~/parts/fault';
import { BroughtKey } from './brought_key';
import type { Material } from './material';

const kinds = [
  { kind: 'made', icon: IconDeviceLaptop },
  { kind: 'brought', icon: IconKey },
  { kind: 'hmac', icon: IconServer },
] as const;
type Kind = (typeof kinds)[number]['kind'];

function Made({ value, onChange }: { value: Material | null; onChange: (material: Material | null) => void }) {
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

// MaterialStep asks how the key pair comes to be; the safest way stands first. A way that this
// browser cannot go says why.
export function MaterialStep({
  account,
  value,
  onChange,
}: {
  account: string;
  value: Material | null;
  onChange: (material: Material | null) => void;
}) {
  const { t } = useTranslation();
  const able = useQuery({ queryKey: ['can-make'], queryFn: canMake, staleTime: Infinity });
  const [kind, setKind] = useState<Kind | null>(value?.kind ?? null);
  const make = useMutation({ gcTime: 0, mutationFn: makePair });
  const choose = (chosen: Kind) => {
    setKind(chosen);
    if (chosen === 'made') {
      make.mutate('ed25519', { onSuccess: (pair) => onChange({ kind: 'made', pair }) });
    } else {
      onChange(chosen === 'hmac' ? { kind: 'hmac' } : null);
    }
  };
  return (
    <Stack>
      <Stack gap="xs" role="radiogroup" aria-label={t('wizard.kind')}>
        {kinds.map(({ kind: one, icon: Icon }) => {
          const cannot = one === 'made' && able.data !== undefined && able.data !== 'yes' ? able.data : null;
          return (
            <UnstyledButton
              key={one}
              className="choice"
              role="radio"
              aria-checked={kind === one}
              disabled={cannot !== null}
              onClick={() => choose(one)}
            >
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
                    <Text size="sm" c="var(--mantine-color-orange-text)" mt={4}>
                      {t(`kind.cannot.${cannot}`)}
                    </Text>
                  )}
                </div>
              </Group>
            </UnstyledButton>
          );
        })}
      </Stack>
      {kind === 'made' && <Made value={value} onChange={onChange} />}
      {kind === 'brought' && <BroughtKey account={account} value={value} onChange={onChange} />}
      {kind === 'hmac' && <Alert color="orange">{t('kind.hmacWarning')}</Alert>}
    </Stack>
  );
}
