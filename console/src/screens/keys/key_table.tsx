import { Checkbox, Stack, Table, Text, UnstyledButton, Group, Card } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '~/api/types';
import { useRole } from '~/app/session';
import { Addresses } from '~/parts/addresses';
import { KeyId } from '~/parts/key_id';
import { PermissionChips } from '~/parts/permission_chips';
import { StatusChip } from '~/parts/status_chip';
import { TypeName } from '~/parts/type_badge';
import { Countdown } from '~/parts/when';
import { RowMenu } from './row_menu';
import { DayOfUse, LastUse } from './use_cell';
import type { Selection } from './selection';

type Sort = 'label' | 'last_used_at' | 'expires_at' | 'created_at';

function SortHead({ by, children }: { by: Sort; children: string }) {
  const { sort, down } = useSearch({ from: '/shell/keys' });
  const navigate = useNavigate({ from: '/keys' });
  const isHere = sort === by;
  const Arrow = down ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th aria-sort={isHere ? (down ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton
        fw={600}
        fz="inherit"
        onClick={() =>
          void navigate({ search: (old) => ({ ...old, sort: by, down: isHere ? !down || undefined : undefined }) })
        }
      >
        <Group gap={4} wrap="nowrap">
          {children}
          {isHere && <Arrow size={14} aria-hidden />}
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}

function Name({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  return (
    <Stack gap={0} miw={0}>
      <Link to="/keys/$id" params={{ id: of.api_key }} className="plain">
        <Text fw={600} className="wrap" span>
          {of.label || t('keys.noLabel')}
        </Text>
      </Link>
      <Text size="xs" c="dimmed" component="div">
        <KeyId id={of.api_key} />
      </Text>
    </Stack>
  );
}

export function KeyTable({ keys, selection, at }: { keys: ApiKey[]; selection: Selection; at: number }) {
  const { t } = useTranslation();
  const isStaff = useRole() !== 'holder';
  const allChosen = keys.length > 0 && keys.every((key) => selection.has(key.api_key));
  return (
    <Table.ScrollContainer minWidth={980} type="native">
      <Table highlightOnHover verticalSpacing={10} aria-label={t('keys.title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <Checkbox
                aria-label={t('keys.selectAll')}
                checked={allChosen}
                indeterminate={selection.size > 0 && !allChosen}
                onChange={() => selection.setAll(allChosen ? [] : keys.map((key) => key.api_key))}
              />
            </Table.Th>
            <SortHead by="label">{t('keys.column.key')}</SortHead>
            <Table.Th>{t('keys.column.status')}</Table.Th>
            <Table.Th>{t('keys.column.permissions')}</Table.Th>
            <Table.Th>{t('keys.column.addresses')}</Table.Th>
            <SortHead by="last_used_at">{t('keys.column.lastUse')}</SortHead>
            <Table.Th>{t('keys.column.day')}</Table.Th>
            <SortHead by="expires_at">{t('keys.column.expires')}</SortHead>
            {isStaff && <Table.Th>{t('keys.column.owner')}</Table.Th>}
            <Table.Th w={40} aria-label={t('keys.column.menu')} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key, i) => (
            <Table.Tr key={key.api_key} className={i === at ? 'row-at' : undefined} data-row={i}>
              <Table.Td>
                <Checkbox
                  aria-label={t('keys.select', { name: key.label || key.api_key })}
                  checked={selection.has(key.api_key)}
                  onChange={() => selection.toggle(key.api_key)}
                />
              </Table.Td>
              <Table.Td>
                <Name of={key} />
              </Table.Td>
              <Table.Td>
                <Stack gap={2} align="flex-start">
                  <StatusChip of={key} />
                  <Text size="xs" component="div">
                    <TypeName type={key.type} />
                  </Text>
                </Stack>
              </Table.Td>
              <Table.Td maw={230}>
                <PermissionChips names={key.permissions} />
              </Table.Td>
              <Table.Td fz="sm">
                <Addresses list={key.allow_list} />
              </Table.Td>
              <Table.Td fz="sm">
                <LastUse of={key} />
              </Table.Td>
              <Table.Td>
                <DayOfUse of={key} />
              </Table.Td>
              <Table.Td fz="sm" style={{ whiteSpace: 'nowrap' }}>
                {key.state === 'revoked' ? '–' : <Countdown to={key.expires_at} />}
              </Table.Td>
              {isStaff && <Table.Td fz="sm">{key.account}</Table.Td>}
              <Table.Td>
                <RowMenu of={key} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

// On a phone a row becomes a card; nothing is squeezed.
export function KeyCards({ keys, selection }: { keys: ApiKey[]; selection: Selection }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t('keys.title')}>
      {keys.map((key) => (
        <Card key={key.api_key} component="li" padding="sm">
          <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
            <Group gap="sm" wrap="nowrap" align="flex-start" miw={0}>
              <Checkbox
                mt={3}
                aria-label={t('keys.select', { name: key.label || key.api_key })}
                checked={selection.has(key.api_key)}
                onChange={() => selection.toggle(key.api_key)}
              />
              <Name of={key} />
            </Group>
            <RowMenu of={key} />
          </Group>
          <Group gap="xs" my="xs">
            <StatusChip of={key} />
            <Text size="sm" component="div">
              <TypeName type={key.type} />
            </Text>
          </Group>
          <dl className="facts">
            <dt>{t('keys.column.lastUse')}</dt>
            <dd>
              <LastUse of={key} />
            </dd>
            {key.state !== 'revoked' && (
              <>
                <dt>{t('keys.column.expires')}</dt>
                <dd>
                  <Countdown to={key.expires_at} />
                </dd>
              </>
            )}
          </dl>
        </Card>
      ))}
    </Stack>
  );
}
