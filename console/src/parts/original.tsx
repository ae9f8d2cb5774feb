import { Text } from '@mantine/core';

// Original is what the node said in its own words, below what that is in the person's language.
export function Original({ text }: { text: string | undefined }) {
  return text ? (
    <Text size="xs" c="dimmed" className="wrap" lang="en">
      {text}
    </Text>
  ) : null;
}
