// What people do in the console, one function a journey. Each gets the same `w`: page, base, facts that
// earlier journeys left (codes, keys), secrets that must turn up nowhere, and what kind of node answers.
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, sign } from 'node:crypto';
import { axe } from './browser.mjs';
import { totp } from './totp.mjs';

const passphrase = 'seven oyster ferries sail at dawn';
export const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}\${7*7}`;

const button = (w, name) => w.page.getByRole('button', { name, exact: typeof name === 'string' });
const heading = (w, name) => w.page.getByRole('heading', { name, level: 1 });

// confirm answers the step-up dialog where one stands. A recovery code does it: a code of the app works
// once in 30 seconds.
async function confirm(w) {
  const dialog = w.page.getByRole('dialog', { name: 'Confirm with your second factor' });
  await dialog.waitFor();
  await dialog.getByRole('button', { name: 'Use a recovery code' }).click();
  await dialog.getByLabel('Recovery code').fill(w.codes.pop());
  await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

async function shown(w, name) {
  const box = w.page.getByRole('region', { name, exact: true });
  await button(w, 'Show').click();
  const secret = await box.innerText();
  await button(w, 'Copy').click();
  await w.page.getByLabel('I have saved it').check();
  w.secrets.push(...secret.split('\n').filter((line) => line.length > 12 && !line.startsWith('-----')));
  return secret;
}

// call sends a signed request to the gateway, as a program would, and gives the status.
async function call(w, apiKey, signature, path = '/api/v3/account') {
  const query = `timestamp=${Date.now()}`;
  const url = `${w.gateway}${path}?${query}&signature=${encodeURIComponent(signature(query))}`;
  return (await fetch(url, { headers: { 'X-MBX-APIKEY': apiKey } })).status;
}

// picture keeps what stands on the screen, where a folder was named for it: the README shows four.
async function picture(w, name) {
  if (process.env.COUNTERFOIL_PICTURES) {
    await w.page.screenshot({ path: `${process.env.COUNTERFOIL_PICTURES}/${name}.png` });
  }
}

async function idOnScreen(w) {
  return (await w.page.getByText(/^cfk1\w{60}$/).first().innerText()).trim();
}

export async function setUp(w) {
  await w.page.goto(`${w.base}/setup#t=${w.token}`);
  await button(w, 'Next').click();
  assert.equal(new URL(w.page.url()).hash, '', 'the token is out of the address at once');
  await w.page.getByLabel('Name').fill('Ana Weber');
  await w.page.getByLabel('E-mail').fill('ana@desk.example');
  await w.page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await button(w, 'Become the owner').click();
  await button(w, 'Add an authenticator app').click();
  const secret = await w.page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{1,4}){5,}$/).innerText();
  w.secrets.push(secret.replaceAll(' ', ''));
  w.totpSecret = secret;
  await w.page.getByLabel(/, 1 \/ 6/).fill(totp(secret)[0]);
  for (const [at, digit] of [...totp(secret)].entries()) {
    await w.page.getByLabel(new RegExp(`, ${at + 1} / 6`)).fill(digit);
  }
  w.codes = (await shown(w, 'Recovery codes')).split('\n');
  await button(w, 'Done').click();
  await heading(w, 'API keys').waitFor();
}

export async function signInAgain(w) {
  await button(w, /^Menu of Ana/).click();
  await w.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await heading(w, 'Sign in').waitFor();
  await w.page.getByLabel('E-mail').fill('ana@desk.example');
  await w.page.getByLabel('Passphrase', { exact: true }).fill('wrong');
  await button(w, 'Use a recovery code').click();
  await w.page.getByLabel('Recovery code').fill('k7q0-m2xv-9r4t-p8w0');
  await button(w, 'Sign in').click();
  await w.page.getByRole('alert').waitFor();
  await w.page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await w.page.getByLabel('Recovery code').fill(w.codes.pop());
  await button(w, 'Sign in').click();
  await heading(w, 'API keys').waitFor();
}

