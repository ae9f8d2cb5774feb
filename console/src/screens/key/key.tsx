import { ActionIcon, Alert, Anchor, Badge, Button, Card, Group, Select, Stack, Tabs, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconAlertTriangle,
  IconChevronLeft,
  IconCopyPlus,
  IconDots,
  IconEdit,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTool,
  IconTrash,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { keyFixQuery, keyQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { useLive } from '~/app/live';
import type { KeyTab } from '~/app/router';
import { useMayChange } from '~/app/session';
import { withTexts } from '~/i18n';
import { useNodeTexts } from '~/i18n/node_texts';
import { Fault } from '~/parts/fault';
import { KeyId } from '~/parts/key_id';
import { later } from '~/parts/later';
import { Loading } from '~/parts/loading';
import { MenuButton } from '~/parts/menu_button';
import { Stale } from '~/parts/stale';
import { StatusChip } from '~/parts/status_chip';
import { TypeName } from '~/parts/type_badge';
import { When } from '~/parts/when';
import { exact } from '~/text/words';
import { useResume } from './changes';
import { Overview } from './overview';

const FixDialog = later(() => withTexts('mending', import('./fix_dialog')).then((m) => m.FixDialog));
const EditDialog = later(() => import('./edit_dialog').then((m) => m.EditDialog));
const RevokeDialog = later(() => import('./revoke_dialog').then((m) => m.RevokeDialog));
const SuspendDialog = later(() => import('./suspend_dialog').then((m) => m.SuspendDialog));
const Permissions = later(() => import('./permissions').then((m) => m.Permissions));
const Requests = later(() => import('./requests').then((m) => m.Requests));
const Timeline = later(() => withTexts('audit', import('./timeline')).then((m) => m.Timeline));
const Rotation = later(() => import('./rotation').then((m) => m.Rotation));
const UsageTab = later(() => import('./usage').then((m) => m.UsageTab));

const tabs: KeyTab[] = ['overview', 'usage', 'permissions', 'requests', 'rotation', 'timeline'];

function Actions({ of, etag }: { of: ApiKey; etag: string | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'edit' | 'suspend' | 'revoke' | 'fix' | null>(null);
  const resume = useResume(of.api_key);
  const fix = useQuery(keyFixQuery(of.api_key));
  const wrong = (fix.data?.troubles ?? []).filter((one) => one.rank !== 'warning');
  const isTheft = wrong.some((one) => one.rank === 'possible_theft');
  const close = () => setDialog(null);
  return (
    <>
      <Group gap="xs">
        <Button
          {...(wrong.length > 0 ? { color: isTheft ? 'red' : 'orange', variant: 'light' } : { variant: 'default' })}
          leftSection={<IconTool size={16} aria-hidden />}
          rightSection={
            wrong.length > 0 && (
              <Badge size="sm" circle color={isTheft ? 'red' : 'orange'} variant="filled">
                {wrong.length}
              </Badge>
            )
          }
          data-control="key-fix"
          onClick={() => setDialog('fix')}
        >
          {t('key.fix')}
        </Button>
        {of.state === 'active' && (
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => void navigate({ to: '/keys/$id', params: { id: of.api_key }, search: { tab: 'rotation' } })}
          >
            {t('key.rotate')}
          </Button>
        )}
        {of.state === 'suspended' && (
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            data-control="key-state"
            loading={resume.isPending}
            onClick={() => resume.mutate()}
          >
            {t('key.resume')}
          </Button>
        )}
        {of.state !== 'revoked' && (
          <Button
            variant="default"
            leftSection={<IconEdit size={16} aria-hidden />}
            data-control="key-edit"
            onClick={() => setDialog('edit')}
          >
            {t('key.edit')}
          </Button>
        )}
        {of.state === 'active' && (
          <Button
            variant="default"
            leftSection={<IconPlayerPause size={16} aria-hidden />}
            data-control="key-state"
            onClick={() => setDialog('suspend')}
          >
            {t('key.suspend')}
          </Button>
        )}
        <MenuButton
          target={
            <ActionIcon variant="default" size={36} aria-label={t('key.more')} data-control="key-more">
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          }
          entries={[
            {
              label: t('key.duplicate'),
              icon: <IconCopyPlus size={16} aria-hidden />,
              act: () => void navigate({ to: '/keys/new', search: { like: of.api_key } }),
            },
            ...(of.state === 'revoked'
              ? []
              : [
                  {
                    label: t('key.revoke'),
                    icon: <IconTrash size={16} aria-hidden />,
                    isDangerous: true,
                    apart: true,
                    act: () => setDialog('revoke'),
                  },
                ]),
          ]}
        />
      </Group>
      {resume.isError && <Fault error={resume.error} />}
      {dialog === 'fix' && <FixDialog of={of} etag={etag} edit={() => setDialog('edit')} onClose={close} />}
      {dialog === 'edit' && <EditDialog of={of} etag={etag} onClose={close} />}
      {dialog === 'suspend' && <SuspendDialog of={of} onClose={close} />}
      {dialog === 'revoke' && <RevokeDialog of={of} onClose={close} />}
    </>
  );
}

// StateNotice says why a key does not work, or what will happen to it by itself.
function PolicyNotice({ of }: { of: NonNullable<ApiKey['notice']> }) {
  const { t } = useTranslation();
  const { t: p } = useTranslation('people');
  if (of.policy !== 'password_reset' || !of.ends_at) {
    return (
      <>
        {t('key.noticed', { policy: of.policy })} <When time={of.since} />
      </>
    );
  }
  return <>{of.restricted_since ? p('held.key', { time: exact(of.ends_at) }) : p('held.warned')}</>;
}

function StateNotice({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  const say = useNodeTexts();
  if (of.state === 'active' && !of.notice) {
    return null;
  }
  return (
    <Alert color={of.state === 'revoked' ? 'red' : 'orange'} icon={<IconAlertTriangle aria-hidden />} mb="lg">
      {of.state !== 'active' ? (
        <>
          {t(`key.is.${of.state}`)} <When time={of.state_since} />
          {of.state_cause && ` · ${say.cause(of.state_cause)}`}
        </>
      ) : (
        <PolicyNotice of={of.notice!} />
      )}
    </Alert>
  );
}

export function Key() {
  const { t } = useTranslation();
  const { id } = useParams({ from: '/shell/keys/$id' });
  const { tab = 'overview' } = useSearch({ from: '/shell/keys/$id' });
  const navigate = useNavigate({ from: '/keys/$id' });
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const mayChange = useMayChange();
  const client = useQueryClient();
  const { data, error, refetch, dataUpdatedAt } = useQuery(keyQuery(id));
  useLive('keys', (event) => {
    if (event.kind === 'key' && event.api_key === id) {
      void client.invalidateQueries({ queryKey: ['key', id] });
    }
  });
  const name = data ? data.key.label || t('keys.noLabel') : '';
  useEffect(() => {
    document.title = `${name || t('nav.keys')} · Counterfoil`;
  }, [name, t]);
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={6} height={64} />;
  }
  const { key, etag } = data;
  const go = (to: KeyTab) => void navigate({ search: (old) => ({ ...old, tab: to }) });
  const panels = {
    overview: <Overview of={key} />,
    usage: <UsageTab of={key} />,
    permissions: <Permissions of={key} etag={etag} />,
    requests: <Requests of={key} />,
    rotation: <Rotation of={key} />,
    timeline: <Timeline of={key} />,
  };
  return (
    <>
      <Anchor component={Link} to="/keys" size="sm" mb="xs" display="inline-block">
        <Group gap={2}>
          <IconChevronLeft size={15} aria-hidden />
          {t('keys.title')}
        </Group>
      </Anchor>
      {error && <Stale asOf={dataUpdatedAt} retry={() => void refetch()} />}
      <Group justify="space-between" align="flex-start" mb="lg" gap="md">
        <Stack gap={6} miw={0}>
          <Group gap="sm">
            <Title order={1} className="wrap">
              {name}
            </Title>
            <StatusChip of={key} size="lg" />
          </Group>
          <Group gap="md" c="dimmed" fz="sm">
            <KeyId id={key.api_key} />
            <TypeName type={key.type} />
            <span>{key.account}</span>
          </Group>
        </Stack>
        {mayChange && <Actions of={key} etag={etag} />}
      </Group>
      <StateNotice of={key} />
      {/* A phone that is turned draws the list of views anew, not the view: a dialog on it may show a private key. */}
      <Tabs value={tab} onChange={(to) => to && go(to as KeyTab)} keepMounted={false}>
        {isPhone ? (
          <Select
            aria-label={t('key.view')}
            mb="md"
            data={tabs.map((one) => ({ value: one, label: t(`tab.${one}`) }))}
            value={tab}
            onChange={(to) => to && go(to as KeyTab)}
            allowDeselect={false}
          />
        ) : (
          <Tabs.List mb="lg">
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(`tab.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        )}
        {tabs.map((one) => (
          <Tabs.Panel
            key={one}
            value={one}
            {...(isPhone && { role: 'group', 'aria-label': t(`tab.${one}`), 'aria-labelledby': undefined })}
          >
            {panels[one]}
          </Tabs.Panel>
        ))}
      </Tabs>
      {key.state === 'active' && key.last_used_at === null && tab === 'overview' && (
        <Card mt="lg">
          <Text fw={600}>{t('key.neverUsed')}</Text>
          <Text c="dimmed">{t('key.neverUsedText')}</Text>
        </Card>
      )}
    </>
  );
}
