import { Box, Button, Card, Grid, Group, Stack, Stepper } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { keyQuery, profileQuery } from '~/api/queries';
import type { ApiKey, KeyType, Permission, PreparedLink } from '~/api/types';
import { useSession } from '~/app/session';
import type { MadePair } from '~/crypto/generate';
import { hmacSigner, type Signer } from '~/crypto/signer';
import { isAnywhere } from '~/parts/addresses';
import { Fault } from '~/parts/fault';
import { later } from '~/parts/later';
import { serverNow } from '~/parts/now';
import { PageHead } from '~/parts/page_head';
import { savedName } from '~/text/saved_name';
import { type Draft, needsAllowList } from './draft';
import { askChallenge, bodyOf, isComplete, type Material, type OwnMaterial, typeOf } from './material';
import { MaterialStep } from './material_step';
import { Summary } from './summary';

const FirstCall = later(() => import('./first_call').then((m) => m.FirstCall));
const RightsStep = later(() => import('./rights_step').then((m) => m.RightsStep));
const SaveSecret = later(() => import('./save_secret').then((m) => m.SaveSecret));
const LinkMade = later(() => import('./link_made').then((m) => m.LinkMade));
const LinkWait = later(() => import('./link_made').then((m) => m.LinkWait));
const LimitsStep = later(() => import('./limits_step').then((m) => m.LimitsStep));

const lifeDays = 90;

interface Issued {
  key: ApiKey;
  secret: string | null;
  pair: MadePair | null;
}

// signerOf signs with the secret half of a key that was just made; null: it is not in this page.
function signerOf({ pair, secret }: Issued): Signer | null {
  return pair ? (text) => pair.sign(text) : secret === null ? null : hmacSigner(secret);
}

function firstDraft(account: string): Draft {
  const end = new Date(serverNow() + lifeDays * 86_400_000).toISOString().replace(/\.\d+Z/, 'Z');
  return { account, label: '', permissions: ['USER_DATA'], allow_list: [], symbols: [], expires_at: end };
}

// rightsOf is the draft as the API takes it.
function rightsOf({ allow_list, label, symbols, ...rights }: Draft) {
  return {
    ...rights,
    ...(label === '' ? {} : { label }),
    ...(symbols.length === 0 ? {} : { symbols }),
    allow_list: allow_list.length === 0 ? ['any'] : allow_list,
  };
}

// useLike begins with the rights of another key ("the same as ...").
function useLike(id: string | undefined, set: (part: Partial<Draft>) => void) {
  const like = useQuery({ ...keyQuery(id ?? ''), enabled: id !== undefined });
  const [taken, setTaken] = useState(false);
  if (like.data && !taken) {
    setTaken(true);
    const { permissions, allow_list, symbols, account } = like.data.key;
    set({ permissions, symbols, account, allow_list: isAnywhere(allow_list) ? [] : allow_list });
  }
}

// usePermission begins with the permission that the link asks for, if the profile has it.
function usePermission(name: string | undefined, all: Permission[] | undefined, set: (part: Partial<Draft>) => void) {
  const [taken, setTaken] = useState(false);
  if (all && !taken) {
    setTaken(true);
    if (all.some((one) => one.name === name)) {
      set({ permissions: [name!] });
    }
  }
}

