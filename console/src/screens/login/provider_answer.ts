// What an identity provider sends a browser back with (OpenID Connect Core 1.0, section 3.1.2.5).
export interface ProviderAnswer {
  code: string;
  state: string;
  iss?: string;
}

// answerIn reads a query; null: the provider signed nobody in.
export function answerIn(search: string): ProviderAnswer | null {
  const query = new URLSearchParams(search);
  const code = query.get('code');
  const state = query.get('state');
  const iss = query.get('iss');
  return code && state && !query.has('error') ? { code, state, ...(iss && { iss }) } : null;
}

// The node begins the state of a sign-in with "in.", that of linking an account with "link.".
export const isLink = (search: string) => (new URLSearchParams(search).get('state') ?? '').startsWith('link.');
