// curl with openssl, as the vendor's documents show requests. What the clients hide stands here bare: where parameters
// and signature may be put, which bytes are signed, and what status, headers and body an answer has.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { testClient } from './contract.mjs';
import { keyOfType } from './harness.mjs';

const run = promisify(execFile);

const kSigner = join(dirname(fileURLToPath(import.meta.url)), 'sign.sh');
const kKeyTypes = ['hmac-sha256', 'rsa-sha256', 'ed25519'];
const kReplayed = { code: -1021, msg: 'This signed request was already received; sign each attempt anew.' };
const kBadSignature = { code: -1022, msg: 'Signature for this request is not valid.' };

const files = await mkdtemp(join(tmpdir(), 'counterfoil-curl-'));
after(() => rm(files, { recursive: true, force: true }));

// materialFile is a file, readable by its owner alone, with what `key` signs with.
async function materialFile(key) {
  const path = join(files, randomUUID());
  await writeFile(path, key.secret ?? key.privateKey, { mode: 0o600 });
  return path;
}

// sign returns the signature of `payload`, percent-encoded for a URL.
async function sign(key, payload) {
  const signer = spawn(kSigner, [key.type, await materialFile(key)], { stdio: ['pipe', 'pipe', 'inherit'] });
  signer.stdin.end(payload);
  let text = '';
  for await (const chunk of signer.stdout) {
    text += chunk;
  }
  assert.match(text, /^[A-Za-z0-9%]+\n?$/, 'openssl signed');
  return text.trim();
}

// curl sends one request and returns { status, headers, body }.
async function curl(...args) {
  const { stdout } = await run('curl', ['--silent', '--show-error', '--noproxy', '*', '--max-time', '20', '--include', ...args]);
  const [head, ...rest] = stdout.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '').split('\r\n\r\n');
  const [statusLine, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return { status: Number(statusLine.split(' ')[1]), headers, body: JSON.parse(rest.join('\r\n\r\n')) };
}

const header = (key) => ['--header', `X-MBX-APIKEY: ${key.apiKey}`];
const now = (offsetMs = 0) => `timestamp=${Date.now() + offsetMs}`;

// accepted hands on the body of an answer 200 and throws any other answer.
function accepted(answer) {
  if (answer.status !== 200) {
    throw Object.assign(new Error(`${answer.status} ${JSON.stringify(answer.body)}`), answer);
  }
  return answer.body;
}

// signedInQuery is the plainest form: everything in the query, the signature last.
async function signedInQuery(gateway, key, method, path, payload) {
  return curl('--request', method, ...header(key), `${gateway}${path}?${payload}&signature=${await sign(key, payload)}`);
}

const order = ({ orderId, status }) => ({ orderId: String(orderId), status });
const limitParameters = ({ symbol, price, quantity }) => `symbol=${symbol}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=${quantity}&price=${price}`;

const stopParameters = ({ symbol, price, quantity }, side) =>
  `symbol=${symbol}&side=${side}&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=${quantity}&price=${price}&stopPrice=${price}`;

const client = {
  name: 'curl and openssl',
  keyTypes: kKeyTypes,
  startupCalls: null,  // A process of its own: it sends what its command line says.
  unsignable: '',

  create(gateway, key, { clockOffsetMs = 0 } = {}) {
    const call = async (method, path, parameters) => {
      const payload = [...parameters, now(clockOffsetMs)].join('&');
      return accepted(await signedInQuery(gateway, key, method, path, payload));
    };
    return {
      exchangeInfo: async () => accepted(await curl(`${gateway}/api/v3/exchangeInfo`)).symbols.map(({ symbol }) => symbol),
      account: async () => Object.fromEntries((await call('GET', '/api/v3/account', [])).balances.map(({ asset, free }) => [asset, free])),
      placeLimit: async (plan) => order(await call('POST', '/api/v3/order', [limitParameters(plan)])),
      placeMarket: async ({ symbol, quantity }) => order(await call('POST', '/api/v3/order', [`symbol=${symbol}&side=BUY&type=MARKET&quantity=${quantity}`])),
      query: async ({ symbol }, orderId) => order(await call('GET', '/api/v3/order', [`symbol=${symbol}&orderId=${orderId}`])),
      queryByClientId: async ({ symbol }, text) => call('GET', '/api/v3/order', [`symbol=${symbol}&origClientOrderId=${encodeURIComponent(text)}`]),
      openOrders: async ({ symbol }) => (await call('GET', '/api/v3/openOrders', [`symbol=${symbol}`])).map(({ orderId }) => String(orderId)),
      cancel: async ({ symbol }, orderId) => order(await call('DELETE', '/api/v3/order', [`symbol=${symbol}&orderId=${orderId}`])),
      testStop: async (plan) =>
        (await call('POST', '/api/v3/order/test', [stopParameters(plan, 'SELL'), 'computeCommissionRates=true'])).standardCommissionForOrder.taker,
      placeStop: async (plan, side) => order(await call('POST', '/api/v3/order', [stopParameters(plan, side)])),
      replaceStop: async (plan, orderId) => order((await call('POST', '/api/v3/order/cancelReplace', [
        stopParameters({ ...plan, price: plan.lowerPrice }, 'SELL'), `cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId=${orderId}`])).newOrderResponse),
      myTrades: async ({ symbol }) =>
        (await call('GET', '/api/v3/myTrades', [`symbol=${symbol}`])).map(({ orderId, qty }) => ({ orderId: String(orderId), quantity: qty })),
    };
  },

  codeOf: (error) => error.body?.code,

  checkRefusal({ status, headers, body }, { status: expected, code, msg }) {
    assert.deepEqual({ status, body }, { status: expected, body: { code, msg } });
    assert.match(headers['content-type'], /^application\/json; ?charset=utf-8$/i);
    assert.ok(headers['x-counterfoil-request-id'], 'a refusal names its request id, which opens its autopsy');
  },
};

