import { ActionIcon, Menu } from '@mantine/core';
import { IconCopy, IconDots, IconPlayerPause, IconPlayerPlay, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '~/api/types';
import { useMayChange } from '~/app/session';
import { later } from '~/parts/later';
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
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('keys.menu', { name })} data-row-menu>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconCopy size={16} aria-hidden />}
            onClick={() => void navigator.clipboard.writeText(of.api_key)}
          >
            {t('keys.copyId')}
          </Menu.Item>
          {mayChange && of.state === 'active' && (
            <>
              <Menu.Item
                leftSection={<IconRefresh size={16} aria-hidden />}
                onClick={() => void navigate({ to: '/keys/$id', params: { id: of.api_key }, search: { tab: 'rotation' } })}
              >
                {t('key.rotate')}
              </Menu.Item>
              <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => setDialog('suspend')}>
                {t('key.suspend')}
              </Menu.Item>
            </>
          )}
          {mayChange && of.state === 'suspended' && (
            <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => resume.mutate()}>
              {t('key.resume')}
            </Menu.Item>
          )}
          {mayChange && of.state !== 'revoked' && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setDialog('revoke')}>
              {t('key.revoke')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'revoke' && <RevokeDialog of={of} onClose={() => setDialog(null)} />}
      {dialog === 'suspend' && <SuspendDialog of={of} onClose={() => setDialog(null)} />}
    </>
  );
}
