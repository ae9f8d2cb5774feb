// The console's page in Debian's Chromium, at npm's oidc-provider: link an account in Settings, sign out, sign in with
// it. An error on the browser's console or a broken policy fails the test.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { enrolOwner, freePort, kPassword, kSecret, startNode } from './node.mjs';
import { startProvider } from './provider.mjs';

const kConsole = new URL('../../console/node_modules', import.meta.url);
const kLoopback = /^(localhost|127\.0\.0\.1)$/;
const kChromium = process.env.COUNTERFOIL_CHROMIUM ?? '/usr/bin/chromium';
const missing = existsSync(kConsole) && existsSync(kChromium) ? false : 'wants Chromium, and npm ci in console/';

describe('the page', { skip: missing }, () => {
  let node;
  let provider;
  let codes;
  let browser;
  let page;
  let said;

  before(async () => {
    const { open } = await import('../e2e/browser.mjs');
    const [consolePort, providerPort] = [await freePort(), await freePort()];
    provider = await startProvider(providerPort, `http://localhost:${consolePort}/login/oidc`, kSecret, 'ES256');
    node = await startNode(consolePort, provider.issuer);
    const ana = await enrolOwner(node);
    codes = (await ana.browser.post('/me/recovery-codes')).json.codes;
    ({ browser, page, said } = await open(node.console));
    // The pages of oidc-provider's development mode want a font from elsewhere: nothing leaves the machine.
    await page.route((url) => !kLoopback.test(url.hostname), (route) => route.fulfill({ status: 200, contentType: 'text/css', body: '' }));
  });
  after(async () => {
    await browser?.close();
    await node?.stop();
    await provider?.stop();
  });

  // atTheProvider fills its two forms in, as many as it shows, until the browser is back.
  const atTheProvider = async () => {
    while (new URL(page.url()).origin !== node.console) {
      const login = page.locator('input[name="login"]');
      if (await login.count()) {
        await login.fill(provider.account);
        await page.locator('input[name="password"]').fill('any');
      }
      const left = page.url();
      await page.locator('button[type="submit"]').click();
      await page.waitForURL((url) => url.href !== left);
    }
  };
  const recoveryCode = async (scope) => {
    await scope.getByRole('button', { name: 'Use a recovery code' }).click();
    await scope.getByLabel('Recovery code').fill(codes.pop());
  };

  it('links an account in Settings, after a second factor', async () => {
    await page.goto(`${node.console}/login?to=/settings?tab=security`);
    await page.getByLabel('E-mail').fill('ana@example.com');
    await page.getByLabel('Passphrase', { exact: true }).fill(kPassword);
    await recoveryCode(page);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Link an account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Confirm with your second factor' });
    await recoveryCode(dialog);
    await Promise.all([page.waitForURL((url) => url.origin === provider.issuer), dialog.getByRole('button', { name: 'Confirm', exact: true }).click()]);
    await atTheProvider();
    await page.getByText('user-1@id.example.com').waitFor();
    assert.equal(new URL(page.url()).pathname, '/settings');
  });

  it('signs in with it, and with a second factor', async () => {
    await page.context().clearCookies({ name: 'counterfoil-session' });
    await page.goto(`${node.console}/login`);
    await page.getByRole('button', { name: 'Sign in with Example ID' }).click();
    await page.waitForURL((url) => url.pathname === '/login/oidc' || url.origin === provider.issuer);
    await atTheProvider();
    await page.getByText('Now give your second factor').waitFor();
    assert.equal(page.url(), `${node.console}/login/oidc`, 'code and state are out of the address');
    await recoveryCode(page);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(`${node.console}/keys`);
  });

  it('breaks no policy and no script', () => {
    const isOfTheProvider = (line) => line.startsWith(`elsewhere: ${provider.issuer}`) || line.startsWith('elsewhere: https://fonts.googleapis.com/');
    assert.deepEqual(said.filter((line) => !isOfTheProvider(line)), []);
  });
});
