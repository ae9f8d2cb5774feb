import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconBell, IconLock } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { noticesQuery } from '~/api/queries';
import { useNow } from '~/parts/now';
import { noticeText } from '~/text/notice';
import { exact } from '~/text/words';
import { useSession } from './session';

// Held says that a reset holds the account's API keys, and until when.
function Held({ until }: { until: string }) {
  const { t } = useTranslation('people');
  const now = useNow();
  return (
    Date.parse(until) > now && (
      <Alert
        role="status"
        color="orange"
        py="xs"
        icon={<IconLock aria-hidden />}
        title={t('held.title', { time: exact(until) })}
      >
        {t('held.text')}
      </Alert>
    )
  );
}

// Notes stands above every screen: what happened since the person looked last, and what is held.
export function Notes() {
  const { t } = useTranslation('people');
  const { keys_held_until: until } = useSession();
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  const { data } = useInfiniteQuery(noticesQuery);
  const first = data?.pages[0];
  const isOpen = pathname === '/settings' && search.tab === 'notices';
  const isNew = first !== undefined && first.unseen > 0 && !isOpen;
  if (!isNew && !until) {
    return null;
  }
  return (
    <Stack gap="xs" mb="lg">
      {until && <Held until={until} />}
      {isNew && (
        <Alert role="status" color="blue" icon={<IconBell aria-hidden />} py="xs">
          <Group justify="space-between" gap="xs">
            <Text size="sm">
              <strong>{t('notices.new', { count: first.unseen })}</strong> · {noticeText(t, first.items[0]!)}
            </Text>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => void navigate({ to: '/settings', search: { tab: 'notices' } })}
            >
              {t('notices.look')}
            </Button>
          </Group>
        </Alert>
      )}
    </Stack>
  );
}
