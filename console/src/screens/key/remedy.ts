import { useMutation } from '@tanstack/react-query';
import { api, dataOf } from '~/api/client';
import type { ApiKey, KeyRemedy, KeyRights, Receipt, Refusal, Usage } from '~/api/types';
import { useRenew } from './changes';

// What the ways out of a key's troubles do, and how one tells that they worked.

// rightsOf is what a remedy changes of a key: what it has, and one thing more; null: it is no such change.
export function rightsOf(remedy: KeyRemedy, of: Pick<ApiKey, 'allow_list' | 'permissions'>): KeyRights | null {
  switch (remedy.kind) {
    case 'renew':
      return { expires_at: remedy.expires_at ?? null };
    case 'allow_address':
      return { allow_list: [...of.allow_list, remedy.value!] };
    case 'tick_permission':
      return { permissions: [...of.permissions, remedy.value!] };
    default:
      return null;
  }
}

export interface Order {
  remedy: KeyRemedy;
  cause: string; // why, in words: a suspended key shows them
}

// useApply carries out what lies with us. What lets in more asks for a second factor on its way; it is
// done to the key that was seen, or not at all.
export function useApply(of: ApiKey, etag: string | undefined) {
  const renew = useRenew();
  const path = { api_key: of.api_key };
  return useMutation({
    mutationFn: async ({ remedy, cause }: Order): Promise<{ receipt?: Receipt }> => {
      if (remedy.kind === 'suspend') {
        return dataOf(api.POST('/keys/{api_key}/suspend', { params: { path }, body: { cause: cause.slice(0, 200) } }));
      }
      if (remedy.kind === 'resume') {
        return dataOf(api.POST('/keys/{api_key}/resume', { params: { path } }));
      }
      const params = { path, ...(etag ? { header: { 'If-Match': etag } } : {}) };
      return dataOf(api.PATCH('/keys/{api_key}', { params, body: rightsOf(remedy, of) ?? {} }));
    },
    onSettled: () => void renew(of.api_key),
  });
}

export type Next =
  { outcome: 'accepted'; address: string; route: string } | { outcome: 'refused'; request_id: string; reason: string };

// nextOf finds the first request after `since` (in ms of the server's clock) in what the node tells of a
// key's use and refusals; the later of the two, where both are after it.
export function nextOf(since: number, usage: Usage | undefined, refusals: Refusal[] | undefined): Next | null {
  const after = (time: string) => new Date(time).getTime() > since;
  const used = usage?.clients.find((client) => after(client.last_at));
  const refused = refusals?.find((one) => after(one.time));
  if (refused && (!used || refused.time > used.last_at)) {
    return { outcome: 'refused', request_id: refused.request_id, reason: refused.reason };
  }
  return used ? { outcome: 'accepted', address: used.address, route: used.route } : null;
}
