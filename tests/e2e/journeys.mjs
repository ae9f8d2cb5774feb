// What people do in the console, one function a journey. Each gets the same `w`: page, base, facts that
// earlier journeys left (codes, keys), secrets that must turn up nowhere, and what kind of node answers.
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, sign } from 'node:crypto';
import { axe } from './browser.mjs';
import {
  allowOnly,
  button,
  call,
  confirm,
  confirmIfAsked,
  enrolFactor,
  hasFocus,
  heading,
  hostile,
  idOnScreen,
  keep,
  keyNamed,
  linesOf,
  newKey,
  passphrase,
  picture,
  seeNotices,
  sent,
  shown,
  showTheft,
  signOut,
} from './steps.mjs';

export async function setUp(w) {
  sent(w, passphrase, w.token);
  await w.page.goto(`${w.base}/setup#t=${w.token}`);
  await button(w, 'Next').click();
  assert.equal(new URL(w.page.url()).hash, '', 'the token is out of the address at once');
  await w.page.getByLabel('Name').fill('Ana Weber');
  await w.page.getByLabel('E-mail').fill('ana@desk.example');
  await w.page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await button(w, 'Become the owner').click();
  w.codes = await enrolFactor(w);
}

export async function signInAgain(w) {
  await signOut(w);
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
  await seeNotices(w);
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

// managementKeyCallsHere: a key for the management API alone is shown a call of that, which the page makes without the session.
export async function managementKeyCallsHere(w) {
  await newKey(w, { kind: /Generate in this browser/, label: 'e2e management', permission: /MANAGEMENT_READ/ });
  await shown(w, 'Private key');
  await button(w, 'Next').click();
  const snippet = w.page.getByRole('region', { name: 'First call in curl' });
  await snippet.waitFor();
  assert.ok((await snippet.innerText()).includes(`${w.base}/api/v1/keys?`), 'it calls the management API');
  await button(w, 'Run it here').click();
  await w.page.getByText('The management API answered 200').waitFor();
  await w.page.getByText('The first request was accepted').waitFor();
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

  const theirs = await w.browser.newContext();
  const page = await theirs.newPage();
  page.on('console', (message) => message.type() === 'error' && w.said.push(`enroll: ${message.text()}`));
  await page.goto(link);
  await page.getByRole('heading', { name: 'Make your API key' }).waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the token is out of the address at once');
  await page.getByText('The pair is made').waitFor();
  for (const [width, colorScheme] of [[375, 'dark'], [375, 'light'], [1280, 'dark'], [1280, 'light']]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await axe(page), [], `enroll ${width} ${colorScheme}`);
    assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)), 'scrolls sideways');
  }
  await page.getByRole('button', { name: 'Get the API key' }).click();
  await page.getByText('This is your API key').waitFor();
  await page.getByRole('button', { name: 'Show' }).click();
  const pem = await page.getByRole('region', { name: 'Private key', exact: true }).innerText();
  keep(w, ...linesOf(pem));
  const id = (await page.getByText(/^cfk1\w{60}$/).first().innerText()).trim();

  // Who made the link sees that it was used, and no secret; then the first request.
  await w.page.getByText('The pair was made').waitFor();
  const text = await w.page.locator('body').innerText();
  assert.ok(!text.includes(pem.split('\n')[1]), 'the secret half is with its holder alone');
  if (w.gateway) {
    const sign_ = (payload) => sign(null, Buffer.from(payload), createPrivateKey(pem)).toString('base64');
    assert.equal(await call(w, id, sign_), 200);
  }
  await w.page.getByText('The first request was accepted').waitFor();

  // The link serves once: whoever opens it again learns nothing.
  const again = await theirs.newPage();
  await again.goto(link);
  await again.getByText('This link is not').waitFor();
  await theirs.close();

  await w.page.goto(`${w.base}/keys/links`);
  await heading(w, 'Enrolment links').waitFor();
  await w.page.getByText('e2e enrolled').waitFor();
}

export async function refusedRequestIsExplained(w) {
  await w.page.goto(`${w.base}/keys/${w.gateway ? w.ed25519.id : w.seeded}?tab=requests`);
  const row = w.page.getByRole('article').getByRole('button', { expanded: false }).first();
  await row.click();
  await w.page.getByText(/^Fix:/).first().waitFor();
  await picture(w, 'refused');
}

// englishOn gives what reads as an English sentence, other than code and what is marked as the node's own words.
const englishOn = (w) =>
  w.page.evaluate(() => {
    const page = document.body.cloneNode(true);
    page.querySelectorAll('script, style, pre, code, .mono, [lang="en"], [role="region"]').forEach((one) => one.remove());
    return [...page.textContent.matchAll(/[A-Za-z][a-z']*(?:,? [A-Za-z][a-z']*){4,}/g)].map(([text]) => text);
  });

