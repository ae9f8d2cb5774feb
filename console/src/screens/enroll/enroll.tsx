import { Alert, Button, Radio, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { EnrolledKey, Enrolment } from '~/api/types';
import { canMake, type MadePair } from '~/crypto/generate';
import { Addresses } from '~/parts/addresses';
import { Fault } from '~/parts/fault';
import { FrontPage } from '~/parts/front_page';
import { Loading } from '~/parts/loading';
import { PermissionChips } from '~/parts/permission_chips';
import { Snippet } from '~/parts/snippet';
import { typeNames } from '~/parts/type_badge';
import { When } from '~/parts/when';
import { BroughtKey } from '~/screens/new_key/brought_key';
import { type Ask, bodyOf, isComplete, type OwnMaterial } from '~/screens/new_key/material';
import { PairToMake } from './pair_to_make';
import { SaveSecret } from '~/screens/new_key/save_secret';
import { takeFragment } from '~/screens/setup/fragment';
import { savedName } from '~/text/saved_name';

const path = '/api/v3/account';

interface Done {
  key: EnrolledKey;
  pair: MadePair | null;
}

// Facts says what the API key will be, as somebody else prepared it.
function Facts({ of }: { of: Enrolment }) {
  const { t } = useTranslation();
  return (
    <dl className="facts">
      <dt>{t('edit.label')}</dt>
      <dd>{of.label || '–'}</dd>
      <dt>{t('word.account')}</dt>
      <dd>{of.account}</dd>
      <dt>{t('wizard.pair')}</dt>
      <dd>{typeNames[of.type]}</dd>
      <dt>{t('edit.permissions')}</dt>
      <dd>
        <PermissionChips names={of.permissions} most={9} />
      </dd>
      <dt>{t('edit.allow_list')}</dt>
      <dd>
        <Addresses list={of.allow_list} all />
      </dd>
      <dt>{t('link.ends')}</dt>
      <dd>
        <When time={of.ends_at} />
      </dd>
    </dl>
  );
}

// Pair has the bearer make the pair here, or bring the public half of one that they have.
function Pair({
  of,
  ask,
  value,
  onChange,
}: {
  of: Enrolment;
  ask: Ask;
  value: OwnMaterial | null;
  onChange: (material: OwnMaterial | null) => void;
}) {
  const { t } = useTranslation();
  const able = useQuery({ queryKey: ['can-make'], queryFn: canMake, staleTime: Infinity });
  const [way, setWay] = useState<'made' | 'brought'>('made');
  const cannot = able.data !== undefined && able.data !== 'yes' ? able.data : null;
  const chosen = cannot ? 'brought' : way;
  if (of.type === 'hmac-sha256') {
    return <Text size="sm">{t('enroll.hmac')}</Text>;
  }
  return (
    <Stack>
      <Radio.Group
        aria-label={t('wizard.kind')}
        value={chosen}
        onChange={(to) => {
          setWay(to as 'made' | 'brought');
          onChange(null);
        }}
      >
        <Stack gap="xs">
          <Radio value="made" label={t('kind.made')} description={t('kind.madeText')} disabled={cannot !== null} />
          <Radio value="brought" label={t('kind.brought')} description={t('kind.broughtText')} />
        </Stack>
      </Radio.Group>
      {cannot && (
        <Text size="sm" c="var(--warn)">
          {t(`kind.cannot.${cannot}`)}
        </Text>
      )}
      {chosen === 'made' && <PairToMake type={of.type} onMade={(pair) => onChange({ kind: 'made', pair })} />}
      {chosen === 'brought' && <BroughtKey ask={ask} value={value} onChange={onChange} />}
    </Stack>
  );
}

// Made shows the new API key with its secret half, once, and how to call with it.
function Made({ of, done }: { of: Enrolment; done: Done }) {
  const { t } = useTranslation();
  const [saved, setSaved] = useState(false);
  const isOurs = done.pair !== null || done.key.secret !== undefined;
  const isUnsaved = !saved && isOurs;
  useEffect(() => {
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    if (isUnsaved) {
      window.addEventListener('beforeunload', stay);
    }
    return () => window.removeEventListener('beforeunload', stay);
  }, [isUnsaved]);
  return (
    <Stack>
      <Alert color="green" icon={<IconCircleCheck aria-hidden />} role="status">
        {t('enroll.done')}
      </Alert>
      <SaveSecret
        label={done.key.label}
        apiKey={done.key.api_key}
        pair={done.pair}
        secret={done.key.secret ?? null}
        saved={saved}
        onSaved={setSaved}
      />
      {!isUnsaved && of.gateway_url !== null && (
        <Snippet
          type={of.type}
          gateway={of.gateway_url}
          apiKey={done.key.api_key}
          path={path}
          file={isOurs ? savedName(done.key.label, done.key.api_key) : undefined}
        />
      )}
    </Stack>
  );
}

// Enroll is opened by whoever was given an enrolment link; they need no account. The token is in
// memory only, and so is the secret half of the pair.
export function Enroll() {
  const { t } = useTranslation();
  const [token] = useState(() => takeFragment('e'));
  const [material, setMaterial] = useState<OwnMaterial | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  // The token is no part of the key: nothing that is secret stands in a cache's index.
  // eslint-disable-next-line @tanstack/query/exhaustive-deps
  const shown = useQuery({
    queryKey: ['enrolment'],
    queryFn: () => dataOf(api.POST('/enrolment', { body: { token } })),
    enabled: token !== '',
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
  });
  const ask: Ask = (publicPem) => dataOf(api.POST('/enrolment/challenge', { body: { token, public_key: publicPem } }));
  const make = useMutation({
    gcTime: 0,
    mutationFn: async (chosen: OwnMaterial): Promise<Done> => {
      const key = await dataOf(api.POST('/enrolment/key', { body: { token, ...(await bodyOf(chosen, ask)) } }));
      return { key, pair: chosen.kind === 'made' ? chosen.pair : null };
    },
    onSuccess: (made) => {
      setDone(made);
      make.reset(); // the secret lives in this component only
    },
  });
  const of = shown.data;
  const chosen: OwnMaterial | null = of?.type === 'hmac-sha256' ? { kind: 'hmac' } : material;
  return (
    <FrontPage wide title={t('enroll.title')} text={t('enroll.text')}>
      {token === '' ? (
        <Alert color="orange">{t('enroll.noToken')}</Alert>
      ) : shown.isError ? (
        <Fault error={shown.error} />
      ) : !of ? (
        <Loading rows={4} />
      ) : done ? (
        <Made of={of} done={done} />
      ) : (
        <Stack>
          <Facts of={of} />
          <Pair of={of} ask={ask} value={material} onChange={setMaterial} />
          {make.isError && <Fault error={make.error} />}
          <Button
            w="fit-content"
            loading={make.isPending}
            disabled={!isComplete(chosen)}
            onClick={() => isComplete(chosen) && make.mutate(chosen)}
          >
            {t('enroll.make')}
          </Button>
        </Stack>
      )}
    </FrontPage>
  );
}
