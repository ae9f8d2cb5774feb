// From an empty machine to the first signed request, by somebody who follows only what they are shown: under five
// minutes, with what a person needs to read, decide and type counted on paper.
//
//   COUNTERFOIL_SETUP_URL   the link that the node's terminal shows
//   COUNTERFOIL_TERMINAL    what that terminal shows in all
//   COUNTERFOIL_FACTOR      passkey, which the page offers first, or app
//   node tests/e2e/first_request.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from './browser.mjs';
import { Pace, waits } from './pace.mjs';
import { totp } from './totp.mjs';

const limit = 300;
const hasPasskey = process.env.COUNTERFOIL_FACTOR !== 'app';
const invitation = process.env.COUNTERFOIL_SETUP_URL;
const base = new URL(invitation).origin;
// Our own guesses, for which the model has no operator.
const thinkOfPassphrase = 15;
const scanWithPhone = 20; // take the phone, open the app, hold it to the screen
const takePhoneAgain = 4;
const touchSensor = 4; // see the browser's own dialog, and touch
const codeStep = 30_000; // of an authenticator app, in milliseconds

const downloads = mkdtempSync(join(tmpdir(), 'counterfoil-downloads-'));
const { browser, context, page, said } = await open(base);
const pace = new Pace();
const button = (name) => page.getByRole('button', { name, exact: typeof name === 'string' });
const heading = (name) => page.getByRole('heading', { name, level: 1 });

// save presses a button that saves a file, where downloads go.
async function save(control) {
  const [file] = await Promise.all([page.waitForEvent('download'), pace.click(control)]);
  await file.saveAs(join(downloads, file.suggestedFilename()));
}

// code types the code that the authenticator app shows, at `now` by its clock.
async function code(secret, now) {
  pace.spends(takePhoneAgain);
  for (const [at, digit] of [...totp(secret, now)].entries()) {
    await page.getByLabel(new RegExp(`, ${at + 1} / 6`)).fill(digit);
  }
  pace.typedCode(6);
}

async function startNode() {
  pace.step('start the node, open its link');
  pace.typed('make run\n'.length);
  pace.read(process.env.COUNTERFOIL_TERMINAL);
  pace.pointed(); // mark the link, copy it, go over to the browser, paste it
  pace.typed(8);
  await page.goto(invitation);
  await pace.look(button('Next'), waits.page);
}

async function becomeOwner() {
  pace.step('become the owner');
  await pace.click(button('Next'));
  await pace.look(page.getByLabel('Name'));
  await pace.fill(page.getByLabel('Name'), 'Ana Weber');
  await pace.fill(page.getByLabel('E-mail'), 'ana@desk.example');
  await pace.fill(page.getByLabel('Passphrase', { exact: true }), 'seven oyster ferries sail at dawn', { invented: thinkOfPassphrase }); // prettier-ignore
  await pace.click(button('Become the owner'));
  await pace.look(button('Add an authenticator app'), waits.answer);
}

// Two ways to a second factor; each gives what confirms a change with it later.
async function addPasskey() {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true }; // prettier-ignore
  await session.send('WebAuthn.addVirtualAuthenticator', { options });
  pace.step('second factor: a passkey');
  await pace.click(button('Add a passkey'));
  await pace.look(page.getByLabel('Name of this passkey'));
  await pace.fill(page.getByLabel('Name of this passkey'), 'laptop');
  await pace.click(button('Make the passkey'));
  pace.spends(touchSensor);
  return async (dialog) => {
    await pace.look(dialog.getByRole('button', { name: 'Confirm with a passkey' }), waits.answer);
    await pace.click(dialog.getByRole('button', { name: 'Confirm with a passkey' }));
    pace.spends(touchSensor);
  };
}

async function addApp() {
  pace.step('second factor: an authenticator app');
  await pace.click(button('Add an authenticator app'));
  const shown = page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{1,4}){5,}$/);
  await pace.look(shown, waits.answer);
  const secret = await shown.innerText();
  pace.spends(scanWithPhone);
  await code(secret, Date.now());
  return async (dialog) => {
    await pace.look(dialog.getByLabel(/, 1 \/ 6/), waits.answer);
    // A person was busy for longer than a code lives: theirs is the next one.
    await code(secret, Date.now() + codeStep);
  };
}

async function saveCodes() {
  await pace.look(button('counterfoil-recovery-codes.txt'), waits.answer);
  pace.step('recovery codes');
  await save(button('counterfoil-recovery-codes.txt'));
  await pace.click(page.getByLabel('I have saved it'));
  await pace.click(button('Done'));
  await pace.look(heading('API keys'), waits.page);
}

async function makeKey(confirm) {
  pace.step('the wizard: kind, rights, limits');
  await pace.click(page.getByRole('link', { name: 'Create API key' }));
  await pace.look(page.getByText('The pair is made'), waits.page);
  await pace.click(button('Next'));
  await pace.look(page.getByLabel('Label'));
  await pace.fill(page.getByLabel('Label'), 'my first bot');
  await pace.click(button('Next'));
  await pace.look(button('Create API key'));
  await pace.click(button('Create API key'));
  await confirm(page.getByRole('dialog', { name: 'Confirm with your second factor' }));
  await pace.look(button(/\.pem$/), waits.answer);
  pace.step('save the private key');
  await save(button(/\.pem$/));
  await pace.click(page.getByLabel('I have saved it'));
  await pace.click(button('Next'));
  await pace.look(page.getByText('Waiting for the first request'));
}

// sendFirst copies what the page offers and runs it as it is, in a shell, where downloads go.
async function sendFirst() {
  pace.step('the first request');
  await pace.click(button('Copy: First call in curl'));
  const pasted = await page.evaluate(() => navigator.clipboard.readText());
  pace.typed(2); // over to the terminal
  pace.typed('cd ~/Downloads\n'.length);
  pace.typed(4); // paste, and away with it
  const printed = execFileSync('bash', [], {
    cwd: downloads,
    input: pasted,
    encoding: 'utf8',
    stdio: 'pipe',
    timeout: 60_000,
  });
  assert.match(printed, /"balances"/, 'the snippet works as it was pasted');
  pace.read(printed.slice(0, 200));
  pace.typed(2); // and back to the page
  await pace.look(page.getByText('The first request was accepted'), waits.answer);
}

try {
  await startNode();
  await becomeOwner();
  const confirm = hasPasskey ? await addPasskey() : await addApp();
  await saveCodes();
  await makeKey(confirm);
  await sendFirst();
  console.log(pace.report());
  assert.deepEqual(said, []);
  assert.ok(pace.sum < limit, `${pace.sum.toFixed(0)} s, and five minutes are ${limit}`);
} catch (error) {
  if (process.env.COUNTERFOIL_SHOTS) {
    await page.screenshot({ path: `${process.env.COUNTERFOIL_SHOTS}/first-request.png` }).catch(() => undefined);
  }
  throw error;
} finally {
  await browser.close();
  rmSync(downloads, { recursive: true, force: true });
}
console.log(`first signed request after ${pace.sum.toFixed(0)} s of ${limit}`);
