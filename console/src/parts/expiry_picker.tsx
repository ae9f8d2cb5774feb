import { Button, Group, Input, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { exact, local, span } from '~/text/words';
import { startOf, zone, zoneName } from '~/text/zone';
import { useNow } from './now';

const day = 86_400_000;
const presets = [7, 30, 90, 365];
const instant = (time: number) => new Date(Math.round(time / 1000) * 1000).toISOString().replace(/\.\d+Z/, 'Z');

// ExpiryPicker takes when a key ends: a few lengths, a date, or never.
export function ExpiryPicker({ value, onChange }: { value: string | null; onChange: (time: string | null) => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const left = value === null ? null : new Date(value).getTime() - now;
  return (
    <Input.Wrapper label={t('expiry.label')} labelElement="div">
      <Group gap="xs" mt={4} role="group" aria-label={t('expiry.label')}>
        {presets.map((days) => (
          <Button
            key={days}
            variant={left !== null && Math.abs(left - days * day) < day / 2 ? 'light' : 'default'}
            aria-pressed={left !== null && Math.abs(left - days * day) < day / 2}
            size="xs"
            onClick={() => onChange(instant(now + days * day))}
          >
            {t('expiry.days', { count: days })}
          </Button>
        ))}
        <Button
          variant={value === null ? 'light' : 'default'}
          aria-pressed={value === null}
          size="xs"
          onClick={() => onChange(null)}
        >
          {t('expiry.never')}
        </Button>
        <TextInput
          type="date"
          size="xs"
          aria-label={`${t('expiry.date')} (${zoneName()})`}
          value={value === null ? '' : local(value).slice(0, 10)}
          min={local(now + day).slice(0, 10)}
          onChange={(event) => event.currentTarget.value && onChange(instant(startOf(event.currentTarget.value)))}
        />
      </Group>
      <Text size="sm" c={value === null ? 'var(--warn)' : 'dimmed'} mt={6}>
        {value === null ? t('expiry.neverText') : t('expiry.ends', { time: exact(value), span: span(left ?? 0) })}
        {zone() !== 'utc' && ` ${t('expiry.zone', { zone: zoneName() })}`}
      </Text>
    </Input.Wrapper>
  );
}
