import { Card, Stack, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Receipt } from '~/api/types';
import { AddressEditor } from '~/parts/address_editor';
import { Addresses } from '~/parts/addresses';
import { CodeInput } from '~/parts/code_input';
import { DiffView } from '~/parts/diff_view';
import { ExpiryPicker } from '~/parts/expiry_picker';
import { GatewayAcks } from '~/parts/gateway_acks';
import { KeyId } from '~/parts/key_id';
import { PermissionChips } from '~/parts/permission_chips';
import { SecretBox } from '~/parts/secret_box';
import { Snippet } from '~/parts/snippet';
import { Sparkline } from '~/parts/sparkline';
import { StatusChip } from '~/parts/status_chip';
import { Countdown, When } from '~/parts/when';
import { States } from './states';

// The story page: every shared part in its states, in development builds only.

const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
const receipt: Receipt = {
  id: 'r1', action: 'key.revoke', object: 'k', account: 'demo', committed_at: soon(0), in_force_at: soon(0), incarnation: 'x', revision: 1, bound_ms: 5000,
  gateways: [{ gateway: 'gw-1', outcome: 'applied', after_us: 1800 }], upstream: { event: 'e', answer: 'taken', canceled_orders: 2 }, node: 'gw-1', log_id: '', key_id: '', signature: '',
}; // prettier-ignore

function Story({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Card>
      <Title order={2} mb="md">
        {name}
      </Title>
      <Stack align="flex-start">{children}</Stack>
    </Card>
  );
}

export function Components() {
  const [list, setList] = useState(['10.0.0.0/24', '10.0.0.7']);
  const [end, setEnd] = useState<string | null>(soon(90 * 86_400_000));
  const [saved, setSaved] = useState(false);
  const [code, setCode] = useState('');
  return (
    <Stack>
      <Title order={1}>Components</Title>
      <Story name="StatusChip">
        {(['active', 'suspended', 'expired', 'revoked'] as const).map((state) => (
          <StatusChip key={state} of={{ state, expires_at: null, pairs: [] }} />
        ))}
        <StatusChip of={{ state: 'active', expires_at: soon(86_400_000), pairs: [] }} />
      </Story>
      <Story name="KeyId, When, Countdown, Addresses">
        <KeyId id="4L4BgORajwl8z9xg3BjJZeKkZUoXLd9LgDX8nZR0lJQ9dy03dKd7lyqXUxqeUIwc" />
        <When time={soon(-38_000)} />
        <Countdown to={soon(2 * 86_400_000)} />
        <Countdown to={null} />
        <Addresses list={['any']} />
        <Addresses list={['10.0.0.1', '10.0.0.2']} />
      </Story>
      <Story name="PermissionChips">
        <PermissionChips names={['USER_DATA', 'TRADE', 'WITHDRAW', 'MARGIN', 'FUTURES']} />
      </Story>
      <Story name="Sparkline">
        <Sparkline counts={[1, 4, 2, 8, 5, 9, 3]} refused={[0, 0, 1, 0, 0, 2, 0]} label="seven hours" />
      </Story>
      <Story name="AddressEditor">
        <AddressEditor value={list} onChange={setList} own="203.0.113.7" />
      </Story>
      <Story name="ExpiryPicker">
        <ExpiryPicker value={end} onChange={setEnd} />
      </Story>
      <Story name="SecretBox">
        <SecretBox
          secret="cfs1-not-a-secret"
          what="Secret"
          files={[{ name: 'a.env', text: '' }]}
          saved={saved}
          onSaved={setSaved}
        />
      </Story>
      <Story name="CodeInput">
        <CodeInput label="Code" value={code} onChange={setCode} />
      </Story>
      <Story name="Snippet">
        <Snippet type="ed25519" gateway="https://api.example" apiKey="4L4B" path="/api/v3/account" />
      </Story>
      <Story name="DiffView">
        <DiffView differences={[{ name: 'Permissions', before: 'USER_DATA', after: 'USER_DATA, TRADE' }]} />
      </Story>
      <Story name="GatewayAcks">
        <GatewayAcks receipt={receipt} />
      </Story>
      <States />
    </Stack>
  );
}
