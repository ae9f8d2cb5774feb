// What the doctor takes, as people have it at hand. The key is nobody's.
const key = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const signature = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
const query = `symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559`;

const entry = {
  startedDateTime: '2026-03-01T12:00:00.000Z',
  request: {
    method: 'GET',
    url: `https://api.example.com/api/v3/account?timestamp=1772366400000&signature=${signature}`,
    headers: [{ name: 'X-MBX-APIKEY', value: key }],
  },
};

export const examples = {
  curl: `curl -H 'X-MBX-APIKEY: ${key}' -X POST 'https://api.example.com/api/v3/order' -d '${query}&signature=${signature}'`,
  http: `GET /api/v3/account?timestamp=1772366400000&signature=${signature} HTTP/1.1\nHost: api.example.com\nX-MBX-APIKEY: ${key}\n\n`,
  har: JSON.stringify({ log: { entries: [entry] } }, null, 1),
  log: `2026-03-01T12:00:00.123Z DEBUG GET https://api.example.com/api/v3/account?timestamp=1772366400000&signature=${signature} X-MBX-APIKEY: ${key} -> 400 {"code":-1022,"msg":"Signature for this request is not valid."}`,
  webSocket: JSON.stringify({
    id: '1',
    method: 'order.place',
    params: { apiKey: key, symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: '0.01', timestamp: 1772366400000, signature },
  }), // prettier-ignore
  fix: `8=FIX.4.4|9=247|35=A|34=1|49=EXAMPLE|52=20260301-12:00:00.000|56=SPOT|95=88|96=4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==|98=0|108=30|141=Y|553=${key}|25035=2|10=227|`,
} as const;
export type Example = keyof typeof examples;
