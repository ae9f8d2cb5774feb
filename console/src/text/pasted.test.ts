import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pasteMax, readPasted } from './pasted';

const read = (text: string) => {
  const reading = readPasted(text);
  if (reading.kind !== 'read') {
    throw new Error(reading.kind);
  }
  return reading;
};
const query = 'symbol=BTCUSDT&timestamp=1773118511807&signature=ab12';
const wanted = { kind: 'rest', method: 'GET', path: '/api/v3/account', query, api_key: 'cfk1abc' };

const forms: [string, string, string][] = [
  ['curl', 'curl', `curl -H "X-MBX-APIKEY: cfk1abc" 'https://api.example/api/v3/account?${query}'`],
  ['curl in several lines', 'curl', `$ curl \\\n  -H 'x-mbx-apikey: cfk1abc' \\\n  "https://api.example/api/v3/account?${query}"`],
  ['curl with --get', 'curl', `curl -G https://api.example/api/v3/account -d 'symbol=BTCUSDT&timestamp=1773118511807' -d signature=ab12 -H X-MBX-APIKEY:cfk1abc`],
  ['raw HTTP', 'http', `GET /api/v3/account?${query} HTTP/1.1\r\nHost: api.example\r\nX-MBX-APIKEY: cfk1abc\r\n\r\n`],
  ['what curl -v prints', 'http', `> GET /api/v3/account?${query} HTTP/1.1\n> Host: api.example\n> X-MBX-APIKEY: cfk1abc\n`],
  ['a HAR file', 'har', JSON.stringify({ log: { entries: [{ request: { method: 'GET', url: `https://api.example/api/v3/account?${query}`, headers: [{ name: 'X-MBX-APIKEY', value: 'cfk1abc' }] } }] } })],
  ['a log line', 'log', `2026-11-26 14:02:11 DEBUG GET https://api.example/api/v3/account?${query} headers={'X-MBX-APIKEY': 'cfk1abc'}`],
]; // prettier-ignore

test.each(forms)('reads %s', (_name, form, text) => {
  const reading = read(text);

  expect(reading.form).toBe(form);
  expect(reading.request).toMatchObject(wanted);
  expect(reading.removed).toEqual([]);
});

test('reads the body of a POST as it was sent', () => {
  const { request } = read(`curl -X POST https://api.example/api/v3/order --data-raw 'a=1&b=caf%C3%A9' -H 'Content-Type: application/x-www-form-urlencoded'`);

  expect(request).toMatchObject({ method: 'POST', path: '/api/v3/order', query: '', body: 'a=1&b=caf%C3%A9', content_type: 'application/x-www-form-urlencoded' });
}); // prettier-ignore

test('reads a FIX Logon, whatever stands between its fields', () => {
  for (const between of ['\u0001', '|', '^A']) {
    const text = ['8=FIX.4.4', '9=100', '35=A', '34=1', '553=cfk1abc', '96=c2ln', '10=000', ''].join(between);

    expect(read(text).request).toMatchObject({ kind: 'fix', api_key: 'cfk1abc' });
  }
});

const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const leaks: [string, string, string][] = [
  ['a private key', 'private key', `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`],
  ['a private key that was cut off', 'private key', `-----BEGIN PRIVATE KEY-----\n${secret}`],
  ['our own marker', 'HMAC secret', `cfs1${secret}`],
  ['an argument of openssl', 'HMAC secret', `openssl dgst -sha256 -hmac "${secret}"`],
  ['a variable', 'secret', `API_SECRET=${secret}`],
  ['a member of JSON', 'secret', `{"secretKey": "${secret}"}`],
  ['a header of a proxy', 'access token', `Authorization: Bearer ${secret}`],
];

test.each(leaks)('takes %s out, and says so', (_name, what, leak) => {
  const reading = read(`GET https://api.example/api/v3/account?${query}\n${leak}`);

  expect(JSON.stringify(reading)).not.toContain(secret);
  expect(reading.removed.map((one) => one.what)).toContain(what);
});

test('a secret within the request itself is not sent either', () => {
  const reading = read(`curl "https://api.example/api/v3/account?secret=${secret}&timestamp=1&signature=ab12"`);

  expect(reading.request.query).toBe('secret=[removed]&timestamp=1&signature=ab12');
});

test('takes the longest paste and refuses the one beyond', () => {
  const fill = (size: number) => `/api/v3/account?${query}&x=`.padEnd(size, 'a');

  expect(readPasted(fill(pasteMax)).kind).toBe('read');
  expect(readPasted(fill(pasteMax + 1)).kind).toBe('too_long');
});

test('never throws, whatever is pasted', () => {
  const starts = fc.constantFrom('', 'curl ', '{"log":', 'GET / HTTP/1.1\n', '8=FIX.4.4|35=A|');
  fc.assert(fc.property(starts, fc.string(), (start, text) => void readPasted(start + text)));
});
