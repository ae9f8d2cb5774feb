import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '~/api/client';
import type { KeyRights } from '~/api/types';

// The changes of one API key. Each renews what the page shows of it, whatever became of the change.

export function useRenew() {
  const client = useQueryClient();
  return (id: string) =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['keys'] }),
      client.invalidateQueries({ queryKey: ['key', id] }),
      client.invalidateQueries({ queryKey: ['fix', id] }),
      client.invalidateQueries({ queryKey: ['receipts', id] }),
    ]);
}

function useChange<T, R>(id: string, mutationFn: (input: T) => Promise<R>) {
  const renew = useRenew();
  return useMutation({ mutationFn, onSettled: () => void renew(id) });
}

const at = (id: string, etag?: string) => ({
  params: { path: { api_key: id }, ...(etag ? { header: { 'If-Match': etag } } : {}) },
});

export const useRevoke = (id: string) =>
  useChange(id, (cause: string) => dataOf(api.POST('/keys/{api_key}/revoke', { ...at(id), body: { cause } })));

export const useSuspend = (id: string) =>
  useChange(id, (cause: string) => dataOf(api.POST('/keys/{api_key}/suspend', { ...at(id), body: { cause } })));

export const useResume = (id: string) => useChange(id, () => dataOf(api.POST('/keys/{api_key}/resume', at(id))));

export const useEdit = (id: string) =>
  useChange(id, ({ rights, etag }: { rights: KeyRights; etag: string | undefined }) =>
    dataOf(api.PATCH('/keys/{api_key}', { ...at(id, etag), body: rights })),
  );

export const useEndRetiring = (id: string) =>
  useChange(id, () => dataOf(api.POST('/keys/{api_key}/end-retiring', at(id))));

export const useBackOut = (id: string) => useChange(id, () => dataOf(api.POST('/keys/{api_key}/back-out', at(id))));
