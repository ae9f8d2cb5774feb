import { ActionIcon, Avatar, Burger, Button, Group, Kbd, Menu, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { openPalette } from './palette_store';
import { IconLanguage, IconLogout, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '~/api/client';
import { currentLanguage, speak } from '~/i18n';
import { PanicShield } from '~/screens/mass/panic_shield';
import { Mark } from './mark';
import { useForget, useSession } from './session';

function UserMenu() {
  const { t } = useTranslation();
  const { person } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const forget = useForget();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => api.DELETE('/session'),
    onSuccess: () => {
      void navigate({ to: '/login' }).then(forget);
    },
  });
  const isDark = colorScheme === 'dark';
  const other = currentLanguage() === 'zh' ? 'en' : 'zh';
  return (
    <Menu position="bottom-end" width={230} withinPortal>
      <Menu.Target>
        <UnstyledButton aria-label={t('nav.user', { name: person.name })}>
          <Avatar name={person.name} color="ink" size={34} radius="xl" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            {person.name}
          </Text>
          <Text size="xs" truncate>
            {person.email}
          </Text>
        </Menu.Label>
        <Menu.Item component={Link} to="/settings" leftSection={<IconUser size={16} aria-hidden />}>
          {t('nav.settings')}
        </Menu.Item>
        <Menu.Item
          leftSection={isDark ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />}
          onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
        >
          {isDark ? t('nav.light') : t('nav.dark')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLanguage size={16} aria-hidden />} onClick={() => void speak(other)}>
          {other === 'zh' ? '简体中文' : 'English'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          {t('nav.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
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
