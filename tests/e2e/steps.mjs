// What the journeys are made of: steps that more than one takes. Each gets the same `w` as they do.
import assert from 'node:assert/strict';
import { totp } from './totp.mjs';

// keep remembers secrets that must turn up nowhere; sent those that the page has to send once, in a body, to be of use.
export const keep = (w, ...secrets) => w.secrets.push(...secrets);
export function sent(w, ...secrets) {
  w.secrets.push(...secrets);
  w.used.push(...secrets);
}
// linesOf gives what is secret of a text that is shown once: a private key, a list of codes, or a link and the token in it.
export const linesOf = (text) =>
  text
    .split('\n')
    .filter((line) => line.length > 12 && !line.startsWith('-----'))
    .flatMap((line) => [line, ...(/^https?:.*#\w=(.+)$/.exec(line)?.slice(1) ?? [])]);

export const passphrase = 'seven oyster ferries sail at dawn';
export const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}\${7*7}`;

export const button = (w, name) => w.page.getByRole('button', { name, exact: typeof name === 'string' });
export const heading = (w, name) => w.page.getByRole('heading', { name, level: 1 });

// confirm answers the step-up dialog where one stands: with the passkey once there is one, else with a
// recovery code, for a code of the app works once in 30 seconds.
export async function confirm(w) {
  const dialog = w.page.getByRole('dialog', { name: 'Confirm with your second factor' });
  await dialog.waitFor();
  if (w.authenticator) {
    await dialog.getByRole('button', { name: 'Confirm with a passkey' }).click();
  } else {
    await dialog.getByRole('button', { name: 'Use a recovery code' }).click();
    await dialog.getByLabel('Recovery code').fill(w.codes.pop());
    await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
  }
  await dialog.waitFor({ state: 'detached' });
}

// confirmIfAsked goes on where the step-up dialog may stand, or what comes after it.
export async function confirmIfAsked(w, next) {
  const asked = w.page.getByRole('dialog', { name: 'Confirm with your second factor' });
  await Promise.race([asked.waitFor(), next]);
  if (await asked.isVisible()) {
    await confirm(w);
  }
}

// hasFocus waits until the control of this name, and nothing else, has the focus.
export const hasFocus = (w, control) =>
  w.page.waitForFunction((name) => document.activeElement?.getAttribute('data-control') === name, control);

export async function signOut(w) {
  await button(w, /^Menu of Ana/).click();
  await w.page.getByRole('menuitem', { name: 'Sign out' }).click();
  await heading(w, 'Sign in').waitFor();
}

// typeCode types the code of an authenticator app, digit by digit, as people do.
export async function typeCode(w, secret) {
  for (const [at, digit] of [...totp(secret)].entries()) {
    await w.page.getByLabel(new RegExp(`, ${at + 1} / 6`)).fill(digit);
  }
}

// enrolFactor sets up an authenticator app and gives the recovery codes.
export async function enrolFactor(w) {
  await button(w, 'Add an authenticator app').click();
  const secret = await w.page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{1,4}){5,}$/).innerText();
  keep(w, secret.replaceAll(' ', ''));
  await typeCode(w, secret);
  const codes = (await shown(w, 'Recovery codes')).split('\n');
  await button(w, 'Done').click();
  await heading(w, 'API keys').waitFor();
  return codes;
}

// shown looks at a secret that is shown once, copies it and says that it is saved.
export async function shown(w, name) {
  const box = w.page.getByRole('region', { name, exact: true });
  await button(w, 'Show').click();
  const secret = await box.innerText();
  await button(w, 'Copy').click();
  await w.page.getByLabel('I have saved it').check();
  keep(w, ...linesOf(secret));
  return secret;
}

// call sends a signed request to the gateway, as a program would, and gives the status.
export async function call(w, apiKey, signature, path = '/api/v3/account') {
  const query = `timestamp=${Date.now()}`;
  const url = `${w.gateway}${path}?${query}&signature=${encodeURIComponent(signature(query))}`;
  return (await fetch(url, { headers: { 'X-MBX-APIKEY': apiKey } })).status;
}

// picture keeps what stands on the screen, where a folder was named for it: the README shows four.
export async function picture(w, name) {
  if (process.env.COUNTERFOIL_PICTURES) {
    await w.page.screenshot({ path: `${process.env.COUNTERFOIL_PICTURES}/${name}.png` });
  }
}

export async function idOnScreen(w) {
  return (await w.page.getByText(/^cfk1\w{60}$/).first().innerText()).trim();
}

// seeNotices looks at what is told at the sign-in, and says so: then it is told no more.
export async function seeNotices(w) {
  await button(w, 'Look at them').click();
  const told = w.page.getByRole('tabpanel').getByRole('listitem');
  await told.first().waitFor();
  await button(w, 'I have seen them').click();
  await button(w, 'I have seen them').waitFor({ state: 'detached' });
  const texts = await told.allInnerTexts();
  await w.page.goto(`${w.base}/keys`);
  await heading(w, 'API keys').waitFor();
  assert.equal(await button(w, 'Look at them').count(), 0, 'what was seen is told no more');
  return texts;
}

export async function newKey(w, { kind, label, permission }) {
  await w.page.goto(`${w.base}/keys/new`);
  await w.page.getByRole('radio', { name: kind }).click();
  await button(w, 'Next').click();
  await w.page.getByLabel('Label').fill(label);
  if (permission) {
    await w.page.getByRole('checkbox', { name: /USER_DATA/ }).uncheck();
    await w.page.getByRole('checkbox', { name: permission }).check();
  }
  await button(w, 'Next').click();
  await button(w, 'Create API key').click();
  await confirm(w);
}

// keyNamed gives the id of the API key with this label.
export const keyNamed = (w, label) =>
  w.page.evaluate(async (q) => {
    const { items } = await (await fetch(`/api/v1/keys?${new URLSearchParams({ q })}`)).json();
    return items.find((one) => one.label === q).api_key;
  }, label);

// changeKey changes an API key as the page would, to what the page has no control for.
export const changeKey = (w, id, rights) =>
  w.page.evaluate(
    async ([path, body]) => {
      const { csrf } = await (await fetch('/api/v1/session')).json();
      const etag = (await fetch(path)).headers.get('ETag');
      const headers = {
        'Content-Type': 'application/json',
        'X-Counterfoil-CSRF': csrf,
        'If-Match': etag,
      };
      const answer = await fetch(path, { method: 'PATCH', headers, body: JSON.stringify(body) });
      if (!answer.ok) {
        throw new Error(await answer.text());
      }
    },
    [`/api/v1/keys/${id}`, rights],
  );

// allowOnly narrows the API key on the screen to one address.
export async function allowOnly(w, address) {
  await button(w, 'Edit').click();
  const dialog = w.page.getByRole('dialog', { name: /^Edit/ });
  await dialog.getByLabel('Allowed addresses').fill(address);
  await w.page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await confirmIfAsked(w, dialog.waitFor({ state: 'detached' }));
}

// showTheft opens Fix, as often as it takes: what was refused reaches the journal within a second or two, and until then
// there may be nothing wrong to list.
export async function showTheft(w) {
  const found = w.page.getByText('Possible theft');
  for (let tries = 0; tries < 60 && !(await found.isVisible()); ++tries) {
    await w.page.reload();
    await button(w, /^Fix/).click();
    await found.waitFor({ timeout: 2_000 }).catch(() => {});
  }
}
