// @binance/connector 3.6.1, the vendor's older client for Node. Everything travels in the query, POST too; the
// content type is application/json always.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import connector from '@binance/connector';

import { shifted, testClient } from './contract.mjs';
import { keyOfType } from './harness.mjs';

const kAlgorithms = { 'rsa-sha256': 'RSA', ed25519: 'ED25519' };  // Values of its constant PrivateKeyAlgo.

function spotOf(gateway, key) {
  const { Spot, PrivateKeyAlgo } = connector;
  return key.type === 'hmac-sha256'
    ? new Spot(key.apiKey, key.secret, { baseURL: gateway })
    : new Spot(key.apiKey, '', { baseURL: gateway, privateKey: key.privateKey, privateKeyAlgo: PrivateKeyAlgo[kAlgorithms[key.type]] });
}

const stopOf = ({ price, quantity }) => ({ price, quantity, stopPrice: price, timeInForce: 'GTC' });
const order = ({ data }) => ({ orderId: String(data.orderId), status: data.status });

const client = {
  name: '@binance/connector',
  keyTypes: ['hmac-sha256', 'rsa-sha256', 'ed25519'],
  startupCalls: [],
  // axios hands the URL to the URL parser, which spells an apostrophe %27; encodeURIComponent had left it alone.
  unsignable: "'",

  create(gateway, key, { clockOffsetMs = 0 } = {}) {
    const spot = spotOf(gateway, key);
    return {
      exchangeInfo: async () => (await spot.exchangeInfo()).data.symbols.map(({ symbol }) => symbol),
      account: async () => {
        const { data } = await shifted(clockOffsetMs, () => spot.account());
        return Object.fromEntries(data.balances.map(({ asset, free }) => [asset, free]));
      },
      placeLimit: async ({ symbol, price, quantity }) =>
        order(await spot.newOrder(symbol, 'BUY', 'LIMIT', { price, quantity, timeInForce: 'GTC' })),
      placeMarket: async ({ symbol, quantity }) => order(await spot.newOrder(symbol, 'BUY', 'MARKET', { quantity })),
      query: async ({ symbol }, orderId) => order(await spot.getOrder(symbol, { orderId })),
      queryByClientId: async ({ symbol }, origClientOrderId) => order(await spot.getOrder(symbol, { origClientOrderId })),
      openOrders: async ({ symbol }) => (await spot.openOrders({ symbol })).data.map(({ orderId }) => String(orderId)),
      cancel: async ({ symbol }, orderId) => order(await spot.cancelOrder(symbol, { orderId })),
      testStop: async (plan) =>
        (await spot.newOrderTest(plan.symbol, 'SELL', 'STOP_LOSS_LIMIT', { ...stopOf(plan), computeCommissionRates: true })).data.standardCommissionForOrder.taker,
      placeStop: async (plan, side) => order(await spot.newOrder(plan.symbol, side, 'STOP_LOSS_LIMIT', stopOf(plan))),
      replaceStop: async (plan, cancelOrderId) => {
        const options = { ...stopOf({ ...plan, price: plan.lowerPrice }), cancelOrderId };
        const { data } = await spot.cancelAndReplace(plan.symbol, 'SELL', 'STOP_LOSS_LIMIT', 'STOP_ON_FAILURE', options);
        return order({ data: data.newOrderResponse });
      },
      myTrades: async ({ symbol }) => (await spot.myTrades(symbol)).data.map(({ orderId, qty }) => ({ orderId: String(orderId), quantity: qty })),
    };
  },

  codeOf: (error) => error.response?.data?.code,

  // It raises axios's own error for every status that is not 2xx; the caller reads the body.
  checkRefusal(error, { status, code, msg }) {
    assert.equal(error.name, 'AxiosError');
    assert.equal(error.response.status, status);
    assert.deepEqual(error.response.data, { code, msg });
  },
};

testClient(client, (demoOf) => {
  test('still calls for a listenKey, which is gone', async () => {
    const spot = spotOf(demoOf().gateway, keyOfType(demoOf(), 'hmac-sha256'));

    for (const call of [() => spot.createListenKey(), () => spot.renewListenKey('TESTONLY'), () => spot.closeListenKey('TESTONLY')]) {
      await assert.rejects(call, (error) => error.name === 'AxiosError' && error.response.status === 410);
    }
  });
});
