import { Button } from '@mantine/core';
import { IconShieldHalfFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMayChange } from '~/app/session';
import { LateDialog, later } from '~/parts/later';

const PanicForm = later(() => import('./panic_form').then((m) => m.PanicForm));

// PanicShield suspends many keys at once from any screen. It can be undone, so it asks for nothing.
export function PanicShield() {
  const { t } = useTranslation();
  const mayChange = useMayChange();
  const [opened, setOpened] = useState(false);
  if (!mayChange) {
    return null;
  }
  return (
    <>
      <Button
        variant="outline"
        color="red"
        px="sm"
        aria-label={t('panic.open')}
        leftSection={<IconShieldHalfFilled size={18} aria-hidden />}
        styles={{ section: { marginInlineEnd: 6 } }}
        data-control="panic"
        onClick={() => setOpened(true)}
      >
        {t('panic.button')}
      </Button>
      {opened && (
        <LateDialog onClose={() => setOpened(false)} title={t('panic.title')}>
          <PanicForm onDone={() => setOpened(false)} />
        </LateDialog>
      )}
    </>
  );
}
