import { Autocomplete } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type Ref, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { looksSecret } from '~/text/key_search';

const completions = [
  'status:active', 'status:suspended', 'status:revoked', 'status:expired', 'status:rotating',
  'alg:ed25519', 'alg:hmac', 'alg:rsa', 'perm:trade', 'perm:withdraw', 'used:<7d', 'used:>45d', 'expires:<14d', 'no:allowlist', 'no:expiry',
]; // prettier-ignore

// KeySearchBox writes into the address of the page, so that a search can be kept and shared. What
// looks like a secret goes nowhere.
export function KeySearchBox({ ref }: { ref: Ref<HTMLInputElement> }) {
  const { t } = useTranslation();
  const { q = '' } = useSearch({ from: '/shell/keys' });
  const navigate = useNavigate({ from: '/keys' });
  const [refused, setRefused] = useState(false);
  const change = (text: string) => {
    const secret = looksSecret(text);
    setRefused(secret);
    if (!secret) {
      void navigate({ search: (old) => ({ ...old, q: text || undefined }), replace: true });
    }
  };
  const head = q.slice(0, q.lastIndexOf(' ') + 1);
  const last = q.slice(head.length);
  return (
    <Autocomplete
      ref={ref}
      mb="md"
      aria-label={t('keys.search')}
      placeholder={t('keys.searchHint')}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={q}
      onChange={change}
      data={
        last === '' ? [] : completions.filter((one) => one.startsWith(last) && one !== last).map((one) => head + one)
      }
      filter={({ options }) => options}
      error={refused ? t('keys.secretPasted') : null}
      clearable
      clearButtonProps={{ 'aria-label': t('keys.clear') }}
    />
  );
}
