import type { ApiKey, Refusal, Usage } from '../src/api/types.ts';

// What the mock node holds at its start: API keys in every state that the page has to show.

const day = 86_400_000;
export const at = (ms: number) => new Date(Date.now() + ms).toISOString();

// A small generator with a fixed seed: the same pictures each time.
let state = 7;
function chance() {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state / 2_147_483_648;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const randomId = (marker: string) =>
  marker + Array.from({ length: 60 }, () => letters[Math.floor(chance() * letters.length)]).join('');

function key(part: Partial<ApiKey> & { label: string }, ageDays: number): ApiKey {
  const type = part.type ?? 'ed25519';
  return {
    api_key: randomId('cfk1'),
    account: 'desk-7',
    type,
    state: 'active',
    state_since: at(-ageDays * day),
    state_cause: '',
    permissions: ['USER_DATA'],
    allow_list: ['203.0.113.7'],
    symbols: [],
    created_at: at(-ageDays * day),
    expires_at: at((90 - ageDays) * day),
    vendor: '',
    parent: null,
    imported: false,
    notice: null,
    pairs: [
      {
        number: 1,
        type,
        state: 'active',
        created_at: at(-ageDays * day),
        retires_at: null,
        quiet_s: null,
        ...(type === 'hmac-sha256' ? {} : { fingerprint: 'SHA256:Qm1vYmR4c2Z0cGhqN2tlMm4wYjV3OXV5YzRpcTZsOA' }),
      },
    ],
    last_used_at: at(-38_000),
    ...part,
  };
}

export function seedKeys(): ApiKey[] {
  const rotating = key(
    {
      label: 'mm-bot-3',
      permissions: ['USER_DATA', 'USER_STREAM', 'TRADE'],
      allow_list: ['203.0.113.7', '198.51.100.0/28'],
      symbols: ['BTCUSDT', 'ETHUSDT'],
    },
    21,
  );
  rotating.pairs[0] = { ...rotating.pairs[0]!, state: 'retiring', retires_at: at(16 * 3_600_000), quiet_s: 21_600 };
  rotating.pairs.push({
    ...rotating.pairs[0],
    number: 2,
    state: 'active',
    created_at: at(-8 * 3_600_000),
    retires_at: null,
    quiet_s: null,
  });
  return [
    rotating,
    key(
      { label: 'grid-eu-west', permissions: ['USER_DATA', 'TRADE', 'MARGIN', 'FUTURES'], allow_list: ['203.0.113.40'] },
      30,
    ),
    key(
      {
        label: 'tax-2026',
        type: 'hmac-sha256',
        allow_list: ['any'],
        last_used_at: at(-61 * day),
        expires_at: at(9 * day),
      },
      81,
    ),
    key(
      {
        label: 'treasury',
        permissions: ['USER_DATA', 'WITHDRAW', 'UNIVERSAL_TRANSFER'],
        allow_list: ['192.0.2.14'],
        last_used_at: at(-3 * 3_600_000),
      },
      12,
    ),
    key(
      {
        label: 'dashboard',
        permissions: ['USER_DATA', 'USER_STREAM'],
        expires_at: at(2 * day),
        last_used_at: at(-240_000),
      },
      88,
    ),
    key(
      {
        label: 'agency-old',
        type: 'rsa-sha256',
        state: 'suspended',
        state_since: at(-2 * day),
        state_cause: 'laptop stolen',
        permissions: ['USER_DATA', 'TRADE'],
        last_used_at: at(-2 * day),
      },
      40,
    ),
    key({ label: 'ci-smoke', type: 'hmac-sha256', last_used_at: null }, 3),
    key(
      {
        label: 'key-desk',
        permissions: ['USER_DATA', 'TRADE', 'MANAGE_KEYS'],
        account: 'fund-1',
        allow_list: ['192.0.2.0/29'],
      },
      5,
    ),
    key(
      {
        label: 'legacy-import',
        type: 'hmac-sha256',
        imported: true,
        expires_at: null,
        permissions: ['USER_DATA', 'TRADE'],
        notice: { policy: 'endless', since: at(-3 * day), restricted_since: null, ends_at: null },
      },
      400,
    ),
    key(
      {
        label: 'bot-2025',
        state: 'revoked',
        state_since: at(-30 * day),
        state_cause: 'replaced',
        last_used_at: at(-31 * day),
      },
      120,
    ),
    key({ label: 'backtest', state: 'expired', expires_at: at(-5 * day), last_used_at: at(-6 * day) }, 95),
    key(
      {
        label: 'night-watch',
        permissions: ['MANAGEMENT'],
        allow_list: ['203.0.113.7'],
        last_use: {
          at: at(-90_000),
          number: 1,
          address: '203.0.113.7',
          client: 'python-urllib/3.11',
          route: 'GET /api/v1/keys',
        },
      },
      12,
    ),
    key({ label: 'a label of the longest kind that a person may give to one key ok', permissions: ['USER_DATA'] }, 50),
  ];
}

export function usageOf(of: ApiKey, since: string, step: string): Usage {
  const size = step === 'minute' ? 60_000 : 3_600_000;
  const start = Math.ceil(new Date(since).getTime() / size);
  const end = Math.floor(Date.now() / size);
  const used = of.last_used_at && Date.now() - new Date(of.last_used_at).getTime() < day;
  const busy = of.label.length * 7;
  const steps = used
    ? Array.from({ length: end - start + 1 }, (_, i) => ({
        start: new Date((start + i) * size).toISOString(),
        accepted: Math.round(busy * (1.2 + Math.sin((start + i) / 3.8)) * (0.7 + 0.6 * chance())),
        refused: of.label.startsWith('mm-bot') && i % 5 === 2 ? Math.round(busy * 0.2 * chance()) : 0,
      }))
    : [];
  const clients = of.last_used_at
    ? [
        {
          number: of.pairs.at(-1)!.number,
          address: '203.0.113.7',
          client: 'python-requests/2.32',
          first_at: of.created_at,
          last_at: of.last_used_at,
          accepted: 12_204,
          route: 'GET /api/v3/account',
        },
        ...(of.pairs.length > 1
          ? [
              {
                number: 1,
                address: '198.51.100.9',
                client: 'go-client/1.1',
                first_at: of.created_at,
                last_at: at(-1_260_000),
                accepted: 2_531,
                route: 'POST /api/v3/order',
              },
            ]
          : []),
      ]
    : [];
  return {
    pairs: of.pairs
      .map((pair) => ({
        number: pair.number,
        first_at: pair.created_at,
        last_at: of.last_used_at ?? pair.created_at,
        accepted: 7,
        last_request_id: 'req-1',
      }))
      .filter(() => clients.length > 0),
    clients,
    routes: of.last_used_at
      ? [
          { route: 'GET /api/v3/account', first_at: of.created_at, last_at: of.last_used_at, accepted: 9_120 },
          ...(of.permissions.includes('TRADE')
            ? [{ route: 'POST /api/v3/order', first_at: of.created_at, last_at: of.last_used_at, accepted: 3_084 }]
            : []),
        ]
      : [],
    last_used_at: of.last_used_at ?? null,
    accepted_last_hour: used ? busy : 0,
    steps,
    as_of: at(0),
  };
}

// acceptedOf gives one row a minute, back from the last use.
export function acceptedOf(of: ApiKey) {
  const last = of.last_used_at ? new Date(of.last_used_at).getTime() : null;
  return Array.from({ length: last ? 120 : 0 }, (_, i) => ({
    request_id: `req-ok-${String(120 - i).padStart(3, '0')}`,
    first_at: new Date(last! - i * 60_000 - 20_000).toISOString(),
    last_at: new Date(last! - i * 60_000).toISOString(),
    count: 1 + (i % 7) * 3,
    number: of.pairs.at(-1)!.number,
    route: i % 4 ? 'GET /api/v3/account' : 'POST /api/v3/order',
    address: '203.0.113.7',
    client: 'python-requests/2.32',
  }));
}

const reasons = [
  {
    reason: 'signature_wrong',
    detail: 'The signature does not belong to the text received and this key.',
    fix: 'Sign exactly the bytes that are sent: encode the parameters first, then sign the encoded text.',
  },
  {
    reason: 'timestamp_late',
    detail: 'The timestamp is older than the recv window allows.',
    fix: 'Set the clock of the machine by NTP, or ask for a larger recvWindow.',
  },
  {
    reason: 'address_not_allowed',
    detail: "The address is not in the key's IP allow-list.",
    fix: "Add the address to the key's allow-list, or send from one that is in it.",
  },
];

export function seedRefusals(keys: ApiKey[]): Refusal[] {
  return keys
    .filter((one) => ['mm-bot-3', 'grid-eu-west'].includes(one.label))
    .flatMap((one) =>
      Array.from({ length: 9 }, (_, i) => ({
        request_id: `req-${one.label}-${i}`,
        time: at(-i * 4_100_000 - 90_000),
        api_key: one.api_key,
        account: one.account,
        method: i % 2 ? 'GET' : 'POST',
        path: i % 2 ? '/api/v3/account' : '/api/v3/order',
        route: i % 2 ? 'GET /api/v3/account' : 'POST /api/v3/order',
        address: i % 3 === 2 ? '192.0.2.66' : '203.0.113.7',
        client: i % 3 === 2 ? 'python-requests/2.32' : 'go-client/1.1',
        clock_offset_us: i % 3 === 1 ? 6_120_000 : 12_000,
        count: i % 3 === 0 ? 212 : 1,
        has_payload: true,
        ...reasons[i % 3]!,
      })),
    );
}

const scopes: Record<string, 'read_own' | 'manage_own' | 'read_all' | 'manage_all'> = {
  MANAGEMENT_READ: 'read_own',
  MANAGEMENT: 'manage_own',
  MANAGEMENT_AUDITOR: 'read_all',
  MANAGEMENT_OPERATOR: 'manage_all',
};
const permission = (name: string, label: string, risk: string, group: string, list = false, always = false) => ({
  name, label, risk, group, needs_allow_list: list, always_needs_allow_list: always, manages_keys: name === 'MANAGE_KEYS', management: scopes[name] ?? ('none' as const), is_default: name === 'USER_DATA',
}); // prettier-ignore

export const profile = {
  name: 'binance-spot',
  title: 'Binance spot REST API',
  types: [],
  routes: 80,
  reminder_days: [30, 14, 7, 1],
  permissions: [
    permission('USER_DATA', 'Reading', 'A thief sees balances, orders and trades, but changes nothing.', 'read'),
    permission(
      'USER_STREAM',
      'User data stream',
      'A thief watches fills and balance changes as they happen.',
      'stream',
    ),
    permission(
      'TRADE',
      'Spot and margin trading',
      'A thief can drain the account by trading against himself at bad prices.',
      'trade',
      true,
    ),
    permission(
      'MARGIN',
      'Margin loan, repay and transfer',
      "A thief can borrow in the account's name and lose what he borrowed.",
      'trade',
      true,
    ),
    permission(
      'FUTURES',
      'Futures',
      'A thief can open leveraged positions and lose more than the balance shows.',
      'trade',
      true,
    ),
    permission('FIX_API', 'FIX API', 'A thief can trade over FIX sessions, faster than over REST.', 'fix', true),
    permission(
      'UNIVERSAL_TRANSFER',
      'Universal transfer',
      'A thief can move assets between wallets to where another key may spend them.',
      'withdraw',
      true,
    ),
    permission('WITHDRAW', 'Withdrawals', 'A thief can send everything away, for good.', 'withdraw', true, true),
    permission(
      'MANAGE_KEYS',
      'Managing API keys of sub-accounts',
      'A thief can make keys for every sub-account, widen and end others.',
      'manage',
      true,
      true,
    ),
    permission(
      'MANAGEMENT_READ',
      'Management API: reading this account',
      'A thief sees which API keys the account has and from where each is used.',
      'manage',
    ),
    permission(
      'MANAGEMENT',
      'Management API: reading and stopping keys of this account',
      'A thief can suspend and revoke every API key of the account.',
      'manage',
      true,
    ),
    permission(
      'MANAGEMENT_OPERATOR',
      "Management API: stopping anybody's keys, as an operator",
      'A thief can suspend and revoke the API keys of every account.',
      'manage',
      true,
      true,
    ),
  ],
};
