// Plays the journeys of the console in Debian's Chromium, against a node or the mock node.
//
//   COUNTERFOIL_CONSOLE_URL   where the page is (http://localhost:5199 by default)
//   COUNTERFOIL_SETUP_TOKEN   the token of the set-up link; without it the mock node is meant
//   COUNTERFOIL_GATEWAY_URL   where signed requests go; without it none is sent
//   COUNTERFOIL_NODE_LOG, COUNTERFOIL_NODE_DATA, COUNTERFOIL_NODE_PID
//                             the node's log, its data folder and its process, in which secrets are looked for too
//   COUNTERFOIL_KEYBOARD=1    puts the mouse away (keyboard.mjs)
//   node tests/e2e/run.mjs [PART OF A JOURNEY'S NAME ...]
import { open } from './browser.mjs';
import * as people from './journeys.mjs';
import { putAwayTheMouse } from './keyboard.mjs';
import * as looks from './looks.mjs';
import { noSecretAnywhere } from './traces.mjs';

const base = process.env.COUNTERFOIL_CONSOLE_URL ?? 'http://localhost:5199';
const token = process.env.COUNTERFOIL_SETUP_TOKEN;
const { COUNTERFOIL_NODE_LOG: log, COUNTERFOIL_NODE_DATA: data, COUNTERFOIL_NODE_PID: pid } = process.env;
const journeys = { ...people, ...looks, noSecretAnywhere };
const order = [
  'setUp',
  'signInAgain',
  'makeHmacKey',
  'makeEd25519Key',
  'firstRequestTurnsThePageGreen',
  'managementKeyCallsHere',
  'somebodyElseHoldsTheKey',
  'refusedRequestIsExplained',
  'readInChinese',
  'doctorExplains',
  'edit',
  'rotate',
  'fixTheft',
  'suspendAndResume',
  'revokeWithReceipt',
  'passkey',
  'twoTabs',
  'sessionLostInTheWizard',
  'resetPassword',
  'focusComesBack',
  'suspendMany',
  'everyDialogIsListed',
  'everyDialog',
  'removePasskey',
  'unknownKeyIs404',
  'hostileText',
  'byKeyboardOnly',
  'everyRoute',
  'everyStep',
  'noSecretAnywhere',
];

// With the mouse put away: what people do, not how it looks.
const byMouse = ['readInChinese', 'everyStep', 'everyDialogIsListed', 'everyDialog', 'unknownKeyIs404', 'hostileText', 'byKeyboardOnly', 'everyRoute'];
const keyboardAlone = process.env.COUNTERFOIL_KEYBOARD === '1';

// The mock node plays no authenticator, no second person and no second hand.
const nodeOnly = ['passkey', 'twoTabs', 'resetPassword', 'everyDialog', 'removePasskey'];

const watched = await open(base);
if (keyboardAlone) {
  putAwayTheMouse(watched.page);
}
const w = {
  ...watched,
  base,
  token: token ?? 'token-of-the-mock-node',
  isMock: !token,
  gateway: process.env.COUNTERFOIL_GATEWAY_URL,
  node: log && { log, data, pid },
  secrets: [],
  used: [],
  codes: [],
};
if (!token) {
  await fetch(`${base}/api/mock?signed_in=0`);
}
const parts = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
const leftOut = [...(token ? [] : nodeOnly), ...(keyboardAlone ? byMouse : [])];
for (const name of order) {
  if ((parts.length > 0 && !parts.some((part) => name.includes(part))) || leftOut.includes(name)) {
    ++skipped;
    continue;
  }
  w.said.length = 0;
  const before = [...w.codes];
  try {
    await journeys[name](w);
    w.used.push(...before.filter((code) => !w.codes.includes(code)));
    if (name === 'setUp' && !token) {
      w.seeded = (await (await fetch(`${base}/api/v1/keys?q=mm-bot-3`)).json()).items[0].api_key;
    }
    if (w.said.length > 0) {
      throw new Error(w.said.join('\n      '));
    }
    ++passed;
    console.log(`ok   ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAIL ${name}\n      ${String(error.message).split('\n').slice(0, 30).join('\n      ')}`);
    if (process.env.COUNTERFOIL_SHOTS) {
      await w.page.screenshot({ path: `${process.env.COUNTERFOIL_SHOTS}/${name}.png` }).catch(() => undefined);
    }
  }
}
await w.browser.close();
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
