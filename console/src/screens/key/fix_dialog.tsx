import { Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { keyFixQuery } from '~/api/queries';
import type { ApiKey, KeyRemedy, KeyTrouble, Receipt } from '~/api/types';
import { useNodeTexts } from '~/i18n/node_texts';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { later } from '~/parts/later';
import { Loading } from '~/parts/loading';
import { Stale } from '~/parts/stale';
import { AfterRemedy } from './after_remedy';
import { useApply } from './remedy';
import { nameOf, useChanges } from './trouble_changes';
import { TroubleCard } from './trouble_card';

const RotateDialog = later(() => import('./rotate_dialog').then((m) => m.RotateDialog));

// What is wrong is looked at again while the dialog stands: a refusal comes in, a client is mended.
const lookAgain = 3000;

interface Stage {
  name: 'list' | 'rotate' | 'wait';
  trouble?: KeyTrouble;
  remedy?: KeyRemedy;
  receipt?: Receipt | undefined;
}

// FixDialog gathers what is wrong with a key now, in the node's order, and offers the ways out: what lies
// with us is done here, a new pair is made here and given to its client, and what lies with the client is
// told. Then it waits for the next request.
export function FixDialog({
  of,
  etag,
  edit,
  onClose,
}: {
  of: ApiKey;
  etag: string | undefined;
  edit: () => void;
  onClose: () => void;
}) {
  const { t: m } = useTranslation('mending');
  const say = useNodeTexts();
  const fix = useQuery({ ...keyFixQuery(of.api_key), refetchInterval: lookAgain });
  const apply = useApply(of, etag);
  const [stage, setStage] = useState<Stage>({ name: 'list' });
  const [made, setMade] = useState(false);
  const { gone, isNew } = useChanges(fix.data?.troubles);
  const act = (trouble: KeyTrouble, remedy: KeyRemedy) => {
    if (remedy.kind === 'edit') {
      edit();
    } else if (remedy.kind === 'rotate') {
      setMade(false);
      setStage({ name: 'rotate', trouble, remedy });
    } else if (remedy.kind === 'client_change') {
      setStage({ name: 'wait', trouble, remedy });
    } else {
      apply.mutate(
        { remedy, cause: trouble.title },
        { onSuccess: ({ receipt }) => setStage({ name: 'wait', trouble, remedy, receipt }) },
      );
    }
  };
  const back = () => {
    apply.reset();
    setStage({ name: 'list' });
  };
  const { trouble, remedy } = stage;
  if (stage.name === 'rotate') {
    // Whoever may have the old secret must not keep it for a day.
    const travelled = trouble?.rank === 'possible_theft' || trouble?.rank === 'compromised';
    return (
      <RotateDialog
        of={of}
        after={travelled ? 'none' : 'day'}
        onMade={() => setMade(true)}
        onClose={() => (made ? setStage({ ...stage, name: 'wait' }) : back())}
      />
    );
  }
  const troubles = fix.data?.troubles;
  return (
    <Dialog title={m('fix.title', { name: of.label || of.api_key.slice(0, 8) })} onClose={onClose} size="xl">
      {stage.name === 'wait' && remedy ? (
        <AfterRemedy
          apiKey={of.api_key}
          text={remedy.kind === 'rotate' || !trouble ? m('fix.rotated') : say.remedy(remedy, trouble).text}
          wantsRefused={remedy.kind === 'suspend'}
          receipt={stage.receipt}
          onBack={back}
          onClose={onClose}
        />
      ) : fix.error && !troubles ? (
        <Fault error={fix.error} retry={() => void fix.refetch()} />
      ) : !troubles ? (
        <Loading rows={3} height={64} />
      ) : (
        <Stack gap="lg">
          {apply.isError && <Fault error={apply.error} />}
          {fix.error && <Stale asOf={fix.dataUpdatedAt} retry={() => void fix.refetch()} />}
          <Stack gap={4} role="status">
            {gone.map((one) => (
              <Group key={nameOf(one)} gap="xs" wrap="nowrap" align="flex-start">
                <IconCircleCheck size={18} color="var(--accept)" aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
                <Text size="sm">{m('fix.gone', { title: say.trouble(one).title })}</Text>
              </Group>
            ))}
            {troubles.length === 0 && (
              <Group gap="xs" wrap="nowrap" align="flex-start">
                <IconCircleCheck size={20} color="var(--accept)" aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
                <Text>{m('fix.fine')}</Text>
              </Group>
            )}
          </Stack>
          {troubles.length > 0 && (
            <ol className="troubles">
              {troubles.map((one) => (
                <TroubleCard
                  key={nameOf(one)}
                  of={one}
                  isNew={isNew(one)}
                  apiKey={of.api_key}
                  busy={apply.isPending}
                  act={(chosen) => act(one, chosen)}
                  onLeave={onClose}
                />
              ))}
            </ol>
          )}
          <Text size="xs" c="dimmed">
            {m('fix.watching')}
          </Text>
        </Stack>
      )}
    </Dialog>
  );
}
