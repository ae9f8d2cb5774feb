import { api, dataOf } from '~/api/client';
import type { KeySelection, MassAction, MassVerb } from '~/api/types';

const listedAtATime = 900;

// prepare asks the node what a change of many keys would hit; a long list goes in parts.
export async function prepare(action: MassVerb, cause: string, select: KeySelection): Promise<MassAction> {
  const ids = select.api_keys ?? [];
  const first = ids.length > 0 ? { api_keys: ids.slice(0, listedAtATime) } : select;
  let prepared = await dataOf(api.POST('/mass-actions', { body: { action, cause, select: first } }));
  for (let at = listedAtATime; at < ids.length; at += listedAtATime) {
    prepared = await dataOf(
      api.POST('/mass-actions/{mass_action}/keys', {
        params: { path: { mass_action: prepared.id } },
        body: { api_keys: ids.slice(at, at + listedAtATime) },
      }),
    );
  }
  return prepared;
}

export const start = (id: string) =>
  dataOf(api.POST('/mass-actions/{mass_action}/start', { params: { path: { mass_action: id } } }));

export const stop = (id: string) =>
  dataOf(api.POST('/mass-actions/{mass_action}/stop', { params: { path: { mass_action: id } } }));

export const results = async (id: string) => {
  const { data } = await api.GET('/mass-actions/{mass_action}/results', {
    params: { path: { mass_action: id } },
    parseAs: 'text',
  });
  return data ?? '';
};
