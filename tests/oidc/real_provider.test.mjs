// The whole way, at npm's oidc-provider: link an account, sign in with it, unlink it; with each algorithm of ID tokens.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Browser, exchange } from './browser.mjs';
import { enrolOwner, freePort, kSecret, startNode } from './node.mjs';
import { signInThere, startProvider } from './provider.mjs';

for (const alg of ['RS256', 'ES256', 'EdDSA']) {
  describe(`oidc-provider with ${alg}`, () => {
    let node;
    let provider;
    let ana;
    let back;

    before(async () => {
      const [consolePort, providerPort] = [await freePort(), await freePort()];
      back = `http://localhost:${consolePort}/login/oidc`;
      provider = await startProvider(providerPort, back, kSecret, alg);
      node = await startNode(consolePort, provider.issuer);
      ana = await enrolOwner(node);
    });
    after(async () => {
      await node?.stop();
      await provider?.stop();
    });

    // comeBack goes where the node sends the browser, and gives what the page posts afterwards.
    const comeBack = async (browser, departure) => {
      assert.equal(departure.status, 200, JSON.stringify(departure.json));
      const address = await signInThere(browser, provider, departure.json.url, back);
      // The browser opens the page: a navigation from another site, which changes nothing.
      const page = await browser.go('GET', address.href, {
        Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document',
      });
      assert.notEqual(page.status, 403);
      return Object.fromEntries(['code', 'state', 'iss'].map((name) => [name, address.searchParams.get(name)]));
    };
    const signIn = async (browser) => browser.post('/session/oidc', await comeBack(browser, await browser.post('/session/oidc/begin')));

    it('is told which address to register', () => {
      assert.ok(node.checked.oidc_redirect_uris.includes(back));
    });

    it('is named on the sign-in page', async () => {
      assert.deepEqual((await new Browser(node.console).get('/session/oidc')).json, { name: 'Example ID' });
    });

    it('signs nobody in who has not linked the account', async () => {
      const refused = await signIn(new Browser(node.console));
      assert.equal(refused.status, 401);
      assert.equal(refused.json.reason, 'oidc_sign_in_failed');
    });

    it('links an account to who is signed in and confirms it', async () => {
      const departure = await ana.browser.confirmed('POST', '/me/identities/begin', {}, () => ana.person.code());
      const linked = await ana.browser.post('/me/identities', await comeBack(ana.browser, departure));
      assert.equal(linked.status, 201, JSON.stringify(linked.json));
      assert.equal(linked.json.issuer, provider.issuer);
      assert.equal((await ana.browser.get('/me/identities')).json.items.length, 1);
    });

    it('signs them in with their second factor, once a ticket', async () => {
      const browser = new Browser(node.console);
      const answer = await comeBack(browser, await browser.post('/session/oidc/begin'));
      const thief = new Browser(node.console);
      await thief.post('/session/oidc/begin');
      assert.equal((await thief.post('/session/oidc', answer)).json.reason, 'oidc_sign_in_failed');
      const wanted = await browser.post('/session/oidc', answer);
      assert.equal(wanted.status, 202, JSON.stringify(wanted.json));
      assert.equal((await browser.get('/session')).status, 401);
      assert.equal((await browser.post('/session/oidc/factor', { totp: '000000' })).status, 401);
      const signedIn = await browser.post('/session/oidc/factor', { totp: await ana.person.code() });
      assert.equal(signedIn.status, 200, JSON.stringify(signedIn.json));
      assert.equal(signedIn.json.person.email, 'ana@example.com');
      assert.equal((await browser.get('/session')).json.stage, 'full');
      assert.equal((await browser.post('/session/oidc', answer)).json.reason, 'oidc_sign_in_failed');
    });

    it('signs nobody in with another account of the provider', async () => {
      provider.account = 'user-2';
      assert.equal((await signIn(new Browser(node.console))).status, 401);
      provider.account = 'user-1';
    });

    it('sends browsers back to the console and to no other place', async () => {
      const { json } = await new Browser(node.console).post('/session/oidc/begin');
      const url = new URL(json.url);
      assert.equal(url.searchParams.get('redirect_uri'), back);
      assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
      const elsewhere = await exchange('POST', `${node.console}/api/v1/session/oidc/begin`, {
        Origin: 'http://evil.example', 'Content-Type': 'application/json',
      }, '{}');
      assert.equal(elsewhere.status, 403);
    });

    it('unlinks, and then signs nobody in any more', async () => {
      const [{ id }] = (await ana.browser.get('/me/identities')).json.items;
      const gone = await ana.browser.confirmed('DELETE', `/me/identities/${id}`, {}, () => ana.person.code());
      assert.equal(gone.status, 204, JSON.stringify(gone.json));
      assert.equal((await signIn(new Browser(node.console))).status, 401);
    });

    it('leaves records of all of it, and no secret in the log', async () => {
      const wanted = ['identity.link', 'session.open', 'identity.unlink', 'sign_in.refuse'];
      let missing = wanted;
      // The journal takes the records over from the registry a moment later.
      for (const until = Date.now() + 30_000; missing.length > 0 && Date.now() < until;) {
        const actions = (await ana.browser.get('/audit?limit=500')).json.items.map((item) => item.action);
        missing = wanted.filter((action) => !actions.includes(action));
        if (missing.length > 0) await new Promise((done) => { setTimeout(done, 250); });
      }
      assert.deepEqual(missing, []);
      for (const secret of [kSecret, encodeURIComponent(kSecret)]) assert.ok(!node.log.includes(secret));
    });
  });
}
