import { Button, Card, Select, Stack, Text } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { webhooksQuery } from '~/api/queries';
import { useSession } from '~/app/session';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { accountChoices } from '~/text/account_choices';
import { WebhookCard } from './webhook_card';
import { WebhookForm } from './webhook_form';

function Listed({ account }: { account: string }) {
  const { t } = useTranslation('webhooks');
  const [isMaking, setMaking] = useState(false);
  // Now and then anew: a webhook is stopped by itself when its receiver fails.
  const { data, error, refetch } = useQuery({ ...webhooksQuery(account), refetchInterval: 10_000 });
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={2} />;
  }
  const add = (
    <Button w="fit-content" leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setMaking(true)}>
      {t('add')}
    </Button>
  );
  return (
    <>
      {data.items.length === 0 ? (
        <Card>
          <Empty icon={IconWebhook} title={t('none')} actions={add}>
            {t('text')}
          </Empty>
        </Card>
      ) : (
        <>
          <Text c="dimmed">{t('text')}</Text>
          {data.items.map((one) => (
            <WebhookCard key={one.id} of={one} />
          ))}
          {add}
        </>
      )}
      {isMaking && <WebhookForm account={account} onClose={() => setMaking(false)} />}
    </>
  );
}

// Webhooks are where an account has itself told of what happens to its API keys.
export function Webhooks() {
  const { t } = useTranslation('webhooks');
  const { t: page } = useTranslation();
  const { accounts } = useSession();
  const [account, setAccount] = useState(accounts[0]?.id);
  if (account === undefined) {
    return <Text>{t('noAccount')}</Text>;
  }
  return (
    <Stack maw={820}>
      {accounts.length > 1 && (
        <Select
          label={page('word.account')}
          data={accountChoices(accounts)}
          value={account}
          allowDeselect={false}
          onChange={(to) => to && setAccount(to)}
        />
      )}
      <Listed key={account} account={account} />
    </Stack>
  );
}
