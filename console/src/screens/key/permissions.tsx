import { Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconEdit } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { profileQuery, usageQuery } from '~/api/queries';
import type { ApiKey } from '~/api/types';
import { useMayChange } from '~/app/session';
import { useNodeTexts } from '~/i18n/node_texts';
import { Fault } from '~/parts/fault';
import { later } from '~/parts/later';
import { Loading } from '~/parts/loading';
import { Wide } from '~/parts/wide';
import { RouteTable } from './route_table';

const EditDialog = later(() => import('./edit_dialog').then((m) => m.EditDialog));

// Permissions shows right beside use: what the key may do, and which routes it was used for.
export function Permissions({ of, etag }: { of: ApiKey; etag: string | undefined }) {
  const { t } = useTranslation();
  const say = useNodeTexts();
  const mayChange = useMayChange() && of.state !== 'revoked';
  const [editing, setEditing] = useState(false);
  const profile = useQuery(profileQuery);
  const usage = useQuery(usageQuery(of.api_key, 'quarter'));
  if (profile.isError) {
    return <Fault error={profile.error} retry={() => void profile.refetch()} />;
  }
  if (!profile.data) {
    return <Loading rows={6} />;
  }
  return (
    <Stack gap="lg">
      <Card>
        <Group justify="space-between" mb="sm">
          <Title order={2}>{t('permissions.title')}</Title>
          {mayChange && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconEdit size={15} aria-hidden />}
              data-control="permissions-change"
              onClick={() => setEditing(true)}
            >
              {t('permissions.change')}
            </Button>
          )}
        </Group>
        <Wide name={t('permissions.title')}>
          <Table aria-label={t('permissions.title')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('permissions.name')}</Table.Th>
                <Table.Th ta="right">{t('permissions.granted')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {profile.data.permissions.map((one) => {
                const granted = of.permissions.includes(one.name);
                return (
                  <Table.Tr key={one.name}>
                    <Table.Td>
                      <Text size="sm" fw={granted ? 600 : 400} c={granted ? undefined : 'dimmed'}>
                        {say.permission(one).label} <span className="mono">{one.name}</span>
                      </Text>
                      <Text size="xs" c="dimmed">
                        {say.permission(one).risk}
                      </Text>
                    </Table.Td>
                    <Table.Td ta="right" style={{ verticalAlign: 'top' }}>
                      <Badge color={granted ? 'green' : 'gray'}>{granted ? t('word.yes') : t('word.no')}</Badge>
                    </Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Wide>
      </Card>
      {usage.data && <RouteTable routes={usage.data.routes} />}
      {editing && <EditDialog of={of} etag={etag} onClose={() => setEditing(false)} />}
    </Stack>
  );
}
