import { Badge, Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { noticesQuery } from '~/api/queries';
import type { Notice } from '~/api/types';
import { useNodeTexts } from '~/i18n/node_texts';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { When } from '~/parts/when';
import { noticeText } from '~/text/notice';
import { shortId } from '~/text/words';

// Of what it tells: an API key is a link, many are counted, a name stands as it is.
function About({ of }: { of: Notice }) {
  const { t } = useTranslation('people');
  if (!of.what.startsWith('key.')) {
    return of.detail.name && <> · {of.detail.name}</>;
  }
  return of.count > 1 ? (
    <> · {t('notices.keys', { count: of.count })}</>
  ) : (
    <>
      {' · '}
      <Link to="/keys/$id" params={{ id: of.object }}>
        {of.detail.label || shortId(of.object)}
      </Link>
    </>
  );
}

function Row({ of }: { of: Notice }) {
  const { t } = useTranslation('people');
  const say = useNodeTexts();
  return (
    <li>
      <Card padding="sm">
        <Group justify="space-between" gap="xs" align="baseline">
          <Text size="sm" fw={of.seen ? 400 : 650} className="wrap">
            {noticeText(t, of)}
            <About of={of} />
          </Text>
          {!of.seen && <Badge color="blue">{t('notices.fresh')}</Badge>}
        </Group>
        <Text size="xs" c="dimmed">
          <When time={of.at} />
          {of.address && ` · ${t('notices.from', { address: of.address })}`}
          {of.detail.cause && ` · ${say.cause(of.detail.cause)}`}
        </Text>
      </Card>
    </li>
  );
}

// Notices tell what was done in one's name or to what is one's own. Reading them erases none.
export function Notices() {
  const { t } = useTranslation('people');
  const client = useQueryClient();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(noticesQuery);
  const see = useMutation({
    mutationFn: () => api.POST('/me/notices/seen'),
    onSettled: () => client.invalidateQueries({ queryKey: noticesQuery.queryKey }),
  });
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={4} />;
  }
  const items = data.pages.flatMap((page) => page.items);
  const unseen = data.pages[0]!.unseen;
  if (items.length === 0) {
    return (
      <Empty icon={IconBell} title={t('notices.none')}>
        {t('notices.noneText')}
      </Empty>
    );
  }
  return (
    <Stack maw={720}>
      {unseen > 0 && (
        <Group justify="space-between" gap="xs">
          <Text size="sm">{t('notices.notYou')}</Text>
          <Button size="xs" onClick={() => see.mutate()} loading={see.isPending}>
            {t('notices.seen')}
          </Button>
        </Group>
      )}
      {see.isError && <Fault error={see.error} />}
      <ul className="cards" aria-label={t('notices.new', { count: unseen })}>
        {items.map((one) => (
          <Row key={one.id} of={one} />
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="default" w="fit-content" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('notices.older')}
        </Button>
      )}
    </Stack>
  );
}
