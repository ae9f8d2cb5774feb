import { describe, expect, it } from 'vitest';
import { lineOf, redact } from './redact';

const secret = `cfs1${'Ab3'.repeat(20)}`;
const apiKey = `cfk1${'Xy9'.repeat(20)}`;
const foreign = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const body = 'MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g';
const pem = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;

// Each row: what was pasted, what is left.
const rows: [string, string, string][] = [
  ['a secret of ours anywhere', `say ${secret}.`, 'say REMOVED.'],
  ['secret=', `secret=${foreign}&a=1`, 'secret=REMOVED&a=1'],
  ['apiSecret:', `apiSecret: '${foreign}',`, "apiSecret: 'REMOVED',"],
  ['SECRET_KEY=', `export SECRET_KEY="${foreign}"`, 'export SECRET_KEY="REMOVED"'],
  ['a member of JSON', `{"secretKey": "${foreign}", "a": 1}`, '{"secretKey": "REMOVED", "a": 1}'],
  ['a member of escaped JSON', `{\\"api_secret\\":\\"${foreign}\\"}`, '{\\"api_secret\\":\\"REMOVED\\"}'],
  ['BINANCE_SECRET', `BINANCE_SECRET=${foreign} node bot.js`, 'BINANCE_SECRET=REMOVED node bot.js'],
  ['a short one', 'password=hunter2 x', 'password=REMOVED x'],
  ['an arrow', `'secret' => '${foreign}'`, `'secret' => 'REMOVED'`],
  ['an option', `./bot --api-secret ${foreign} --x`, './bot --api-secret REMOVED --x'],
  ["openssl's argument", `openssl dgst -sha256 -hmac "${foreign}"`, 'openssl dgst -sha256 -hmac "REMOVED"'],
  ["openssl's other argument", `-macopt hexkey:${foreign} `, '-macopt hexkey:REMOVED '],
  ["a program's own", `crypto.createHmac('sha256', '${foreign}')`, "crypto.createHmac('sha256', 'REMOVED')"],
  ["another program's", `hmac.new(b"${foreign}", m)`, 'hmac.new(b"REMOVED", m)'],
  ['a private key', `key:\n${pem}\nend`, 'key:\nREMOVED\nend'],
  ['a private key on one line', pem.replaceAll('\n', '\\n'), 'REMOVED'],
  ['a private key that was cut off', pem.slice(0, 60), 'REMOVED'],
  ['a private key of another form', pem.replaceAll('PRIVATE', 'EC PRIVATE'), 'REMOVED'],
  ['a private key without its armour', `x ${body} y`, 'x REMOVED y'],
  [
    'a header of HTTP',
    'GET / HTTP/1.1\r\nCookie: a=b; c="d"\r\nHost: h',
    'GET / HTTP/1.1\r\nCookie: REMOVED\r\nHost: h',
  ],
  ['an answer', 'Set-Cookie: s=1; Path=/', 'Set-Cookie: REMOVED'],
  ['a header of curl', `curl -H 'Cookie: a="b"; c=d' -H 'X: y'`, `curl -H 'Cookie: REMOVED' -H 'X: y'`],
  ['a header in double quotes', `-H "authorization: Bearer x\\"y z" -X POST`, `-H "authorization: REMOVED" -X POST`],
  ['a header without its other quote', `-H 'Authorization: Basic abc def`, `-H 'Authorization: REMOVED`],
  ['a header of a program', `{"Cookie": "a=b; c=d", "n": 1}`, `{"Cookie": "REMOVED", "n": 1}`],
  ['a header of a HAR', `{"name": "Cookie", "value": "a=\\"b\\""}`, `{"name": "Cookie", "value": "REMOVED"}`],
  ['cookies of curl', `curl -b 'a=b; c=d' h`, `curl -b 'REMOVED' h`],
  ['cookies of curl, its other name', 'curl --cookie a=b h', 'curl --cookie REMOVED h'],
  ['cookies of curl beside the option', `curl -b'a=b' h`, `curl -b'REMOVED' h`],
  ['a user of curl', 'curl -u ana:hunter2 h', 'curl -u REMOVED h'],
  ['a user in a URL', 'https://ana:hunter2@h/p', 'https://REMOVED@h/p'],
  ['a password of FIX', '35=A\u0001553=ana\u0001554=hunter2\u000110=1', '35=A\u0001553=ana\u0001554=REMOVED\u000110=1'],
  ['a password of FIX in a log', '35=A|554=hunter2|10=1', '35=A|554=REMOVED|10=1'],
];

// What an autopsy needs, and must not lose.
const kept = [
  `curl -H 'X-MBX-APIKEY: ${apiKey}' 'https://h/api/v3/account?timestamp=1&signature=${'a'.repeat(64)}'`,
  `curl -H 'X-MBX-APIKEY: ${foreign}' https://h`,
  `{"apiKey":"${foreign}","signature":"${'A'.repeat(86)}==","timestamp":1}`,
  `{"method":"session.logon","params":{"apiKey":"${foreign}"}}`,
  '8=FIX.4.4\u000135=A\u0001553=key\u000196=c2lnbmF0dXJl\u000110=1',
  'symbol=BTCUSDT&side=BUY&newClientOrderId=secretary-1',
  'the secret of this request is that it works',
];

describe('redact', () => {
  it.each(rows)('takes out %s', (_name, text, left) => {
    expect(redact(text).text).toBe(left);
  });

  it.each(rows)('changes nothing more the second time: %s', (_name, text) => {
    const once = redact(text).text;
    expect(redact(once)).toEqual({ text: once, marks: [] });
  });

  it.each(kept)('leaves what an autopsy needs: %s', (text) => {
    expect(redact(text)).toEqual({ text, marks: [] });
  });

  it('says where and what', () => {
    const { text, marks } = redact(`a\nsecret=${foreign}\nCookie: x`);
    expect(marks.map(({ from, to, kind }) => [text.slice(from, to), kind, lineOf(text, from)])).toEqual([
      ['REMOVED', 'named', 2],
      ['REMOVED', 'cookie', 3],
    ]);
  });

  it('takes what overlaps out as one', () => {
    expect(redact(`Authorization: secret=${secret}`)).toMatchObject({ text: 'Authorization: REMOVED', marks: [{}] });
    expect(redact(`secret="${pem}"`)).toMatchObject({ text: 'secret="REMOVED"', marks: [{}] });
  });

  it('finds nothing in nothing', () => {
    expect(redact('')).toEqual({ text: '', marks: [] });
  });

  it('takes a whole text out once, whatever repeats in it', () => {
    const hostile = ['"secret":"', '-----BEGIN PRIVATE KEY-----', 'Cookie: ', '"Cookie":"', '-b "', 'secret='];
    for (const one of hostile) {
      expect(redact(one.repeat(20_000)).marks.length).toBeLessThanOrEqual(20_000);
    }
  });
});
