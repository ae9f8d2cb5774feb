import { Button, Radio, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '~/app/session';
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

export function PanicForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { accounts, person } = useSession();
  const isStaff = person.role === 'owner' || person.role === 'operator';
  const [chosen, setChosen] = useState<string | null>(null);
  const scope = chosen ?? accounts[0]?.id ?? 'everything';
  const freeze = useMutation({
    mutationFn: async () => {
      const select = scope === 'everything' ? { everything: true } : { account: scope };
      return start((await prepare('suspend', t('panic.cause'), select)).id);
    },
    onSuccess: (action) => {
      onDone();
      void navigate({ to: '/mass/$id', params: { id: action.id } });
    },
  });
  return (
    <Stack>
      <Text>{t('panic.text')}</Text>
      <Radio.Group label={t('panic.scope')} value={scope} onChange={setChosen}>
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
  );
}
