// The calls that manage the API keys of sub-accounts, made by the clients that have them. The vendor added most of them in
// July 2026, after these versions, so the others go through each client's own way to make a signed call it has no name for.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import connector from '@binance/connector';
import { MainClient } from 'binance';
import ccxt from 'ccxt';

import { createKey, createSubAccount, revokeKey, startDemo, stopDemo } from './harness.mjs';
import { strangers } from './loopback_guard.mjs';

const kKeys = 'sub-account/subAccountApi';
const kEmail = 'desk+7@demo.example';  // ccxt sends the plus as it is, the others escape it.
const kRejected = { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
const kFlags = { canTrade: false, canMarginLoanRepay: false, canFuturesTrade: false, canUniversalTransfer: false, canVanillaOptions: false };

function exchangeOf(gateway, key) {
  const exchange = new ccxt.binance({
    apiKey: key.apiKey, secret: key.secret ?? key.privateKey,
    options: { fetchMarkets: { types: ['spot'] }, fetchCurrencies: false, fetchMargins: false },
  });
  Object.assign(exchange.urls.api, { public: `${gateway}/api/v3`, private: `${gateway}/api/v3`, sapi: `${gateway}/sapi/v1`, sapiV2: `${gateway}/sapi/v2` });
  return exchange;
}

const refusalOf = (error) => JSON.parse(error.message.slice(error.message.indexOf('{')));

// clients: each makes a signed call { method, version, path, parameters } and gives the body of the answer.
const clients = {
  ccxt: (gateway, key) => {
    const exchange = exchangeOf(gateway, key);
    return async ({ method, version = 1, path, parameters }) => {
      try {
        return await exchange.request(path, version === 1 ? 'sapi' : 'sapiV2', method, parameters);
      } catch (error) {
        throw Object.assign(new Error(error.message), { refusal: refusalOf(error) });
      }
    };
  },
  '@binance/connector': (gateway, key) => {
    const spot = new connector.Spot(key.apiKey, key.secret, { baseURL: gateway });
    return async ({ method, version = 1, path, parameters }) => {
      try {
        return (await spot.signRequest(method, `/sapi/v${version}/${path}`, parameters)).data;
      } catch (error) {
        throw Object.assign(error, { refusal: error.response?.data });
      }
    };
  },
  binance: (gateway, key) => {
    const main = new MainClient({ api_key: key.apiKey, api_secret: key.secret, baseUrl: gateway });
    return async ({ method, version = 1, path, parameters }) => {
      try {
        return await main[`${method.toLowerCase()}Private`](`sapi/v${version}/${path}`, parameters);
      } catch (error) {
        throw Object.assign(new Error(JSON.stringify(error)), { refusal: { code: error.code, msg: error.message } });
      }
    };
  },
};

describe('sub-accounts', () => {
  let demo;
  let manager;
  before(async () => {
    demo = await startDemo();
    await createSubAccount(demo, { id: 'desk-7', email: kEmail });
    manager = await createKey(demo, { label: 'key-desk', permissions: ['USER_DATA', 'USER_STREAM', 'TRADE', 'FIX_API_READ_ONLY', 'MANAGE_KEYS'], ip: '127.0.0.1' });
  });
  after(async () => { await stopDemo(demo); });

  for (const [name, clientOf] of Object.entries(clients)) {
    test(`${name} makes a key that trades, limits it, and revokes it`, async () => {
      const call = clientOf(demo.gateway, manager);

      const made = await call({ method: 'POST', path: kKeys, parameters: { email: kEmail, apiName: `bot of ${name}`.replaceAll(/[^a-z ]/g, ''), status: 2, ipAddress: '127.0.0.1', canTrade: true } });
      const { apiKey, secretKey, apiName, ipList, status, ...flags } = made;
      assert.match(apiKey, /^cfk1[A-Za-z0-9]{60}$/);
      assert.match(secretKey, /^cfs1[A-Za-z0-9]{60}$/);
      assert.deepEqual(flags, { ...kFlags, canTrade: true });
      assert.deepEqual([ipList, Number(status)], [['127.0.0.1'], 2]);

      const { symbol, price, quantity } = demo.plan;
      const bot = new connector.Spot(apiKey, secretKey, { baseURL: demo.gateway });
      assert.equal((await bot.newOrder(symbol, 'BUY', 'LIMIT', { price, quantity, timeInForce: 'GTC' })).data.status, 'NEW');

      const { total, rows } = await call({ method: 'GET', path: kKeys, parameters: { email: kEmail, subAccountApiKey: apiKey } });
      assert.equal(Number(total), 1);
      assert.deepEqual([rows[0].email, rows[0].apikey, rows[0].apiName, rows[0].canTrade], [kEmail, apiKey, apiName, true]);

      const changed = await call({ method: 'POST', path: 'sub-account/subAccountApiPermission', parameters: { email: kEmail, subAccountApiKey: apiKey, canTrade: false } });
      assert.deepEqual([changed.apikey, changed.canTrade], [apiKey, false]);
      await assert.rejects(bot.cancelOpenOrders(symbol), (error) => error.response.data.code === -2015);
      assert.equal((await bot.account()).status, 200);

      assert.deepEqual(await call({ method: 'DELETE', path: kKeys, parameters: { email: kEmail, subAccountApiKey: apiKey } }), {});
      await assert.rejects(bot.account(), (error) => error.response.data.code === -2015);
    });

    test(`${name} is told what is wrong`, async () => {
      const call = clientOf(demo.gateway, manager);
      const create = (parameters) => call({ method: 'POST', path: kKeys, parameters });

      await assert.rejects(create({ apiName: 'x', status: 1 }),
        ({ refusal }) => refusal.code === -1102 && refusal.msg === "Mandatory parameter 'email' was not sent, was empty/null, or malformed.");
      await assert.rejects(create({ email: 'nobody@demo.example', apiName: 'x', status: 1 }), ({ refusal }) => refusal.code === -9000);
      await assert.rejects(create({ email: kEmail, apiName: 'x', status: 2, ipAddress: '127.0.0.1', canFuturesTrade: true }),
        ({ refusal }) => assert.deepEqual({ code: refusal.code, msg: refusal.msg }, kRejected) === undefined);
    });
  }

  test('the IP restrictions go through the names that @binance/connector has', async () => {
    const spot = new connector.Spot(manager.apiKey, manager.secret, { baseURL: demo.gateway });
    const { data: { apiKey } } = await spot.signRequest('POST', `/sapi/v1/${kKeys}`, { email: kEmail, apiName: 'bound', status: 1 });

    const { data: added } = await spot.subAccountApiToggleIpRestriction(kEmail, apiKey, '2', { ipAddress: '69.210.67.14,8.34.21.10' });
    assert.deepEqual([added.status, added.ipList, added.apiKey], ['2', ['69.210.67.14', '8.34.21.10'], apiKey]);
    const { data: shown } = await spot.subAccountApiGetIpRestriction(kEmail, apiKey);
    assert.equal(shown.ipRestrict, 'true');
    const { data: left } = await spot.subAccountApiDeleteIp(kEmail, apiKey, '8.34.21.10');
    assert.deepEqual(left.ipList, ['69.210.67.14']);
  });

  test('and through those of binance and ccxt', async () => {
    const main = new MainClient({ api_key: manager.apiKey, api_secret: manager.secret, baseUrl: demo.gateway });
    const exchange = exchangeOf(demo.gateway, manager);
    const { apiKey } = await main.postPrivate(`sapi/v1/${kKeys}`, { email: kEmail, apiName: 'bound', status: 1 });
    const named = { email: kEmail, subAccountApiKey: apiKey };

    assert.deepEqual((await main.subAccountAddIPRestriction({ ...named, status: '2', ipAddress: '10.0.0.1' })).ipList, ['10.0.0.1']);
    assert.deepEqual((await exchange.sapiV2PostSubAccountSubAccountApiIpRestriction({ ...named, status: '2', ipAddress: '10.0.0.2' })).ipList, ['10.0.0.1', '10.0.0.2']);
    assert.equal((await main.getSubAccountIPRestriction(named)).ipRestrict, 'true');
    assert.deepEqual((await exchange.sapiGetSubAccountSubAccountApiIpRestriction(named)).ipList, ['10.0.0.1', '10.0.0.2']);
    assert.deepEqual((await main.subAccountDeleteIPList({ ...named, ipAddress: '10.0.0.1' })).ipList, ['10.0.0.2']);
    assert.equal((await exchange.sapiV2PostSubAccountSubAccountApiIpRestriction({ ...named, status: '1' })).status, '1');
  });

  test('a public key is registered, and its private key signs', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const exchange = exchangeOf(demo.gateway, manager);

    const made = await exchange.request(kKeys, 'sapiV2', 'POST', {
      email: kEmail, apiName: 'fix', status: 1, canFixApiReading: true,
      publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    });

    assert.equal(made.secretKey ?? null, null);
    const bot = exchangeOf(demo.gateway, { apiKey: made.apiKey, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) });
    assert.ok((await bot.fetchBalance()).info);
  });

  test('the managing key reads its own restrictions as SDKs know them', async () => {
    const spot = new connector.Spot(manager.apiKey, manager.secret, { baseURL: demo.gateway });

    const { data } = await spot.apiPermissions();

    assert.deepEqual([data.ipRestrict, data.enableReading, data.enableSpotAndMarginTrading, data.enableWithdrawals], [true, true, true, false]);
    assert.equal(Object.keys(data).length, 13, 'the vendor\'s fields, and no other');
  });

  test('a revoked managing key manages nothing, and what it made stays', async () => {
    const call = clients.binance(demo.gateway, manager);
    const made = await call({ method: 'POST', path: kKeys, parameters: { email: kEmail, apiName: 'stays', status: 1 } });

    await revokeKey(demo, manager);

    await assert.rejects(call({ method: 'GET', path: kKeys, parameters: { email: kEmail } }), ({ refusal }) => refusal.code === -2015);
    assert.equal((await new connector.Spot(made.apiKey, made.secretKey, { baseURL: demo.gateway }).account()).status, 200);
  });

  test('reached nothing but the gateway', () => {
    assert.deepEqual(strangers, []);
  });
});
