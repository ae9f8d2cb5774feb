// Believes or refuses a request that a Counterfoil gateway forwarded: docs/upstream.md. Node.js 18 or newer, no packages.
//
//   const checker = new ProofChecker(new Map([['1', secret]]));
//   const { verdict, account, apiKey, permissions } = checker.check(
//     { method: request.method, target: request.url, body, headers: pairsOf(request.rawHeaders) });
//   if (verdict !== 'accepted') answer 401 and log the verdict.
//
// `body` is the whole body as a Buffer, before anything parsed it. Two secrets stand in the map while one is rotated.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const kAgeMaxMs = 5_000;
const kRememberedMax = 262_144;  // state-changing requests within 10 s; then they are refused, never forgotten
const kNames = ['account', 'key', 'permissions', 'request-id', 'timestamp', 'gateway', 'proof'];
const kProof = /^v1;kid=([A-Za-z0-9._-]{1,64});ts=([0-9]{1,15});mac=([0-9a-f]{64})$/;

export class ProofChecker {
  constructor(secrets) {
    this.secrets = secrets;  // kid -> secret text
    this.seen = new Map();   // "gateway\nrequest id" -> until when it is remembered
  }

  // check judges one request; `headers` is a list of [name, value] as they came.
  check({ method, target, body, headers }, nowMs = Date.now()) {
    const claims = readClaims(headers);
    const proof = claims && kProof.exec(claims.proof);
    if (!proof || proof[2] !== claims.timestamp) return { verdict: 'malformed' };
    const [, kid, ts, mac] = proof;
    const secret = this.secrets.get(kid);
    if (secret === undefined) return { verdict: 'unknown_secret' };
    if (nowMs - Number(ts) > kAgeMaxMs) return { verdict: 'too_old' };
    if (Number(ts) - nowMs > kAgeMaxMs) return { verdict: 'from_the_future' };
    const lines = ['counterfoil-proof-v1', kid, ts, method, target, createHash('sha256').update(body).digest('hex'), claims.account,
      claims.key, claims.permissions, claims.gateway, claims['request-id']];
    if (lines.some((line) => /[\u0000-\u001f]/.test(line))) return { verdict: 'malformed' };
    const right = createHmac('sha256', secret).update(lines.join('\n')).digest();
    if (!timingSafeEqual(right, Buffer.from(mac, 'hex'))) return { verdict: 'wrong_mac' };
    if (method !== 'GET' && method !== 'HEAD' && !this.#isNew(`${claims.gateway}\n${claims['request-id']}`, Number(ts), nowMs)) {
      return { verdict: 'replayed' };
    }
    return { verdict: 'accepted', account: claims.account, apiKey: claims.key, permissions: claims.permissions.split(',').filter(Boolean) };
  }

  #isNew(name, ts, nowMs) {
    for (const [old, until] of this.seen) {
      if (until >= nowMs) break;  // They stand in the order of arrival.
      this.seen.delete(old);
    }
    if (this.seen.has(name) || this.seen.size >= kRememberedMax) return false;
    this.seen.set(name, ts + kAgeMaxMs);
    return true;
  }
}

// readClaims gives the seven values, or null unless each header is there exactly once.
function readClaims(headers) {
  const claims = {};
  for (const [name, value] of headers) {
    const short = name.toLowerCase().replace(/^x-counterfoil-/, '');
    if (short.length === name.length || !kNames.includes(short)) continue;
    if (short in claims) return null;
    claims[short] = value;
  }
  return kNames.every((name) => name in claims) ? claims : null;
}

// pairsOf turns request.rawHeaders of node:http into pairs. (request.headers joins repeated lines: useless here.)
export const pairsOf = (raw) => raw.flatMap((text, at) => (at % 2 === 0 ? [[text, raw[at + 1]]] : []));

// The rest lets tests drive this file: see examples/upstream/README.md.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const checker = new ProofChecker(new Map());
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, ...fields] = line.split('\t');
    if (word === 'secret') {
      checker.secrets.set(fields[0], fields[1]);
      continue;
    }
    const [nowMs, method, target, body, ...headers] = fields;
    console.log(checker.check({ method, target, body: Buffer.from(body, 'hex'), headers: pairsOf(headers) }, Number(nowMs)).verdict);
  }
}
