// @binance/spot 32.0.4 with @binance/common 2.4.x, the vendor's present client for JavaScript. Everything travels in
// the query; its error class follows the HTTP status alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BadRequestError, Spot, UnauthorizedError } from '@binance/spot';

import { testClient, withWrongClock } from './contract.mjs';
import { keyOfType } from './harness.mjs';

const kClassOfStatus = { 400: BadRequestError, 401: UnauthorizedError };

function restOf(gateway, key) {
  const material = key.type === 'hmac-sha256' ? { apiSecret: key.secret } : { privateKey: key.privateKey };
  return new Spot({ configurationRestAPI: { apiKey: key.apiKey, ...material, basePath: gateway } }).restAPI;
}

// Numbers are what its declared types ask for; orderId comes back as a number or, when it is large, as a bigint.
const order = ({ orderId, status }) => ({ orderId: String(orderId), status });
const stopOf = ({ symbol, price, quantity }) =>
  ({ symbol, type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', price: Number(price), stopPrice: Number(price), quantity: Number(quantity) });
const data = async (answer) => (await answer).data();

const client = {
  name: '@binance/spot',
  keyTypes: ['hmac-sha256', 'rsa-sha256', 'ed25519'],
  startupCalls: [],
  // A known fault, kept as it is: it signs what encodeURIComponent writes and sends what URLSearchParams writes.
  unsignable: " !'()~",

  create(gateway, key, { clockOffsetMs = 0 } = {}) {
    const rest = restOf(gateway, key);
    return {
      exchangeInfo: async () => (await data(rest.exchangeInfo())).symbols.map(({ symbol }) => symbol),
      account: async () => {
        // The clock is read after a first asynchronous step, so it has to stay wrong until the answer is in.
        const account = await withWrongClock(clockOffsetMs, () => data(rest.getAccount()));
        return Object.fromEntries(account.balances.map(({ asset, free }) => [asset, free]));
      },
      placeLimit: async ({ symbol, price, quantity }) =>
        order(await data(rest.newOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: Number(price), quantity: Number(quantity) }))),
      placeMarket: async ({ symbol, quantity }) =>
        order(await data(rest.newOrder({ symbol, side: 'BUY', type: 'MARKET', quantity: Number(quantity) }))),
      query: async ({ symbol }, orderId) => order(await data(rest.getOrder({ symbol, orderId }))),
      queryByClientId: async ({ symbol }, origClientOrderId) => order(await data(rest.getOrder({ symbol, origClientOrderId }))),
      openOrders: async ({ symbol }) => (await data(rest.getOpenOrders({ symbol }))).map(({ orderId }) => String(orderId)),
      cancel: async ({ symbol }, orderId) => order(await data(rest.deleteOrder({ symbol, orderId }))),
      testStop: async (plan) =>
        (await data(rest.orderTest({ ...stopOf(plan), side: 'SELL', computeCommissionRates: true }))).standardCommissionForOrder.taker,
      placeStop: async (plan, side) => order(await data(rest.newOrder({ ...stopOf(plan), side }))),
      replaceStop: async (plan, cancelOrderId) => order((await data(rest.orderCancelReplace(
        { ...stopOf({ ...plan, price: plan.lowerPrice }), side: 'SELL', cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId }))).newOrderResponse),
      myTrades: async ({ symbol }) =>
        (await data(rest.myTrades({ symbol }))).map(({ orderId, qty }) => ({ orderId: String(orderId), quantity: qty })),
    };
  },

  codeOf: (error) => error.code,

  checkRefusal(error, { status, code, msg }) {
    assert.equal(error.constructor, kClassOfStatus[status], `${error.name}: ${error.message}`);
    assert.equal(error.code, code);
    assert.equal(error.message, msg);
  },
};

testClient(client, (demoOf) => {
  test('reads the weight and the order counts from the headers', async () => {
    const { gateway, plan } = demoOf();
    const key = keyOfType(demoOf(), 'hmac-sha256');
    const { symbol, price, quantity } = plan;

    const placed = await restOf(gateway, key).newOrder({
      symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: Number(price), quantity: Number(quantity),
    });

    const limits = placed.rateLimits.map(({ rateLimitType, interval, intervalNum }) => `${rateLimitType} ${intervalNum} ${interval}`);
    assert.deepEqual(limits.sort(), ['ORDERS 1 DAY', 'ORDERS 10 SECOND', 'REQUEST_WEIGHT 1 MINUTE']);
    await client.create(gateway, key).cancel(plan, (await placed.data()).orderId);
  });
});
