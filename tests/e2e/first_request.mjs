// How long somebody takes from the set-up link of a new node to their first accepted request, who follows the
// console alone: they read each screen, type as people do, save their codes and their key, and copy the snippet
// into a terminal. More than five minutes: exit 1.
//
//   COUNTERFOIL_CONSOLE_URL=... COUNTERFOIL_SETUP_TOKEN=... COUNTERFOIL_GATEWAY_URL=... node tests/e2e/first_request.mjs
//   COUNTERFOIL_CODES_FILE keeps the recovery codes that are left, for whoever signs in after this.
//   COUNTERFOIL_PACE=0.1 takes a tenth of the time to read and type, and says what the whole would be.
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { open } from './browser.mjs';
import { totp } from './totp.mjs';

const base = process.env.COUNTERFOIL_CONSOLE_URL;
const gateway = process.env.COUNTERFOIL_GATEWAY_URL;
const pace = Number(process.env.COUNTERFOIL_PACE ?? 1);
const limitS = 300;

// Of a person: what a screen takes to be read, what a decision takes, and a letter on the keyboard.
const readS = 8;
const decideS = 3;
const letterS = 0.25;

let thoughtS = 0;
async function think(seconds) {
  thoughtS += seconds;
  await pause(seconds * 1000 * pace);
}

const { browser, page, said } = await open(base);
const begun = performance.now();
const press = async (name) => {
  await think(decideS);
  await page.getByRole('button', { name, exact: typeof name === 'string' }).click();
};
const type = async (label, text) => {
  await think(text.length * letterS);
  await page.getByLabel(label, { exact: true }).fill(text);
};
// save copies what is shown once to where the person keeps such things.
const save = async (name) => {
  await think(readS);
  await press('Show');
  const text = await page.getByRole('region', { name, exact: true }).innerText();
  await press('Copy');
  await think(2 * readS);
  await page.getByLabel('I have saved it').check();
  return text;
};

await page.goto(`${base}/setup#t=${process.env.COUNTERFOIL_SETUP_TOKEN}`);
await think(readS);
await press('Next');
await type('Name', 'Ana Weber');
await type('E-mail', 'ana@desk.example');
await type('Passphrase', 'seven oyster ferries sail at dawn');
await press('Become the owner');
await think(readS);
await press('Add an authenticator app');
await think(2 * readS); // the phone is found, the picture scanned
const secret = await page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{1,4}){5,}$/).innerText();
await think(6 * letterS + decideS);
for (const [at, digit] of [...totp(secret)].entries()) {
  await page.getByLabel(new RegExp(`, ${at + 1} / 6`)).fill(digit);
}
const codes = (await save('Recovery codes')).split('\n');
await press('Done');
await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
await think(readS);
await page.getByRole('link', { name: 'Create API key' }).or(page.getByRole('button', { name: 'Create API key' })).first().click();
await think(readS);
await page.getByRole('radio', { name: /Generate in this browser/ }).click();
await press('Next');
await type('Label', 'first bot');
await think(readS);
await press('Next');
await think(readS);
await press('Create API key');
const dialog = page.getByRole('dialog', { name: 'Confirm with your second factor' });
await dialog.waitFor();
await think(readS);
await dialog.getByRole('button', { name: 'Use a recovery code' }).click();
await dialog.getByLabel('Recovery code').fill(codes.pop());
await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
const pem = await save('Private key');
const id = (await page.getByText(/^cfk1\w{60}$/).first().innerText()).trim();
await press('Next');
await page.getByText('Waiting for the first request').waitFor();
await think(3 * readS); // the snippet goes into a terminal
const query = `timestamp=${Date.now()}`;
const signature = sign(null, Buffer.from(query), createPrivateKey(pem)).toString('base64');
const answer = await fetch(`${gateway}/api/v3/account?${query}&signature=${encodeURIComponent(signature)}`, { headers: { 'X-MBX-APIKEY': id } }); // prettier-ignore
assert.equal(answer.status, 200);
await page.getByText('The first request was accepted').waitFor();

if (process.env.COUNTERFOIL_CODES_FILE) {
  writeFileSync(process.env.COUNTERFOIL_CODES_FILE, codes.join('\n'), { mode: 0o600 });
}
const machineS = (performance.now() - begun) / 1000 - thoughtS * pace;
await browser.close();
assert.deepEqual(said, []);
const wholeS = machineS + thoughtS;
console.log(
  JSON.stringify({
    first_request_s: Math.round(wholeS),
    of_the_person_s: Math.round(thoughtS),
    of_the_machine_s: Number(machineS.toFixed(1)),
    at_most_s: limitS,
  }),
);
process.exit(wholeS <= limitS ? 0 : 1);
