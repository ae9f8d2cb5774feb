import { Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';

// Mark is the product's name: a ticket and its counterfoil.
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <Link to="/keys" className="plain" aria-label="Counterfoil">
      <Group gap={10} wrap="nowrap">
        <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
          <rect width="32" height="32" rx="7" fill="var(--mantine-color-ink-8)" />
          <path d="M7 9h11v14H7z" fill="#fff" />
          <path d="M20 9h5v2.2a1.8 1.8 0 0 0 0 3.6v2.4a1.8 1.8 0 0 0 0 3.6V23h-5z" fill="#bfcbf7" />
        </svg>
        <Text fw={650} fz="1.05rem" lts="-0.01em" visibleFrom="xs">
          Counterfoil
        </Text>
      </Group>
    </Link>
  );
}
