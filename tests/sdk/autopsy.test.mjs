// What owners get wrong with the vendor's own client, unmodified, and what the node says of it. The client is
// @binance/connector 3.6.1; each case is one of the mistakes that people report most.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import connector from '@binance/connector';

import { shifted } from './contract.mjs';
import { createKey, keyOfType, refusalOf, revokeKey, rotateKey, startDemo, stopDemo } from './harness.mjs';

const kHourMs = 3_600_000;

let demo;
before(async () => { demo = await startDemo(); });
after(async () => { await stopDemo(demo); });

const spotOf = (apiKey, secret) => new connector.Spot(apiKey, secret, { baseURL: demo.gateway });
const fresh = (label, more = {}) => createKey(demo, { label, permissions: ['USER_DATA', 'TRADE'], ip: '127.0.0.1', ...more });

// A case makes one call that is refused; its causes are what the owner is told.
const kCases = [
  ['clock-ahead', async () => shifted(5_000, () => spotOfKey(keyOfType(demo, 'hmac-sha256')).account())],
  ['clock-behind', async () => {
    const key = await fresh('behind');
    return shifted(-61_234, () => spotOfKey(key).account());
  }],
  ['timestamp-timezone-offset', async () => shifted(-8 * kHourMs, () => spotOfKey(keyOfType(demo, 'hmac-sha256')).account())],
  ['recv-window-too-large', async () => spotOfKey(keyOfType(demo, 'hmac-sha256')).account({ recvWindow: 70_000 })],
  ['permission-missing', async () => {
    const key = await fresh('reads', { permissions: ['USER_DATA'] });
    return spotOfKey(key).newOrder(demo.plan.symbol, 'BUY', 'MARKET', { quantity: demo.plan.quantity });
  }],
  ['ip-not-allowed', async () => spotOfKey(await fresh('elsewhere', { ip: '203.0.113.7' })).account()],
  ['key-revoked', async () => {
    const key = await fresh('dead');
    await revokeKey(demo, key);
    return spotOfKey(key).account();
  }],
  ['signed-with-predecessor-key', async () => {
    const key = await fresh('rotated');
    await rotateKey(demo, key);
    return spotOfKey(key).account();
  }],
  ['signed-with-other-key', async () => {
    const [one, other] = [await fresh('one'), await fresh('other')];
    return spotOf(one.apiKey, other.secret).account();
  }],
  ['secret-has-surrounding-whitespace', async () => {
    const key = await fresh('newline');
    return spotOf(key.apiKey, `${key.secret}\n`).account();
  }],
  ['secret-has-quotes', async () => {
    const key = await fresh('quotes');
    return spotOf(key.apiKey, `"${key.secret}"`).account();
  }],
  ['api-key-has-extra-characters', async () => {
    const key = await fresh('bearer');
    return spotOf(`"${key.apiKey}"`, key.secret).account();
  }],
  ['key-and-secret-swapped', async () => {
    const key = await fresh('swapped');
    return spotOf(key.secret, key.apiKey).account();
  }],
  ['api-key-used-as-secret', async () => {
    const key = await fresh('twice');
    return spotOf(key.apiKey, key.apiKey).account();
  }],
  ['secret-placeholder', async () => spotOf((await fresh('placeholder')).apiKey, 'YOUR_API_SECRET').account()],
  ['hmac-signature-for-asymmetric-key', async () => spotOf(keyOfType(demo, 'ed25519').apiKey, 'x'.repeat(64)).account()],
  // encodeURIComponent leaves an apostrophe alone; axios spells it %27.
  ['reserved-char-encoding-mismatch', async () => spotOfKey(keyOfType(demo, 'hmac-sha256')).getOrder(demo.plan.symbol, { origClientOrderId: "it's" })],
];

const spotOfKey = (key) => spotOf(key.apiKey, key.secret);

for (const [cause, call] of kCases) {
  test(`an owner who meets ${cause} is told so`, async () => {
    const error = await call().then(() => assert.fail('the request was accepted'), (refused) => refused);
    assert.equal(error.name, 'AxiosError', error.message);

    const refusal = await refusalOf(demo, error.response.headers['x-counterfoil-request-id']);

    assert.deepEqual(refusal.findings.map(({ id }) => id), [cause]);
    const [finding] = refusal.findings;
    assert.ok(finding.title.endsWith('.') && finding.fix.endsWith('.'));
  });
}
