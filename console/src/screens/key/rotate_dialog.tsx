import { Button, Group, Radio, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { ApiKey } from '~/api/types';
import type { MadePair } from '~/crypto/generate';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { askChallenge, bodyOf, isComplete, type OwnMaterial } from '~/screens/new_key/material';
import { MaterialStep } from '~/screens/new_key/material_step';
import { SaveSecret } from '~/screens/new_key/save_secret';
import { useRenew } from './changes';

const day = 86_400;
const overlaps = {
  hour: { overlap_s: 3600 },
  day: { overlap_s: day },
  week: { overlap_s: 7 * day },
  quiet: { overlap_s: 14 * day, quiet_s: day / 4 },
  none: { overlap_s: 0 },
} as const;
type Overlap = keyof typeof overlaps;

// RotateDialog adds a second key pair to an API key. While the new secret is on screen and not saved,
// neither Escape nor a click beside it closes the dialog.
export function RotateDialog({
  of,
  onClose,
  onMade,
  after = 'day',
}: {
  of: ApiKey;
  onClose: () => void;
  onMade?: () => void;
  after?: Overlap;
}) {
  const { t } = useTranslation();
  const renew = useRenew();
  const [material, setMaterial] = useState<OwnMaterial | null>(null);
  const [overlap, setOverlap] = useState<Overlap>(after);
  const [issued, setIssued] = useState<{ secret: string | null; pair: MadePair | null } | null>(null);
  const [saved, setSaved] = useState(false);
  const rotate = useMutation({
    gcTime: 0,
    mutationFn: async (chosen: OwnMaterial) => {
      const body = await bodyOf(chosen, askChallenge(of.account));
      const answer = await dataOf(
        api.POST('/keys/{api_key}/rotate', {
          params: { path: { api_key: of.api_key } },
          body: { ...body, ...overlaps[overlap] },
        }),
      );
      return { secret: answer.secret ?? null, pair: chosen.kind === 'made' ? chosen.pair : null };
    },
    onSuccess: (made) => {
      setIssued(made);
      rotate.reset();
      onMade?.();
      void renew(of.api_key);
    },
  });
  const nothingToSave = issued !== null && issued.secret === null && issued.pair === null;
  const mayClose = issued === null || saved || nothingToSave;
  return (
    <Dialog
      onClose={onClose}
      title={t('rotate.title', { name: of.label || of.api_key.slice(0, 8) })}
      size="xl"
      closeOnEscape={mayClose}
      closeOnClickOutside={mayClose}
      withCloseButton={mayClose}
    >
      {issued ? (
        <Stack>
          <SaveSecret
            label={of.label}
            apiKey={of.api_key}
            pair={issued.pair}
            secret={issued.secret}
            saved={saved}
            onSaved={setSaved}
          />
          <Group justify="flex-end">
            <Button disabled={!mayClose} onClick={onClose}>
              {t('act.done')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          <MaterialStep
            account={of.account}
            value={material}
            onChange={(chosen) => setMaterial(chosen?.kind === 'link' ? null : chosen)}
          />
          <Radio.Group label={t('rotate.overlap')} value={overlap} onChange={(to) => setOverlap(to as Overlap)}>
            <Stack gap="xs" mt="xs">
              {(Object.keys(overlaps) as Overlap[]).map((one) => (
                <Radio
                  key={one}
                  value={one}
                  label={t(`rotate.after.${one}`)}
                  description={one === 'none' || one === 'quiet' ? t(`rotate.why.${one}`) : undefined}
                />
              ))}
            </Stack>
          </Radio.Group>
          {rotate.isError && <Fault error={rotate.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('act.cancel')}
            </Button>
            <Button
              loading={rotate.isPending}
              disabled={!isComplete(material)}
              onClick={() => isComplete(material) && rotate.mutate(material)}
            >
              {t('key.rotate')}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
