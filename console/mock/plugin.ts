import { Readable } from 'node:stream';
import type { Plugin } from 'vite';
import { MockNode } from './node';

// mockApi lets `npm run dev` answer /api/v1 from memory: the page can be worked on without a node.
// `/api/mock?signed_in=0&role=holder&empty=1` sets what it plays.
export function mockApi(): Plugin {
  let node = new MockNode();
  return {
    name: 'mock-api',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use((incoming, outgoing, next) => {
        const url = new URL(incoming.url ?? '/', 'http://localhost');
        if (url.pathname === '/api/mock') {
          node = new MockNode();
          node.signedIn = url.searchParams.get('signed_in') !== '0';
          node.role = (url.searchParams.get('role') ?? 'owner') as MockNode['role'];
          node.stage = url.searchParams.has('factors') ? 'needs_factor_setup' : 'full';
          if (url.searchParams.has('empty')) {
            node.keys = [];
          }
          outgoing.end('ok');
          return;
        }
        if (!url.pathname.startsWith('/api/v1/')) {
          next();
          return;
        }
        const abort = new AbortController();
        outgoing.on('close', () => abort.abort());
        const isRead = incoming.method === 'GET' || incoming.method === 'HEAD';
        const request = new Request(url, {
          method: incoming.method ?? 'GET',
          headers: incoming.headers as Record<string, string>,
          body: isRead ? null : (Readable.toWeb(incoming) as ReadableStream),
          duplex: 'half',
          signal: abort.signal,
        } as RequestInit);
        void node.handle(request).then((response) => {
          outgoing.writeHead(response.status, Object.fromEntries(response.headers));
          if (response.body) {
            Readable.fromWeb(response.body as never).on('error', () => undefined).pipe(outgoing);
          } else {
            outgoing.end();
          }
        });
      });
    },
  };
}
