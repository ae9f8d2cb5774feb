import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { IconKey, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { shortId } from '~/text/words';
import { looksSecret } from '~/text/key_search';
import { useMayChange, useRole } from './session';

// Palette goes anywhere by a few letters: screens, and API keys by label or id. What looks like a
// secret is not sent.
export function Palette() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const role = useRole();
  const mayChange = useMayChange();
  const [query, setQuery] = useState('');
  const [asked] = useDebouncedValue(query.trim(), 200);
  const found = useQuery({
    queryKey: ['palette', asked],
    queryFn: () => dataOf(api.GET('/keys', { params: { query: { q: asked, limit: 8 } } })),
    enabled: asked.length > 1 && !looksSecret(asked),
  });
  const screens = [
    { to: '/keys', label: t('nav.keys'), shown: true },
    { to: '/doctor', label: t('nav.doctor'), shown: true },
    { to: '/audit', label: t('nav.audit'), shown: role !== 'holder' },
    { to: '/admin/accounts', label: t('nav.accounts'), shown: role !== 'holder' },
    { to: '/health', label: t('nav.health'), shown: role !== 'holder' },
    { to: '/reference', label: t('nav.reference'), shown: true },
    { to: '/settings', label: t('nav.settings'), shown: true },
  ] as const;
  const actions: SpotlightActionData[] = [
    ...(mayChange
      ? [
          {
            id: 'new',
            label: t('keys.create'),
            leftSection: <IconPlus size={18} aria-hidden />,
            onClick: () => void navigate({ to: '/keys/new' }),
          },
        ]
      : []),
    ...screens
      .filter(({ shown }) => shown)
      .map(({ to, label }) => ({ id: to, label, onClick: () => void navigate({ to }) })),
  ].filter(({ label }) => label.toLowerCase().includes(query.trim().toLowerCase()));
  const keys: SpotlightActionData[] = (found.data?.items ?? []).map((key) => ({
    id: key.api_key,
    label: key.label || shortId(key.api_key),
    description: `${shortId(key.api_key)} · ${key.account} · ${t(`standing.${key.state}`)}`,
    leftSection: <IconKey size={18} aria-hidden />,
    onClick: () => void navigate({ to: '/keys/$id', params: { id: key.api_key } }),
  }));
  return (
    <Spotlight
      actions={[...keys, ...actions]}
      filter={(_query, all) => all}
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K']}
      nothingFound={looksSecret(query) ? t('keys.secretPasted') : t('palette.nothing')}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: t('palette.hint'),
        'aria-label': t('nav.search'),
      }}
      attributes={{ content: { 'aria-label': t('nav.search') } }}
      highlightQuery
    />
  );
}
