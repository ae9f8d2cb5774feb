import { Badge, Group, Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

// Permissions with which money can leave or be lost.
const grave = new Set(['withdraw', 'manage']);

export const isDangerous = (name: string) =>
  /^(WITHDRAW|UNIVERSAL_TRANSFER|INTERNAL_TRANSFER|MANAGE_KEYS|MANAGEMENT(_OPERATOR)?)$/.test(name);
export const isTrading = (name: string) => /^(TRADE|MARGIN|FUTURES|OPTIONS|PORTFOLIO_MARGIN|FIX_API)$/.test(name);
export const isGraveGroup = (group: string) => grave.has(group);

export function PermissionChips({ names, most = 3 }: { names: string[]; most?: number }) {
  const ordered = names.toSorted((a, b) => Number(isDangerous(b)) - Number(isDangerous(a)));
  const shown = ordered.slice(0, most);
  const rest = ordered.slice(most);
  return (
    <Group gap={4}>
      {shown.map((name) =>
        isDangerous(name) ? (
          <Badge key={name} variant="outline" color="red" leftSection={<IconAlertTriangle size={12} aria-hidden />}>
            {name}
          </Badge>
        ) : (
          <Badge key={name} color={isTrading(name) ? 'violet' : 'gray'}>
            {name}
          </Badge>
        ),
      )}
      {rest.length > 0 && (
        <Tooltip label={rest.join(', ')}>
          <Badge color="gray" tabIndex={0} aria-label={rest.join(', ')}>
            +{rest.length}
          </Badge>
        </Tooltip>
      )}
    </Group>
  );
}
