// ccxt 4.5.84: queries and cancels in the query, orders in a form body, recvWindow 10000, and error classes chosen from
// its general table, because its table for the spot market is used only at the vendor's own addresses.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import ccxt from 'ccxt';

import { testClient, withWrongClock } from './contract.mjs';
import { keyOfType } from './harness.mjs';
import { pathsSince, requests } from './loopback_guard.mjs';

const kClassOfCode = {
  [-1021]: ccxt.InvalidNonce,
  [-1022]: ccxt.AuthenticationError,
  [-2014]: ccxt.AuthenticationError,
  [-2015]: ccxt.AuthenticationError,
};

function exchangeOf(gateway, key, options = {}) {
  const exchange = new ccxt.binance({
    apiKey: key.apiKey,
    secret: key.secret ?? key.privateKey,
    options: { fetchMarkets: { types: ['spot'] }, fetchCurrencies: false, fetchMargins: false, ...options },
  });
  Object.assign(exchange.urls.api, {
    public: `${gateway}/api/v3`, private: `${gateway}/api/v3`, v1: `${gateway}/api/v1`,
    sapi: `${gateway}/sapi/v1`, sapiV2: `${gateway}/sapi/v2`, sapiV3: `${gateway}/sapi/v3`, sapiV4: `${gateway}/sapi/v4`,
  });
  return exchange;
}

// The unified status is ccxt's word; `info` keeps the gateway's.
const order = ({ id, info }) => ({ orderId: id, status: info.status });
const unified = ({ base, quote }) => `${base}/${quote}`;

const client = {
  name: 'ccxt',
  keyTypes: ['hmac-sha256', 'rsa-sha256', 'ed25519'],
  startupCalls: [],
  unsignable: '',

  create(gateway, key, { clockOffsetMs = 0 } = {}) {
    const exchange = exchangeOf(gateway, key, { timeDifference: -clockOffsetMs });
    return {
      exchangeInfo: async () => Object.values(await exchange.loadMarkets()).map(({ id }) => id),
      account: async () => {
        const { free } = await exchange.fetchBalance();
        return free;
      },
      placeLimit: async (plan) => order(await exchange.createOrder(unified(plan), 'limit', 'buy', Number(plan.quantity), Number(plan.price))),
      placeMarket: async (plan) => order(await exchange.createOrder(unified(plan), 'market', 'buy', Number(plan.quantity))),
      query: async (plan, orderId) => order(await exchange.fetchOrder(orderId, unified(plan))),
      queryByClientId: async (plan, origClientOrderId) => order(await exchange.fetchOrder('', unified(plan), { origClientOrderId })),
      openOrders: async (plan) => (await exchange.fetchOpenOrders(unified(plan))).map(({ id }) => id),
      cancel: async (plan, orderId) => order(await exchange.cancelOrder(orderId, unified(plan))),
      testStop: async (plan) =>
        (await exchange.createOrder(unified(plan), 'limit', 'sell', Number(plan.quantity), Number(plan.price),
          { stopLossPrice: Number(plan.price), test: true, computeCommissionRates: true })).info.standardCommissionForOrder.taker,
      placeStop: async (plan, side) =>
        exchange.createOrder(unified(plan), 'limit', side.toLowerCase(), Number(plan.quantity), Number(plan.price), { stopLossPrice: Number(plan.price) })
          .then(({ id, type, info }) => {
            assert.deepEqual([type, info.type], ['limit', 'STOP_LOSS_LIMIT']);
            return { orderId: id };
          }),
      replaceStop: async (plan, orderId) => ({
        orderId: (await exchange.editOrder(orderId, unified(plan), 'limit', 'sell', Number(plan.quantity), Number(plan.lowerPrice), { stopPrice: Number(plan.lowerPrice) })).id,
      }),
      myTrades: async (plan) => (await exchange.fetchMyTrades(unified(plan))).map((trade) => ({ orderId: trade.order, quantity: trade.amount })),
    };
  },

  // The one refusal here that it knows by its text, and of which it keeps nothing but that.
  codeOf: (error) => error instanceof ccxt.OrderImmediatelyFillable ? -2010 : JSON.parse(error.message.slice(error.message.indexOf('{'))).code,

  // A known fault, kept as it is: -2015 after any earlier success of the same object becomes DDoSProtection, so a revoked
  // key looks like a temporary ban and a bot waits for it to pass.
  checkRefusal(error, { code, msg, afterSuccess }) {
    const expected = code === -2015 && afterSuccess ? ccxt.DDoSProtection : kClassOfCode[code];
    assert.equal(error.constructor, expected, `${error.name}: ${error.message}`);
    assert.equal(error.message, `binance ${JSON.stringify({ code, msg })}`);
  },
};

testClient(client, (demoOf) => {
  test('cures a fast clock by its own adjustment', async () => {
    const mark = requests.length;
    const exchange = exchangeOf(demoOf().gateway, keyOfType(demoOf(), 'hmac-sha256'), { adjustForTimeDifference: true });

    await withWrongClock(2_000, () => exchange.fetchBalance());

    assert.deepEqual(pathsSince(mark), ['GET /api/v3/exchangeInfo', 'GET /api/v3/time', 'GET /api/v3/account']);
  });
});
