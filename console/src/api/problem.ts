import type { components } from './schema';

export type ProblemDocument = components['schemas']['Problem'];

// ApiProblem is every way in which a call of the management API can go wrong: a refusal that the
// node explains, or no answer at all (status 0).
export class ApiProblem extends Error {
  readonly status: number;
  readonly reason: string;
  readonly member: string | undefined;
  readonly action: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterS: number | undefined;
  readonly stepUp: ProblemDocument['step_up'];
  // A change whose answer was lost: it may be in force.
  readonly mayHaveHappened: boolean;

  constructor(facts: Partial<ProblemDocument> & { status: number; mayHaveHappened?: boolean }) {
    super(facts.detail ?? facts.title ?? '');
    this.name = 'ApiProblem';
    this.status = facts.status;
    this.reason = facts.reason ?? (facts.status === 0 ? 'no_answer' : 'unexplained');
    this.member = facts.member;
    this.action = facts.action;
    this.requestId = facts.request_id;
    this.retryAfterS = facts.retry_after_s;
    this.stepUp = facts.step_up;
    this.mayHaveHappened = facts.mayHaveHappened ?? false;
  }

  get isFault() {
    return this.status === 0 || this.status >= 500;
  }
}

export function asProblem(error: unknown): ApiProblem {
  return error instanceof ApiProblem
    ? error
    : new ApiProblem({ status: 0, detail: error instanceof Error ? error.message : undefined, reason: 'page_error' });
}

// problemOf reads a refusal. What is not a problem document (a proxy's own page, say) still becomes one.
export async function problemOf(response: Response, isChange: boolean): Promise<ApiProblem> {
  let document: Partial<ProblemDocument> = {};
  try {
    document = (await response.json()) as Partial<ProblemDocument>;
  } catch {
    // Not JSON: the status says it all.
  }
  const wait = Number(response.headers.get('Retry-After'));
  return new ApiProblem({
    ...document,
    status: response.status,
    request_id: document.request_id ?? response.headers.get('X-Counterfoil-Request-Id') ?? undefined,
    retry_after_s: document.retry_after_s ?? (Number.isFinite(wait) && wait > 0 ? wait : undefined),
    mayHaveHappened: isChange && response.status >= 500,
  });
}
