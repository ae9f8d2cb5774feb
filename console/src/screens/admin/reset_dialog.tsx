import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { Person } from '~/api/types';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { SecretBox } from '~/parts/secret_box';

// ResetDialog makes a link with which a person sets a new passphrase. It is shown once; the token
// stands behind the #, which no server ever sees.
export function ResetDialog({ of, onClose }: { of: Person; onClose: () => void }) {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const client = useQueryClient();
  const [saved, setSaved] = useState(false);
  const offer = useMutation({
    gcTime: 0,
    mutationFn: () => dataOf(api.POST('/people/{id}/offer-reset', { params: { path: { id: of.id } } })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['people'] }),
  });
  return (
    <Dialog
      onClose={onClose}
      title={p('reset.offerTitle', { name: of.name })}
      closeOnEscape={!offer.data || saved}
      closeOnClickOutside={!offer.data || saved}
    >
      {offer.data ? (
        <Stack>
          <Text>{p('reset.made')}</Text>
          <SecretBox
            secret={`${location.origin}/reset#r=${offer.data.url_token}`}
            what={p('reset.link')}
            files={[]}
            saved={saved}
            onSaved={setSaved}
          />
          <Button onClick={onClose} disabled={!saved}>
            {t('act.done')}
          </Button>
        </Stack>
      ) : (
        <Stack>
          <Text>{p('reset.offerText')}</Text>
          {offer.isError && <Fault error={offer.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('act.cancel')}
            </Button>
            <Button onClick={() => offer.mutate()} loading={offer.isPending}>
              {p('reset.make')}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
