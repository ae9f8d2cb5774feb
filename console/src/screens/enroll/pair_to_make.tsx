import { Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyType } from '~/api/types';
import { type MadePair, makePair } from '~/crypto/generate';
import { Fault } from '~/parts/fault';

// PairToMake makes a pair of the type that was prepared, as soon as it is shown.
export function PairToMake({ type, onMade }: { type: KeyType; onMade: (pair: MadePair) => void }) {
  const { t } = useTranslation();
  const told = useRef(onMade);
  useEffect(() => {
    told.current = onMade;
  });
  const { mutate, isPending, isSuccess, error } = useMutation({
    gcTime: 0,
    mutationFn: makePair,
    onSuccess: (pair) => told.current(pair),
  });
  useEffect(() => {
    mutate(type === 'ed25519' ? 'ed25519' : 'rsa-3072');
  }, [mutate, type]);
  return error ? (
    <Fault error={error} />
  ) : (
    <Text size="sm" c="dimmed" role="status">
      {isPending ? t('made.making') : isSuccess ? t('made.ready') : ''}
    </Text>
  );
}
