import { Badge, NavLink, Stack, Text } from '@mantine/core';
import {
  IconActivityHeartbeat,
  IconBook2,
  IconFileCertificate,
  IconKey,
  IconSettings,
  IconStethoscope,
  IconUsers,
} from '@tabler/icons-react';
import { Link, useLocation } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useRole } from './session';

// Rail shows the screens that this role can use; the others are absent.
export function Rail() {
  const { t } = useTranslation();
  const role = useRole();
  const { pathname } = useLocation();
  const isStaff = role !== 'holder';
  const places = [
    { to: '/keys', label: t('nav.keys'), icon: IconKey, shown: true },
    { to: '/doctor', label: t('nav.doctor'), icon: IconStethoscope, shown: true },
    { to: '/audit', label: t('nav.audit'), icon: IconFileCertificate, shown: isStaff },
    { to: '/admin/accounts', label: t('nav.accounts'), icon: IconUsers, shown: isStaff },
    { to: '/health', label: t('nav.health'), icon: IconActivityHeartbeat, shown: isStaff },
    { to: '/reference', label: t('nav.reference'), icon: IconBook2, shown: true },
    { to: '/settings', label: t('nav.settings'), icon: IconSettings, shown: true },
  ] as const;
  return (
    <Stack gap={2} h="100%">
      {places
        .filter((place) => place.shown)
        .map(({ to, label, icon: Icon }) => {
          const isHere = pathname === to || pathname.startsWith(`${to}/`);
          return (
            <NavLink
              key={to}
              component={Link}
              to={to}
              label={label}
              active={isHere}
              aria-current={isHere ? 'page' : undefined}
              leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
              styles={{ root: { borderRadius: 'var(--mantine-radius-md)' } }}
            />
          );
        })}
      <Text size="xs" c="dimmed" mt="auto" px="sm">
        {t('nav.role')} <Badge color="gray">{t(`role.${role}`)}</Badge>
      </Text>
    </Stack>
  );
}
