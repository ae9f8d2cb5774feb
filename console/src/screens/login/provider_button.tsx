import { Button, Divider, Stack } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { providerQuery } from '~/api/queries';
import { Fault } from '~/parts/fault';
import { leaveFor } from './own_path';
import { keepPlace } from './wanted_place';

// ProviderButton leads to the identity provider, where there is one. It is no part of the form: whoever
// signs in again over a page that holds something typed would lose that by leaving. Whoever comes back
// goes on to `to`, the place they wanted.
export function ProviderButton({ to }: { to: string | undefined }) {
  const { t } = useTranslation();
  const provider = useQuery(providerQuery);
  const leave = useMutation({
    mutationFn: () => dataOf(api.POST('/session/oidc/begin')),
    onSuccess: ({ url }) => {
      keepPlace(to);
      leaveFor(url);
    },
  });
  const name = provider.data;
  return (
    name && (
      <Stack mt="md">
        <Divider label={t('login.or')} />
        {leave.isError && <Fault error={leave.error} title={t('login.providerFailed', { name })} />}
        <Button
          variant="default"
          fullWidth
          leftSection={<IconExternalLink size={18} aria-hidden />}
          loading={leave.isPending || leave.isSuccess}
          onClick={() => leave.mutate()}
        >
          {t('login.provider', { name })}
        </Button>
      </Stack>
    )
  );
}
