import { Badge, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Permission, Role } from '~/api/types';
import { useRole } from '~/app/session';
import { useNodeTexts } from '~/i18n/node_texts';
import { isGraveGroup } from './permission_chips';

const groups = ['read', 'stream', 'trade', 'fix', 'withdraw', 'manage'] as const;
type Group = (typeof groups)[number] | 'other';
const groupOf = ({ group }: Permission): Group => groups.find((one) => one === group) ?? 'other';

// mayGive: nobody gives a program more of the management API than their own role has.
const mayGive = ({ management }: Permission, role: Role) =>
  (management !== 'read_all' || role !== 'holder') &&
  (management !== 'manage_all' || role === 'operator' || role === 'owner');

// PermissionPicker shows every permission with what a thief could do with it, the harmless ones first.
export function PermissionPicker({
  all: offered,
  value,
  onChange,
}: {
  all: Permission[];
  value: string[];
  onChange: (names: string[]) => void;
}) {
  const { t } = useTranslation();
  const role = useRole();
  const say = useNodeTexts();
  // What is ticked already stays to be seen, and to be taken away.
  const all = offered.filter((one) => mayGive(one, role) || value.includes(one.name));
  const toggle = (name: string) =>
    onChange(
      offered.map((one) => one.name).filter((one) => (one === name ? !value.includes(name) : value.includes(one))),
    );
  const present = [...groups, 'other' as const].filter((group) => all.some((one) => groupOf(one) === group));
  return (
    <Stack gap="md">
      {present.map((group) => (
        <Stack key={group} gap="xs" component="fieldset" p={0} m={0} style={{ border: 0, minWidth: 0 }}>
          <Text component="legend" fw={600} size="sm" c={isGraveGroup(group) ? 'var(--refuse)' : undefined}>
            {t(`group.${group}`)}
          </Text>
          {all
            .filter((one) => groupOf(one) === group)
            .map((one) => (
              <Checkbox
                key={one.name}
                checked={value.includes(one.name)}
                onChange={() => toggle(one.name)}
                label={
                  <Group gap="xs">
                    <Text span fw={500}>
                      {say.permission(one).label}
                    </Text>
                    <Text span c="dimmed" className="mono">
                      {one.name}
                    </Text>
                    {one.always_needs_allow_list && <Badge color="orange">{t('permission.needsList')}</Badge>}
                  </Group>
                }
                description={say.permission(one).risk}
              />
            ))}
        </Stack>
      ))}
    </Stack>
  );
}
