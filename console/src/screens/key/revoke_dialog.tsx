import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { descendantsQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { ConfirmDanger } from '~/parts/confirm_danger';
import { Dialog } from '~/parts/dialog';
import { GatewayAcks } from '~/parts/gateway_acks';
import { useNow } from '~/parts/now';
import { BlastRadius } from './blast_radius';
import { useRevoke } from './changes';

const reasons = ['leaked', 'replaced', 'left', 'other'] as const;
const week = 604_800_000;

// RevokeDialog ends one API key for good: whom it hits, why, and the proof afterwards.
export function RevokeDialog({ of, onClose }: { of: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const [reason, setReason] = useState<(typeof reasons)[number]>('replaced');
  const [words, setWords] = useState('');
  const revoke = useRevoke(of.api_key);
  const managing = of.permissions.includes('MANAGE_KEYS');
  const made = useQuery({ ...descendantsQuery(of.api_key), enabled: managing });
  const usedLately = of.last_used_at && now - new Date(of.last_used_at).getTime() < week;
  const name = of.label || of.api_key.slice(0, 8);
  if (revoke.data) {
    return (
      <Dialog onClose={onClose} title={t('revoke.done', { name })} size="lg">
        <Stack>
          {revoke.data.receipt && <GatewayAcks receipt={revoke.data.receipt} />}
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              {t('act.done')}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    );
  }
  return (
    <ConfirmDanger
      title={t('revoke.title', { name })}
      act={t('key.revoke')}
      type={usedLately ? name : undefined}
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(words ? `${reason}: ${words}` : reason)}
      onClose={onClose}
    >
      <BlastRadius of={of} />
      {made.data && made.data.items.length > 0 && (
        <Text size="sm" fw={600}>
          {t('revoke.descendants', { count: made.data.items.length })}
        </Text>
      )}
      <Text>{t('revoke.final')}</Text>
      <Radio.Group
        label={t('revoke.why')}
        value={reason}
        onChange={(value) => setReason(value as (typeof reasons)[number])}
      >
        <Group mt="xs">
          {reasons.map((one) => (
            <Radio key={one} value={one} label={t(`revoke.reason.${one}`)} />
          ))}
        </Group>
      </Radio.Group>
      <TextInput
        label={t('revoke.words')}
        description={t('revoke.wordsHint')}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        maxLength={200}
      />
    </ConfirmDanger>
  );
}
