// What every client is put through. A client's test file hands in an adapter; the steps and the expected answers of
// the gateway are the same for all, so that no client is tested less than another by accident.
//
// An adapter has:
//   name             what the reports call it
//   keyTypes         the types of API key that the client can sign with
//   create(gateway, key, { clockOffsetMs })
//                    a session of the client, pointed at the gateway by the client's own option, whose clock is wrong by
//                    clockOffsetMs (by the client's own option where it has one)
//   startupCalls     what create() and the first calls send besides what was asked for, as "METHOD /path"; null when
//                    the client runs in a process of its own
//   unsignable       the characters of kAwkward whose signed spelling the client does not send: a fault of its own
//   codeOf(error)    the code that the client's error carries
//   checkRefusal(error, wire)
//                    asserts that the client raised its own kind of error for the answer `wire`:
//                    { status, code, msg, afterSuccess }; afterSuccess: the same object has been accepted before
//
// and a session has the calls of kCalls below, each returning plain values:
//   exchangeInfo()      [symbol]                 account()            { asset: free }
//   placeLimit(plan)    { orderId, status }      placeMarket(plan)    { orderId, status }
//   query(plan, id)     { orderId, status }      queryByClientId(plan, text)
//   openOrders(plan)    [orderId]                cancel(plan, id)     { orderId, status }
//   myTrades(plan)      [{ orderId, quantity }]
//   testStop(plan)      the taker's commission rate, as text
//   placeStop(plan, side) { orderId }            replaceStop(plan, id) { orderId } of the new order
// A stop order is a STOP_LOSS_LIMIT of plan.quantity whose stop price and price are plan.price; a replacement sells at
// plan.lowerPrice, and is not attempted when the cancel fails.
// Order ids are text. A status is Binance's own word.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { createKey, keyOfType, revokeKey, startDemo, stopDemo, untilClockReads } from './harness.mjs';
import { pathsSince, requests, strangers } from './loopback_guard.mjs';

const kRejected = { status: 401, code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
const kBadSignature = { status: 400, code: -1022, msg: 'Signature for this request is not valid.' };
const kBadKeyFormat = { status: 401, code: -2014, msg: 'API-key format invalid.' };
const kAhead = { status: 400, code: -1021, msg: "Timestamp for this request was 1000ms ahead of the server's time." };
const kTooLate = { status: 400, code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' };

// Characters that encodeURIComponent, URLSearchParams and the URL parser spell differently, and some that they do not.
const kAwkward = [' ', '!', "'", '(', ')', '~', '*', '"', '[', '|', '\u00e9'];
const kJudgedByVenue = [-1100, -2013];  // "Illegal characters…", "Order does not exist.": the signature was right.

const kNoOrder = '4000000000';

const kAnotherHost = '203.0.113.7';  // A documentation address: no request of these tests can come from it.

// withForeignMaterial is `key` signed with somebody else's secret or private key of the same type.
export function withForeignMaterial(key) {
  if (key.type === 'hmac-sha256') {
    return { ...key, secret: 'TESTONLYwrongsecret'.padEnd(64, '0') };
  }
  const { privateKey } = key.type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...key, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

// shifted runs the synchronous part of `call`, in which a client reads the clock, with Date.now() wrong by offsetMs.
// For clients that have no option of their own for this; the clock is right again before the answer arrives.
export function shifted(offsetMs, call) {
  const now = Date.now;
  Date.now = () => now() + offsetMs;
  try {
    return call();
  } finally {
    Date.now = now;
  }
}

// withWrongClock keeps Date.now() wrong by offsetMs until the promise of `call` is settled.
export async function withWrongClock(offsetMs, call) {
  const now = Date.now;
  Date.now = () => now() + offsetMs;
  try {
    return await call();
  } finally {
    Date.now = now;
  }
}

// refusal runs `call`, which must fail, and hands back what it threw.
async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'the request was accepted and should have been refused' });
}

