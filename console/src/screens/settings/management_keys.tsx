import { Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconPlus, IconRobot } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { keysQuery, profileQuery } from '~/api/queries';
import type { ApiKey, Permission } from '~/api/types';
import { useMayChange } from '~/app/session';
import { useNodeTexts } from '~/i18n/node_texts';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { KeyId } from '~/parts/key_id';
import { LoadMore } from '~/parts/load_more';
import { Loading } from '~/parts/loading';
import { PermissionChips } from '~/parts/permission_chips';
import { StatusChip } from '~/parts/status_chip';
import { Countdown, When } from '~/parts/when';
import { Wide } from '~/parts/wide';

function Row({ of, opening }: { of: ApiKey; opening: string[] }) {
  const { t } = useTranslation('settings');
  const { t: page } = useTranslation();
  return (
    <Table.Tr>
      <Table.Td>
        <Link to="/keys/$id" params={{ id: of.api_key }}>
          {of.label || page('keys.noLabel')}
        </Link>
        <Group gap="xs" wrap="nowrap">
          <KeyId id={of.api_key} />
          <Text span size="xs" c="dimmed">
            {of.account}
          </Text>
        </Group>
      </Table.Td>
      <Table.Td>
        <StatusChip of={of} />
      </Table.Td>
      <Table.Td>
        <PermissionChips names={of.permissions.filter((name) => opening.includes(name))} />
      </Table.Td>
      <Table.Td>
        <When time={of.last_used_at} />
        {of.last_use && (
          <Text size="xs" c="dimmed" className="wrap">
            {t('managing.from', { address: of.last_use.address, client: of.last_use.client })}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Countdown to={of.expires_at} />
      </Table.Td>
    </Table.Tr>
  );
}

// What each of the permissions opens, in the profile's words.
function Legend({ of }: { of: Permission[] }) {
  const { t } = useTranslation('settings');
  const say = useNodeTexts();
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('managing.opens')}
      </Title>
      <dl className="facts">
        {of.map((one) => (
          <Fragment key={one.name}>
            <dt className="mono">{one.name}</dt>
            <dd>{say.permission(one).label}</dd>
          </Fragment>
        ))}
      </dl>
    </Card>
  );
}

// Actions lead to the wizard, with the permission that opens least, and to what can be called.
function Actions({ opening }: { opening: Permission[] }) {
  const { t } = useTranslation('settings');
  const { t: page } = useTranslation();
  const mayChange = useMayChange();
  const least = opening.find((one) => one.management === 'read_own') ?? opening[0]!;
  return (
    <Group gap="xs">
      {mayChange && (
        <Button
          component={Link}
          to="/keys/new"
          search={{ permission: least.name } as never}
          leftSection={<IconPlus size={18} aria-hidden />}
        >
          {t('managing.create')}
        </Button>
      )}
      <Button component={Link} to="/reference" variant="default">
        {page('nav.reference')}
      </Button>
    </Group>
  );
}

function Listed({ opening }: { opening: Permission[] }) {
  const { t } = useTranslation('settings');
  const { t: page } = useTranslation();
  const names = opening.map((one) => one.name);
  const all = useInfiniteQuery(keysQuery({ permission: names.join(',') }));
  if (!all.data) {
    return all.error ? <Fault error={all.error} retry={() => void all.refetch()} /> : <Loading rows={3} />;
  }
  // What is revoked calls nothing any more, and nothing brings it back.
  const keys = all.data.pages.flatMap((one) => one.items).filter((key) => key.state !== 'revoked');
  if (keys.length === 0 && !all.hasNextPage) {
    return (
      <Card>
        <Empty icon={IconRobot} title={t('managing.none')} actions={<Actions opening={opening} />}>
          {t('managing.noneText')}
        </Empty>
      </Card>
    );
  }
  return (
    <>
      <Text c="dimmed">{t('managing.text')}</Text>
      <Card padding={0}>
        <Wide name={t('management')}>
          <Table miw={760} aria-label={t('management')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{page('keys.column.key')}</Table.Th>
                <Table.Th>{page('keys.column.status')}</Table.Th>
                <Table.Th>{t('managing.permission')}</Table.Th>
                <Table.Th>{page('keys.column.lastUse')}</Table.Th>
                <Table.Th>{page('keys.column.expires')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {keys.map((key) => (
                <Row key={key.api_key} of={key} opening={names} />
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </Card>
      <LoadMore of={all} />
      <Actions opening={opening} />
    </>
  );
}

// ManagementKeys are the API keys with which programs call the management API.
export function ManagementKeys() {
  const { t } = useTranslation('settings');
  const { data, error, refetch } = useQuery(profileQuery);
  if (!data) {
    return error ? <Fault error={error} retry={() => void refetch()} /> : <Loading rows={3} />;
  }
  const opening = data.permissions.filter((one) => one.management !== 'none');
  if (opening.length === 0) {
    return <Text>{t('managing.noPermission')}</Text>;
  }
  return (
    <Stack maw={960}>
      <Listed opening={opening} />
      <Legend of={opening} />
    </Stack>
  );
}
