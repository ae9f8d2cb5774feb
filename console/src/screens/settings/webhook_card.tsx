import { Badge, Button, Card, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { Webhook } from '~/api/types';
import { ConfirmDanger } from '~/parts/confirm_danger';
import { Fault } from '~/parts/fault';
import { When } from '~/parts/when';
import { Deliveries } from './deliveries';
import { WebhookForm } from './webhook_form';
import { WebhookSecret } from './webhook_secret';

function Stopped({ of }: { of: Webhook }) {
  const { t } = useTranslation('webhooks');
  if (of.stopped_why === null) {
    return null;
  }
  return (
    <Text size="sm" c="var(--warn)" role="status">
      {t(`why.${of.stopped_why}`)}{' '}
      {of.stopped_why === 'failing' &&
        (of.last_status === null ? t('noAnswer') : t('lastStatus', { status: of.last_status }))}{' '}
      {t('since')} <When time={of.stopped_at} />
    </Text>
  );
}

// WebhookCard is one webhook, with what can be done with it and what it was told.
export function WebhookCard({ of }: { of: Webhook }) {
  const { t } = useTranslation('webhooks');
  const client = useQueryClient();
  const [dialog, setDialog] = useState<'edit' | 'remove' | null>(null);
  const [shown, setShown] = useState(false);
  const path = { params: { path: { id: of.id } } };
  const renew = () => {
    void client.invalidateQueries({ queryKey: ['webhooks'] });
    void client.invalidateQueries({ queryKey: ['deliveries', of.id] });
  };
  const test = useMutation({
    mutationFn: () => dataOf(api.POST('/webhooks/{id}/test', path)),
    onSuccess: () => setShown(true),
    onSettled: renew,
  });
  const turn = useMutation({
    mutationFn: () =>
      dataOf(api.PATCH('/webhooks/{id}', { ...path, body: { state: of.state === 'on' ? 'stopped' : 'on' } })),
    onSettled: renew,
  });
  const rotate = useMutation({
    gcTime: 0,
    mutationFn: () => dataOf(api.POST('/webhooks/{id}/rotate-secret', path)),
    onSettled: renew,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE('/webhooks/{id}', path),
    onSuccess: () => setDialog(null),
    onSettled: renew,
  });
  const fault = test.error ?? turn.error ?? rotate.error;
  return (
    <Card>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Text fw={600} className="mono wrap">
            {of.url}
          </Text>
          <Badge color={of.state === 'on' ? 'green' : 'orange'}>{t(of.state)}</Badge>
        </Group>
        <Text size="xs" c="dimmed" className="wrap">
          {of.events.join(', ')}
        </Text>
        <Stopped of={of} />
        {of.old_secret_until !== null && (
          <Text size="sm">
            {t('oldUntil')} <When time={of.old_secret_until} />
          </Text>
        )}
        {fault && <Fault error={fault} />}
        <Group gap="xs">
          <Button size="xs" disabled={of.state !== 'on'} loading={test.isPending} onClick={() => test.mutate()}>
            {t('test')}
          </Button>
          <Button size="xs" variant="default" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {t('deliveries')}
          </Button>
          <Button size="xs" variant="default" onClick={() => setDialog('edit')}>
            {t('edit')}
          </Button>
          <Button size="xs" variant="default" loading={turn.isPending} onClick={() => turn.mutate()}>
            {t(of.state === 'on' ? 'stop' : 'goOn')}
          </Button>
          <Button size="xs" variant="default" loading={rotate.isPending} onClick={() => rotate.mutate()}>
            {t('rotate')}
          </Button>
          <Button size="xs" variant="subtle" color="red" onClick={() => setDialog('remove')}>
            {t('remove')}
          </Button>
        </Group>
        {shown && <Deliveries of={of} />}
      </Stack>
      {dialog === 'edit' && <WebhookForm account={of.account} of={of} onClose={() => setDialog(null)} />}
      {dialog === 'remove' && (
        <ConfirmDanger
          title={t('removeTitle')}
          act={t('remove')}
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setDialog(null)}
        >
          <Text className="mono wrap">{of.url}</Text>
          <Text>{t('removeText')}</Text>
        </ConfirmDanger>
      )}
      {rotate.data && <WebhookSecret secret={rotate.data.secret} isNew={false} onClose={() => rotate.reset()} />}
    </Card>
  );
}
