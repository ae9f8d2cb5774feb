import { Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { exactWithUtc, relative, span } from '~/text/words';
import { useNow } from './now';

const day = 86_400_000;

// When shows how long ago or how soon; the exact instant on hover and focus.
export function When({ time }: { time: string | null | undefined }) {
  const { t } = useTranslation();
  const now = useNow();
  if (!time) {
    return <>{time === null ? t('state.never') : t('state.unknown')}</>;
  }
  return (
    <Tooltip label={exactWithUtc(time)} style={{ whiteSpace: 'pre' }}>
      <time dateTime={time}>{relative(new Date(time).getTime(), now)}</time>
    </Tooltip>
  );
}

// Countdown shows how long is left; amber from two weeks on, red from three days on.
export function Countdown({ to }: { to: string | null }) {
  const { t } = useTranslation();
  const now = useNow();
  if (to === null) {
    return (
      <Text span inherit c="var(--warn)">
        {t('state.noEnd')}
      </Text>
    );
  }
  const left = new Date(to).getTime() - now;
  const color = left <= 3 * day ? 'var(--refuse)' : left <= 14 * day ? 'var(--warn)' : undefined;
  return (
    <Tooltip label={exactWithUtc(to)} style={{ whiteSpace: 'pre' }}>
      <Text span inherit c={color} fw={color ? 600 : undefined} tabIndex={-1}>
        {left <= 0
          ? t('state.ended', { when: relative(new Date(to).getTime(), now) })
          : t('state.in', { span: span(left) })}
      </Text>
    </Tooltip>
  );
}
