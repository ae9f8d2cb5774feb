import { describe, expect, it } from 'vitest';
import { slimHar } from './har';

const signedEntry = {
  startedDateTime: '2026-03-01T12:00:00.000Z',
  time: 12,
  request: {
    method: 'GET',
    url: 'https://h/api/v3/account?timestamp=1&signature=ab',
    headers: [
      { name: 'X-MBX-APIKEY', value: 'key' },
      { name: 'cookie', value: 'session=1' },
      { name: 'Authorization', value: 'Bearer x' },
    ],
    cookies: [{ name: 'session', value: '1' }],
  },
  response: { status: 400, headers: [{ name: 'Set-Cookie', value: 's=2' }], content: { text: '{"code":-1022}' } },
};
const other = { request: { method: 'GET', url: 'https://h/logo.png', headers: [] }, response: {} };

const har = (...entries: unknown[]) => JSON.stringify({ log: { version: '1.2', entries } });

describe('slimHar', () => {
  it('keeps the signed requests, and of them what an autopsy looks at', () => {
    const slim = slimHar(har(other, signedEntry))!;
    expect(slim).toMatchObject({ kept: 1, dropped: 1, cookies: 2 });
    expect(JSON.parse(slim.text)).toEqual({
      log: {
        entries: [
          {
            startedDateTime: '2026-03-01T12:00:00.000Z',
            request: {
              method: 'GET',
              url: 'https://h/api/v3/account?timestamp=1&signature=ab',
              headers: [{ name: 'X-MBX-APIKEY', value: 'key' }],
            },
            response: { status: 400, content: { text: '{"code":-1022}' } },
          },
        ],
      },
    });
    expect(slim.text).not.toMatch(/session|Bearer|s=2/);
  });

  it.each([
    ['a body', { request: { method: 'POST', url: 'https://h/o', postData: { text: 'a=1&signature=ab' } } }],
    ['parameters', { request: { url: 'https://h/o', postData: { params: [{ name: 'signature', value: 'ab' }] } } }],
    ['an API key alone', { request: { url: 'https://h/o', headers: [{ name: 'x-mbx-apikey', value: 'k' }] } }],
    ['a frame', { request: { url: 'wss://h' }, _webSocketMessages: [{ type: 'send', data: '{"signature":"a"}' }] }],
  ])('knows a signed request by %s', (_name, entry) => {
    expect(slimHar(har(entry))).toMatchObject({ kept: 1, dropped: 0 });
  });

  it('shortens answers, and leaves out the frames that came', () => {
    const entry = {
      ...signedEntry,
      response: { status: 200, content: { text: 'x'.repeat(5_000) } },
      _webSocketMessages: [{ type: 'receive', data: '{"signature":"theirs"}' }],
    };
    const text = slimHar(har(entry))!.text;
    expect(text.length).toBeLessThan(3_000);
    expect(text).not.toContain('theirs');
  });

  it.each(['', 'curl h', '{}', 'null', '[]', '{"log":{}}', '{"log":{"entries":5}}', '{"log":'])(
    'is not meant for %j',
    (text) => {
      expect(slimHar(text)).toBeNull();
    },
  );
});
