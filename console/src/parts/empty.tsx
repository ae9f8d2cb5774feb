import { Group, Stack, Text, ThemeIcon } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';

// Empty says in one sentence what will appear here, and offers the one thing to do.
export function Empty({
  icon: Icon,
  title,
  children,
  actions,
}: {
  icon: ComponentType<{ size?: number }>;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <Stack align="center" gap="sm" py={56} px="md" ta="center">
      <ThemeIcon variant="light" size={52} radius="xl" aria-hidden>
        <Icon size={26} />
      </ThemeIcon>
      <Text fw={620} size="lg">
        {title}
      </Text>
      {children && (
        <Text c="dimmed" maw="34rem">
          {children}
        </Text>
      )}
      {actions && <Group mt="xs">{actions}</Group>}
    </Stack>
  );
}
