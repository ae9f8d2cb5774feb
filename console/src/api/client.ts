import createClient from 'openapi-fetch';
import { ApiProblem, problemOf, type ProblemDocument } from './problem';
import type { paths } from './schema';

type StepUpAsk = NonNullable<ProblemDocument['step_up']>;

// gates are what a person is asked in the middle of a call. The page puts its dialogs in; until then
// a call that needs one is refused.
export const gates = {
  // Resolves to true once somebody has signed in again.
  signIn: () => Promise.resolve(false),
  // Resolves to a grant for exactly this change, or to null when it was given up.
  stepUp: (ask: StepUpAsk): Promise<string | null> => Promise.resolve(ask.hash === '' ? '' : null),
};

let csrf = '';
export function setCsrf(token: string) {
  csrf = token;
}

// Calls that answer 401 to say "no", not "signed out".
const ownRefusals = /\/api\/v1\/(session|setup|registration|password-reset|me\/step-up)(\/|$)/;

async function exchange(request: Request, isChange: boolean): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      throw error;
    }
    throw new ApiProblem({ status: 0, mayHaveHappened: isChange });
  }
}

// send carries one call out: with the CSRF token, and again after the person has signed in or
// confirmed the change. It throws ApiProblem for everything but a good answer.
async function send(input: Request): Promise<Response> {
  const isChange = input.method !== 'GET' && input.method !== 'HEAD';
  let grant = '';
  let mayAsk = 2; // sign in, then step up
  let mayRenew = 1;
  for (;;) {
    // What changes anything says that it is JSON, also where it has nothing to say.
    const isBare = input.method === 'POST' && input.body === null;
    const request = isBare
      ? new Request(input.url, { method: 'POST', headers: input.headers, body: '{}' })
      : input.clone();
    if (isChange) {
      request.headers.set('Content-Type', input.headers.get('Content-Type') ?? 'application/json');
      request.headers.set('X-Counterfoil-CSRF', csrf);
      if (grant !== '') {
        request.headers.set('X-Counterfoil-Step-Up', grant);
      }
    }
    const response = await exchange(request, isChange);
    // A session that goes on under a new token has a new one of these, too.
    csrf = response.headers.get('X-Counterfoil-CSRF') ?? csrf;
    if (response.ok) {
      return response;
    }
    const problem = await problemOf(response, isChange);
    if (problem.reason === 'csrf_token_wrong' && mayRenew-- > 0) {
      // Another tab of this browser changed the session.
      const session = await exchange(new Request(new URL('/api/v1/session', input.url)), false);
      csrf = ((await session.json()) as { csrf?: string }).csrf ?? csrf;
      continue;
    }
    const signedOut = problem.status === 401 && !ownRefusals.test(new URL(input.url).pathname);
    if (mayAsk-- > 0 && signedOut && (await gates.signIn())) {
      continue;
    }
    if (mayAsk >= 0 && problem.reason === 'step_up_required' && problem.stepUp) {
      const given = await gates.stepUp(problem.stepUp);
      if (given !== null) {
        grant = given;
        continue;
      }
    }
    throw problem;
  }
}

export const api = createClient<paths>({ baseUrl: `${globalThis.location.origin}/api/v1`, fetch: send });

// dataOf takes the answer's body; `send` has thrown if there is none.
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
