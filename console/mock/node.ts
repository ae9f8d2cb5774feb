import type {
  ApiKey,
  EnrolmentLink,
  MassAction,
  Receipt,
  Session,
  Webhook,
  WebhookDelivery,
} from '../src/api/types.ts';
import { examined, explained, fixOf } from './findings.ts';
import { acceptedOf, at, profile, randomId, seedKeys, seedRefusals, usageOf } from './seed.ts';

type Body = Record<string, unknown>;
interface Call {
  request: Request;
  ids: string[];
  query: URLSearchParams;
  body: Body;
}
type Handler = (call: Call) => Response | Promise<Response>;

const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers });
const problem = (status: number, reason: string, detail: string, more: Body = {}) =>
  json({ title: reason, status, reason, detail, request_id: 'req_mock', ...more }, status);
const list = (items: unknown[]) => json({ items, next: null, as_of: at(0) });
// page cuts a list into pages; `next` is the number of the first item of the next one.
const page = (items: unknown[], query: URLSearchParams) => {
  const from = Number(query.get('after') ?? 0);
  const to = from + Number(query.get('limit') ?? 50);
  return json({ items: items.slice(from, to), next: to < items.length ? String(to) : null, as_of: at(0) });
};
const nothing = () => new Response(null, { status: 204 });

// Whatever asks for step-up: the code 000000 is wrong, every other is right.
const widening =
  /^POST \/(keys$|keys\/[^/]+\/(rotate|resume)|people|me\/(recovery|passkeys$)|accounts$|enrolment-links$|webhooks$|webhooks\/[^/]+\/rotate)|^PATCH \/(keys|webhooks)|^DELETE \/webhooks/;

// MockNode answers the management API from memory, for `npm run dev` and for tests. It checks the
// shape of a call no further than the page needs.
export class MockNode {
  keys = seedKeys();
  signedIn = true;
  stage: Session['stage'] = 'full';
  role: Session['person']['role'] = 'owner';
  setupOpen = true;
  held = false;
  private seenAt = at(-5e6);
  private readonly refusals = seedRefusals(this.keys);
  private readonly versions = new Map<string, number>();
  private readonly receipts: Receipt[] = [];
  private readonly actions = new Map<string, MassAction & { ids: string[] }>();
  private readonly links: EnrolmentLink[] = [];
  private readonly webhooks: Webhook[] = [];
  private readonly deliveries = new Map<string, WebhookDelivery[]>();
  private readonly grants = new Set<string>();

  private session(): Session {
    return {
      person: {
        id: 'p1',
        name: 'Ana Weber',
        email: 'ana@desk.example',
        role: this.role,
        language: 'en',
        time_zone: 'UTC',
        theme: 'auto',
      },
      accounts: [
        { id: 'desk-7', name: 'Trading desk 7', master: null },
        { id: 'fund-1', name: 'Fund 1', master: null },
      ],
      csrf: 'mock',
      stage: this.stage,
      factors: { passkeys: 1, totp: true, recovery_codes_left: 7 },
      idle_until: at(900_000),
      ends_at: at(14_400_000),
      server_time: at(0),
      keys_held_until: this.held ? at(43_200_000) : null,
      address: '127.0.0.1',
    };
  }

  private deliver(webhook: string, type: string): WebhookDelivery {
    const delivery: WebhookDelivery = {
      id: randomId('').slice(0, 32),
      webhook_id: `msg_${randomId('').slice(0, 32)}`,
      type,
      body: JSON.stringify({ type, timestamp: at(0), data: { account: 'desk-7' } }),
      state: 'taken',
      attempts: 1,
      status: 204,
      fault: null,
      made_at: at(0),
      last_try_at: at(0),
      next_try_at: null,
    };
    this.deliveries.set(webhook, [delivery, ...(this.deliveries.get(webhook) ?? [])]);
    return delivery;
  }

  private find(id: string): ApiKey | undefined {
    return this.keys.find((key) => key.api_key === id);
  }

