import type { ApiKey, Usage } from '~/api/types';
import { isAnywhere } from '~/parts/addresses';
import { isTrading } from '~/parts/permission_chips';
import { covers } from '~/text/address';

export type Advice = 'hmac' | 'anywhere' | 'endless' | 'unused' | 'addressesUnused' | 'expiresSoon' | 'old';

const day = 86_400_000;

// hygiene says what would make a key safer, most pressing first.
export function hygiene(key: ApiKey, quarter: Usage | undefined, now: number): Advice[] {
  if (key.state === 'revoked' || key.state === 'expired') {
    return [];
  }
  const age = now - new Date(key.created_at).getTime();
  const quiet = now - new Date(key.last_used_at ?? key.created_at).getTime();
  const left = key.expires_at === null ? Infinity : new Date(key.expires_at).getTime() - now;
  const idle =
    quarter !== undefined &&
    quarter.clients.length > 0 &&
    !isAnywhere(key.allow_list) &&
    key.allow_list.some((one) => !quarter.clients.some((client) => covers(one, client.address)));
  const rules: [Advice, boolean][] = [
    ['expiresSoon', left <= 14 * day],
    ['anywhere', isAnywhere(key.allow_list) && key.permissions.some(isTrading)],
    ['endless', key.expires_at === null],
    ['unused', quiet >= 45 * day],
    ['addressesUnused', idle],
    ['hmac', key.type === 'hmac-sha256'],
    ['old', age >= 180 * day && key.pairs.every((pair) => now - new Date(pair.created_at).getTime() >= 180 * day)],
  ];
  return rules.filter(([, holds]) => holds).map(([advice]) => advice);
}