async function newKey(w, { kind, label }) {
  await w.page.goto(`${w.base}/keys/new`);
  await w.page.getByRole('radio', { name: kind }).click();
  await button(w, 'Next').click();
  await w.page.getByLabel('Label').fill(label);
  await button(w, 'Next').click();
  await button(w, 'Create API key').click();
  await confirm(w);
}

export async function makeHmacKey(w) {
  await newKey(w, { kind: /System-generated HMAC/, label: 'e2e hmac' });
  const secret = (await shown(w, 'Secret')).trim();
  const id = await idOnScreen(w);
  w.hmac = { id, sign: (text) => createHmac('sha256', secret).update(text).digest('hex') };
  await button(w, 'Next').click();
  // Its secret is in the page still, so the page can sign; the node sends it through its gateway.
  await button(w, 'Run it here').click();
  await w.page.getByText('The gateway answered 200').waitFor();
  await w.page.getByText('The first request was accepted').waitFor();
  await w.page.goto(`${w.base}/keys/${id}`);
  await heading(w, 'e2e hmac').waitFor();
  assert.equal(await w.page.getByText(secret).count(), 0, 'a secret is shown once');
}

export async function makeEd25519Key(w) {
  await newKey(w, { kind: /Generate in this browser/, label: 'e2e ed25519' });
  const pem = await shown(w, 'Private key');
  w.ed25519 = {
    id: await idOnScreen(w),
    sign: (text) => sign(null, Buffer.from(text), createPrivateKey(pem)).toString('base64'),
  };
  await button(w, 'Next').click();
}

export async function firstRequestTurnsThePageGreen(w) {
  await w.page.getByText('Waiting for the first request').waitFor();
  if (w.gateway) {
    assert.equal(await call(w, w.ed25519.id, () => 'AAAA'), 400);
    await w.page.getByText('The last request was refused').waitFor();
    await button(w, 'Run it here').click();
    await w.page.getByText('The gateway answered 200').waitFor();
    assert.ok(await w.page.getByRole('region', { name: 'Answer' }).getByText('balances').isVisible());
    assert.equal(await call(w, w.ed25519.id, w.ed25519.sign), 200);
  }
  await w.page.getByText('The first request was accepted').waitFor();
  await picture(w, 'first-request');
  await w.page.getByRole('link', { name: 'Done' }).click();
  await heading(w, 'e2e ed25519').waitFor();
}