testClient(client, (demoOf) => {
  for (const type of kKeyTypes) {
    describe(`a signed order with a key of type ${type}`, () => {
      const start = () => ({ gateway: demoOf().gateway, plan: demoOf().plan, key: keyOfType(demoOf(), type) });
      const url = (gateway, query = '') => `${gateway}/api/v3/order${query}`;

      async function cancel({ gateway, plan, key }, orderId) {
        const payload = `symbol=${plan.symbol}&orderId=${orderId}&${now()}`;
        assert.equal(accepted(await signedInQuery(gateway, key, 'DELETE', '/api/v3/order', payload)).status, 'CANCELED');
      }

      test('may travel in the body', async () => {
        const { gateway, plan, key } = start();
        const payload = `${limitParameters(plan)}&${now()}`;

        const answer = await curl(...header(key), url(gateway), '--data', `${payload}&signature=${await sign(key, payload)}`);

        await cancel(start(), accepted(answer).orderId);
      });

      test('may be split: the payload is query and body with nothing between', async () => {
        const { gateway, plan, key } = start();
        const [query, body] = [`symbol=${plan.symbol}&side=BUY&type=LIMIT`, `timeInForce=GTC&quantity=${plan.quantity}&price=${plan.price}&${now()}`];

        const joined = await curl(...header(key), url(gateway, `?${query}`), '--data', `${body}&signature=${await sign(key, query + body)}`);
        const withAmpersand = await curl(...header(key), url(gateway, `?${query}`), '--data', `${body}&signature=${await sign(key, `${query}&${body}`)}`);

        await cancel(start(), accepted(joined).orderId);
        assert.deepEqual({ status: withAmpersand.status, body: withAmpersand.body }, { status: 400, body: kBadSignature });
      });

      test('may have all parameters in the query and only the signature in the body', async () => {
        const { gateway, plan, key } = start();
        const query = `${limitParameters(plan)}&${now()}`;
        const plain = decodeURIComponent(await sign(key, query));

        const answer = await curl(...header(key), url(gateway, `?${query}`), '--data-urlencode', `signature=${plain}`);

        await cancel(start(), accepted(answer).orderId);
      });

      test('may have its signature first or in the middle', async () => {
        const { gateway, plan, key } = start();
        const [first, second] = [limitParameters(plan), now()];
        const signature = `signature=${await sign(key, `${first}&${second}`)}`;
        const [third, fourth] = [`${first}&newOrderRespType=FULL`, now(1)];

        const middle = await curl('--request', 'POST', ...header(key), url(gateway, `?${first}&${signature}&${second}`));
        const leading = await curl('--request', 'POST', ...header(key), url(gateway, `?signature=${await sign(key, `${third}&${fourth}`)}&${third}&${fourth}`));

        await cancel(start(), accepted(middle).orderId);
        await cancel(start(), accepted(leading).orderId);
      });

      test('is refused when any signed byte is changed on the way', async () => {
        const { gateway, plan, key } = start();
        const payload = `${limitParameters(plan)}&${now()}`;
        const signature = await sign(key, payload);

        for (const tampered of [payload.replace('BUY', 'SELL'), payload.replace('price=', 'price=1'), `${payload}&x=1`, payload.replace('GTC', 'GT%43')]) {
          const { status, body } = await curl('--request', 'POST', ...header(key), url(gateway, `?${tampered}&signature=${signature}`));
          assert.deepEqual({ status, body }, { status: 400, body: kBadSignature }, tampered);
        }
      });

      test('is taken once', async () => {
        const { gateway, plan, key } = start();
        const payload = `${limitParameters(plan)}&${now()}`;
        const once = [...header(key), '--request', 'POST', url(gateway, `?${payload}&signature=${await sign(key, payload)}`)];

        const first = await curl(...once);
        const again = await curl(...once);

        assert.deepEqual({ status: again.status, body: again.body }, { status: 400, body: kReplayed });
        await cancel(start(), accepted(first).orderId);
      });
    });
  }

  // The vendor's sample for RSA keys percent-encodes the signature and lets curl encode it again.
  test("the vendor's shell sample for RSA keys encodes the signature twice, which no server can verify", async () => {
    const { gateway, plan } = demoOf();
    const key = keyOfType(demoOf(), 'rsa-sha256');
    const query = `${limitParameters(plan)}&${now()}`;

    const { status, body } = await curl(...header(key), `${gateway}/api/v3/order?${query}`, '--data-urlencode', `signature=${await sign(key, query)}`);

    assert.deepEqual({ status, body }, { status: 400, body: kBadSignature });
  });

  test('a captured query cannot come back as a cancellation', async () => {
    const { gateway, plan } = demoOf();
    const key = keyOfType(demoOf(), 'hmac-sha256');
    const session = client.create(gateway, key);
    const { orderId } = await session.placeLimit(plan);
    const payload = `symbol=${plan.symbol}&${now()}`;
    const target = `${gateway}/api/v3/openOrders?${payload}&signature=${await sign(key, payload)}`;

    accepted(await curl(...header(key), target));
    const { status, body } = await curl('--request', 'DELETE', ...header(key), target);

    assert.deepEqual({ status, body }, { status: 400, body: kReplayed });
    assert.equal((await session.query(plan, orderId)).status, 'NEW');
    await session.cancel(plan, orderId);
  });

  test('the hex digits of an HMAC may be upper case', async () => {
    const key = keyOfType(demoOf(), 'hmac-sha256');
    const payload = now();

    accepted(await curl(...header(key), `${demoOf().gateway}/api/v3/account?${payload}&signature=${(await sign(key, payload)).toUpperCase()}`));
  });

  test('a timestamp may count microseconds', async () => {
    const key = keyOfType(demoOf(), 'hmac-sha256');

    accepted(await signedInQuery(demoOf().gateway, key, 'GET', '/api/v3/account', `timestamp=${Date.now()}000`));
  });

  test('of a name in both query and body, the value in the query counts', async () => {
    const { gateway, plan } = demoOf();
    const key = keyOfType(demoOf(), 'hmac-sha256');
    const [query, body] = [`${limitParameters(plan)}`, `side=SELL&${now()}`];

    const answer = accepted(await curl(...header(key), `${gateway}/api/v3/order?${query}`, '--data', `${body}&signature=${await sign(key, query + body)}`));

    assert.equal(answer.side, 'BUY');
    await client.create(gateway, key).cancel(plan, answer.orderId);
  });

  test('what is missing is named', async () => {
    const { gateway } = demoOf();
    const key = keyOfType(demoOf(), 'hmac-sha256');
    const missing = (name) => ({ code: -1102, msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.` });

    const unsigned = await curl(...header(key), `${gateway}/api/v3/account?${now()}`);
    const undated = await curl(...header(key), `${gateway}/api/v3/account?recvWindow=5000&signature=${await sign(key, 'recvWindow=5000')}`);
    const keyless = await curl(`${gateway}/api/v3/account?${now()}&signature=${'0'.repeat(64)}`);

    assert.deepEqual({ status: unsigned.status, body: unsigned.body }, { status: 400, body: missing('signature') });
    assert.deepEqual({ status: undated.status, body: undated.body }, { status: 400, body: missing('timestamp') });
    assert.deepEqual({ status: keyless.status, body: keyless.body }, { status: 401, body: { code: -2014, msg: 'API-key format invalid.' } });
  });

  test('every answer names its request id, and no two are the same', async () => {
    const { gateway } = demoOf();

    const answers = [await curl(`${gateway}/api/v3/ping`), await curl(`${gateway}/api/v3/ping`), await curl(`${gateway}/api/v3/account`)];

    const ids = answers.map(({ headers }) => headers['x-counterfoil-request-id']);
    assert.ok(ids.every(Boolean), `request ids: ${ids}`);
    assert.equal(new Set(ids).size, ids.length);
  });
});
