import type { Finding } from '../src/api/findings.ts';
import type { ApiKey, ExplainedRefusal, NodeFinding, NodeKeyFinding, Refusal } from '../src/api/types.ts';

// What the mock node's autopsies found.

const verified =
  'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=64250.10&newClientOrderId=caf%C3%A9-7&recvWindow=5000&timestamp=1773118511807';
const signed = verified.replace('caf%C3%A9', 'café');
const from = verified.indexOf('%C3%A9');

const findings = {
  encoding: {
    id: 'payload-not-percent-encoded', class: 'proved',
    title: 'You percent-encoded the parameters after signing them, not before.',
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
    id: 'clock-behind', class: 'strong', title: 'The clock of this machine is about 6.1 seconds slow.', verified_text: null, signed_text: null, differences: [],
    fix: 'Run a time service (chrony, systemd-timesyncd); until then, ask the node for its time once a minute and apply the offset.',
    snippets: { python: { lines: ['offset = server_time() - int(time.time() * 1000)', 'timestamp = int(time.time() * 1000) + offset'], changed: [0, 1] } },
  },
  address: {
    id: 'ip-not-allowed', class: 'proved', title: 'The signature is valid, but the address 192.0.2.66 is not in the list of this API key.', verified_text: null, signed_text: null, differences: [],
    fix: 'If this was you, add the address. If not, somebody has this key: suspend it now.', snippets: {},
  },
  spaces: {
    id: 'space-plus-vs-percent20', class: 'possible', title: 'A space may have been signed as + and sent as %20.', verified_text: null, signed_text: null, differences: [],
    fix: 'Use one encoder for what is signed and what is sent.', snippets: {},
  },
} satisfies Record<string, Finding>; // prettier-ignore

const asNode = ({ id, class: kind, title, fix, snippets }: Finding): NodeFinding => ({
  id,
  class: kind,
  title,
  detail: title,
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

export function findingsOf(key: ApiKey, refusals: Refusal[]): NodeKeyFinding[] {
  const groups = new Map<string, NodeKeyFinding>();
  for (const refusal of refusals.filter((one) => one.api_key === key.api_key)) {
    const [first] = explained(refusal).findings ?? [];
    if (first) {
      const { id, title, fix } = first;
      const before = groups.get(id) ?? {
        causes: [{ id, title, fix, class: first.class }],
        count: 0,
        first_at: refusal.time,
        last_at: refusal.time,
        last_request_id: refusal.request_id,
      };
      groups.set(id, { ...before, count: before.count + refusal.count, first_at: refusal.time });
    }
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}
