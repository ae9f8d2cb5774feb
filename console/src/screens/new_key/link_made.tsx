import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { enrolmentLinksQuery } from '~/api/queries';
import type { PreparedLink } from '~/api/types';
import { isAnywhere } from '~/parts/addresses';
import { Fault } from '~/parts/fault';
import { SecretBox } from '~/parts/secret_box';
import { When } from '~/parts/when';
import { FirstCall } from './first_call';

// LinkMade shows the link, once. Its token stands behind the #, which no request and no log holds.
export function LinkMade({
  of,
  saved,
  onSaved,
}: {
  of: PreparedLink;
  saved: boolean;
  onSaved: (saved: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Text>{t('link.made')}</Text>
      <Text size="sm" c="dimmed">
        {t('link.ends')} <When time={of.ends_at} />
      </Text>
      <SecretBox
        secret={`${location.origin}/enroll#e=${of.url_token}`}
        what={t('link.link')}
        files={[]}
        saved={saved}
        onSaved={onSaved}
      />
    </Stack>
  );
}

// LinkWait waits until somebody has opened the link and made the pair, then for the first request of
// the new API key. Whoever made the link sees that it was used, and no secret.
export function LinkWait({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data, error } = useQuery({
    ...enrolmentLinksQuery,
    refetchInterval: (query) => (query.state.data?.items.find((one) => one.id === id)?.state === 'used' ? false : 3000),
  });
  const link = data?.items.find((one) => one.id === id);
  if (!data) {
    return error ? <Fault error={error} /> : null;
  }
  if (link?.state === 'used' && link.api_key !== null) {
    return (
      <Stack>
        <Alert color="green" icon={<IconCircleCheck aria-hidden />} role="status" title={t('link.enrolled')}>
          {t('link.enrolledText')} <When time={link.used_at!} />
        </Alert>
        <FirstCall
          apiKey={link.api_key}
          type={link.type}
          sign={null}
          isBound={!isAnywhere(link.allow_list)}
          permissions={link.permissions}
        />
      </Stack>
    );
  }
  return (
    <Stack>
      {link?.state === 'open' ? (
        <Group gap="sm" role="status">
          <Loader size="sm" aria-hidden />
          <Text>{t('link.waiting')}</Text>
        </Group>
      ) : (
        <Alert color="orange" icon={<IconCircleX aria-hidden />} role="status">
          {t(`link.state.${link?.state === 'void' ? 'void' : link ? 'run_out' : 'withdrawn'}`)}
        </Alert>
      )}
      <Group>
        <Button component={Link} to="/keys/links" variant="default">
          {t('link.all')}
        </Button>
      </Group>
    </Stack>
  );
}
