import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './dialog';
import { Fault } from './fault';

// ConfirmDanger stands before what cannot be undone: it shows the blast radius (its children) and,
// where `type` is given, wants that word typed.
export function ConfirmDanger({
  title,
  act,
  type,
  pending,
  error,
  children,
  onConfirm,
  onClose,
}: {
  title: string;
  act: string;
  type?: string | undefined;
  pending: boolean;
  error: unknown;
  children: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <Dialog onClose={onClose} title={title} size="lg">
      <form onSubmit={submit}>
        <Stack>
          {children}
          {type !== undefined && (
            <TextInput
              label={t('danger.type', { word: type })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          {error !== null && error !== undefined && <Fault error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('act.cancel')}
            </Button>
            <Button type="submit" color="red" loading={pending} disabled={type !== undefined && typed !== type}>
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