// Somebody else holds the key: they open the link in a browser of their own, where nobody is signed in.
export async function somebodyElseHoldsTheKey(w) {
  await w.page.goto(`${w.base}/keys/new`);
  await w.page.getByRole('radio', { name: /Someone else holds the key/ }).click();
  await button(w, 'Next').click();
  await w.page.getByLabel('Label').fill('e2e enrolled');
  await button(w, 'Next').click();
  await button(w, 'Make the link').click();
  await confirm(w);
  const link = (await shown(w, 'Enrolment link')).trim();
  await button(w, 'Next').click();
  await w.page.getByText('Waiting until somebody opens the link').waitFor();
  await picture(w, 'enrolment-waiting');

  const theirs = await w.browser.newContext();
  const page = await theirs.newPage();
  page.on('console', (message) => message.type() === 'error' && w.said.push(`enroll: ${message.text()}`));
  await page.goto(link);
  await page.getByRole('heading', { name: 'Make your API key' }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the token is out of the address at once');
  await page.getByText('The pair is made').waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole('button', { name: 'Get the API key' }).click();
  await page.getByText('This is your API key').waitFor();
  await page.getByRole('button', { name: 'Show' }).click();
  const pem = await page.getByRole('region', { name: 'Private key', exact: true }).innerText();
  w.secrets.push(...pem.split('\n').filter((line) => line.length > 12 && !line.startsWith('-----')));
  const id = (await page.getByText(/^cfk1\w{60}$/).first().innerText()).trim();
  if (process.env.COUNTERFOIL_PICTURES) {
    await page.screenshot({ path: `${process.env.COUNTERFOIL_PICTURES}/enrolment.png`, fullPage: true });
  }

  // Who made the link sees that it was used, and no secret; then the first request.
  await w.page.getByText('The pair was made').waitFor();
  const text = await w.page.locator('body').innerText();
  assert.ok(!text.includes(pem.split('\n')[1]), 'the secret half is with its holder alone');
  if (w.gateway) {
    const sign_ = (payload) => sign(null, Buffer.from(payload), createPrivateKey(pem)).toString('base64');
    assert.equal(await call(w, id, sign_), 200);
  }
  await w.page.getByText('The first request was accepted').waitFor();
  await picture(w, 'enrolment-used');

  // The link serves once: whoever opens it again learns nothing.
  const again = await theirs.newPage();
  await again.goto(link);
  await again.getByText('This link is not').waitFor();
  await theirs.close();

  await w.page.goto(`${w.base}/keys/links`);
  await heading(w, 'Enrolment links').waitFor();
  await w.page.getByText('e2e enrolled').waitFor();
  await picture(w, 'enrolment-links');
}

export async function refusedRequestIsExplained(w) {
  await w.page.goto(`${w.base}/keys/${w.gateway ? w.ed25519.id : w.seeded}?tab=requests`);
  const row = w.page.getByRole('article').getByRole('button', { expanded: false }).first();
  await row.click();
  await w.page.getByText(/^Fix:/).first().waitFor();
  await picture(w, 'refused');
}

// doctorExplains pastes a request of one's own key, signed before it was encoded, among secrets.
export async function doctorExplains(w) {
  const cookie = 'session=do-not-send-this-cookie';
  const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
  w.secrets.push(cookie, secret);
  const query = `note=caf%C3%A9&timestamp=${Date.now()}`;
  const signature = encodeURIComponent(w.ed25519.sign(decodeURIComponent(query)));
  const url = `https://api.example.com/api/v3/account?${query}&signature=${signature}`;
  await w.page.goto(`${w.base}/doctor`);
  await heading(w, 'Doctor').waitFor();
  const box = w.page.getByLabel('Requests', { exact: true });
  await box.fill(`export API_SECRET=${secret}\ncurl -b '${cookie}' -H 'X-MBX-APIKEY: ${w.ed25519.id}' '${url}'`);
  await w.page.getByText('2 things that look like secrets will not be sent').waitFor();
  const preview = await w.page.getByRole('region', { name: 'What will be sent' }).innerText();
  assert.ok(!preview.includes(secret) && !preview.includes(cookie), 'the preview has no secret');
  assert.ok(preview.includes(w.ed25519.id), 'the preview has the API key');
  await button(w, 'Examine').click();
  const found = w.page.getByRole('article').first();
  await found.getByText('Explained', { exact: true }).waitFor();
  await found.getByText(/^Fix:/).first().waitFor();
  await found.getByText('Your signature matches').waitFor();
  await picture(w, 'doctor');
  assert.deepEqual(await axe(w.page), []);
  // A key that is not one's own is answered like one that does not exist.
  await button(w, 'curl').click();
  await button(w, 'Examine').click();
  await w.page.getByText('This names no API key that you may see').waitFor();
}

// fixTheft: a right signature from an address that is not listed stands first; one press stops it.
export async function fixTheft(w) {
  const id = w.gateway ? w.hmac.id : w.seeded;
  await w.page.goto(`${w.base}/keys/${id}`);
  if (w.gateway) {
    await button(w, 'Edit').click();
    const dialog = w.page.getByRole('dialog');
    await dialog.getByLabel('Allowed addresses').fill('192.0.2.7');
    await w.page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Save' }).click();
    const asked = w.page.getByRole('dialog', { name: 'Confirm with your second factor' });
    await Promise.race([asked.waitFor(), dialog.waitFor({ state: 'detached' })]);
    if (await asked.isVisible()) {
      await confirm(w);
    }
    assert.equal(await call(w, id, () => 'f'.repeat(64)), 400);
    assert.equal(await call(w, id, w.hmac.sign), 401);
    // What was refused reaches the journal within a second or two.
    for (let tries = 0; tries < 60 && !(await w.page.getByText('Possible theft').isVisible()); ++tries) {
      await w.page.goto(`${w.base}/keys/${id}`);
      await button(w, /^Fix/).click();
      await w.page.getByRole('dialog').getByRole('listitem').first().waitFor();
    }
  } else {
    await button(w, /^Fix/).click();
  }
  const first = w.page.getByRole('dialog').getByRole('listitem').first();
  await first.getByText('Possible theft').waitFor();
  await first.getByText(/^Was this you\?/).waitFor();
  await picture(w, 'fix');
  assert.deepEqual(await axe(w.page), []);
  // To allow the address is never one press.
  await first.getByRole('button', { name: /^Yes, allow/ }).click();
  await first.getByText('Risk:').waitFor();
  await first.getByRole('button', { name: 'Cancel' }).click();
  await first.getByRole('button', { name: 'No: suspend this key now' }).click();
  await w.page.getByText('In force everywhere').waitFor();
  if (w.gateway) {
    assert.equal(await call(w, id, w.hmac.sign), 401);
    await w.page.getByText('In force: the next request was refused').waitFor();
  }
  await w.page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  await button(w, 'Resume').waitFor();
}

export async function edit(w) {
  await w.page.goto(`${w.base}/keys/${w.ed25519.id}`);
  await button(w, 'Edit').click();
  const dialog = w.page.getByRole('dialog');
  await dialog.getByLabel('Label').fill('e2e edited');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const asked = w.page.getByRole('dialog', { name: 'Confirm with your second factor' });
  await Promise.race([asked.waitFor(), heading(w, 'e2e edited').waitFor()]);
  if (await asked.isVisible()) {
    await confirm(w);
  }
  await heading(w, 'e2e edited').waitFor();
}

export async function rotate(w) {
  await w.page.goto(`${w.base}/keys/${w.ed25519.id}?tab=rotation`);
  await w.page.getByRole('tabpanel').getByRole('button', { name: 'Rotate' }).click();
  const dialog = w.page.getByRole('dialog', { name: /^Rotate/ });
  await dialog.getByText('The pair is made').waitFor();
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  await confirm(w);
  await shown(w, 'Private key');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await w.page.getByText('Rotation in progress').waitFor();
  await picture(w, 'rotation');
}

export async function suspendAndResume(w) {
  await w.page.goto(`${w.base}/keys/${w.ed25519.id}`);
  await button(w, 'Suspend').click();
  const dialog = w.page.getByRole('dialog', { name: /^Suspend/ });
  await dialog.getByRole('button', { name: 'Suspend' }).click();
  await dialog.getByText('In force everywhere').waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();
  if (w.gateway) {
    assert.equal(await call(w, w.ed25519.id, w.ed25519.sign), 401);
  }
  assert.ok(await button(w, 'Resume').isVisible());
}

export async function revokeWithReceipt(w) {
  await w.page.goto(`${w.base}/keys/${w.hmac.id}`);
  const before = button(w, 'More actions');
  await before.click();
  await w.page.getByRole('menuitem', { name: 'Revoke' }).click();
  const dialog = w.page.getByRole('dialog');
  await dialog.getByLabel('Leaked').check();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await dialog.getByText('In force everywhere').waitFor();
  const download = w.page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Receipt' }).click();
  assert.match((await download).suggestedFilename(), /^receipt-.*\.json$/);
  await dialog.getByRole('button', { name: 'Done' }).click();
  if (w.gateway) {
    assert.equal(await call(w, w.hmac.id, w.hmac.sign), 401);
  }
}

export async function unknownKeyIs404(w) {
  await w.page.goto(`${w.base}/keys/cfk1${'0'.repeat(60)}`);
  await w.page.getByRole('alert').waitFor();
}

export async function hostileText(w) {
  await w.page.goto(`${w.base}/keys?q=${encodeURIComponent(hostile)}`);
  await w.page.getByText(/No API keys match/).waitFor();
  await w.page.goto(`${w.base}/keys/${w.ed25519.id}`);
  await button(w, 'Edit').click();
  await w.page.getByRole('dialog').getByLabel('Label').fill(hostile.slice(0, 64));
  await w.page.keyboard.press('Escape');
  await w.page.goto(`${w.base}/audit?actor=${encodeURIComponent(hostile)}`);
  await heading(w, 'Audit log').waitFor();
  assert.equal(await w.page.locator('img[src="x"], main script').count(), 0);
}

export async function byKeyboardOnly(w) {
  await w.page.goto(`${w.base}/keys`);
  await w.page.getByRole('table').waitFor();
  await picture(w, 'keys');
  await w.page.keyboard.press('Tab');
  assert.equal(await w.page.evaluate(() => document.activeElement?.textContent), 'Skip to content');
  await w.page.keyboard.press('Enter');
  await w.page.keyboard.press('j');
  await w.page.keyboard.press('x');
  await w.page.getByText('1 API key chosen').waitFor();
  await w.page.keyboard.press('x');
  await w.page.keyboard.press('Enter');
  await w.page.getByRole('tab', { name: 'Overview' }).waitFor();
  const suspend = button(w, 'Suspend').or(button(w, 'Resume')).first();
  const edits = button(w, 'Edit');
  const opener = (await edits.count()) > 0 ? edits : suspend;
  await opener.focus();
  await w.page.keyboard.press('Enter');
  await w.page.getByRole('dialog').waitFor();
  assert.ok(await w.page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null));
  await w.page.keyboard.press('Escape');
  await w.page.getByRole('dialog').waitFor({ state: 'detached' });
  // Back to what opened it or, where that was drawn anew meanwhile, to the screen; never to nothing.
  await w.page.waitForFunction(() => document.activeElement?.matches('button, #screen'));
}

