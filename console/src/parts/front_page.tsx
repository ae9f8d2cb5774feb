import { Box, Card, Center, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Mark } from '~/app/mark';

// FrontPage is a card in the middle, for those who are not signed in yet.
export function FrontPage({
  title,
  text,
  wide = false,
  children,
}: {
  title: string;
  text?: string;
  wide?: boolean;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Counterfoil`;
  }, [title]);
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack w="100%" maw={wide ? 620 : 420} gap="lg">
        <Box>
          <Mark size={34} />
        </Box>
        <Card padding="xl">
          <Title order={1} mb={4}>
            {title}
          </Title>
          {text && (
            <Text c="dimmed" mb="lg">
              {text}
            </Text>
          )}
          {children}
        </Card>
      </Stack>
    </Center>
  );
}
