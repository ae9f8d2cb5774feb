import {
  Button,
  Card,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
  useMantineColorScheme,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { sessionQuery } from '~/api/queries';
import { useSession } from '~/app/session';
import { currentLanguage, type Language, languages, speak } from '~/i18n';
import { Fault } from '~/parts/fault';
import { setShortcuts, shortcutsOn } from './shortcuts';

export function ProfileForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { person } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [name, setName] = useState(person.name);
  const [letters, setLetters] = useState(shortcutsOn());
  const save = useMutation({
    mutationFn: (body: { name?: string; language?: string; theme?: string }) => dataOf(api.PATCH('/me', { body })),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name });
  };
  return (
    <Card maw={560}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label={t('person.name')} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <TextInput label={t('login.email')} value={person.email} readOnly description={t(`role.${person.role}`)} />
          <Select
            label={t('settings.language')}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            value={currentLanguage()}
            onChange={(to) => {
              if (to) {
                void speak(to as Language);
                save.mutate({ language: to });
              }
            }}
            allowDeselect={false}
          />
          <div>
            <Text size="sm" fw={500} mb={4}>
              {t('settings.theme')}
            </Text>
            <SegmentedControl
              aria-label={t('settings.theme')}
              value={colorScheme}
              onChange={(to) => {
                setColorScheme(to as 'light' | 'dark' | 'auto');
                save.mutate({ theme: to });
              }}
              data={(['auto', 'light', 'dark'] as const).map((one) => ({
                value: one,
                label: t(`settings.themes.${one}`),
              }))}
            />
          </div>
          <Switch
            label={t('settings.shortcuts')}
            description={t('settings.shortcutsHint')}
            checked={letters}
            onChange={(event) => {
              setLetters(event.currentTarget.checked);
              setShortcuts(event.currentTarget.checked);
            }}
          />
          {save.isError && <Fault error={save.error} />}
          <Group>
            <Button type="submit" loading={save.isPending} disabled={name.trim() === '' || name === person.name}>
              {t('act.save')}
            </Button>
            <Text size="sm" c="var(--accept)" role="status">
              {save.isSuccess && t('settings.saved')}
            </Text>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
