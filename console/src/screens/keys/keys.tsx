import { Alert, Anchor, Box, Button, Card, Group, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconDownload, IconFilterOff, IconKey, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type Ref, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { keysQuery, profileQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { useLive } from '~/app/live';
import { useMayChange } from '~/app/session';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { later } from '~/parts/later';
import { MenuButton } from '~/parts/menu_button';
import { useNow } from '~/parts/now';
import { PageHead } from '~/parts/page_head';
import { saveFile } from '~/parts/secret_box';
import { Stale } from '~/parts/stale';
import { keysAsCsv } from '~/text/csv';
import { askedOf, matches, readSearch } from '~/text/key_search';
import { MassBar } from '~/screens/mass/mass_bar';
import { cards } from './cards';
import { FilterCards } from './filter_cards';
import { useRowKeys } from './keyboard';
import { KeyCards, KeyTable } from './key_table';
import { useSelection } from './selection';

const KeySearchBox = later<{ ref: Ref<HTMLInputElement> }>(
  () => import('./key_search_box').then((m) => m.KeySearchBox),
  () => <TextInput mb="md" disabled aria-hidden />,
);

function compare(a: ApiKey, b: ApiKey, by: 'label' | 'last_used_at' | 'expires_at' | 'created_at') {
  return (a[by] ?? '').localeCompare(b[by] ?? '');
}

// useLiveList renews the list when keys change or are used, at most once in three seconds.
function useLiveList() {
  const client = useQueryClient();
  const waiting = useRef(false);
  useLive('keys', () => {
    if (!waiting.current) {
      waiting.current = true;
      setTimeout(() => {
        waiting.current = false;
        void client.invalidateQueries({ queryKey: ['keys'] });
      }, 3000);
    }
  });
}

function Export({ keys }: { keys: ApiKey[] }) {
  const { t } = useTranslation();
  return (
    <MenuButton
      target={
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          {t('keys.export')}
        </Button>
      }
      entries={[
        { label: 'CSV', act: () => saveFile({ name: 'api-keys.csv', text: keysAsCsv(keys) }, 'text/csv') },
        { label: 'JSON', act: () => saveFile({ name: 'api-keys.json', text: JSON.stringify(keys, null, 2) }) },
      ]}
    />
  );
}

// Keys: in five seconds, which API keys exist, which matter, and which need me.
export function Keys() {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/keys' });
  const navigate = useNavigate({ from: '/keys' });
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const mayChange = useMayChange();
  const now = useNow();
  const selection = useSelection();
  const box = useRef<HTMLInputElement>(null);
  const wanted = readSearch(search.q ?? '');
  const whole = useInfiniteQuery(keysQuery({}));
  // Of a list that is not loaded whole, the node finds the rest.
  const profile = useQuery({ ...profileQuery, enabled: whole.hasNextPage });
  const found = useInfiniteQuery(keysQuery(whole.hasNextPage ? askedOf(wanted, profile.data?.permissions) : {}));
  const { error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, dataUpdatedAt } = found;
  useLiveList();
  const { data } = whole;
  const all = data?.pages.flatMap((page) => page.items) ?? [];
  const shown = ((found.data ?? data)?.pages.flatMap((page) => page.items) ?? [])
    .filter((key) => (!search.card || cards[search.card](key, now)) && matches(key, wanted, now))
    .toSorted((a, b) => compare(a, b, search.sort ?? 'label') * (search.down ? -1 : 1));
  const known = [...new Map([...all, ...shown].map((key) => [key.api_key, key])).values()];
  const at = useRowKeys(shown.length, {
    open: (row) => void navigate({ to: '/keys/$id', params: { id: shown[row]!.api_key } }),
    select: (row) => selection.toggle(shown[row]!.api_key),
    create: () => mayChange && void navigate({ to: '/keys/new' }),
    search: () => box.current?.focus(),
  });
  const create = mayChange && (
    <Button component={Link} to="/keys/new" leftSection={<IconPlus size={18} aria-hidden />}>
      {t('keys.create')}
    </Button>
  );
  if (!data) {
    return (
      <>
        <PageHead title={t('keys.title')} />
        {error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={8} height={56} />}
      </>
    );
  }
  if (all.length === 0 && !whole.hasNextPage) {
    return (
      <>
        <PageHead title={t('keys.title')} />
        <Card>
          <Empty
            icon={IconKey}
            title={t('keys.none')}
            actions={
              <>
                {create}
                <Button component={Link} to="/reference" variant="default">
                  {t('nav.reference')}
                </Button>
              </>
            }
          >
            {t('keys.noneText')}
          </Empty>
        </Card>
      </>
    );
  }
  const clear = () => void navigate({ search: {} });
  return (
    <>
      <PageHead
        title={t('keys.title')}
        actions={
          <>
            <Button component={Link} to="/keys/links" variant="default">
              {t('link.title')}
            </Button>
            <Export keys={shown} />
            {create}
          </>
        }
      />
      {error && <Stale asOf={dataUpdatedAt} retry={() => void refetch()} />}
      <FilterCards keys={all} />
      <KeySearchBox ref={box} />
      {selection.size > 0 && mayChange && (
        <MassBar selection={selection} keys={known.filter((key) => selection.has(key.api_key))} />
      )}
      {shown.length === 0 ? (
        <Card>
          <Empty
            icon={IconFilterOff}
            title={t('keys.noMatch', {
              filter: [search.card && t(`card.${search.card}`), search.q].filter(Boolean).join(' · '),
            })}
            actions={<Button onClick={clear}>{t('keys.clear')}</Button>}
          />
        </Card>
      ) : isPhone ? (
        <KeyCards keys={shown} selection={selection} />
      ) : (
        <Card padding={0}>
          <KeyTable keys={shown} selection={selection} at={at} />
        </Card>
      )}
      <Group justify="space-between" mt="sm">
        <Text size="sm" c="dimmed" aria-live="polite">
          {t('keys.shown', { shown: shown.length, count: known.length })}
        </Text>
        {(search.q || search.card) && shown.length > 0 && (
          <Anchor component="button" size="sm" onClick={clear}>
            {t('keys.clear')}
          </Anchor>
        )}
      </Group>
      {hasNextPage && (
        <Box mt="sm">
          <Alert color="gray">
            <Group justify="space-between">
              <Text size="sm">{t('keys.more')}</Text>
              <Button
                size="compact-sm"
                variant="default"
                loading={isFetchingNextPage}
                onClick={() => void fetchNextPage()}
              >
                {t('keys.loadMore')}
              </Button>
            </Group>
          </Alert>
        </Box>
      )}
    </>
  );
}
