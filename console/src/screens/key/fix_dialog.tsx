import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconUserQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { keyFindingsQuery, refusalQuery } from '~/api/queries';
import type { KeyFinding } from '~/api/findings';
import type { ApiKey } from '~/api/types';
import { useMayChange } from '~/app/session';
import { Dialog } from '~/parts/dialog';
import { Fault } from '~/parts/fault';
import { FindingClass } from '~/parts/finding_card';
import { Loading } from '~/parts/loading';
import { When } from '~/parts/when';
import { count } from '~/text/words';

// A valid signature from an address that is not listed: whoever sent it has the secret.
const isTheft = (finding: KeyFinding) => finding.id === 'ip-not-allowed';

// ranked puts what may be a theft before what is a mistake; the node's own order stands otherwise.
const ranked = (findings: KeyFinding[]) => findings.toSorted((a, b) => Number(isTheft(b)) - Number(isTheft(a)));

type Remedy = 'edit' | 'suspend' | 'revoke';

function Theft({ finding, act }: { finding: KeyFinding; act: (remedy: Remedy) => void }) {
  const { t } = useTranslation();
  const mayChange = useMayChange();
  const { data } = useQuery(refusalQuery(finding.request_id));
  return (
    <Alert color="red" icon={<IconUserQuestion aria-hidden />} title={t('fix.wasThisYou')}>
      <Stack gap="sm">
        <Text size="sm">
          {t('fix.theftText', { count: finding.count, requests: count(finding.count) })}{' '}
          {data && (
            <>
              <b className="mono">{data.address}</b> ({data.client}), <When time={finding.last_at} />
            </>
          )}
        </Text>
        {mayChange && (
          <Group gap="xs">
            <Button size="xs" color="red" onClick={() => act('suspend')}>
              {t('fix.notMe')}
            </Button>
            <Button size="xs" variant="default" onClick={() => act('edit')}>
              {t('fix.wasMe')}
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

function Mistake({ finding, of, onClose }: { finding: KeyFinding; of: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const { data } = useQuery(refusalQuery(finding.request_id));
  const fix = data?.findings?.find((one) => one.id === finding.id)?.fix ?? data?.fix;
  return (
    <Stack gap={4} component="li">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text fw={600}>{finding.title}</Text>
        <FindingClass of={finding.class} />
      </Group>
      {fix && <Text size="sm">{fix}</Text>}
      <Text size="xs" c="dimmed">
        {t('fix.times', { count: finding.count, requests: count(finding.count) })} <When time={finding.first_at} />
        {' · '}
        <Anchor
          component={Link}
          inherit
          to="/keys/$id"
          params={{ id: of.api_key } as never}
          search={{ tab: 'requests', request: finding.request_id } as never}
          onClick={onClose}
        >
          {t('fix.look')}
        </Anchor>
      </Text>
    </Stack>
  );
}

// FixDialog gathers what is wrong with a key now, the most pressing first, each with its remedy.
export function FixDialog({ of, act, onClose }: { of: ApiKey; act: (remedy: Remedy) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(keyFindingsQuery(of.api_key));
  const list = ranked(data ?? []);
  return (
    <Dialog title={t('fix.title', { name: of.label || of.api_key.slice(0, 8) })} onClose={onClose} size="lg">
      {error ? (
        <Fault error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading rows={3} height={64} />
      ) : list.length === 0 ? (
        <Group gap="xs">
          <IconCircleCheck size={20} color="var(--accept)" aria-hidden />
          <Text>{t('fix.fine')}</Text>
        </Group>
      ) : (
        <Stack gap="lg">
          {list.filter(isTheft).map((finding) => (
            <Theft key={finding.id} finding={finding} act={act} />
          ))}
          <ol className="mistakes">
            {list
              .filter((finding) => !isTheft(finding))
              .map((finding) => (
                <Mistake key={finding.id} finding={finding} of={of} onClose={onClose} />
              ))}
          </ol>
        </Stack>
      )}
    </Dialog>
  );
}
