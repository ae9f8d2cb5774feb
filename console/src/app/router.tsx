import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import * as z from 'zod/mini';
import { withTexts } from '~/i18n';
import { ErrorPage, LoneNotFound, NotFound } from './error_page';
import { Shell } from './shell';

// Every view that can be bookmarked: filters, tab, sort and range are typed search parameters.
const word = z.optional(z.catch(z.optional(z.string()), undefined));
const oneOf = <const T extends readonly string[]>(words: T) =>
  z.optional(z.catch(z.optional(z.enum(words)), undefined));

// arrivedWith is the query as the browser came with it. The router reads queries as JSON, which would
// change what an identity provider sent back: a code of figures alone, say.
export const arrivedWith = globalThis.location?.search ?? '';

export const keyCards = ['active', 'expiring', 'suspended', 'unused', 'anywhere', 'powerful', 'old'] as const;
export type KeyCard = (typeof keyCards)[number];
const keySorts = ['label', 'last_used_at', 'expires_at', 'created_at'] as const;

const root = createRootRoute({ component: Outlet, errorComponent: ErrorPage, notFoundComponent: LoneNotFound });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/keys' });
  },
});

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: z.object({ to: word }),
  component: lazyRouteComponent(() => import('~/screens/login/login'), 'Login'),
});
const providerReturn = createRoute({
  getParentRoute: () => root,
  path: '/login/oidc',
  component: lazyRouteComponent(() => import('~/screens/login/provider_return'), 'ProviderReturn'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('~/screens/setup/setup'), 'Setup'),
});
const join = createRoute({
  getParentRoute: () => root,
  path: '/join',
  component: lazyRouteComponent(() => import('~/screens/setup/join'), 'Join'),
});
const enroll = createRoute({
  getParentRoute: () => root,
  path: '/enroll',
  component: lazyRouteComponent(() => import('~/screens/enroll/enroll'), 'Enroll'),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: lazyRouteComponent(() => withTexts('people', import('~/screens/setup/reset')), 'Reset'),
});
const factors = createRoute({
  getParentRoute: () => root,
  path: '/factors',
  component: lazyRouteComponent(() => import('~/screens/setup/factors'), 'Factors'),
});

const keys = createRoute({
  getParentRoute: () => shell,
  path: '/keys',
  validateSearch: z.object({
    q: word,
    card: oneOf(keyCards),
    sort: oneOf(keySorts),
    down: z.optional(z.catch(z.optional(z.boolean()), undefined)),
  }),
  component: lazyRouteComponent(() => import('~/screens/keys/keys'), 'Keys'),
});
const newKey = createRoute({
  getParentRoute: () => shell,
  path: '/keys/new',
  validateSearch: z.object({ like: word, account: word, permission: word }),
  component: lazyRouteComponent(() => import('~/screens/new_key/new_key'), 'NewKey'),
});
const links = createRoute({
  getParentRoute: () => shell,
  path: '/keys/links',
  component: lazyRouteComponent(() => import('~/screens/links/links'), 'Links'),
});
const keyTabs = ['overview', 'usage', 'permissions', 'requests', 'rotation', 'timeline'] as const;
export type KeyTab = (typeof keyTabs)[number];
const key = createRoute({
  getParentRoute: () => shell,
  path: '/keys/$id',
  validateSearch: z.object({
    tab: oneOf(keyTabs),
    range: oneOf(['hour', 'day', 'week', 'quarter']),
    reason: word,
    request: word,
  }),
  component: lazyRouteComponent(() => withTexts('people', import('~/screens/key/key')), 'Key'),
});
const massAction = createRoute({
  getParentRoute: () => shell,
  path: '/mass/$id',
  component: lazyRouteComponent(() => import('~/screens/mass/mass_page'), 'MassPage'),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: z.object({ actor: word, action: word, object: word }),
  component: lazyRouteComponent(() => withTexts('audit', import('~/screens/audit/audit')), 'Audit'),
});
const adminAccounts = createRoute({
  getParentRoute: () => shell,
  path: '/admin/accounts',
  validateSearch: z.object({ tab: oneOf(['people', 'accounts']) }),
  component: lazyRouteComponent(() => withTexts('people', import('~/screens/admin/accounts')), 'AdminAccounts'),
});
const health = createRoute({
  getParentRoute: () => shell,
  path: '/health',
  component: lazyRouteComponent(() => import('~/screens/admin/health'), 'Health'),
});
const doctor = createRoute({
  getParentRoute: () => shell,
  path: '/doctor',
  component: lazyRouteComponent(() => withTexts('mending', import('~/screens/doctor/doctor')), 'Doctor'),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  validateSearch: z.object({ tab: oneOf(['profile', 'security', 'sessions', 'notices', 'webhooks', 'management']) }),
  component: lazyRouteComponent(() => withTexts('settings', import('~/screens/settings/settings')), 'Settings'),
});
const reference = createRoute({
  getParentRoute: () => shell,
  path: '/reference',
  validateSearch: z.object({ q: word }),
  component: lazyRouteComponent(() => import('~/screens/reference/reference'), 'Reference'),
});

const tree = root.addChildren([
  home,
  login,
  providerReturn,
  setup,
  join,
  enroll,
  reset,
  factors,
  shell.addChildren([
    keys,
    newKey,
    links,
    key,
    massAction,
    audit,
    adminAccounts,
    health,
    doctor,
    settings,
    reference,
    ...(import.meta.env.DEV
      ? [
          createRoute({
            getParentRoute: () => shell,
            path: '/dev/components',
            component: lazyRouteComponent(() => import('~/screens/dev/components'), 'Components'),
          }),
        ]
      : []),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: ErrorPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
