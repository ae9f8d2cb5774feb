import { Badge } from '@mantine/core';
import { IconCircleCheck, IconClockOff, IconClockPause, IconHourglass, IconRotate, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '~/api/types';
import { useNow } from './now';

const day = 86_400_000;

export type Standing = 'active' | 'rotating' | 'expiring' | 'suspended' | 'expired' | 'revoked';

// standing is what a person wants to know first of a key; rotating and expiring are active too.
function standing(key: Pick<ApiKey, 'state' | 'expires_at' | 'pairs'>, now: number): Standing {
  if (key.state !== 'active') {
    return key.state;
  }
  if (key.expires_at && new Date(key.expires_at).getTime() - now <= 14 * day) {
    return 'expiring';
  }
  return key.pairs.some((pair) => pair.state === 'retiring') ? 'rotating' : 'active';
}

const looks = {
  active: { color: 'green', icon: IconCircleCheck },
  rotating: { color: 'blue', icon: IconRotate },
  expiring: { color: 'orange', icon: IconHourglass },
  suspended: { color: 'yellow', icon: IconClockPause },
  expired: { color: 'gray', icon: IconClockOff },
  revoked: { color: 'red', icon: IconX },
} as const;

export function StatusChip({ of, size }: { of: Pick<ApiKey, 'state' | 'expires_at' | 'pairs'>; size?: 'lg' }) {
  const { t } = useTranslation();
  const now = useNow();
  const word = standing(of, now);
  const { color, icon: Icon } = looks[word];
  return (
    <Badge color={color} size={size ?? 'md'} leftSection={<Icon size={13} aria-hidden />}>
      {t(`standing.${word}`)}
    </Badge>
  );
}
