import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { withTexts } from '~/i18n';
import { later } from '~/parts/later';
import { PageHead } from '~/parts/page_head';
import { ProfileForm } from './profile_form';

const OwnSessions = later(() => import('./own_sessions').then((m) => m.OwnSessions));
const Security = later(() => import('./security').then((m) => m.Security));

const Notices = later(() => withTexts('people', import('./notices')).then((m) => m.Notices));

const NoticeMatrix = later(() =>
  Promise.all([withTexts('people', Promise.resolve()), withTexts('webhooks', import('./notice_matrix'))]).then(
    ([, m]) => m.NoticeMatrix,
  ),
);

const Webhooks = later(() => withTexts('webhooks', import('./webhooks')).then((m) => m.Webhooks));

const ManagementKeys = later(() => import('./management_keys').then((m) => m.ManagementKeys));

const tabs = ['profile', 'security', 'sessions', 'notices', 'webhooks', 'management'] as const;

export function Settings() {
  const { t } = useTranslation('settings');
  const { t: page } = useTranslation();
  const { tab = 'profile' } = useSearch({ from: '/shell/settings' });
  const navigate = useNavigate({ from: '/settings' });
  return (
    <>
      <PageHead title={page('nav.settings')} />
      <Tabs
        value={tab}
        onChange={(to) => to && void navigate({ search: { tab: to as (typeof tabs)[number] } })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="profile">
          <ProfileForm />
        </Tabs.Panel>
        <Tabs.Panel value="security">
          <Security />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <OwnSessions />
        </Tabs.Panel>
        <Tabs.Panel value="notices">
          <Notices />
          <NoticeMatrix />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <Webhooks />
        </Tabs.Panel>
        <Tabs.Panel value="management">
          <ManagementKeys />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
