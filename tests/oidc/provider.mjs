// npm's oidc-provider, a certified OpenID Connect provider, on loopback. Whoever comes is signed in as `account`, by
// its own pages' forms, as a person would be.
import { createServer } from 'node:http';

import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

async function newKey(alg, kid) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

// startProvider gives { issuer, account, stop }. `alg` is what ID tokens are signed with.
export async function startProvider(port, redirectUri, secret, alg) {
  const issuer = `http://127.0.0.1:${port}`;
  const facts = { issuer, account: 'user-1', amr: undefined };
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'counterfoil', client_secret: secret, redirect_uris: [redirectUri], response_types: ['code'],
      grant_types: ['authorization_code'], token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: alg,
    }],
    jwks: { keys: [await newKey(alg, `${alg}-1`)] },
    cookies: { keys: ['a key of this test alone'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username'], amr: null },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@id.example.com`, email_verified: true, preferred_username: id }),
    }),
  });
  const server = createServer(provider.callback());
  await new Promise((done) => { server.listen(port, '127.0.0.1', done); });
  facts.stop = () => new Promise((done) => { server.close(done); server.closeAllConnections(); });
  return facts;
}

// signInThere follows the provider's redirects from `url`, fills its two forms in, and gives the address with which the
// provider sends the browser back.
export async function signInThere(browser, provider, url, back) {
  let at = url;
  for (let hops = 0; hops < 20; ++hops) {
    let answer = await browser.go('GET', at);
    if (answer.status === 200) {
      const action = /<form[^>]* action="([^"]+)"/.exec(answer.text);
      const prompt = /name="prompt" value="([^"]+)"/.exec(answer.text);
      if (!action || !prompt) throw new Error(`no form at ${at}: ${answer.text.slice(0, 400)}`);
      const form = new URLSearchParams({ prompt: prompt[1], ...(prompt[1] === 'login' && { login: provider.account, password: 'any' }) });
      answer = await browser.go('POST', new URL(action[1], at).href, { 'Content-Type': 'application/x-www-form-urlencoded' }, form.toString());
    }
    if (answer.status < 300 || answer.status > 399) throw new Error(`${at} answered ${answer.status}: ${answer.text.slice(0, 400)}`);
    at = new URL(answer.headers.location, at).href;
    if (at.startsWith(back)) return new URL(at);
  }
  throw new Error('too many redirects');
}
