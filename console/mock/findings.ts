import type { Finding } from '../src/api/findings.ts';
import type {
  ApiKey,
  ExaminedRequest,
  ExplainedRefusal,
  KeyFix,
  KeyTrouble,
  NodeFinding,
  Refusal,
} from '../src/api/types.ts';

// What the mock node's autopsies found.

const verified =
  'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=64250.10&newClientOrderId=caf%C3%A9-7&recvWindow=5000&timestamp=1773118511807';
const signed = verified.replace('caf%C3%A9', 'café');
const from = verified.indexOf('%C3%A9');

const findings = {
  encoding: {
    id: 'payload-not-percent-encoded', class: 'proved',
    title: 'You percent-encoded the parameters after signing them, not before.', detail: '',
    verified_text: verified, signed_text: signed,
    differences: [{ verified: [from, from + 6], signed: [from, from + 2] }],
    fix: 'Encode the parameters first, then sign the encoded text, and send exactly that text.',
    snippets: {
      curl: { lines: ['query=$(printf %s "$params" | jq -sRr @uri)', 'signature=$(printf %s "$query" | ./sign)', 'curl "$host/api/v3/order?$query&signature=$signature"'], changed: [1] },
      python: { lines: ['query = urlencode(params)', 'signature = sign(query)            # the encoded text', 'requests.post(f"{host}{path}?{query}&signature={signature}")'], changed: [1] },
      node: { lines: ['const query = new URLSearchParams(params).toString();', 'const signature = sign(query); // the encoded text', 'await fetch(`${host}${path}?${query}&signature=${signature}`);'], changed: [1] },
      cpp: { lines: ['const std::string query = percent_encoded(parameters);', 'const std::string signature = sign(query);  // the encoded text', 'post(host + path + "?" + query + "&signature=" + signature);'], changed: [1] },
    },
  },
  clock: {
    id: 'clock-behind', class: 'strong', title: 'The clock of this machine is about 6.1 seconds slow.', detail: '6100 ms behind the server', verified_text: null, signed_text: null, differences: [],
    fix: 'Run a time service (chrony, systemd-timesyncd); until then, ask the node for its time once a minute and apply the offset.',
    snippets: { python: { lines: ['offset = server_time() - int(time.time() * 1000)', 'timestamp = int(time.time() * 1000) + offset'], changed: [0, 1] } },
  },
  address: {
    id: 'ip-not-allowed', class: 'proved', title: 'The signature is valid, but the address 192.0.2.66 is not in the list of this API key.', detail: 'from 192.0.2.66; the list: 203.0.113.7/32', verified_text: null, signed_text: null, differences: [],
    fix: 'If this was you, add the address. If not, somebody has this key: suspend it now.', snippets: {},
  },
  spaces: {
    id: 'space-plus-vs-percent20', class: 'possible', title: 'A space may have been signed as + and sent as %20.', detail: '', verified_text: null, signed_text: null, differences: [],
    fix: 'Use one encoder for what is signed and what is sent.', snippets: {},
  },
} satisfies Record<string, Finding>; // prettier-ignore

const asNode = ({ id, class: kind, title, detail, fix, snippets }: Finding): NodeFinding => ({
  id,
  class: kind,
  title,
  detail,
  fix,
  snippets: Object.entries(snippets).map(([language, one]) => ({
    language,
    lines: one.lines,
    changed_line: one.changed[0]!,
  })),
});

const byReason: Record<string, Finding[]> = {
  signature_wrong: [findings.encoding, findings.spaces],
  timestamp_late: [findings.clock],
  address_not_allowed: [findings.address],
};

export function explained(refusal: Refusal): ExplainedRefusal {
  const found = byReason[refusal.reason] ?? [];
  const [change] = found[0]?.differences ?? [];
  return {
    ...refusal,
    verdict: found.length > 0 ? 'explained' : null,
    findings: found.map(asNode),
    proof: change
      ? {
          verified: { text: verified, differs: change.verified },
          signed: { text: signed, differs: [change.signed[0]!, change.signed[1]! - 1] },
        }
      : null,
  };
}

const suspend = { id: 'suspend', kind: 'suspend', ours: true, text: 'Suspend the key: every request with it is refused until it is resumed.', risk: '', step_up: false } as const; // prettier-ignore

// fixOf is what the node finds wrong with a key now.
export function fixOf(key: ApiKey, refusals: Refusal[]): KeyFix {
  const groups = new Map<string, KeyTrouble>();
  for (const refusal of refusals.filter((one) => one.api_key === key.api_key)) {
    const [first] = explained(refusal).findings ?? [];
    if (first) {
      const isTheft = first.id === 'ip-not-allowed';
      const before = groups.get(first.id) ?? {
        rank: isTheft ? 'possible_theft' : 'refused',
        id: first.id,
        title: isTheft
          ? `A request from ${refusal.address} was signed rightly, and the address is not on the IP allow-list.`
          : first.title,
        detail: isTheft ? `1 request by ${refusal.client}` : '',
        fix: isTheft
          ? 'If it was not you, somebody else has the secret: suspend the key, then rotate it. If it was you, allow the address.'
          : first.fix,
        count: 0,
        first_at: refusal.time,
        last_at: refusal.time,
        last_request_id: refusal.request_id,
        accepted_since: false,
        at: null,
        snippets: isTheft ? [] : first.snippets,
        remedies: isTheft
          ? [
              suspend,
              {
                id: `allow_address:${refusal.address}`,
                kind: 'allow_address',
                ours: true,
                text: `Put ${refusal.address} on the IP allow-list.`,
                risk: 'If the address is not yours, whoever sends from it gets all that this key may do.',
                step_up: true,
                value: refusal.address,
              },
              {
                id: 'rotate',
                kind: 'rotate',
                ours: false,
                text: 'Rotate the key with no overlap: whoever has the old secret can then do nothing.',
                risk: '',
                step_up: true,
              },
            ]
          : [{ id: 'client_change', kind: 'client_change', ours: false, text: first.fix, risk: '', step_up: false }],
      };
      groups.set(first.id, { ...before, count: before.count + refusal.count, first_at: refusal.time });
    }
  }
  const ranks = ['possible_theft', 'refused'];
  const troubles = [...groups.values()].toSorted((a, b) => ranks.indexOf(a.rank) - ranks.indexOf(b.rank));
  return { api_key: key.api_key, state: key.state, troubles, as_of: new Date().toISOString() };
}

// examined is what the doctor says: a request of a key of ours is explained, another one's form is looked at.
export function examined(text: string, keys: ApiKey[]): { requests: ExaminedRequest[]; more: number } {
  const key = keys.find((one) => text.includes(one.api_key));
  const { findings, proof } = explained({ reason: 'signature_wrong' } as Refusal);
  return {
    requests: [
      {
        form: 'curl command',
        line: 1,
        method: 'GET',
        host: 'api.example.com',
        path: '/api/v3/account',
        api_key: key?.api_key ?? 'vmPU…EhA8',
        key: key ? { api_key: key.api_key, label: key.label } : null,
        yours: key !== undefined,
        verdict: key ? 'explained' : 'format_only',
        findings: key ? (findings ?? []) : [],
        proof: key ? (proof ?? null) : null,
        same_bytes: [],
        possible: [],
        doubts: ['A variable of the shell was not filled in.'],
        not_checked: key ? ['time', 'address'] : ['time', 'address', 'signature', 'permission'],
      },
    ],
    more: 0,
  };
}
