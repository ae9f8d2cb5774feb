import { Button, Card, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { Fault } from '~/parts/fault';

const nothing = { old: '', new: '' };
const shortest = 12;

export function PasswordForm() {
  const { t } = useTranslation();
  const { t: settings } = useTranslation('settings');
  const [texts, setTexts] = useState(nothing);
  const change = useMutation({
    gcTime: 0,
    mutationFn: () => api.POST('/me/password', { body: texts }),
    onSuccess: () => setTexts(nothing),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Card>
      <form onSubmit={submit}>
        <Stack maw={400}>
          <Title order={2}>{settings('password.title')}</Title>
          <PasswordInput
            label={settings('password.old')}
            autoComplete="current-password"
            value={texts.old}
            onChange={(event) => setTexts({ ...texts, old: event.currentTarget.value })}
            visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword') }}
          />
          <PasswordInput
            label={settings('password.new')}
            description={t('person.passwordRule', { count: shortest })}
            autoComplete="new-password"
            value={texts.new}
            onChange={(event) => setTexts({ ...texts, new: event.currentTarget.value })}
            visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword') }}
          />
          {change.isError && <Fault error={change.error} />}
          {change.isSuccess && (
            <Text size="sm" c="var(--accept)" role="status">
              {settings('password.done')}
            </Text>
          )}
          <Button
            type="submit"
            w="fit-content"
            loading={change.isPending}
            disabled={texts.old === '' || [...texts.new].length < shortest}
          >
            {settings('password.title')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
