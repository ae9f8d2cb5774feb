// What a provider, or somebody between it and the browser, may do wrong: nobody is signed in, and the node lives on.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Browser } from './browser.mjs';
import { HostileProvider } from './hostile.mjs';
import { enrolOwner, freePort, startNode } from './node.mjs';

const kKeysAnewMs = 31_000; // the node asks for a provider's keys anew every 30 s at most

// assertLogged waits for what the node's log says since it was `from` characters long: it comes by another pipe than
// the answer.
async function assertLogged(node, from, says) {
  for (const until = Date.now() + 15_000; !node.log.slice(from).includes(says) && Date.now() < until;) {
    await new Promise((done) => { setTimeout(done, 50); });
  }
  assert.ok(node.log.slice(from).includes(says), node.log.slice(from));
}

describe('a hostile provider', () => {
  let node;
  let provider;
  let ana;

  before(async () => {
    provider = await HostileProvider.start(await freePort());
    node = await startNode(await freePort(), provider.issuer);
    ana = await enrolOwner(node);
    const departure = await ana.browser.confirmed('POST', '/me/identities/begin', {}, () => ana.person.code());
    const linked = await ana.browser.post('/me/identities', provider.go(departure.json.url));
    assert.equal(linked.status, 201, JSON.stringify(linked.json));
  });
  after(async () => {
    await node?.stop();
    await provider?.stop();
  });

  // signIn goes all the way with what is wrong; `change` is what becomes of the browser's answer.
  const signIn = async (wrong = {}, change = (answer) => answer) => {
    provider.wrong = wrong;
    const browser = new Browser(node.console);
    const departure = await browser.post('/session/oidc/begin');
    assert.equal(departure.status, 200, JSON.stringify(departure.json));
    return browser.post('/session/oidc', change(provider.go(departure.json.url)));
  };
  const now = () => Math.floor(Date.now() / 1000);

  // name, what is wrong, and what the log says of it.
  const tokens = [
    ['another issuer', { claims: (c) => ({ ...c, iss: 'https://evil.example' }) }, 'of another issuer'],
    ['an issuer with a slash more', { claims: (c) => ({ ...c, iss: `${c.iss}/` }) }, 'of another issuer'],
    ['another audience', { claims: (c) => ({ ...c, aud: 'another' }) }, 'for another client'],
    ['two audiences without azp', { claims: (c) => ({ ...c, aud: ['counterfoil', 'another'] }) }, 'for another client'],
    ['another azp', { claims: (c) => ({ ...c, azp: 'another' }) }, 'for another client'],
    ['alg none', { token: (c) => provider.unsigned(c) }, 'signed neither'],
    ['HS256 with the public key', { token: (c) => provider.signedByPublicKey(c) }, 'signed neither'],
    ['a token that has run out', { claims: (c) => ({ ...c, iat: now() - 400, exp: now() - 61 }) }, 'run out'],
    ['a token of the future', { claims: (c) => ({ ...c, iat: now() + 120 }) }, 'run out'],
    ['a token of long ago', { claims: (c) => ({ ...c, iat: now() - 3600 }) }, 'run out'],
    ['no nonce', { claims: ({ nonce: _, ...c }) => c }, 'not the answer to this sign-in'],
    ['another nonce', { claims: (c) => ({ ...c, nonce: 'n-0S6_WzA2Mj' }) }, 'not the answer to this sign-in'],
    ['an access token of another', { claims: (c) => ({ ...c, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }) }, 'does not belong to the access token'],
    ['a key that nobody published', { token: (c) => provider.sign(c, { kid: 'nobody' }) }, 'does not publish'],
    ['a header that must be understood', { token: (c) => provider.sign(c, { crit: ['b64'], b64: true }) }, 'is none'],
    ['a token of another kind', { token: (c) => provider.sign(c, { typ: 'at+jwt' }) }, 'is none'],
    ['a token of 20 KiB', { claims: (c) => ({ ...c, pad: 'p'.repeat(20 * 1024) }) }, 'is none'],
    ['no subject', { claims: ({ sub: _, ...c }) => c }, 'names nobody'],
    ['a code used twice', { reply: [{ error: 'invalid_grant' }, 400] }, 'invalid_grant'],
  ];
  for (const [name, wrong, says] of tokens) {
    it(`signs nobody in with ${name}`, async () => {
      const before = node.log.length;
      const refused = await signIn(wrong);
      assert.equal(refused.status, 401, JSON.stringify(refused.json));
      assert.equal(refused.json.reason, 'oidc_sign_in_failed');
      assert.ok(!JSON.stringify(refused.json).includes(says), 'what the provider did is for the log');
      await assertLogged(node, before, says);
    });
  }

  const answers = [
    ['another state', (answer) => ({ ...answer, state: `${answer.state}x` })],
    ['the state of a link', (answer) => ({ ...answer, state: answer.state.replace('in.', 'link.') })],
    ['another issuer', (answer) => ({ ...answer, iss: 'https://evil.example' })],
    ['no issuer, though this one names itself', ({ iss: _, ...answer }) => answer],
  ];
  for (const [name, change] of answers) {
    it(`signs nobody in whose browser brings ${name}`, async () => {
      assert.equal((await signIn({}, change)).json.reason, 'oidc_sign_in_failed');
    });
  }

  it('is told apart from one that is down', async () => {
    for (const wrong of [{ reply: [{}, 500] }, { reply: ['<html>', 200] }, { reply: [{ access_token: 'at' }, 200] },
      { reply: [{ id_token: 'x'.repeat(70_000) }, 200] }, { hangs: true }]) {
      const refused = await signIn(wrong);
      assert.equal(refused.status, 503, JSON.stringify(refused.json));
      assert.equal(refused.json.reason, 'provider_unreachable');
    }
  });

  it('may change its keys, and the node finds out', async () => {
    await new Promise((done) => { setTimeout(done, kKeysAnewMs); });
    await provider.newKey('k2');
    assert.equal((await signIn()).status, 202);
  });

  it('has not kept anybody out: the right answer signs in', async () => {
    provider.wrong = {};
    const browser = new Browser(node.console);
    const departure = await browser.post('/session/oidc/begin');
    assert.equal((await browser.post('/session/oidc', provider.go(departure.json.url))).status, 202);
    const signedIn = await browser.post('/session/oidc/factor', { totp: await ana.person.code() });
    assert.equal(signedIn.status, 200, JSON.stringify(signedIn.json));
  });
});

