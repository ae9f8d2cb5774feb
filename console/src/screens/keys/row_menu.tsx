import { ActionIcon } from '@mantine/core';
import { IconCopy, IconDots, IconPlayerPause, IconPlayerPlay, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '~/api/types';
import { useMayChange } from '~/app/session';
import { Fault } from '~/parts/fault';
import { LateDialog, later } from '~/parts/later';
import type { MenuEntry } from '~/parts/menu';
import { MenuButton } from '~/parts/menu_button';
import { useResume } from '~/screens/key/changes';

const RevokeDialog = later(() => import('~/screens/key/revoke_dialog').then((m) => m.RevokeDialog));
const SuspendDialog = later(() => import('~/screens/key/suspend_dialog').then((m) => m.SuspendDialog));

export function RowMenu({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const mayChange = useMayChange();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'revoke' | 'suspend' | null>(null);
  const resume = useResume(of.api_key);
  const name = of.label || of.api_key;
  const changes: (MenuEntry | false)[] = [
    of.state === 'active' && {
      label: t('key.rotate'),
      icon: <IconRefresh size={16} aria-hidden />,
      act: () => void navigate({ to: '/keys/$id', params: { id: of.api_key }, search: { tab: 'rotation' } }),
    },
    of.state === 'active' && {
      label: t('key.suspend'),
      icon: <IconPlayerPause size={16} aria-hidden />,
      act: () => setDialog('suspend'),
    },
    of.state === 'suspended' && {
      label: t('key.resume'),
      icon: <IconPlayerPlay size={16} aria-hidden />,
      act: () => resume.mutate(),
    },
    of.state !== 'revoked' && {
      label: t('key.revoke'),
      icon: <IconTrash size={16} aria-hidden />,
      isDangerous: true,
      apart: true,
      act: () => setDialog('revoke'),
    },
  ];
  return (
    <>
      <MenuButton
        target={
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('keys.menu', { name })}
            data-row-menu
            data-control={`row-${of.api_key}`}
          >
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        }
        entries={[
          {
            label: t('keys.copyId'),
            icon: <IconCopy size={16} aria-hidden />,
            act: () => void navigator.clipboard.writeText(of.api_key),
          },
          ...(mayChange ? changes.filter((one) => one !== false) : []),
        ]}
      />
      {dialog === 'revoke' && <RevokeDialog of={of} onClose={() => setDialog(null)} />}
      {dialog === 'suspend' && <SuspendDialog of={of} onClose={() => setDialog(null)} />}
      {resume.isError && (
        <LateDialog title={t('key.resume')} onClose={() => resume.reset()}>
          <Fault error={resume.error} retry={() => resume.mutate()} />
        </LateDialog>
      )}
    </>
  );
}
