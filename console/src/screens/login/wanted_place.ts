import { isOwnPath } from './own_path';

// Where somebody wanted to go is kept while the browser is at the identity provider, in this tab alone,
// and taken out when it comes back. It is a path of this page; nothing secret stands in one.
const kept = 'counterfoil.wanted';

export function keepPlace(to: string | undefined) {
  if (isOwnPath(to)) {
    sessionStorage.setItem(kept, to);
  } else {
    sessionStorage.removeItem(kept);
  }
}

export function takePlace(): string | null {
  const to = sessionStorage.getItem(kept);
  sessionStorage.removeItem(kept);
  return isOwnPath(to) ? to : null;
}