// testClient declares all tests of one client. `more` declares the client's own, in the same demo.
export function testClient(client, more = () => {}) {
  describe(client.name, () => {
    let demo;
    before(async () => { demo = await startDemo(); });
    after(async () => { await stopDemo(demo); });

    for (const type of client.keyTypes) {
      describe(`with a key of type ${type}`, () => {
        if (client.startupCalls !== null) {
          test('sends nothing by itself but what is written here', async () => {
            const mark = requests.length;

            const session = client.create(demo.gateway, keyOfType(demo, type));
            await session.exchangeInfo();

            assert.deepEqual(pathsSince(mark), [...client.startupCalls, 'GET /api/v3/exchangeInfo']);
          });
        }

        test('reads the market, trades, and sees its orders', () => lifeOfAnOrder(client, demo, type));

        test('is told that the signature is wrong when the secret is', async () => {
          const session = client.create(demo.gateway, withForeignMaterial(keyOfType(demo, type)));

          client.checkRefusal(await refusal(() => session.account()), { ...kBadSignature, afterSuccess: false });
        });
      });
    }

    stopOrders(client, () => demo);
    refusals(client, () => demo);
    encodings(client, () => demo);
    more(() => demo);

    test('reached nothing but the gateway', () => {
      assert.deepEqual(strangers, []);
    });
  });
}

async function lifeOfAnOrder(client, demo, type) {
  const { plan } = demo;
  const session = client.create(demo.gateway, keyOfType(demo, type));

  assert.ok((await session.exchangeInfo()).includes(plan.symbol), 'exchange information lists the symbol');

  const balances = await session.account();
  assert.ok(Number(balances[plan.quote]) > 0, `the account holds ${plan.quote}`);

  const resting = await session.placeLimit(plan);
  assert.match(resting.orderId, /^\d+$/);
  assert.equal(resting.status, 'NEW');

  assert.deepEqual(await session.query(plan, resting.orderId), { orderId: resting.orderId, status: 'NEW' });
  assert.ok((await session.openOrders(plan)).includes(resting.orderId), 'the order is open');

  await untilClockReads(Date.now() + 1);  // See untilClockReads: a cancel must not repeat the query's signed payload.
  assert.deepEqual(await session.cancel(plan, resting.orderId), { orderId: resting.orderId, status: 'CANCELED' });
  assert.equal((await session.query(plan, resting.orderId)).status, 'CANCELED');
  assert.ok(!(await session.openOrders(plan)).includes(resting.orderId), 'the order is open no longer');

  const market = await session.placeMarket(plan);
  assert.equal(market.status, 'FILLED');
  const trades = (await session.myTrades(plan)).filter(({ orderId }) => orderId === market.orderId);
  assert.ok(trades.length > 0, 'the market order shows among the trades');
  const filled = trades.reduce((sum, { quantity }) => sum + Number(quantity), 0);
  assert.ok(Math.abs(filled - Number(plan.quantity)) < 1e-9, `the trades fill ${plan.quantity}, not ${filled}`);
}

function stopOrders(client, demoOf) {
  describe('with stop orders', () => {
    const start = () => client.create(demoOf().gateway, keyOfType(demoOf(), 'hmac-sha256'));

    test('tests one, which places nothing', async () => {
      const { plan } = demoOf();
      const session = start();
      const before = await session.openOrders(plan);

      assert.equal(await session.testStop(plan), '0.00100000');

      assert.deepEqual(await session.openOrders(plan), before);
    });

    test('places one, moves it and cancels it', async () => {
      const { plan } = demoOf();
      const session = start();

      const waiting = await session.placeStop(plan, 'SELL');
      assert.deepEqual(await session.query(plan, waiting.orderId), { orderId: waiting.orderId, status: 'NEW' });
      const moved = await session.replaceStop(plan, waiting.orderId);

      assert.notEqual(moved.orderId, waiting.orderId);
      assert.equal((await session.query(plan, waiting.orderId)).status, 'CANCELED');
      assert.ok((await session.openOrders(plan)).includes(moved.orderId), 'the new order is open');
      await untilClockReads(Date.now() + 1);
      assert.equal((await session.cancel(plan, moved.orderId)).status, 'CANCELED');
    });

    test('is told that one would trigger at once', async () => {
      assert.equal(client.codeOf(await refusal(() => start().placeStop(demoOf().plan, 'BUY'))), -2010);
    });

    test('is told that there is nothing to replace', async () => {
      const { plan } = demoOf();
      const session = start();
      const before = await session.openOrders(plan);

      assert.equal(client.codeOf(await refusal(() => session.replaceStop(plan, kNoOrder))), -2022);

      assert.deepEqual(await session.openOrders(plan), before);
    });
  });
}