  private shown(key: ApiKey, more: Body = {}, status = 200) {
    return json({ ...key, ...more }, status, { ETag: `"${this.versions.get(key.api_key) ?? 1}"` });
  }

  private receipt(action: string, key: ApiKey): Receipt {
    const receipt: Receipt = {
      id: `r${this.receipts.length + 1}`, action, object: key.api_key, account: key.account, committed_at: at(0), in_force_at: at(2), incarnation: '92c1', revision: 4711, bound_ms: 5000,
      gateways: [{ gateway: 'gw-1', outcome: 'applied', revision: 4711, after_us: 1800 }, { gateway: 'gw-2', outcome: 'applied', revision: 4711, after_us: 2650 }],
      upstream: action === 'key.revoke' ? { event: 'evt-1', answer: 'taken', status: 200, canceled_orders: 2 } : null,
      node: 'gw-1', log_id: 'l', key_id: 'SHA256:x', signature: 'c2ln',
    }; // prettier-ignore
    this.receipts.unshift(receipt);
    return receipt;
  }

  private change(id: string, action: string, part: Partial<ApiKey>, more: Body = {}) {
    const key = this.find(id);
    if (!key) {
      return problem(404, 'no_such_key', 'There is no such API key.');
    }
    Object.assign(key, part);
    this.versions.set(id, (this.versions.get(id) ?? 1) + 1);
    return this.shown(key, { receipt: this.receipt(action, key), ...more });
  }

