import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PageHead } from '~/parts/page_head';
import { AccountList } from './account_list';
import { People } from './people';

export function AdminAccounts() {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  const { tab = 'people' } = useSearch({ from: '/shell/admin/accounts' });
  const navigate = useNavigate({ from: '/admin/accounts' });
  return (
    <>
      <PageHead title={t('nav.accounts')}>{p('accounts.text')}</PageHead>
      <Tabs
        value={tab}
        onChange={(to) => to && void navigate({ search: { tab: to as 'people' | 'accounts' } })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="people">{p('people.title')}</Tabs.Tab>
          <Tabs.Tab value="accounts">{p('accounts.title')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="people">
          <People />
        </Tabs.Panel>
        <Tabs.Panel value="accounts">
          <AccountList />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