function refusals(client, demoOf) {
  describe('is refused', () => {
    const hmac = () => keyOfType(demoOf(), 'hmac-sha256');

    test('with an API key of the wrong form', async () => {
      const session = client.create(demoOf().gateway, { ...hmac(), apiKey: 'TESTONLY-too-short' });

      client.checkRefusal(await refusal(() => session.account()), { ...kBadKeyFormat, afterSuccess: false });
    });

    test('with an API key that nobody was given', async () => {
      const session = client.create(demoOf().gateway, { ...hmac(), apiKey: 'TESTONLYunknown'.padEnd(64, 'u') });

      client.checkRefusal(await refusal(() => session.account()), { ...kRejected, afterSuccess: false });
    });

    test('from the moment its key is revoked', async () => {
      const key = await createKey(demoOf(), { label: 'to be revoked', permissions: ['USER_DATA', 'TRADE'] });
      const session = client.create(demoOf().gateway, key);
      await session.account();
      await revokeKey(demoOf(), key);

      client.checkRefusal(await refusal(() => session.account()), { ...kRejected, afterSuccess: true });

      const restarted = client.create(demoOf().gateway, key);
      client.checkRefusal(await refusal(() => restarted.account()), { ...kRejected, afterSuccess: false });
    });

    test('without the permission to trade', async () => {
      const key = await createKey(demoOf(), { label: 'reads only', permissions: ['USER_DATA'] });
      const trader = client.create(demoOf().gateway, key);
      client.checkRefusal(await refusal(() => trader.placeLimit(demoOf().plan)), { ...kRejected, afterSuccess: false });

      const reader = client.create(demoOf().gateway, key);
      await reader.account();
      client.checkRefusal(await refusal(() => reader.placeLimit(demoOf().plan)), { ...kRejected, afterSuccess: true });
    });

    test('from an address that its key does not list', async () => {
      const key = await createKey(demoOf(), { label: 'bound elsewhere', permissions: ['USER_DATA'], ip: kAnotherHost });
      const session = client.create(demoOf().gateway, key);

      client.checkRefusal(await refusal(() => session.account()), { ...kRejected, afterSuccess: false });
    });

    test('with a clock two seconds fast', async () => {
      const session = client.create(demoOf().gateway, hmac(), { clockOffsetMs: 2_000 });

      client.checkRefusal(await refusal(() => session.account()), { ...kAhead, afterSuccess: false });
    });

    test('with a clock fifteen seconds slow', async () => {
      const session = client.create(demoOf().gateway, hmac(), { clockOffsetMs: -15_000 });

      client.checkRefusal(await refusal(() => session.account()), { ...kTooLate, afterSuccess: false });
    });
  });
}

// encodings pins which characters a client can sign. A gateway verifies the bytes that came; a client that signs one
// spelling and sends another is refused, and must be, or a signature would cover bytes that nobody sent.
function encodings(client, demoOf) {
  test('signs the spelling that it sends, but for the characters written here', async () => {
    const { gateway, plan } = demoOf();
    const session = client.create(gateway, keyOfType(demoOf(), 'hmac-sha256'));
    const outcomes = {};
    for (const character of kAwkward) {
      const code = client.codeOf(await refusal(() => session.queryByClientId(plan, `a${character}b`)));
      outcomes[character] = kJudgedByVenue.includes(code) ? 'signed right' : code;
    }

    assert.deepEqual(outcomes, Object.fromEntries(kAwkward.map((character) => [character, client.unsignable.includes(character) ? -1022 : 'signed right'])));
  });
}
