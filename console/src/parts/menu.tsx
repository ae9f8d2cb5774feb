import { Menu as List, Text } from '@mantine/core';
import { Fragment, type ReactElement } from 'react';

export interface MenuEntry {
  label: string;
  icon?: ReactElement;
  isDangerous?: boolean;
  apart?: boolean; // a line above it
  act: () => void;
}

export interface MenuProps {
  target: ReactElement;
  head?: { title: string; text: string };
  entries: MenuEntry[];
}

// Menu is opened as soon as it is there: MenuButton brings it when it is wanted.
export function Menu({ target, head, entries }: MenuProps) {
  return (
    <List
      position="bottom-end"
      withinPortal
      withInitialFocusPlaceholder={false} // nothing but its entries may be in a menu
      defaultOpened
      width={head ? 230 : undefined}
    >
      <List.Target>{target}</List.Target>
      <List.Dropdown>
        {head && (
          <List.Label>
            <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
              {head.title}
            </Text>
            <Text size="xs" truncate>
              {head.text}
            </Text>
          </List.Label>
        )}
        {entries.map(({ label, icon, isDangerous, apart, act }) => (
          <Fragment key={label}>
            {apart && <List.Divider />}
            <List.Item leftSection={icon} color={isDangerous ? 'var(--refuse)' : undefined} onClick={act}>
              {label}
            </List.Item>
          </Fragment>
        ))}
      </List.Dropdown>
    </List>
  );
}
