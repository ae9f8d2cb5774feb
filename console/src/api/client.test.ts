import { http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { MockNode } from '../../mock/node.ts';
import { api, gates, setCsrf } from './client';
import { ApiProblem } from './problem';

let node = new MockNode();
const seen: Request[] = [];
const server = setupServer(
  http.all('*/api/v1/*', ({ request }) => {
    seen.push(request.clone());
    return node.handle(request);
  }),
);
const asked = { ...gates };
beforeAll(() => server.listen());
afterAll(() => server.close());
afterEach(() => {
  node = new MockNode();
  seen.length = 0;
  server.resetHandlers();
  Object.assign(gates, asked);
});

const resume = () => api.POST('/keys/{api_key}/resume', { params: { path: { api_key: node.keys[5]!.api_key } } });

test('a change that needs a second factor is repeated with the grant, and says the change', async () => {
  setCsrf('token');
  gates.stepUp = vi.fn(async () => {
    await api.POST('/me/step-up', { body: { hash: 'ab12', totp: '123456' } });
    return 'grant';
  });

  await resume();

  expect(gates.stepUp).toHaveBeenCalledWith(expect.objectContaining({ hash: 'ab12' }));
  const last = seen.at(-1)!;
  expect(last.headers.get('X-Counterfoil-Step-Up')).toBe('grant');
  expect(last.headers.get('X-Counterfoil-CSRF')).toBe('token');
  expect(await last.text()).toBe('{}');
});

test('a second factor that is not given leaves the refusal', async () => {
  gates.stepUp = () => Promise.resolve(null);

  await expect(resume()).rejects.toMatchObject({ status: 403, reason: 'step_up_required' });
});

test('a call goes on after signing in again', async () => {
  node.signedIn = false;
  gates.signIn = () => {
    node.signedIn = true;
    return Promise.resolve(true);
  };

  const { data } = await api.GET('/keys');

  expect(data!.items.length).toBeGreaterThan(5);
});

test('wrong codes are answered to who typed them, not by another sign-in', async () => {
  gates.signIn = vi.fn();

  await expect(api.POST('/session', { body: { email: 'a', password: 'wrong' } })).rejects.toBeInstanceOf(ApiProblem);
  expect(gates.signIn).not.toHaveBeenCalled();
});

test('a lost answer to a change says that it may have happened', async () => {
  server.use(http.all('*/api/v1/*', () => Response.error()));

  await expect(resume()).rejects.toMatchObject({ status: 0, mayHaveHappened: true });
  await expect(api.GET('/keys')).rejects.toMatchObject({ status: 0, mayHaveHappened: false });
});

test('the token of a session that changed is the one that goes with the next change', async () => {
  setCsrf('before');
  server.use(
    http.post('*/api/v1/me/totp/confirm', () => new Response(null, { status: 204, headers: { 'X-Counterfoil-CSRF': 'after' } }), { once: true }),
  ); // prettier-ignore

  await api.POST('/me/totp/confirm', { body: { code: '123456' } });
  await api.DELETE('/me/sessions');

  expect(seen.at(-1)!.headers.get('X-Counterfoil-CSRF')).toBe('after');
});

test('a change whose token another tab made old is repeated with the new one, once', async () => {
  setCsrf('old');
  const tokens: (string | null)[] = [];
  server.use(
    http.delete('*/api/v1/me/sessions', ({ request }) => {
      tokens.push(request.headers.get('X-Counterfoil-CSRF'));
      return tokens.length === 1 ? Response.json({ reason: 'csrf_token_wrong' }, { status: 403 }) : undefined;
    }),
  );

  await api.DELETE('/me/sessions');

  expect(tokens).toEqual(['old', 'mock']);
});
