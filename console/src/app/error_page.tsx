import { Button, Center, Code, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

// ErrorPage stands where a screen broke. What it shows is the error's own words, which hold no secret:
// secrets live in the state of components and in no message.
export function ErrorPage({ error, reset }: { error: unknown; reset?: () => void }) {
  const { t } = useTranslation();
  return (
    <Center mih="60dvh" p="lg">
      <Stack maw={520} role="alert">
        <Title order={1}>{t('error.title')}</Title>
        <Text>{t('error.text')}</Text>
        <Code block>{error instanceof Error ? error.message : String(error)}</Code>
        <Button onClick={() => (reset ? reset() : location.reload())}>{t('act.retry')}</Button>
      </Stack>
    </Center>
  );
}

// NotFound stands in the shell; LoneNotFound where there is none.
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Center mih="60dvh" p="lg">
      <Stack align="center">
        <Title order={1}>{t('error.notFound')}</Title>
        <Button component={Link} to="/keys">
          {t('nav.keys')}
        </Button>
      </Stack>
    </Center>
  );
}

export const LoneNotFound = () => (
  <main>
    <NotFound />
  </main>
);
