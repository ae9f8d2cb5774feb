import type { ApiKey } from '~/api/types';
import type { KeyCard } from '~/app/router';
import { isAnywhere } from '~/parts/addresses';
import { isDangerous, isTrading } from '~/parts/permission_chips';

const day = 86_400_000;
const age = (time: string, now: number) => now - new Date(time).getTime();

// The cards above the list: each counts keys and, pressed, filters for them.
export const cards: Record<KeyCard, (key: ApiKey, now: number) => boolean> = {
  active: (key) => key.state === 'active',
  expiring: (key, now) => key.state === 'active' && key.expires_at !== null && -age(key.expires_at, now) <= 14 * day,
  suspended: (key) => key.state === 'suspended',
  unused: (key, now) =>
    key.state === 'active' &&
    age(key.created_at, now) >= 45 * day &&
    age(key.last_used_at ?? key.created_at, now) >= 45 * day,
  anywhere: (key) => key.state === 'active' && isAnywhere(key.allow_list),
  powerful: (key) => key.state === 'active' && key.permissions.some((name) => isDangerous(name) || isTrading(name)),
  old: (key, now) => key.state === 'active' && age(key.created_at, now) > 180 * day,
};
