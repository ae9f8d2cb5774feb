// Keeps the clients under test on the loopback, and writes down what they send.
//
// Two things are watched, both in Node's own modules; no client is touched:
//   * every outgoing TCP connection of this process: one that does not go to the gateway under test is refused before
//     a name is looked up or a packet leaves, and remembered in `strangers`;
//   * every HTTP request of node:http (axios, node-fetch) and of undici (ccxt): method and path are appended to
//     `requests`, which is how the tests know what a client calls by itself.
//
// Importing this module switches the guard on. Until allowOnly() is called nothing at all may be reached.

import diagnostics_channel from 'node:diagnostics_channel';
import net from 'node:net';

// A proxy from the environment would carry requests to another host, and axios would obey it.
for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
  delete process.env[name];
}

export const strangers = [];
export const requests = [];

let allowed = null;

// allowOnly names the one origin, for example "http://127.0.0.1:40123", that may be reached from now on.
export function allowOnly(origin) {
  const url = new URL(origin);
  allowed = { host: url.hostname, port: Number(url.port || 80) };
}

// pathsSince returns what was requested after `mark` (a value of requests.length), as "METHOD /path" without the query.
export function pathsSince(mark) {
  return requests.slice(mark).map(({ method, path }) => `${method} ${path.split('?')[0]}`);
}

// destination reads the arguments of Socket.connect, which come as (options), (port, host), (path) or as the
// array that net.connect makes of them.
function destination(args) {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null) {
    return first;
  }
  return typeof first === 'string' && Number.isNaN(Number(first)) ? { path: first } : { port: first, host: args[1] };
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function guardedConnect(...args) {
  const to = destination(args);
  const host = to.host ?? 'localhost';
  const port = Number(to.port);
  if (to.path !== undefined && to.path !== null) {
    return connect.apply(this, args);  // A Unix socket stays on this machine.
  }
  if (allowed !== null && host === allowed.host && port === allowed.port) {
    return connect.apply(this, args);
  }
  strangers.push(`${host}:${port}`);
  process.nextTick(() => this.destroy(new Error(`loopback guard: ${host}:${port} is not the gateway under test`)));
  return this;
};

diagnostics_channel.subscribe('http.client.request.start', ({ request }) => {
  requests.push({ method: request.method, path: request.path, headers: request.getHeaders() });
});
diagnostics_channel.subscribe('undici:request:create', ({ request }) => {
  requests.push({ method: request.method, path: request.path, headers: undiciHeaders(request.headers) });
});

// undiciHeaders turns undici's flat list (or, in older releases, its header text) into an object like node:http's.
function undiciHeaders(headers) {
  const pairs = typeof headers === 'string' ? headers.split('\r\n').flatMap((line) => line.split(/: (.*)/s, 2)) : headers;
  const result = {};
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    result[String(pairs[i]).toLowerCase()] = String(pairs[i + 1]);
  }
  return result;
}
