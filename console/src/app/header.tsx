import {
  ActionIcon,
  Avatar,
  Burger,
  Button,
  Group,
  Kbd,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { openPalette } from './palette_store';
import { IconLanguage, IconLogout, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { currentLanguage, languages, speak } from '~/i18n';
import { MenuButton } from '~/parts/menu_button';
import { PanicShield } from '~/screens/mass/panic_shield';
import { Mark } from './mark';
import { useForget, useSession } from './session';

function UserMenu() {
  const { t } = useTranslation();
  const { person } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const forget = useForget();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => api.DELETE('/session'),
    onSuccess: () => {
      void navigate({ to: '/login' }).then(forget);
    },
  });
  const isDark = useComputedColorScheme() === 'dark'; // "auto" is one of the two, too
  const other = currentLanguage() === 'zh' ? 'en' : 'zh';
  return (
    <MenuButton
      target={
        <UnstyledButton>
          <Avatar name={person.name} color="ink" size={34} radius="xl" aria-hidden />
          <span className="unseen">{t('nav.user', { name: person.name })}</span>
        </UnstyledButton>
      }
      head={{ title: person.name, text: person.email }}
      entries={[
        {
          label: t('nav.settings'),
          icon: <IconUser size={16} aria-hidden />,
          act: () => void navigate({ to: '/settings' }),
        },
        {
          label: isDark ? t('nav.light') : t('nav.dark'),
          icon: isDark ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />,
          act: () => setColorScheme(isDark ? 'light' : 'dark'),
        },
        { label: languages[other], icon: <IconLanguage size={16} aria-hidden />, act: () => void speak(other) },
        {
          label: t('nav.signOut'),
          icon: <IconLogout size={16} aria-hidden />,
          apart: true,
          act: () => signOut.mutate(),
        },
      ]}
    />
  );
}

export function Header({ opened, toggle }: { opened: boolean; toggle: () => void }) {
  const { t } = useTranslation();
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
      <Group gap="xs" wrap="nowrap">
        <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('nav.rail')} />
        <Mark />
      </Group>
      <Group gap="xs" wrap="nowrap">
        <Button
          visibleFrom="sm"
          variant="default"
          size="sm"
          fw={400}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={<Kbd size="xs">Ctrl K</Kbd>}
          onClick={openPalette}
        >
          {t('nav.search')}
        </Button>
        <ActionIcon hiddenFrom="sm" variant="default" size="lg" aria-label={t('nav.search')} onClick={openPalette}>
          <IconSearch size={18} aria-hidden />
        </ActionIcon>
        <PanicShield />
        <UserMenu />
      </Group>
    </Group>
  );
}
