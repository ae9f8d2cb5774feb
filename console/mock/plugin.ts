import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Connect, Plugin } from 'vite';
import { MockNode } from './node.ts';

function requestOf(incoming: IncomingMessage, url: URL, signal: AbortSignal): Request {
  const isRead = incoming.method === 'GET' || incoming.method === 'HEAD';
  return new Request(url, {
    method: incoming.method ?? 'GET',
    headers: incoming.headers as Record<string, string>,
    body: isRead ? null : (Readable.toWeb(incoming) as ReadableStream),
    duplex: 'half',
    signal,
  } as RequestInit);
}

function write(response: Response, outgoing: ServerResponse) {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) {
    Readable.fromWeb(response.body as never)
      .on('error', () => outgoing.end())
      .pipe(outgoing);
  } else {
    outgoing.end();
  }
}

// answers gives what stands before the page's own files: /api/v1 from memory, and
// `/api/mock?signed_in=0&role=holder&empty=1&factors=1&held=1`, which sets what the node plays; `?end=1` ends the session.
function answers(): Connect.NextHandleFunction {
  let node = new MockNode();
  return (incoming, outgoing, next) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    if (url.pathname === '/api/mock' && url.searchParams.has('end')) {
      node.signedIn = false;
      outgoing.end('ok');
    } else if (url.pathname === '/api/mock') {
      node = new MockNode();
      node.signedIn = url.searchParams.get('signed_in') !== '0';
      node.role = (url.searchParams.get('role') ?? 'owner') as MockNode['role'];
      node.stage = url.searchParams.has('factors') ? 'needs_factor_setup' : 'full';
      node.held = url.searchParams.has('held');
      if (url.searchParams.has('empty')) {
        node.keys = [];
      }
      outgoing.end('ok');
    } else if (url.pathname.startsWith('/api/v1/')) {
      const abort = new AbortController();
      outgoing.on('close', () => abort.abort());
      void node.handle(requestOf(incoming, url, abort.signal)).then((response) => write(response, outgoing));
    } else {
      next();
    }
  };
}

// page serves the page built in `folder` with the headers that a node gives it, so that what the content
// security policy or Trusted Types would stop is seen before it meets a node.
const page =
  (folder: string): Connect.NextHandleFunction =>
  (incoming, outgoing, next) => {
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname;
    if (path.startsWith('/api/') || path.includes('.', path.lastIndexOf('/'))) {
      next();
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    outgoing.setHeader('Content-Type', 'text/html; charset=utf-8');
    outgoing.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" +
        nonce +
        "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types default",
    );
    const html = readFileSync(join(folder, 'index.html'), 'utf8');
    outgoing.end(html.replace('name="csp-nonce" content=""', `name="csp-nonce" content="${nonce}"`));
  };

// mockApi lets `npm run dev` and `npm run preview` work without a node.
export function mockApi(): Plugin {
  return {
    name: 'mock-api',
    apply: (_config, { command, isPreview }) => command === 'serve' || isPreview === true,
    configureServer: (server) => {
      server.middlewares.use(answers());
    },
    configurePreviewServer: (server) => {
      server.middlewares.use(answers());
    },
  };
}

// pageAsServed gives `npm run preview` the headers of a node, with a real node behind it as with the mock.
export function pageAsServed(): Plugin {
  return {
    name: 'page-as-served',
    configurePreviewServer: (server) => {
      server.middlewares.use(page(resolve(server.config.root, server.config.build.outDir)));
    },
  };
}