// readInChinese: of a refused request, of the key's permissions and of Fix nothing stays in English.
export async function readInChinese(w) {
  const key = `${w.base}/keys/${w.gateway ? w.ed25519.id : w.seeded}`;
  await w.page.evaluate(() => localStorage.setItem('counterfoil.language', 'zh'));
  await w.page.goto(`${key}?tab=requests`);
  await w.page.getByRole('article').getByRole('button', { expanded: false }).first().click();
  await w.page.getByText(/^修复：/).first().waitFor();
  assert.deepEqual(await englishOn(w), []);
  await w.page.goto(`${key}?tab=permissions`);
  await w.page.getByText('窃取者能把一切转走，无法追回。').waitFor();
  assert.deepEqual(await englishOn(w), []);
  await w.page.getByRole('button', { name: /^修复/ }).click();
  await w.page.getByText('每隔几秒自动重新查看。').waitFor();
  await w.page.getByRole('dialog').getByRole('listitem').first().waitFor();
  assert.deepEqual(await englishOn(w), []);
  assert.deepEqual(await axe(w.page), []);
  await w.page.evaluate(() => localStorage.setItem('counterfoil.language', 'en'));
  await w.page.goto(`${w.base}/keys`);
  await heading(w, 'API keys').waitFor();
}

// doctorExplains pastes a request of one's own key, signed before it was encoded, among secrets.
export async function doctorExplains(w) {
  const cookie = 'session=do-not-send-this-cookie';
  const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
  keep(w, cookie, secret);
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
    await allowOnly(w, '192.0.2.7');
    assert.equal(await call(w, id, () => 'f'.repeat(64)), 400);
    assert.equal(await call(w, id, w.hmac.sign), 401);
    await showTheft(w);
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
  await confirmIfAsked(w, heading(w, 'e2e edited').waitFor());
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
  if (w.gateway) {
    await dialog.getByLabel('Type e2e hmac to confirm').fill('e2e hmac'); // it was used
  }
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

// A passkey of the browser's software authenticator: added, used to sign in with and without a name, and for
// every step-up from then on.
export async function passkey(w) {
  const session = await w.context.newCDPSession(w.page);
  await session.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true }; // prettier-ignore
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  await w.page.goto(`${w.base}/settings?tab=security`);
  await button(w, 'Add a passkey').click();
  const dialog = w.page.getByRole('dialog', { name: 'Add a passkey' });
  await dialog.getByLabel('Name of this passkey').fill('Test laptop');
  await dialog.getByRole('button', { name: 'Make the passkey' }).click();
  await confirm(w);
  await w.page.getByText('Test laptop').waitFor();
  const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal(credentials.length, 1);
  w.authenticator = { session, authenticatorId };

  await signOut(w);
  await button(w, 'Use a passkey').click();
  await heading(w, 'API keys').waitFor();
  await signOut(w);
  const asked = w.page.waitForResponse((response) => response.url().endsWith('/session/passkey-options'));
  await w.page.getByLabel('E-mail').fill('ana@desk.example');
  await button(w, 'Use a passkey').click();
  const known = (await (await asked).json()).public_key.allowCredentials;
  await heading(w, 'API keys').waitFor();
  const nobody = await w.page.evaluate(async () => {
    const answer = await fetch('/api/v1/session/passkey-options', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'nobody@desk.example' }),
    });
    return (await answer.json()).public_key.allowCredentials;
  });
  assert.equal(known.length, nobody.length, 'a name that exists is asked as many passkeys as one that does not');
}

export async function removePasskey(w) {
  await w.page.goto(`${w.base}/settings?tab=security`);
  await w.page.getByRole('row', { name: /Test laptop/ }).getByRole('button', { name: 'Remove' }).click();
  await confirm(w);
  await w.page.getByText('You have no passkey yet').waitFor();
  await w.authenticator.session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: w.authenticator.authenticatorId }); // prettier-ignore
  w.authenticator = undefined;
}

