import { Badge, Button, Card, Group, Table, Text } from '@mantine/core';
import { IconLink, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { enrolmentLinksQuery } from '~/api/queries';
import type { EnrolmentLink } from '~/api/types';
import { useMayChange } from '~/app/session';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { PageHead } from '~/parts/page_head';
import { PermissionChips } from '~/parts/permission_chips';
import { typeNames } from '~/parts/type_badge';
import { When } from '~/parts/when';
import { Wide } from '~/parts/wide';

const colors = { open: 'blue', used: 'green', run_out: 'gray', void: 'orange' } as const;

function Fate({ of }: { of: EnrolmentLink }) {
  const { t } = useTranslation();
  return (
    <>
      <Badge color={colors[of.state]}>{t(`link.short.${of.state}`)}</Badge>
      <Text size="xs" c="dimmed">
        {of.state === 'open' && (
          <>
            {t('link.ends')} <When time={of.ends_at} />
          </>
        )}
        {of.state === 'used' && (
          <>
            {t('link.usedAt')} <When time={of.used_at!} />
          </>
        )}
        {of.state === 'void' && t('link.state.void')}
      </Text>
    </>
  );
}

// Links lists the links by which others get an API key: those that are open, and those that ended in
// the last seven days.
export function Links() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayChange = useMayChange();
  const { data, error, refetch } = useQuery({ ...enrolmentLinksQuery, refetchInterval: 10_000 });
  const withdraw = useMutation({
    mutationFn: (id: string) => api.POST('/enrolment-links/{id}/withdraw', { params: { path: { id } } }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['enrolment-links'] }),
  });
  const create = mayChange && (
    <Button component={Link} to="/keys/new" leftSection={<IconPlus size={18} aria-hidden />}>
      {t('keys.create')}
    </Button>
  );
  return (
    <>
      <PageHead title={t('link.title')} actions={create} />
      {withdraw.isError && <Fault error={withdraw.error} />}
      {!data ? (
        error ? (
          <Fault error={error} retry={() => void refetch()} />
        ) : (
          <Loading rows={3} />
        )
      ) : data.items.length === 0 ? (
        <Card>
          <Empty icon={IconLink} title={t('link.none')} actions={create}>
            {t('link.noneText')}
          </Empty>
        </Card>
      ) : (
        <Card padding={0}>
          <Wide name={t('link.title')}>
            <Table miw={720} aria-label={t('link.title')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('edit.label')}</Table.Th>
                  <Table.Th>{t('edit.permissions')}</Table.Th>
                  <Table.Th>{t('link.link')}</Table.Th>
                  <Table.Th>
                    <span className="unseen">{t('key.more')}</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.items.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Td>
                      <Text size="sm" fw={600}>
                        {one.label || '–'}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {one.account} · {typeNames[one.type]}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <PermissionChips names={one.permissions} />
                    </Table.Td>
                    <Table.Td>
                      <Fate of={one} />
                    </Table.Td>
                    <Table.Td ta="right">
                      <Group gap="xs" justify="flex-end">
                        {one.api_key !== null && (
                          <Button component={Link} to={`/keys/${one.api_key}`} size="compact-sm" variant="default">
                            {t('link.key')}
                          </Button>
                        )}
                        {one.state !== 'used' && mayChange && (
                          <Button
                            size="compact-sm"
                            variant="default"
                            loading={withdraw.isPending && withdraw.variables === one.id}
                            onClick={() => withdraw.mutate(one.id)}
                          >
                            {t('link.withdraw')}
                          </Button>
                        )}
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
    </>
  );
}
