import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, dataOf, setCsrf } from './client';
import { findingsOf } from './findings';
import type { KeyState } from './types';

// What the page reads, each with the name under which it is kept. Nothing secret is among it.

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => {
    const session = await dataOf(api.GET('/session'));
    setCsrf(session.csrf);
    return session;
  },
  staleTime: 60_000,
  retry: false,
});

export const profileQuery = queryOptions({
  queryKey: ['profile'],
  queryFn: () => dataOf(api.GET('/profile')),
  staleTime: 300_000,
});

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: () => dataOf(api.GET('/status')),
  staleTime: 5_000,
  refetchInterval: 10_000,
});

export interface KeyFilter {
  state?: KeyState | undefined;
  account?: string | undefined;
  q?: string | undefined;
  permission?: string | undefined; // one, or several with commas
}

export const keysQuery = (filter: KeyFilter) =>
  infiniteQueryOptions({
    queryKey: ['keys', filter],
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.GET('/keys', { params: { query: { ...filter, limit: 200, after: pageParam || undefined } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    staleTime: 10_000,
  });

// keyQuery keeps the ETag beside the key: a change is made to what was seen, or not at all.
export const keyQuery = (id: string) =>
  queryOptions({
    queryKey: ['key', id],
    queryFn: async () => {
      const { data, response } = await api.GET('/keys/{api_key}', { params: { path: { api_key: id } } });
      return { key: data!, etag: response.headers.get('ETag') ?? undefined };
    },
    staleTime: 5_000,
  });

export const descendantsQuery = (id: string) =>
  queryOptions({
    queryKey: ['descendants', id],
    queryFn: () => dataOf(api.GET('/keys/{api_key}/descendants', { params: { path: { api_key: id } } })),
  });

export type UsageSpan = 'hour' | 'day' | 'week' | 'quarter';
const spans: Record<UsageSpan, { hours: number; step: 'minute' | 'hour' }> = {
  hour: { hours: 1, step: 'minute' },
  day: { hours: 24, step: 'hour' },
  week: { hours: 168, step: 'hour' },
  quarter: { hours: 2160, step: 'hour' },
};

export const usageQuery = (id: string, span: UsageSpan) =>
  queryOptions({
    queryKey: ['usage', id, span],
    queryFn: () => {
      const { hours, step } = spans[span];
      const since = new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+Z/, 'Z');
      return dataOf(api.GET('/keys/{api_key}/usage', { params: { path: { api_key: id }, query: { since, step } } }));
    },
    staleTime: 30_000,
  });

export const refusalsQuery = (filter: { api_key?: string | undefined; reason?: string | undefined }) =>
  queryOptions({
    queryKey: ['refusals', filter],
    queryFn: () => dataOf(api.GET('/refusals', { params: { query: { ...filter, limit: 200 } } })),
    staleTime: 5_000,
  });

const requestPage = 50;
// refusedQuery and acceptedQuery page through the requests of one API key, the newest first.
export const refusedQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['refused', id],
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/refusals', { params: { query: { api_key: id, limit: requestPage, after: pageParam || undefined } } }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    staleTime: 5_000,
  });

export const acceptedQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['accepted', id],
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/keys/{api_key}/requests', {
          params: { path: { api_key: id }, query: { limit: requestPage, after: pageParam || undefined } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    staleTime: 5_000,
  });

export const refusalQuery = (id: string) =>
  queryOptions({
    queryKey: ['refusal', id],
    queryFn: async () => {
      const refusal = await dataOf(api.GET('/refusals/{request_id}', { params: { path: { request_id: id } } }));
      return { ...refusal, findings: findingsOf(refusal) };
    },
    staleTime: 30_000,
  });

// keyFixQuery: what is wrong with a key now, the most pressing first, as the node ranks it.
export const keyFixQuery = (id: string) =>
  queryOptions({
    queryKey: ['fix', id],
    queryFn: () => dataOf(api.GET('/keys/{api_key}/fix', { params: { path: { api_key: id } } })),
    staleTime: 5_000,
  });

export const receiptsQuery = (object: string) =>
  queryOptions({
    queryKey: ['receipts', object],
    queryFn: () => dataOf(api.GET('/receipts', { params: { query: { object, limit: 100 } } })),
  });

export const enrolmentLinksQuery = queryOptions({
  queryKey: ['enrolment-links'],
  queryFn: () => dataOf(api.GET('/enrolment-links')),
});

export const webhooksQuery = (account: string) =>
  queryOptions({
    queryKey: ['webhooks', account],
    queryFn: () => dataOf(api.GET('/webhooks', { params: { query: { account } } })),
  });

export const deliveriesQuery = (webhook: string) =>
  queryOptions({
    queryKey: ['deliveries', webhook],
    queryFn: () => dataOf(api.GET('/webhooks/{id}/deliveries', { params: { path: { id: webhook } } })),
  });

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: () => dataOf(api.GET('/accounts', { params: { query: { limit: 500 } } })),
  staleTime: 30_000,
});

export const peopleQuery = queryOptions({ queryKey: ['people'], queryFn: () => dataOf(api.GET('/people')) });

export const massActionQuery = (id: string) =>
  queryOptions({
    queryKey: ['mass-action', id],
    queryFn: () => dataOf(api.GET('/mass-actions/{mass_action}', { params: { path: { mass_action: id } } })),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 500 : false),
  });

const auditPage = 100;
// auditQuery reads the log from its end. The log is paged from its beginning by record number, so
// the page asks for the numbers before those it has.
export const auditQuery = infiniteQueryOptions({
  queryKey: ['audit'],
  queryFn: async ({ pageParam }) => {
    const end = pageParam ?? (await dataOf(api.GET('/status'))).audit_seq;
    const after = Math.max(0, end - auditPage);
    const page = await dataOf(
      api.GET('/audit', { params: { query: { after, limit: Math.max(1, Math.min(auditPage, end - after)) } } }),
    );
    return { items: page.items.toReversed(), before: after, as_of: page.as_of };
  },
  initialPageParam: null as number | null,
  getNextPageParam: (page) => (page.before > 0 ? page.before : null),
});

export const noticesQuery = infiniteQueryOptions({
  queryKey: ['notices'],
  queryFn: ({ pageParam }) =>
    dataOf(api.GET('/me/notices', { params: { query: { limit: 50, after: pageParam || undefined } } })),
  initialPageParam: '',
  getNextPageParam: (page) => page.next,
  staleTime: Infinity, // they are told at sign-in; what one does oneself after that is no news
});

// providerQuery tells the name of the identity provider with which people may sign in, if there is one.
export const providerQuery = queryOptions({
  queryKey: ['provider'],
  queryFn: async () => (await dataOf(api.GET('/session/oidc'))).name,
  staleTime: 300_000,
});
export const identitiesQuery = queryOptions({
  queryKey: ['identities'],
  queryFn: () => dataOf(api.GET('/me/identities')),
});
export const passkeysQuery = queryOptions({ queryKey: ['passkeys'], queryFn: () => dataOf(api.GET('/me/passkeys')) });
export const sessionsQuery = queryOptions({ queryKey: ['sessions'], queryFn: () => dataOf(api.GET('/me/sessions')) });
