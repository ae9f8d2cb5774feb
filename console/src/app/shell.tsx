import { AppShell, Box, Group, Text, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { utc } from '~/text/words';
import { withTexts } from '~/i18n';
import { later } from '~/parts/later';
import { useNow } from '~/parts/now';
import '~/parts/opener'; // it has to see what has the focus before the first dialog is loaded
import { Header } from './header';
import { Rail } from './rail';
import { RequireSession } from './session';

const Notes = later(() => withTexts('people', import('./notes')).then((m) => m.Notes));
const Palette = later(() => import('./palette').then((m) => m.Palette));

function ServerTime() {
  const now = useNow();
  return <span className="mono">{utc(now - (now % 1000))}</span>;
}

// Shell is what stands around every screen of somebody who is signed in.
export function Shell() {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  useEffect(close, [close, pathname]);
  return (
    <RequireSession>
      <a href="#screen" className="skip">
        {t('nav.skip')}
      </a>
      <Palette />
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 204, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        padding={{ base: 'md', md: 'lg' }}
        styles={{
          header: { background: 'var(--surface)', borderColor: 'var(--line)' },
          navbar: { background: 'var(--surface)', borderColor: 'var(--line)' },
          main: { minHeight: '100dvh', display: 'flex', flexDirection: 'column' },
        }}
      >
        <AppShell.Header>
          <Header opened={opened} toggle={toggle} />
        </AppShell.Header>
        <AppShell.Navbar p="sm" aria-label={t('nav.rail')} data-opened={opened}>
          <Rail />
        </AppShell.Navbar>
        <AppShell.Main id="screen" tabIndex={-1}>
          <Box className="page" w="100%" flex={1}>
            <Notes />
            <Outlet />
          </Box>
          <Box component="footer" className="page" w="100%" pt="xl">
            <Group gap="xs">
              <Text size="xs" c="dimmed">
                <VisuallyHidden>{t('nav.serverTime')} </VisuallyHidden>
                <ServerTime />
              </Text>
            </Group>
          </Box>
        </AppShell.Main>
      </AppShell>
    </RequireSession>
  );
}