// Two tabs edit one key: the second save overwrites nothing, shows both, and both ways out work.
export async function twoTabs(w) {
  const other = { ...w, page: await w.tabOf(w.context) };
  const open = async (tab) => {
    await tab.page.goto(`${w.base}/keys/${w.ed25519.id}`);
    await button(tab, 'Edit').click();
    return tab.page.getByRole('dialog', { name: /^Edit/ });
  };
  const label = () =>
    w.page.evaluate(async (id) => (await (await fetch(`/api/v1/keys/${id}`)).json()).label, w.ed25519.id);
  const [mine, theirs] = [await open(w), await open(other)];
  await mine.getByLabel('Label').fill('e2e mine');
  await theirs.getByLabel('Label').fill('e2e theirs');
  await theirs.getByRole('button', { name: 'Save' }).click();
  await theirs.waitFor({ state: 'detached' });
  await mine.getByRole('button', { name: 'Save' }).click();
  const conflict = mine.getByRole('alert').filter({ hasText: 'Somebody changed this key meanwhile' });
  await conflict.waitFor();
  assert.match(await conflict.innerText(), /e2e theirs[\s\S]*e2e mine/);
  assert.equal(await label(), 'e2e theirs', 'nothing was overwritten');
  await conflict.getByRole('button', { name: 'Use theirs' }).click();
  assert.equal(await mine.getByLabel('Label').inputValue(), 'e2e theirs');
  assert.ok(await mine.getByRole('button', { name: 'Save' }).isDisabled(), 'there is nothing left to save');

  const again = await open(other);
  await again.getByLabel('Label').fill('e2e theirs anew');
  await mine.getByLabel('Label').fill('e2e mine anew');
  await again.getByRole('button', { name: 'Save' }).click();
  await again.waitFor({ state: 'detached' });
  await mine.getByRole('button', { name: 'Save' }).click();
  await conflict.getByRole('button', { name: 'Apply mine on top' }).click();
  assert.equal(await label(), 'e2e theirs anew', 'not before it is saved once more');
  await mine.getByRole('button', { name: 'Save' }).click();
  await mine.waitFor({ state: 'detached' });
  assert.equal(await label(), 'e2e mine anew');
  await other.page.close();
}

// The session ends while somebody fills in the wizard: they sign in over it, and all that they typed is there.
export async function sessionLostInTheWizard(w) {
  await w.page.goto(`${w.base}/keys/new`);
  await w.page.getByRole('radio', { name: /Generate in this browser/ }).click();
  await button(w, 'Next').click();
  await w.page.getByLabel('Label').fill('e2e after a lost session');
  await button(w, 'Next').click();
  if (w.isMock) {
    await fetch(`${w.base}/api/mock?end=1`);
  } else {
    await w.context.clearCookies();
  }
  await button(w, 'Create API key').click();
  const dialog = w.page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByLabel('E-mail').fill('ana@desk.example');
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await dialog.getByRole('button', { name: 'Use a recovery code' }).click();
  await dialog.getByLabel('Recovery code').fill(w.codes.pop());
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await confirm(w);
  await shown(w, 'Private key');
  await button(w, 'Next').click();
  await w.page.getByRole('link', { name: 'Do this later' }).click();
  await heading(w, 'e2e after a lost session').waitFor();
}

// An owner offers somebody a link; they set a new passphrase with it and their second factor, and are told.
export async function resetPassword(w) {
  await w.page.goto(`${w.base}/admin/accounts`);
  await button(w, 'Invite somebody').click();
  const inviting = w.page.getByRole('dialog', { name: 'Invite somebody' });
  await inviting.getByLabel('E-mail').fill('bo@desk.example');
  await inviting.getByRole('combobox', { name: 'Role' }).or(inviting.getByLabel('Role')).first().click();
  await w.page.getByRole('option', { name: 'Auditor' }).click();
  await inviting.getByRole('button', { name: 'Make the link' }).click();
  await confirm(w);
  const invitation = (await shown(w, 'Invitation link')).trim();
  await inviting.getByRole('button', { name: 'Done' }).click();

  const context = await w.another();
  const bo = { ...w, context, page: await w.tabOf(context), authenticator: undefined };
  await bo.page.goto(invitation);
  await bo.page.getByLabel('Name').fill('Bo Larsen');
  await bo.page.getByLabel('E-mail').fill('bo@desk.example');
  const [first, second, third] = ['a kettle of tangerine foxes', 'nine herons wade at noon', 'ten herons wade at noon'];
  sent(w, first, second, third);
  await bo.page.getByLabel('Passphrase', { exact: true }).fill(first);
  await button(bo, 'Join').click();
  const codes = await enrolFactor(bo);
  const spend = () => {
    w.used.push(codes.at(-1));
    return codes.pop();
  };

  await w.page.reload();
  await w.page.getByRole('row', { name: /Bo Larsen/ }).getByRole('button', { name: 'Menu of Bo Larsen' }).click();
  await w.page.getByRole('menuitem', { name: 'Offer a reset link' }).click();
  const offering = w.page.getByRole('dialog', { name: 'A new passphrase for Bo Larsen' });
  await offering.getByRole('button', { name: 'Make the link' }).click();
  await confirm(w);
  const link = (await shown(w, 'Reset link')).trim();
  await offering.getByRole('button', { name: 'Done' }).click();
  const token = new URL(link).hash.slice(3);
  w.used.push(token, new URL(invitation).hash.slice(3));

  await bo.page.goto(`${w.base}/keys`);
  await heading(bo, 'Sign in').waitFor();
  await bo.page.goto(link);
  await heading(bo, 'Set a new passphrase').waitFor();
  assert.equal(new URL(bo.page.url()).hash, '', 'the token is out of the address at once');
  const set = async (password, code) => {
    await bo.page.getByLabel('New passphrase').fill(password);
    if (await button(bo, 'Use a recovery code').isVisible()) {
      await button(bo, 'Use a recovery code').click();
    }
    await bo.page.getByLabel('Recovery code').fill(code);
    await button(bo, 'Set the passphrase').click();
  };
  await set(second, 'AAAA-AAAA-AAAA-AAAA');
  await bo.page.getByRole('alert').filter({ hasText: 'Not changed' }).waitFor();
  await set(second, spend());
  await heading(bo, 'Your passphrase is changed').waitFor();
  assert.deepEqual(await axe(bo.page), []);

  await bo.page.getByRole('link', { name: 'Sign in' }).click();
  await bo.page.getByLabel('E-mail').fill('bo@desk.example');
  await bo.page.getByLabel('Passphrase', { exact: true }).fill(second);
  await button(bo, 'Use a recovery code').click();
  await bo.page.getByLabel('Recovery code').fill(spend());
  await button(bo, 'Sign in').click();
  await heading(bo, 'API keys').waitFor();
  const told = (await seeNotices(bo)).join('\n');
  assert.match(told, /Your passphrase was reset with a link/);
  assert.match(told, /You were offered a link to set a new passphrase/);
  assert.ok(!bo.network.some((one) => one.split('\n')[0].includes(token)), 'the token is in no address');

  await bo.page.goto(link);
  await set(third, spend());
  await bo.page.getByRole('alert').filter({ hasText: 'Not changed' }).waitFor();
  await context.close();
}

