// binance 3.6.5 (tiagosiebler): always sends recvWindow 5000, puts everything into the query, and keeps the weight and
// order counts that the answers' headers tell.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MainClient } from 'binance';

import { testClient } from './contract.mjs';
import { keyOfType } from './harness.mjs';
import { strangers } from './loopback_guard.mjs';

const clientOf = (gateway, key, options = {}) =>
  new MainClient({ api_key: key.apiKey, api_secret: key.secret ?? key.privateKey, baseUrl: gateway, ...options });

const stopOf = ({ symbol, price, quantity }) =>
  ({ symbol, type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', price: Number(price), stopPrice: Number(price), quantity: Number(quantity) });
const order = ({ orderId, status }) => ({ orderId: String(orderId), status });

const client = {
  name: 'binance',
  keyTypes: ['hmac-sha256', 'rsa-sha256', 'ed25519'],
  startupCalls: [],
  // axios hands the URL to the URL parser, which spells an apostrophe %27; encodeURIComponent had left it alone.
  unsignable: "'",

  create(gateway, key, { clockOffsetMs = 0 } = {}) {
    const main = clientOf(gateway, key);
    main.setTimeOffset(clockOffsetMs);
    return {
      exchangeInfo: async () => (await main.getExchangeInfo()).symbols.map(({ symbol }) => symbol),
      account: async () => Object.fromEntries((await main.getAccountInformation()).balances.map(({ asset, free }) => [asset, free])),
      placeLimit: async ({ symbol, price, quantity }) =>
        order(await main.submitNewOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: Number(price), quantity: Number(quantity) })),
      placeMarket: async ({ symbol, quantity }) =>
        order(await main.submitNewOrder({ symbol, side: 'BUY', type: 'MARKET', quantity: Number(quantity) })),
      query: async ({ symbol }, orderId) => order(await main.getOrder({ symbol, orderId })),
      queryByClientId: async ({ symbol }, origClientOrderId) => order(await main.getOrder({ symbol, origClientOrderId })),
      openOrders: async ({ symbol }) => (await main.getOpenOrders({ symbol })).map(({ orderId }) => String(orderId)),
      cancel: async ({ symbol }, orderId) => order(await main.cancelOrder({ symbol, orderId })),
      testStop: async (plan) =>
        (await main.testNewOrder({ ...stopOf(plan), side: 'SELL', computeCommissionRates: true })).standardCommissionForOrder.taker,
      placeStop: async (plan, side) => order(await main.submitNewOrder({ ...stopOf(plan), side })),
      replaceStop: async (plan, orderId) => order((await main.replaceOrder(
        { ...stopOf({ ...plan, price: plan.lowerPrice }), side: 'SELL', cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: Number(orderId) })).newOrderResponse),
      myTrades: async ({ symbol }) =>
        (await main.getAccountTradeList({ symbol })).map(({ orderId, qty }) => ({ orderId: String(orderId), quantity: qty })),
    };
  },

  codeOf: (error) => error.code,

  // It throws a plain object, not an Error, made of the answer's code, text, body and headers.
  checkRefusal(error, { code, msg }) {
    assert.ok(!(error instanceof Error), String(error));
    assert.equal(error.code, code);
    assert.equal(error.message, msg);
    assert.deepEqual(error.body, { code, msg });
  },
};

testClient(client, (demoOf) => {
  test('reads the weight and the order counts from the headers', async () => {
    const main = clientOf(demoOf().gateway, keyOfType(demoOf(), 'hmac-sha256'));

    await main.getAccountInformation();
    assert.ok(main.getRateLimitStates()['x-mbx-used-weight-1m'] > 0, 'X-MBX-USED-WEIGHT-1M came with the answer');

    const { symbol, price, quantity } = demoOf().plan;
    const placed = await main.submitNewOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: Number(price), quantity: Number(quantity) });
    const counts = main.getRateLimitStates();
    assert.ok(counts['x-mbx-order-count-10s'] > 0 && counts['x-mbx-order-count-1d'] > 0, 'X-MBX-ORDER-COUNT-* came with the order');
    await main.cancelOrder({ symbol, orderId: placed.orderId });
  });

  // A known fault, kept as it is: baseUrl is honoured by every call but this one, so behind a gateway a wrong clock has
  // to be cured by setTimeOffset() or by the host's own time service.
  test('asks the vendor, not the gateway, for the time when it synchronises its clock', async () => {
    const { setInterval } = globalThis;
    const complain = console.error;
    globalThis.setInterval = (...args) => setInterval(...args).unref();  // Its hourly timer would outlive the test.
    console.error = () => {};  // It prints the whole failed request.
    try {
      const main = clientOf(demoOf().gateway, keyOfType(demoOf(), 'hmac-sha256'), { disableTimeSync: false });
      await main.syncTime();

      assert.equal(main.getTimeOffset(), 0);
    } finally {
      Object.assign(globalThis, { setInterval });
      console.error = complain;
    }
    assert.deepEqual(strangers.splice(0), ['api.binance.com:443']);
  });
});