  private readonly routes: [string, Handler][] = [
    ['GET /setup', () => json({ open: this.setupOpen })],
    ['GET /setup/checks', () => json([
      { id: 'origin', state: 'ok', text: 'The console is reached as https://console.desk.example.', fix: null },
      { id: 'clock', state: 'ok', text: 'The clock goes on without jumps.', fix: null },
      { id: 'disk', state: 'ok', text: 'The data directory is private and has room: 48123 MiB are free.', fix: null },
      { id: 'upstream', state: 'warn', text: 'The upstream, http://10.0.0.5:9000, does not answer.', fix: 'Start it, or set upstream.url.' },
    ])],
    ['POST /setup', () => this.enrol()],
    ['POST /registration', () => this.enrol()],
    ['GET /session', () => (this.signedIn ? json(this.session()) : problem(401, 'signed_out', 'Sign in first.'))],
    ['POST /session', ({ body }) => {
      if (body.password === 'wrong' || body.totp === '000000') {
        return problem(401, 'sign_in_failed', 'Name, passphrase or code is not right.', { retry_after_s: 4 });
      }
      this.signedIn = true;
      return json(this.session());
    }],
    ['GET /session/oidc', () => json({ name: null })],
    ['DELETE /session', () => {
      this.signedIn = false;
      return nothing();
    }],
    ['POST /me/totp', () => json({ secret_base32: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', otpauth_uri: 'otpauth://totp/Counterfoil:ana@desk.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Counterfoil' }, 201)],
    ['POST /me/totp/confirm', ({ body }) => (body.code === '000000' ? problem(401, 'code_wrong', 'That code is not right.') : nothing())],
    ['POST /me/recovery-codes', () => {
      this.stage = 'full';
      return json({ codes: Array.from({ length: 10 }, (_, i) => `k7q${i}-m2xv-9r4t-p8w${i}`) }, 201);
    }],
    ['POST /me/step-up/options', () => json({ challenge_id: 'c', public_key: null, totp: true })],
    ['POST /me/step-up', ({ body }) => {
      if (body.totp === '000000') {
        return problem(401, 'step_up_failed', 'That code is not right.');
      }
      this.grants.add('grant');
      return json({ grant: 'grant' });
    }],
    ['GET /me/identities', () => json({ items: [] })],
    ['GET /me/passkeys', () => json({ items: [{ id: 'k1', name: 'Laptop', created_at: at(-9e9), last_used_at: at(-3e6) }] })],
    ['DELETE /me/passkeys/*', () => problem(409, 'last_factor', 'That is your last factor. Add another one first.')],
    ['DELETE /me/totp', () => nothing()],
    ['GET /me/sessions', () => json({ items: [
      { id: 's1', current: true, started_at: at(-3e6), last_seen_at: at(0), address: '203.0.113.7', client: 'Chromium on Linux' },
      { id: 's2', current: false, started_at: at(-8e6), last_seen_at: at(-4e5), address: '198.51.100.4', client: 'Safari on iPhone' },
    ] })],
    ['DELETE /me/sessions', nothing],
    ['DELETE /me/sessions/*', nothing],
    ['PATCH /me', () => json(this.session())],
    ['POST /me/password', nothing],
    ['GET /me/notices', () => {
      const told = (id: number, what: string, ago: number, more: Body = {}) => ({ id: `n${id}`, what, at: at(-ago), seen: at(-ago) <= this.seenAt, by_oneself: true, address: '203.0.113.7', object: 'p1', count: 1, detail: {}, ...more });
      const key = this.keys[0]!;
      const items = [
        told(1, 'session.open', 3e6),
        told(2, 'key.create', 4e6, { object: key.api_key, detail: { label: key.label } }),
        told(3, 'password.offer_reset', 9e6, { by_oneself: false, address: null }),
        told(4, 'key.suspend', 9e7, { object: key.api_key, count: 3, detail: { cause: 'a leak' } }),
      ];
      return json({ items, unseen: items.filter((one) => !one.seen).length, next: null, as_of: at(0) });
    }],
    ['POST /me/notices/seen', () => {
      this.seenAt = at(0);
      return nothing();
    }],
    ['POST /password-reset', ({ body }) => (body.totp === '000000' ? problem(401, 'reset_failed', 'The password was not changed.') : json({ keys_held_until: this.held ? at(86_400_000) : null }))],
    ['POST /people/*/offer-reset', () => json({ url_token: randomId('rst-'), page: '/reset', expires_at: at(900_000) }, 201)],
    ['GET /people', () => json({ items: [
      { id: 'p1', name: 'Ana Weber', email: 'ana@desk.example', role: 'owner', state: 'active', account: null, factors: { passkeys: 1, totp: true, recovery_codes_left: 7 }, identities: [], last_seen_at: at(0), sessions: 2, keys_held_until: null },
      { id: 'p2', name: 'Li Wei', email: 'li@desk.example', role: 'holder', state: 'needs_factor', account: 'desk-7', factors: { passkeys: 0, totp: false, recovery_codes_left: 0 }, identities: [], last_seen_at: null, sessions: 0, keys_held_until: null },
      { id: 'p3', name: 'Tomas Okafor', email: 'tomas@desk.example', role: 'auditor', state: 'disabled', account: null, factors: { passkeys: 2, totp: false, recovery_codes_left: 3 }, identities: [{ id: 'e5'.repeat(32), issuer: 'https://id.desk.example', shown: 'tomas@id.desk.example', created_at: at(-9e8), last_used_at: at(-8e8) }], last_seen_at: at(-8e8), sessions: 0, keys_held_until: null },
    ] })],
    ['POST /people/invitations', () => json({ url_token: randomId('inv-') }, 201)],
    ['GET /accounts', () => list([
      { id: 'desk-7', name: 'Trading desk 7', state: 'active', state_since: at(-9e9), state_cause: '', created_at: at(-9e9), master: 'fund-1', email: 'desk-7@fund.example' },
      { id: 'fund-1', name: 'Fund 1', state: 'active', state_since: at(-9e9), state_cause: '', created_at: at(-9.5e9), master: null, email: null },
      { id: 'old-desk', name: '', state: 'suspended', state_since: at(-9e8), state_cause: 'closed', created_at: at(-2e10), master: null, email: null },
    ])],
    ['POST /accounts/*/suspend', ({ ids }) => json({ id: ids[0] })],
    ['POST /accounts/*/resume', ({ ids }) => json({ id: ids[0] })],
    ['GET /keys', ({ query }) => {
      const q = query.get('q') ?? '';
      const held = query.get('permission')?.split(',');
      return list(this.keys.filter((key) => (key.label.includes(q) || key.api_key.includes(q)) && (!held || held.some((name) => key.permissions.includes(name)))));
    }],
    ['POST /keys', ({ body }) => this.create(body)],
    ['GET /keys/*', ({ ids }) => {
      const key = this.find(ids[0]!);
      return key ? this.shown(key) : problem(404, 'no_such_key', 'There is no such API key.');
    }],
    ['GET /keys/*/descendants', () => list(this.keys.slice(0, 2))],
    ['PATCH /keys/*', ({ ids, body, request }) => {
      const seen = request.headers.get('If-Match');
      return seen && seen !== `"${this.versions.get(ids[0]!) ?? 1}"`
        ? problem(412, 'changed_meanwhile', 'The API key was changed since.')
        : this.change(ids[0]!, 'key.edit', body as Partial<ApiKey>);
    }],
    ['POST /keys/*/suspend', ({ ids, body }) => this.change(ids[0]!, 'key.suspend', { state: 'suspended', state_since: at(0), state_cause: String(body.cause ?? '') })],
    ['POST /keys/*/resume', ({ ids }) => this.change(ids[0]!, 'key.resume', { state: 'active', state_since: at(0), state_cause: '' })],
    ['POST /keys/*/revoke', ({ ids, body }) => this.change(ids[0]!, 'key.revoke', { state: 'revoked', state_since: at(0), state_cause: String(body.cause ?? '') })],
    ['POST /keys/*/rotate', ({ ids, body }) => {
      const key = this.find(ids[0]!);
      const type = body.type as ApiKey['type'];
      const old = key!.pairs.map((pair) => ({ ...pair, state: 'retiring' as const, retires_at: at(Number(body.overlap_s) * 1000) }));
      const fresh = { number: old.length + 1, type, state: 'active' as const, created_at: at(0), retires_at: null, quiet_s: null };
      return this.change(ids[0]!, 'key.rotate', { type, pairs: [...old, fresh] }, type === 'hmac-sha256' ? { secret: randomId('cfs1') } : {});
    }],
    ['POST /keys/*/end-retiring', ({ ids }) => this.change(ids[0]!, 'key.end_retiring', { pairs: this.find(ids[0]!)!.pairs.filter((pair) => pair.state === 'active') })],
    ['POST /keys/*/back-out', ({ ids }) => this.change(ids[0]!, 'key.back_out', { pairs: this.find(ids[0]!)!.pairs.slice(0, 1).map((pair) => ({ ...pair, state: 'active', retires_at: null })) })],
    ['GET /keys/*/usage', ({ ids, query }) => json(usageOf(this.find(ids[0]!)!, query.get('since') ?? at(-864e5), query.get('step') ?? 'hour'))],
    ['POST /challenges', ({ body }) => json({ nonce: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', text: `counterfoil-possession-v1\ncounterfoil\n${String(body.account)}\n5f1e0c\na1b2c3d4e5f60718293a4b5c6d7e8f90` }, 201)],
    ['GET /keys/*/requests', ({ ids, query }) => page(acceptedOf(this.find(ids[0]!)!), query)],
    ['GET /refusals', ({ query }) => page(this.refusals.filter((one) => !query.get('api_key') || one.api_key === query.get('api_key')), query)],
    ['GET /enrolment-links', () => list(this.links)],
    ['POST /enrolment-links', ({ body }) => {
      const link = {
        id: randomId('').slice(0, 32), state: 'open' as EnrolmentLink['state'], account: String(body.account), label: String(body.label ?? ''), type: body.type as EnrolmentLink['type'], permissions: body.permissions as string[], allow_list: body.allow_list as string[], symbols: [], vendor: '',
        expires_at: body.expires_at as string | null, never_expires: false, made_by: 'person:p1', created_at: at(0), ends_at: at(864e5), used_at: null as string | null, api_key: null as string | null,
      }; // prettier-ignore
      this.links.unshift(link);
      return json({ ...link, page: 'http://localhost/enroll', url_token: 'mock-link' }, 201);
    }],
    ['POST /enrolment-links/*/withdraw', ({ ids }) => {
      this.links.splice(this.links.findIndex((one) => one.id === ids[0]), 1);
      return json({ id: ids[0], state: 'withdrawn' });
    }],
    ['GET /webhooks', ({ query }) => list(this.webhooks.filter((one) => one.account === query.get('account')))],
    ['POST /webhooks', ({ body }) => {
      const webhook: Webhook = {
        id: randomId('').slice(0, 32), account: String(body.account), url: String(body.url), events: body.events as Webhook['events'], state: 'on',
        stopped_why: null, stopped_at: null, last_status: null, old_secret_until: null, created_at: at(0),
      }; // prettier-ignore
      this.webhooks.push(webhook);
      return json({ ...webhook, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }, 201);
    }],
    ['PATCH /webhooks/*', ({ ids, body }) => {
      const webhook = this.webhooks.find((one) => one.id === ids[0])!;
      const stopped = body.state === 'stopped';
      Object.assign(webhook, body, body.state === undefined ? {} : { stopped_why: stopped ? 'by_holder' : null, stopped_at: stopped ? at(0) : null });
      return json(webhook);
    }],
    ['DELETE /webhooks/*', ({ ids }) => {
      this.webhooks.splice(this.webhooks.findIndex((one) => one.id === ids[0]), 1);
      return nothing();
    }],
    ['POST /webhooks/*/rotate-secret', ({ ids }) => {
      const webhook = this.webhooks.find((one) => one.id === ids[0])!;
      webhook.old_secret_until = at(864e5);
      return json({ ...webhook, secret: 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=' }, 201);
    }],
    ['GET /webhooks/*/deliveries', ({ ids }) => list(this.deliveries.get(ids[0]!) ?? [])],
    ['POST /webhooks/*/test', ({ ids }) => json(this.deliver(ids[0]!, 'webhook.test'), 202)],
    ['POST /webhooks/*/redeliver', ({ ids, body }) => {
      const told = this.deliveries.get(ids[0]!)!.find((one) => one.id === body.delivery)!;
      return json(this.deliver(ids[0]!, told.type), 202);
    }],
    ['POST /enrolment', () => {
      const link = this.links.find((one) => one.state === 'open');
      return link ? json({ ...link, gateway_url: 'https://api.desk.example' }) : problem(403, 'enrolment_link_closed', 'This link is not, or no longer, good.');
    }],
    ['POST /enrolment/challenge', () => json({ nonce: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', text: 'counterfoil-possession-v1' }, 201)],
    ['POST /enrolment/key', async ({ body }) => {
      const link = this.links.find((one) => one.state === 'open')!;
      const made = (await this.create({ ...link, type: body.type }).json()) as ApiKey & { secret?: string };
      Object.assign(link, { state: 'used', used_at: at(0), api_key: made.api_key });
      return json({ api_key: made.api_key, label: link.label, type: link.type, expires_at: link.expires_at, ...(made.secret ? { secret: made.secret } : {}) }, 201);
    }],
    ['POST /relay', ({ body }) => {
      const key = this.find(String(body.api_key));
      return key && !key.allow_list.includes('any')
        ? problem(409, 'relay_key_bound', 'This API key has an allow-list.')
        : json({ status: 200, headers: { 'content-type': 'application/json', 'x-counterfoil-request-id': 'req-relay' }, body: '{"balances":[]}', is_cut: false });
    }],
    ['GET /refusals/*', ({ ids }) => json(explained(this.refusals.find((one) => one.request_id === ids[0]) ?? this.refusals[0]!))],
    ['GET /keys/*/fix', ({ ids }) => json(fixOf(this.find(ids[0]!)!, this.refusals))],
    ['POST /doctor', ({ body }) => json(examined(String(body.text), this.keys))],
    ['GET /events', ({ query, request }) => this.events(query.get('topics') ?? '', request.signal)],
    ['GET /mass-actions', () => list([...this.actions.values()])],
    ['POST /mass-actions', ({ body }) => {
      const select = body.select as { api_keys?: string[]; account?: string };
      const ids = this.keys.filter((key) => (select.api_keys ? select.api_keys.includes(key.api_key) : !select.account || key.account === select.account)).map((key) => key.api_key);
      const action = {
        id: `m${this.actions.size + 1}`, action: body.action as MassAction['action'], cause: String(body.cause ?? ''), state: 'prepared' as const, select: select.api_keys ? { listed: ids.length } : select, begun_at: at(0), ended_at: null, by: 'Ana Weber',
        selected: { keys: ids.length, accounts: 1, active: ids.length, suspended: 0, revoked: 0, expired: 0, unreadable: 0 }, to_change: ids.length, changed: 0, already: 0, refused: 0, stop_reason: null, still_valid: null, ids,
      }; // prettier-ignore
      this.actions.set(action.id, action);
      return json(action, 201);
    }],
    ['GET /mass-actions/*', ({ ids }) => json(this.actions.get(ids[0]!))],
    ['POST /mass-actions/*/start', ({ ids }) => this.startMass(ids[0]!)],
    ['GET /mass-actions/*/results', ({ ids }) => new Response(this.actions.get(ids[0]!)!.ids.map((id) => JSON.stringify({ api_key: id, outcome: 'changed', receipt: 'r1' })).join('\n'), { headers: { 'Content-Type': 'application/x-ndjson' } })],
    ['GET /receipts', ({ query }) => list(this.receipts.filter((one) => one.object === query.get('object')).map((receipt) => ({ receipt })))],
    ['GET /audit', ({ query }) => {
      const after = Number(query.get('after') ?? 0);
      const actions = ['key.create', 'key.edit', 'key.suspend', 'session.open', 'key.revoke'];
      return list(Array.from({ length: 100 }, (_, i) => ({ seq: after + 1 + i, time: at((after + 1 + i - 240) * 340_000), actor: i % 3 ? 'person:ana@desk.example' : 'socket:uid=1000', source: '203.0.113.7', action: actions[i % 5], object: this.keys[i % 12]!.api_key, outcome: i % 17 === 0 ? 'refused' : 'done', detail: { account: 'desk-7' }, node: 'gw-1', prev: '00' })));
    }],
    ['GET /audit/export', () => new Response('{}\n')],
    ['GET /profile', () => json(profile)],
    ['GET /status', () => json({
      version: '0.4.0', node: 'gw-1', started_at: at(-9e7), profile: 'binance-spot', listeners: [{ door: 'rest', address: 'https://api.desk.example' }, { door: 'admin', address: '/var/lib/counterfoil/admin.sock' }],
      upstream: 'http://10.0.0.4:9000', upstream_targets: [{ url: 'http://10.0.0.4:9000', state: 'up', failures: 0, last_fault: null, out_for_ms: null, next_probe_in_ms: null }, { url: 'http://10.0.0.5:9000', state: 'out', failures: 4, last_fault: 'timeout', out_for_ms: 9000, next_probe_in_ms: 4000 }],
      accepts_signed_requests: true, accepts_changes_from: at(-9e7), registry_revision: 4711, applied_revision: 4711, api_keys: this.keys.length, unusable_records: 0, audit_seq: 240, audit_waiting: 0, uses_not_counted: 0, refusals_not_kept: 0,
      clock: { time: at(0), step_ms: 0, in_doubt: false }, reloaded_at: null, needs_restart: ['rest.listen'], troubles: [],
    })],
  ]; // prettier-ignore

  private enrol() {
    this.signedIn = true;
    this.stage = 'needs_factor_setup';
    return json({ enrolment: {} }, 201);
  }

  private create(body: Body) {
    const type = body.type as ApiKey['type'];
    const key: ApiKey = {
      api_key: randomId('cfk1'), account: String(body.account), label: String(body.label ?? ''), type, state: 'active', state_since: at(0), state_cause: '', permissions: body.permissions as string[], allow_list: body.allow_list as string[], symbols: (body.symbols as string[]) ?? [],
      created_at: at(0), expires_at: body.expires_at as string | null, vendor: '', parent: null, imported: false, notice: null, pairs: [{ number: 1, type, state: 'active', created_at: at(0), retires_at: null, quiet_s: null }], last_used_at: null,
    }; // prettier-ignore
    this.keys.unshift(key);
    return this.shown(key, type === 'hmac-sha256' ? { secret: randomId('cfs1') } : {}, 201);
  }

  private startMass(id: string) {
    const action = this.actions.get(id)!;
    const state = action.action === 'resume' ? 'active' : action.action === 'suspend' ? 'suspended' : 'revoked';
    this.keys
      .filter((key) => action.ids.includes(key.api_key) && key.state !== 'revoked')
      .forEach((key) => (key.state = state));
    Object.assign(action, { state: 'done', changed: action.ids.length, ended_at: at(0), still_valid: 0 });
    return json(action);
  }

  private events(topics: string, signal: AbortSignal) {
    const encoder = new TextEncoder();
    const wanted = topics
      .split(',')
      .filter((topic) => topic.startsWith('key:'))
      .map((topic) => topic.slice(4));
    let timer: ReturnType<typeof setInterval>;
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(encoder.encode(': hello\n\n'));
        let n = 0;
        timer = setInterval(() => {
          for (const api_key of wanted) {
            const refused = ++n % 5 === 0;
            const event = { api_key, at: at(0), outcome: refused ? 'refused' : 'accepted', reason: refused ? 'signature_wrong' : null, request_id: `req-live-${n}`, route: n % 2 ? 'GET /api/v3/account' : 'POST /api/v3/order', address: '203.0.113.7', client: 'python-requests/2.32' };
            controller.enqueue(encoder.encode(`id: ${n}\nevent: request\ndata: ${JSON.stringify(event)}\n\n`));
          }
        }, 900);
        signal.addEventListener('abort', () => clearInterval(timer));
      },
      cancel: () => clearInterval(timer),
    }); // prettier-ignore
    return new Response(stream, { headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' } });
  }

  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/api\/v1/, '');
    const name = `${request.method} ${path}`;
    const needsSession = !/^\/(session|setup|registration|enrolment(\/|$))/.test(path);
    if (needsSession && !this.signedIn) {
      return problem(401, 'signed_out', 'Sign in first.');
    }
    if (
      widening.test(name) &&
      this.stage === 'full' &&
      !this.grants.delete(request.headers.get('X-Counterfoil-Step-Up') ?? '')
    ) {
      return problem(403, 'step_up_required', 'Confirm this with your second factor.', {
        step_up: {
          change: `${request.method === 'PATCH' ? 'Change' : 'Carry out'}: ${path.replace(/[A-Za-z0-9]{50,}/, (id) => id.slice(0, 8))}`,
          hash: 'ab12',
        },
      });
    }
    for (const [pattern, handler] of this.routes) {
      const found = new RegExp(`^${pattern.replaceAll('*', '([^/]+)')}$`).exec(name);
      if (found) {
        const text = request.method === 'GET' ? '' : await request.text();
        return handler({
          request,
          ids: found.slice(1),
          query: url.searchParams,
          body: text ? (JSON.parse(text) as Body) : {},
        });
      }
    }
    return problem(404, 'no_such_path', `${name} is not mocked.`);
  }
}
