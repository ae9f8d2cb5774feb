import { Button, Checkbox, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { Webhook, WebhookEvent } from '~/api/types';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { allEvents } from './webhook_events';
import { WebhookSecret } from './webhook_secret';

// WebhookForm makes a webhook of an account, or changes one that is there. The secret of a new one is
// shown once.
export function WebhookForm({ account, of, onClose }: { account: string; of?: Webhook; onClose: () => void }) {
  const { t } = useTranslation('webhooks');
  const { t: page } = useTranslation();
  const client = useQueryClient();
  const [url, setUrl] = useState(of?.url ?? '');
  const [events, setEvents] = useState<string[]>(of?.events ?? allEvents);
  const save = useMutation({
    gcTime: 0,
    mutationFn: async () => {
      const body = { url, events: events as WebhookEvent[] };
      if (of) {
        await dataOf(api.PATCH('/webhooks/{id}', { params: { path: { id: of.id } }, body }));
        return null;
      }
      return (await dataOf(api.POST('/webhooks', { body: { account, ...body } }))).secret;
    },
    onSuccess: (secret) => {
      void client.invalidateQueries({ queryKey: ['webhooks'] });
      if (secret === null) {
        onClose();
      }
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  if (save.data) {
    return <WebhookSecret secret={save.data} onClose={onClose} />;
  }
  return (
    <Dialog onClose={onClose} title={t(of ? 'edit' : 'add')} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t('url')}
            description={t('urlHint')}
            placeholder="https://hooks.example.com/counterfoil"
            type="url"
            required
            maxLength={1024}
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
          <Checkbox.Group label={t('events')} value={events} onChange={setEvents}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt="xs">
              {allEvents.map((one) => (
                <Checkbox key={one} value={one} label={<span className="mono">{one}</span>} />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          {of && (
            <Text size="sm" c="dimmed">
              {of.account}
            </Text>
          )}
          {save.isError && <Fault error={save.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {page('act.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={events.length === 0 || url === ''}>
              {t(of ? 'save' : 'make')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
