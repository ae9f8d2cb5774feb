import type { TFunction } from 'i18next';
import { Button, Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { SetupCheck } from '~/api/types';
import { useNodeTexts } from '~/i18n/node_texts';
import { Original } from '~/parts/original';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';

const looks = {
  ok: { color: 'green', icon: IconCheck },
  warn: { color: 'orange', icon: IconAlertTriangle },
  bad: { color: 'red', icon: IconX },
} as const;

function Check({ check }: { check: SetupCheck }) {
  const { t } = useTranslation();
  const { color, icon: Icon } = looks[check.state];
  const said = useNodeTexts().check(check);
  return (
    <Group wrap="nowrap" align="flex-start" gap="sm">
      <ThemeIcon color={color} variant="light" size="sm" radius="xl" role="img" aria-label={t(`check.${check.state}`)}>
        <Icon size={13} aria-hidden />
      </ThemeIcon>
      <div>
        <Text size="sm">{said.text}</Text>
        <Original text={said.original} />
        {said.fix && (
          <Text size="sm" c="dimmed">
            {said.fix}
          </Text>
        )}
      </div>
    </Group>
  );
}

// What the page sees of itself, beside what the node sees.
function ownChecks(t: TFunction): SetupCheck[] {
  if (!isSecureContext) {
    return [{ id: 'page_http', state: 'warn', text: t('check.insecure'), fix: t('check.insecureFix') }];
  }
  return /^[\d.]+$/.test(location.hostname)
    ? [{ id: 'page_ip', state: 'warn', text: t('check.byAddress'), fix: t('check.byAddressFix') }]
    : [];
}

export function Checks({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useTranslation();
  // The token is a secret: it stands in no query's name.
  // eslint-disable-next-line @tanstack/query/exhaustive-deps
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['setup-checks'],
    queryFn: () => dataOf(api.GET('/setup/checks', { params: { header: { 'X-Counterfoil-Setup-Token': token } } })),
    gcTime: 0,
  });
  if (error) {
    return <Fault error={error} retry={() => void refetch()} />;
  }
  if (!data) {
    return <Loading rows={5} height={24} />;
  }
  return (
    <Stack>
      {[...ownChecks(t), ...data].map((check) => (
        <Check key={check.id} check={check} />
      ))}
      <Group>
        <Button onClick={onDone} disabled={data.some((check) => check.state === 'bad')}>
          {t('act.next')}
        </Button>
        <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
          {t('check.again')}
        </Button>
      </Group>
    </Stack>
  );
}