// After a dialog the focus is where it was: on the control that opened it, also where that was drawn anew.
export async function focusComesBack(w) {
  const key = w.ed25519.id;
  await w.page.goto(`${w.base}/keys/${key}`);
  const away = async (name) => {
    const dialog = w.page.getByRole('dialog', { name });
    await dialog.waitFor();
    await w.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  await button(w, 'Edit').click();
  await away(/^Edit/);
  await hasFocus(w, 'key-edit');
  await button(w, 'More actions').click();
  await w.page.getByRole('menuitem', { name: 'Revoke' }).click();
  await away(/^Revoke/);
  await hasFocus(w, 'key-more');
  await button(w, 'Panic shield: suspend many API keys').click();
  await away('Panic shield');
  await hasFocus(w, 'panic');
  // The key is suspended here (or by an earlier journey): "suspend" and "resume" stand for each other.
  if (await button(w, 'Resume').isVisible()) {
    await button(w, 'Resume').click();
    await confirm(w);
    await button(w, 'Suspend').waitFor();
    await hasFocus(w, 'key-state');
  }
  await button(w, 'Suspend').click();
  const suspending = w.page.getByRole('dialog', { name: /^Suspend/ });
  await suspending.getByRole('button', { name: 'Suspend' }).click();
  await suspending.getByRole('button', { name: 'Done' }).click();
  await button(w, 'Resume').waitFor();
  await hasFocus(w, 'key-state');

  await w.page.goto(`${w.base}/keys?q=${key}`);
  await w.page.getByRole('table').waitFor();
  await w.page.locator(`[data-control="row-${key}"]`).click();
  await w.page.getByRole('menuitem', { name: 'Revoke' }).click();
  await away(/^Revoke/);
  await hasFocus(w, `row-${key}`);
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
  await hasFocus(w, (await opener.getAttribute('data-control')) ?? 'key-edit');
}

// suspendMany: two API keys chosen in the list are suspended at one press, and come back at another.
export async function suspendMany(w) {
  await w.page.goto(`${w.base}/keys?q=e2e`);
  for (const label of ['e2e management', 'e2e after a lost session']) {
    await w.page.getByRole('checkbox', { name: `Select ${label}` }).check();
  }
  await w.page.getByRole('region', { name: '2 API keys chosen' }).getByRole('button', { name: 'Suspend' }).click();
  await w.page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
  await confirmIfAsked(w, heading(w, 'Suspending API keys').waitFor());
  await w.page.getByText('Done: in force everywhere').waitFor();
  w.mass = new URL(w.page.url()).pathname;
  await button(w, 'Resume all of them').click();
  await confirmIfAsked(w, heading(w, 'Resuming API keys').waitFor());
  await heading(w, 'Resuming API keys').waitFor();
  await w.page.getByText('Done: in force everywhere').waitFor();
  await w.page.goto(`${w.base}/keys/${await keyNamed(w, 'e2e management')}`);
  await button(w, 'Suspend').waitFor();
}
