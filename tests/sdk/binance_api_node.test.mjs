// binance-api-node 0.13.10: everything travels in the query, orders get a client order id of its own, and
// useServerTime asks for the time before each call.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import binanceApiNode from 'binance-api-node';

import { testClient, withWrongClock } from './contract.mjs';
import { keyOfType } from './harness.mjs';
import { pathsSince, requests } from './loopback_guard.mjs';

const Binance = binanceApiNode.default;

const clientOf = (gateway, key, options = {}) => {
  const material = key.type === 'hmac-sha256' ? { apiSecret: key.secret } : { privateKey: key.privateKey };
  return Binance({ apiKey: key.apiKey, ...material, httpBase: gateway, ...options });
};

const stopOf = ({ symbol, price, quantity }) => ({ symbol, type: 'STOP_LOSS_LIMIT', price, stopPrice: price, quantity });
const order = ({ orderId, status }) => ({ orderId: String(orderId), status });

const client = {
  name: 'binance-api-node',
  keyTypes: ['hmac-sha256', 'rsa-sha256', 'ed25519'],
  startupCalls: [],
  // node-fetch hands the URL to the URL parser, which spells an apostrophe %27; encodeURIComponent had left it alone.
  unsignable: "'",

  create(gateway, key, { clockOffsetMs = 0 } = {}) {
    const binance = clientOf(gateway, key, { getTime: () => Date.now() + clockOffsetMs });
    return {
      exchangeInfo: async () => (await binance.exchangeInfo()).symbols.map(({ symbol }) => symbol),
      account: async () => Object.fromEntries((await binance.accountInfo()).balances.map(({ asset, free }) => [asset, free])),
      placeLimit: async ({ symbol, price, quantity }) => order(await binance.order({ symbol, side: 'BUY', price, quantity })),
      placeMarket: async ({ symbol, quantity }) => order(await binance.order({ symbol, side: 'BUY', type: 'MARKET', quantity })),
      query: async ({ symbol }, orderId) => order(await binance.getOrder({ symbol, orderId })),
      queryByClientId: async ({ symbol }, origClientOrderId) => order(await binance.getOrder({ symbol, origClientOrderId })),
      openOrders: async ({ symbol }) => (await binance.openOrders({ symbol })).map(({ orderId }) => String(orderId)),
      cancel: async ({ symbol }, orderId) => order(await binance.cancelOrder({ symbol, orderId })),
      testStop: async (plan) =>
        (await binance.orderTest({ ...stopOf(plan), side: 'SELL', computeCommissionRates: true })).standardCommissionForOrder.taker,
      placeStop: async (plan, side) => order(await binance.order({ ...stopOf(plan), side })),
      replaceStop: async (plan, cancelOrderId) =>
        order((await binance.updateOrder({ ...stopOf({ ...plan, price: plan.lowerPrice }), side: 'SELL', cancelOrderId })).newOrderResponse),
      myTrades: async ({ symbol }) => (await binance.myTrades({ symbol })).map(({ orderId, qty }) => ({ orderId: String(orderId), quantity: qty })),
    };
  },

  codeOf: (error) => error.code,

  // It raises a bare Error that carries the answer's code.
  checkRefusal(error, { code, msg }) {
    assert.ok(error instanceof Error);
    assert.equal(error.message, msg);
    assert.equal(error.code, code);
  },
};

testClient(client, (demoOf) => {
  test('cures a fast clock by asking for the time first', async () => {
    const mark = requests.length;
    const binance = clientOf(demoOf().gateway, keyOfType(demoOf(), 'hmac-sha256'));

    await withWrongClock(2_000, () => binance.accountInfo({ useServerTime: true }));

    assert.deepEqual(pathsSince(mark), ['GET /api/v3/time', 'GET /api/v3/account']);
  });
});