// Each with a node of its own: what a provider publishes is kept for an hour.
describe('documents of a hostile provider', () => {
  // Neighbours say different things: what failed last is said again until it is asked anew.
  const documents = [
    ['an issuer that is not the one configured', { discovery: (d) => ({ ...d, issuer: 'http://127.0.0.1:1' }) }, 'names another issuer'],
    ['a token endpoint on another machine', { discovery: (d) => ({ ...d, token_endpoint: 'https://192.0.2.1/token' }) }, 'must not be called'],
    ['HS256 alone', { discovery: (d) => ({ ...d, id_token_signing_alg_values_supported: ['HS256', 'none'] }) }, 'neither with RS256'],
    ['plain PKCE', { discovery: (d) => ({ ...d, code_challenge_methods_supported: ['plain'] }) }, 'PKCE'],
    ['a discovery document of 70 KB', { discovery: (d) => ({ ...d, pad: 'p'.repeat(70_000) }) }, 'body limit exceeded'],
    ['no key', { keys: '{"keys":[]}' }, 'has no keys'],
    ['70 KB of keys', { keys: JSON.stringify({ keys: [], pad: 'p'.repeat(70_000) }) }, 'body limit exceeded'],
    ['a secret as its key', { keys: '{"keys":[{"kty":"oct","k":"c2VjcmV0","alg":"HS256"}]}' }, 'has no keys'],
    ['no JSON', { discovery: () => '<html></html>' }, 'is no JSON object'],
  ];
  let provider;
  let node;

  before(async () => {
    provider = await HostileProvider.start(await freePort());
    node = await startNode(await freePort(), provider.issuer);
    await enrolOwner(node);
  });
  after(async () => {
    await node?.stop();
    await provider?.stop();
  });

  for (const [name, wrong, says] of documents) {
    it(`send nobody anywhere: ${name}`, async () => {
      provider.wrong = wrong;
      const browser = new Browser(node.console);
      const before = node.log.length;
      let refused;
      // What failed is not asked again for ten seconds; this is the first time, or another ten have passed.
      for (const until = Date.now() + 15_000; Date.now() < until;) {
        refused = await browser.post('/session/oidc/begin');
        if (node.log.slice(before).includes(says)) break;
        await new Promise((done) => { setTimeout(done, 500); });
      }
      assert.equal(refused.status, 503, JSON.stringify(refused.json));
      assert.equal(refused.json.reason, 'provider_unreachable');
      await assertLogged(node, before, says);
    });
  }
});
