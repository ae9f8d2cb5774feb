import { Button, Modal, Radio, Stack, Text } from '@mantine/core';
import { IconShieldHalfFilled } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMayChange, useSession } from '~/app/session';
import { Fault } from '~/parts/fault';
import { prepare, start } from './mass';

const holdMs = 2000;

// HoldButton acts after two seconds of pressing, or on the second Enter: nobody does it by a slip,
// and nobody has to fill anything in.
function HoldButton({ act, pending, onDone }: { act: string; pending: boolean; onDone: () => void }) {
  const { t } = useTranslation();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [holding, setHolding] = useState(false);
  const [armed, setArmed] = useState(false);
  const begin = () => {
    setHolding(true);
    timer.current = setTimeout(() => {
      setHolding(false);
      onDone();
    }, holdMs);
  };
  const end = () => {
    clearTimeout(timer.current);
    setHolding(false);
  };
  return (
    <Stack gap={6}>
      <Button
        size="lg"
        color="red"
        fullWidth
        className="hold"
        data-holding={holding}
        loading={pending}
        onPointerDown={begin}
        onPointerUp={end}
        onPointerLeave={end}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.repeat) {
            event.preventDefault();
            if (armed) {
              onDone();
            }
            setArmed(!armed);
          }
        }}
        onBlur={() => setArmed(false)}
      >
        {armed ? t('panic.again') : act}
      </Button>
      <Text size="sm" c="dimmed" ta="center" aria-live="polite">
        {armed ? t('panic.armed') : t('panic.hold')}
      </Text>
    </Stack>
  );
}

// PanicShield suspends many keys at once from any screen. It can be undone, so it asks for nothing.
export function PanicShield() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayChange = useMayChange();
  const { accounts, person } = useSession();
  const [opened, setOpened] = useState(false);
  const isStaff = person.role === 'owner' || person.role === 'operator';
  const [whole, setWhole] = useState<string | null>(null);
  const scope = whole ?? accounts[0]?.id ?? 'everything';
  const freeze = useMutation({
    mutationFn: async () => {
      const select = scope === 'everything' ? { everything: true } : { account: scope };
      return start((await prepare('suspend', t('panic.cause'), select)).id);
    },
    onSuccess: (action) => {
      setOpened(false);
      void navigate({ to: '/mass/$id', params: { id: action.id } });
    },
  });
  if (!mayChange) {
    return null;
  }
  return (
    <>
      <Button
        variant="outline"
        color="red"
        px="sm"
        aria-label={t('panic.open')}
        leftSection={<IconShieldHalfFilled size={18} aria-hidden />}
        styles={{ section: { marginInlineEnd: 6 } }}
        onClick={() => setOpened(true)}
      >
        {t('panic.button')}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t('panic.title')}>
        <Stack>
          <Text>{t('panic.text')}</Text>
          <Radio.Group label={t('panic.scope')} value={scope} onChange={setWhole}>
            <Stack gap="xs" mt="xs">
              {accounts.map(({ id, name, master }) => (
                <Radio
                  key={id}
                  value={id}
                  label={master ? t('panic.subAccount', { name: name || id }) : t('panic.account', { name: name || id })}
                />
              ))}
              {isStaff && <Radio value="everything" label={t('panic.everything')} />}
            </Stack>
          </Radio.Group>
          {freeze.isError && <Fault error={freeze.error} />}
          <HoldButton act={t('panic.act')} pending={freeze.isPending} onDone={() => freeze.mutate()} />
        </Stack>
      </Modal>
    </>
  );
}
