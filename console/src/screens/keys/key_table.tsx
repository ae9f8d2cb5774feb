import { Card, Checkbox, Group, Text, UnstyledButton } from '@mantine/core';
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
import { Wide } from '~/parts/wide';
import { useGrowth } from './growth';
import { RowMenu } from './row_menu';
import type { Selection } from './selection';
import { Use } from './use_cell';

type Sort = 'label' | 'last_used_at' | 'expires_at' | 'created_at';

function SortHead({ by, children }: { by: Sort; children: string }) {
  const { sort = 'label', down } = useSearch({ from: '/shell/keys' });
  const navigate = useNavigate({ from: '/keys' });
  const isHere = sort === by;
  const Arrow = down ? IconArrowDown : IconArrowUp;
  return (
    <th aria-sort={isHere ? (down ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton
        className="sort-head"
        fz="inherit"
        onClick={() =>
          void navigate({ search: (old) => ({ ...old, sort: by, down: isHere ? !down || undefined : undefined }) })
        }
      >
        {children}
        {isHere && <Arrow size={13} aria-hidden />}
      </UnstyledButton>
    </th>
  );
}

function Name({ of, withAccount }: { of: ApiKey; withAccount: boolean }) {
  const { t } = useTranslation();
  return (
    <div style={{ minWidth: 0 }}>
      <Link to="/keys/$id" params={{ id: of.api_key }} className="plain key-name">
        {of.label || t('keys.noLabel')}
      </Link>
      <Group gap={4} wrap="nowrap" fz="xs" c="dimmed">
        <KeyId id={of.api_key} />
        {withAccount && <span>{of.account}</span>}
      </Group>
    </div>
  );
}

export function KeyTable({ keys, selection, at }: { keys: ApiKey[]; selection: Selection; at: number }) {
  const { t } = useTranslation();
  const isStaff = useRole() !== 'holder';
  const { drawn, mark, hasMore } = useGrowth(keys.length, at);
  const allChosen = keys.length > 0 && keys.every((key) => selection.has(key.api_key));
  return (
    <Wide name={t('keys.title')}>
      <table className="list" aria-label={t('keys.title')} aria-rowcount={keys.length + 1}>
        <thead>
          <tr>
            <th style={{ width: 20 }}>
              <Checkbox
                size="xs"
                aria-label={t('keys.selectAll')}
                checked={allChosen}
                indeterminate={selection.size > 0 && !allChosen}
                onChange={() => selection.setAll(allChosen ? [] : keys.map((key) => key.api_key))}
              />
            </th>
            <SortHead by="label">{t('keys.column.key')}</SortHead>
            <th>{t('keys.column.status')}</th>
            <th>{t('keys.column.permissions')}</th>
            <th>{t('keys.column.addresses')}</th>
            <SortHead by="last_used_at">{t('keys.column.lastUse')}</SortHead>
            <SortHead by="expires_at">{t('keys.column.expires')}</SortHead>
            <th>
              <span className="unseen">{t('keys.column.menu')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.slice(0, drawn).map((key, i) => (
            <tr
              key={key.api_key}
              className={i === at ? 'row-at' : undefined}
              data-row={i}
              data-chosen={selection.has(key.api_key)}
            >
              <td>
                <Checkbox
                  size="xs"
                  aria-label={t('keys.select', { name: key.label || key.api_key })}
                  checked={selection.has(key.api_key)}
                  onChange={() => selection.toggle(key.api_key)}
                />
              </td>
              <td style={{ minWidth: 165, maxWidth: 250 }}>
                <Name of={key} withAccount={isStaff} />
              </td>
              <td>
                <StatusChip of={key} />
                <Text size="xs" component="div" mt={3}>
                  <TypeName type={key.type} />
                </Text>
              </td>
              <td style={{ minWidth: 150, maxWidth: 230 }}>
                <PermissionChips names={key.permissions} />
              </td>
              <td>
                <Addresses list={key.allow_list} />
              </td>
              <td>
                <Use of={key} />
              </td>
              <td style={{ whiteSpace: 'nowrap' }}>
                {key.state === 'revoked' ? '–' : <Countdown to={key.expires_at} />}
              </td>
              <td style={{ width: 28 }}>
                <RowMenu of={key} />
              </td>
            </tr>
          ))}
          {hasMore && <tr key={drawn} ref={mark} aria-hidden />}
        </tbody>
      </table>
    </Wide>
  );
}

// On a phone a row becomes a card; nothing is squeezed.
export function KeyCards({ keys, selection }: { keys: ApiKey[]; selection: Selection }) {
  const { t } = useTranslation();
  const isStaff = useRole() !== 'holder';
  const { drawn, mark, hasMore } = useGrowth(keys.length, 0);
  return (
    <ul className="cards" aria-label={t('keys.title')}>
      {keys.slice(0, drawn).map((key) => (
        <Card key={key.api_key} component="li" padding="sm">
          <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
            <Group gap="sm" wrap="nowrap" align="flex-start" miw={0}>
              <Checkbox
                mt={2}
                aria-label={t('keys.select', { name: key.label || key.api_key })}
                checked={selection.has(key.api_key)}
                onChange={() => selection.toggle(key.api_key)}
              />
              <Name of={key} withAccount={isStaff} />
            </Group>
            <RowMenu of={key} />
          </Group>
          <Group gap={6} mt="xs">
            <StatusChip of={key} />
            <Text size="xs" component="div">
              <TypeName type={key.type} />
            </Text>
          </Group>
          <dl className="pair-of-facts">
            <div>
              <dt>{t('keys.column.lastUse')}</dt>
              <dd>
                <Use of={key} />
              </dd>
            </div>
            {key.state !== 'revoked' && (
              <div>
                <dt>{t('keys.column.expires')}</dt>
                <dd>
                  <Countdown to={key.expires_at} />
                </dd>
              </div>
            )}
          </dl>
        </Card>
      ))}
      {hasMore && <li key={drawn} ref={mark} aria-hidden />}
    </ul>
  );
}
