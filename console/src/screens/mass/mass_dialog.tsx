import { Alert, Checkbox, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '~/api/types';
import { ConfirmDanger } from '~/parts/confirm_danger';
import { useNow } from '~/parts/now';
import { When } from '~/parts/when';
import { prepare, start } from './mass';

const hour = 3_600_000;
const ages = [
  { name: 'hour', within: hour },
  { name: 'day', within: 24 * hour },
  { name: 'week', within: 168 * hour },
  { name: 'notSince', within: Infinity },
] as const;

// MassDialog previews a change of many keys, grouped by how lately each was used; rows can be left
// out, and the count is typed before keys are ended for good.
export function MassDialog({
  verb,
  keys,
  onClose,
}: {
  verb: 'suspend' | 'revoke';
  keys: ApiKey[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const now = useNow();
  const [left, setLeft] = useState<string[]>([]);
  const [cause, setCause] = useState('');
  const taken = keys.filter((key) => !left.includes(key.api_key));
  const run = useMutation({
    mutationFn: async () => start((await prepare(verb, cause, { api_keys: taken.map((key) => key.api_key) })).id),
    onSuccess: (action) => void navigate({ to: '/mass/$id', params: { id: action.id } }),
  });
  const age = (key: ApiKey) => (key.last_used_at ? now - new Date(key.last_used_at).getTime() : Infinity);
  const groups = ages.map(({ name, within }, i) => ({
    name,
    keys: keys.filter((key) => age(key) <= within && (i === 0 || age(key) > ages[i - 1]!.within)),
  }));
  return (
    <ConfirmDanger
      title={t(`mass.title.${verb}`, { count: taken.length })}
      act={t(`key.${verb}`)}
      type={verb === 'revoke' ? String(taken.length) : undefined}
      pending={run.isPending}
      error={run.error}
      onConfirm={() => run.mutate()}
      onClose={onClose}
    >
      {verb === 'revoke' && <Alert color="red">{t('revoke.final')}</Alert>}
      <ScrollArea.Autosize mah={280}>
        <Stack gap="sm">
          {groups
            .filter((group) => group.keys.length > 0)
            .map((group) => (
              <Stack key={group.name} gap={4}>
                <Text size="sm" fw={600}>
                  {t(`mass.used.${group.name}`)} ({group.keys.length})
                </Text>
                {group.keys.map((key) => (
                  <Checkbox
                    key={key.api_key}
                    checked={!left.includes(key.api_key)}
                    onChange={(event) =>
                      setLeft(
                        event.currentTarget.checked
                          ? left.filter((one) => one !== key.api_key)
                          : [...left, key.api_key],
                      )
                    }
                    label={
                      <>
                        {key.label || key.api_key.slice(0, 10)} ·{' '}
                        <Text span inherit c="dimmed">
                          <When time={key.last_used_at} />
                        </Text>
                      </>
                    }
                  />
                ))}
              </Stack>
            ))}
        </Stack>
      </ScrollArea.Autosize>
      <TextInput
        label={t('revoke.words')}
        description={t('revoke.wordsHint')}
        value={cause}
        onChange={(event) => setCause(event.currentTarget.value)}
        maxLength={200}
      />
    </ConfirmDanger>
  );
}
