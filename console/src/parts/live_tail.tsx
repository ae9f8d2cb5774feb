import { Badge, Box, Button, Group, Text, UnstyledButton } from '@mantine/core';
import { IconCheck, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveRequest } from '~/api/types';
import { useLive, useLiveState } from '~/app/live';
import { useNodeTexts } from '~/i18n/node_texts';
import { local } from '~/text/words';

const kept = 500;
const perSecond = 20;

interface Tail {
  rows: LiveRequest[];
  skipped: number;
  second: number;
  inSecond: number;
}
const nothing: Tail = { rows: [], skipped: 0, second: 0, inSecond: 0 };

// take adds a request to the tail: at most 20 rows a second, the rest is counted; 500 are kept.
function take(tail: Tail, request: LiveRequest): Tail {
  const second = Math.floor(Date.now() / 1000);
  const inSecond = second === tail.second ? tail.inSecond + 1 : 1;
  if (inSecond > perSecond) {
    return { ...tail, second, inSecond, skipped: tail.skipped + 1 };
  }
  return { ...tail, second, inSecond, rows: [request, ...tail.rows].slice(0, kept) };
}

function Row({ request, onOpen }: { request: LiveRequest; onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  const say = useNodeTexts();
  const refused = request.outcome === 'refused';
  const line = (
    <Group gap="sm" py={5} px="xs" wrap="wrap" className="tail">
      <Text inherit c="dimmed" component="time">
        {local(request.at).slice(11)}
        {request.at.slice(19, 23)}
      </Text>
      <Badge
        color={refused ? 'red' : 'green'}
        leftSection={refused ? <IconX size={12} aria-hidden /> : <IconCheck size={12} aria-hidden />}
      >
        {refused ? say.reason(request.reason ?? '') : t('tail.accepted')}
      </Badge>
      <span className="wrap">{request.route}</span>
      <Text inherit c="dimmed" className="wrap">
        {request.address} · {request.client}
      </Text>
    </Group>
  );
  return refused ? (
    <UnstyledButton w="100%" onClick={() => onOpen(request.request_id)}>
      {line}
    </UnstyledButton>
  ) : (
    line
  );
}

// LiveTail shows requests of one API key as they come; it stands still under the pointer or the focus.
export function LiveTail({ apiKey, onOpen }: { apiKey: string; onOpen: (requestId: string) => void }) {
  const { t } = useTranslation();
  const [tail, setTail] = useState(nothing);
  const [paused, setPaused] = useState(false);
  const [held, setHeld] = useState<Tail | null>(null);
  const stream = useLiveState();
  useLive(`key:${apiKey}`, (event) => {
    if (event.kind === 'request') {
      setTail((now) => take(now, event));
    }
  });
  const shown = held ?? tail;
  const pause = (on: boolean) => {
    setPaused(on);
    setHeld(on ? tail : null);
  };
  return (
    <Box
      onMouseEnter={() => setHeld((now) => now ?? tail)}
      onMouseLeave={() => !paused && setHeld(null)}
      onFocus={() => setHeld((now) => now ?? tail)}
      onBlur={() => !paused && setHeld(null)}
    >
      <Group justify="space-between" mb="xs">
        <Text size="sm" c="dimmed" role="status">
          {stream.state === 'lost' ? t('tail.lost') : held ? t('tail.paused') : t('tail.live')}
          {shown.skipped > 0 && ` · ${t('tail.skipped', { count: shown.skipped })}`}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={paused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
          onClick={() => pause(!paused)}
        >
          {paused ? t('tail.goOn') : t('tail.pause')}
        </Button>
      </Group>
      <Box mah={360} style={{ overflowY: 'auto' }} tabIndex={0} role="log" aria-label={t('tail.label')}>
        {shown.rows.length === 0 ? (
          <Text c="dimmed" size="sm" py="md">
            {t('tail.none')}
          </Text>
        ) : (
          shown.rows.map((request) => <Row key={request.request_id} request={request} onOpen={onOpen} />)
        )}
      </Box>
    </Box>
  );
}
