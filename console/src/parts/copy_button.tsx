import { ActionIcon, Button, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface CopyProps {
  value: string;
  what: string;
  wide?: boolean;
  small?: boolean;
  onCopied?: () => void;
}

// CopyButton puts `value` on the clipboard and says so, also to those who do not see it.
export function CopyButton({ value, what, wide = false, small = false, onCopied }: CopyProps) {
  const { t } = useTranslation();
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setState('copied');
      onCopied?.();
    } catch {
      setState('failed');
    }
    setTimeout(() => setState('idle'), 2000);
  };
  const label = state === 'copied' ? t('copy.done') : state === 'failed' ? t('copy.failed') : t('copy.what', { what });
  const Icon = state === 'copied' ? IconCheck : IconCopy;
  const icon = <Icon size={wide ? 16 : 14} aria-hidden />;
  const said = (
    <VisuallyHidden component="span" aria-live="polite">
      {state === 'idle' ? '' : label}
    </VisuallyHidden>
  );
  if (wide) {
    return (
      <Button size={small ? 'compact-sm' : 'sm'} variant="default" leftSection={icon} onClick={() => void copy()}>
        {state !== 'idle' ? label : small ? t('copy.what', { what }) : t('act.copy')}
        {said}
      </Button>
    );
  }
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={24}
        aria-label={t('copy.what', { what })}
        onClick={(event) => {
          event.stopPropagation();
          void copy();
        }}
      >
        {icon}
        {said}
      </ActionIcon>
    </Tooltip>
  );
}