// everyRoute looks at each route in both themes and widths: axe, and nothing that scrolls sideways.
export async function everyRoute(w) {
  const key = `/keys/${w.ed25519.id}`;
  const routes = ['/keys', '/keys/new', '/keys/links', key, ...['usage', 'permissions', 'requests', 'rotation', 'timeline'].map((tab) => `${key}?tab=${tab}`), '/audit', '/admin/accounts', '/admin/accounts?tab=accounts', '/health', '/doctor', '/settings', '/settings?tab=security', '/settings?tab=sessions', '/reference']; // prettier-ignore
  const wrong = [];
  for (const scheme of ['light', 'dark']) {
    await w.page.emulateMedia({ colorScheme: scheme });
    for (const width of [1280, 375]) {
      await w.page.setViewportSize({ width, height: 900 });
      for (const route of routes) {
        await w.page.goto(w.base + route);
        await w.page.getByRole('heading', { level: 1 }).waitFor();
        await w.page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
        const sideways = await w.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        wrong.push(
          ...[...(await axe(w.page)), ...(sideways ? ['scrolls sideways'] : [])].map(
            (line) => `${route.replace(w.ed25519.id, ':id')} ${width} ${scheme}: ${line}`,
          ),
        );
      }
    }
  }
  await w.page.setViewportSize({ width: 1280, height: 900 });
  assert.deepEqual(wrong, []);
}

// noSecretAnywhere looks for every secret that the journeys made in what the browser keeps and sent.
export async function noSecretAnywhere(w) {
  const kept = await w.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
  const cookies = JSON.stringify(await w.context.cookies());
  for (const secret of w.secrets.filter((one) => !w.used.includes(one))) {
    assert.ok(!kept.includes(secret), 'a secret is in the storage of the browser');
    assert.ok(!cookies.includes(secret), 'a secret is in a cookie');
    assert.ok(!w.network.some((one) => one.includes(secret)), 'a secret was sent');
  }
  assert.ok(!w.network.some((one) => one.split('\n')[0].includes(w.token)), 'the set-up token is in an address');
}
