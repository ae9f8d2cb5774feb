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
import { useNow } from '~/parts/now';
import { exactWithUtc } from '~/text/words';
import { browserZone, setZone, type Zone, zone, zoneName } from '~/text/zone';
import { setShortcuts, shortcutsOn } from './shortcuts';

type Changed = { name?: string; language?: string; theme?: string; time_zone?: string };

// ZoneChoice is in which zone this browser tells times. The node speaks UTC to all.
function ZoneChoice({ onChange }: { onChange: (name: string) => void }) {
  const { t } = useTranslation('settings');
  const [chosen, setChosen] = useState(zone());
  const now = useNow();
  return (
    <div>
      <Select
        label={t('zone')}
        data={[
          { value: 'utc', label: t('zones.utc') },
          { value: 'local', label: t('zones.local', { zone: browserZone() }) },
        ]}
        value={chosen}
        allowDeselect={false}
        onChange={(to) => {
          setZone(to as Zone);
          setChosen(to as Zone);
          onChange(zoneName());
        }}
      />
      <Text size="xs" c="dimmed" mt={4} style={{ whiteSpace: 'pre-line' }}>
        {`${t('zoneNow')} ${exactWithUtc(now)}`}
      </Text>
    </div>
  );
}

export function ProfileForm() {
  const { t } = useTranslation('settings');
  const { t: page } = useTranslation();
  const client = useQueryClient();
  const { person } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [name, setName] = useState(person.name);
  const [letters, setLetters] = useState(shortcutsOn());
  const save = useMutation({
    mutationFn: (body: Changed) => dataOf(api.PATCH('/me', { body })),
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
          <TextInput
            label={page('person.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={page('login.email')}
            value={person.email}
            readOnly
            description={page(`role.${person.role}`)}
          />
          <Select
            label={t('language')}
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
              {t('theme')}
            </Text>
            <SegmentedControl
              aria-label={t('theme')}
              value={colorScheme}
              onChange={(to) => {
                setColorScheme(to as 'light' | 'dark' | 'auto');
                save.mutate({ theme: to });
              }}
              data={(['auto', 'light', 'dark'] as const).map((one) => ({
                value: one,
                label: t(`themes.${one}`),
              }))}
            />
          </div>
          <ZoneChoice onChange={(time_zone) => save.mutate({ time_zone })} />
          <Switch
            label={t('shortcuts')}
            description={t('shortcutsHint')}
            checked={letters}
            onChange={(event) => {
              setLetters(event.currentTarget.checked);
              setShortcuts(event.currentTarget.checked);
            }}
          />
          {save.isError && <Fault error={save.error} />}
          <Group>
            <Button type="submit" loading={save.isPending} disabled={name.trim() === '' || name === person.name}>
              {page('act.save')}
            </Button>
            <Text size="sm" c="var(--accept)" role="status">
              {save.isSuccess && t('saved')}
            </Text>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
