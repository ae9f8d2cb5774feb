import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '~/parts/dialog';
import { SecretBox } from '~/parts/secret_box';

// WebhookSecret shows the secret of a webhook, this once.
export function WebhookSecret({
  secret,
  isNew = true,
  onClose,
}: {
  secret: string;
  isNew?: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation('webhooks');
  const { t: page } = useTranslation();
  const [saved, setSaved] = useState(false);
  return (
    <Dialog onClose={onClose} title={t('secret')} closeOnEscape={saved} closeOnClickOutside={saved} size="lg">
      <Stack>
        <Text>{t('made')}</Text>
        {!isNew && <Text>{t('rotateText')}</Text>}
        <SecretBox secret={secret} what={t('secret')} files={[]} saved={saved} onSaved={setSaved} />
        <Button onClick={onClose} disabled={!saved}>
          {page('act.done')}
        </Button>
      </Stack>
    </Dialog>
  );
}