// NewKey makes an API key: its pair, what it may do, from where and how long; then the secret is saved
// and the first request awaited. All of it is in memory, and gone when the screen is left.
export function NewKey() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { accounts } = useSession();
  const { like, account, permission } = useSearch({ from: '/shell/keys/new' });
  const profile = useQuery(profileQuery);
  const [step, setStep] = useState(0);
  const [material, setMaterial] = useState<Material | null>(null);
  const [draft, setDraft] = useState(() => firstDraft(account ?? accounts[0]?.id ?? ''));
  const [issued, setIssued] = useState<Issued | null>(null);
  const [prepared, setPrepared] = useState<PreparedLink | null>(null);
  const [saved, setSaved] = useState(false);
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  usePermission(permission, profile.data?.permissions, change);
  useLike(like, change);
  const isMade = issued !== null || prepared !== null;
  const isUnsaved =
    !saved && (prepared !== null || (issued !== null && (issued.secret !== null || issued.pair !== null)));
  useBlocker({
    shouldBlockFn: () => isUnsaved && !window.confirm(t('wizard.leave')),
    enableBeforeUnload: isUnsaved,
  });
  const create = useMutation({
    gcTime: 0,
    mutationFn: async (chosen: OwnMaterial): Promise<Issued> => {
      const body = await bodyOf(chosen, askChallenge(draft.account));
      const key = await dataOf(api.POST('/keys', { body: { ...rightsOf(draft), ...body } }));
      const { secret, ...shown } = key;
      return { key: shown, secret: secret ?? null, pair: chosen.kind === 'made' ? chosen.pair : null };
    },
    onSuccess: (made) => {
      setIssued(made);
      setStep(3);
      void client.invalidateQueries({ queryKey: ['keys'] });
      create.reset(); // the secret lives in this component only
    },
  });
  const prepare = useMutation({
    gcTime: 0,
    mutationFn: (type: KeyType) => dataOf(api.POST('/enrolment-links', { body: { ...rightsOf(draft), type } })),
    onSuccess: (link) => {
      setPrepared(link);
      setStep(3);
      void client.invalidateQueries({ queryKey: ['enrolment-links'] });
      prepare.reset(); // as is the link
    },
  });
  const make = (chosen: Material) => (chosen.kind === 'link' ? prepare.mutate(chosen.type) : create.mutate(chosen));
  const unbound = needsAllowList(draft, profile.data?.permissions ?? []);
  // The others an operator may allow from anywhere; the node knows.
  const isHopeless = profile.data?.permissions.some((one) => one.always_needs_allow_list && unbound.includes(one.name));
  const finish = () => {
    setStep(4);
  };
  return (
    <>
      <PageHead title={t('wizard.title')} />
      <Stepper
        active={step}
        size="sm"
        mb="lg"
        onStepClick={isMade ? undefined : setStep}
        allowNextStepsSelect={false}
        wrap
        styles={{ steps: { rowGap: 8 } }}
      >
        <Stepper.Step label={t('wizard.step.kind')} />
        <Stepper.Step label={t('wizard.step.rights')} />
        <Stepper.Step label={t('wizard.step.limits')} />
        <Stepper.Step label={t('wizard.step.save')} />
        <Stepper.Step label={t('wizard.step.first')} />
      </Stepper>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: isMade ? 12 : 8 }}>
          <Card>
            {step === 0 && (
              <Stack>
                <MaterialStep account={draft.account} value={material} onChange={setMaterial} links />
                <Box>
                  <Button disabled={!isComplete(material)} onClick={() => setStep(1)}>
                    {t('act.next')}
                  </Button>
                </Box>
              </Stack>
            )}
            {step === 1 && (
              <Stack>
                <RightsStep draft={draft} onChange={change} />
                <Group>
                  <Button disabled={draft.permissions.length === 0} onClick={() => setStep(2)}>
                    {t('act.next')}
                  </Button>
                  <Button variant="default" onClick={() => setStep(0)}>
                    {t('act.back')}
                  </Button>
                </Group>
              </Stack>
            )}
            {step === 2 && (
              <Stack>
                <LimitsStep draft={draft} onChange={change} unbound={unbound} />
                {create.isError && <Fault error={create.error} />}
                {prepare.isError && <Fault error={prepare.error} />}
                <Group>
                  <Button
                    loading={create.isPending || prepare.isPending}
                    disabled={!isComplete(material) || isHopeless}
                    onClick={() => isComplete(material) && make(material)}
                  >
                    {material?.kind === 'link' ? t('link.make') : t('keys.create')}
                  </Button>
                  <Button variant="default" onClick={() => setStep(1)}>
                    {t('act.back')}
                  </Button>
                </Group>
              </Stack>
            )}
            {step === 3 && issued && (
              <Stack>
                <SaveSecret
                  label={issued.key.label}
                  apiKey={issued.key.api_key}
                  pair={issued.pair}
                  secret={issued.secret}
                  saved={saved}
                  onSaved={setSaved}
                />
                <Box>
                  <Button disabled={isUnsaved} onClick={finish}>
                    {t('act.next')}
                  </Button>
                </Box>
              </Stack>
            )}
            {step === 3 && prepared && (
              <Stack>
                <LinkMade of={prepared} saved={saved} onSaved={setSaved} />
                <Box>
                  <Button disabled={!saved} onClick={finish}>
                    {t('act.next')}
                  </Button>
                </Box>
              </Stack>
            )}
            {step === 4 && prepared && <LinkWait id={prepared.id} />}
            {step === 4 && issued && (
              <FirstCall
                apiKey={issued.key.api_key}
                type={material ? typeOf(material) : issued.key.type}
                sign={signerOf(issued)}
                saved={
                  issued.pair || issued.secret !== null ? savedName(issued.key.label, issued.key.api_key) : undefined
                }
                isBound={!isAnywhere(issued.key.allow_list)}
                permissions={issued.key.permissions}
              />
            )}
          </Card>
        </Grid.Col>
        {!isMade && (
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Summary draft={draft} material={material} />
          </Grid.Col>
        )}
      </Grid>
    </>
  );
}
