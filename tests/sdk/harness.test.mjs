// The tests of the tests: the suite must fail when there is nothing to test, and its guard must really stand in the way.

import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { binaryPath, requireBinary, startDemo } from './harness.mjs';
import { allowOnly, pathsSince, requests, strangers } from './loopback_guard.mjs';

// withProgram runs `body` while COUNTERFOIL_BIN names a shell script of these lines.
async function withProgram(lines, body) {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-harness-'));
  const path = join(directory, 'counterfoil');
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path, 0o700);
  const before = process.env.COUNTERFOIL_BIN;
  process.env.COUNTERFOIL_BIN = path;
  try {
    await body();
  } finally {
    if (before === undefined) {
      delete process.env.COUNTERFOIL_BIN;
    } else {
      process.env.COUNTERFOIL_BIN = before;
    }
    await rm(directory, { recursive: true, force: true });
  }
}

describe('the harness', () => {
  test('takes the program from COUNTERFOIL_BIN, else the dev build', () => {
    assert.equal(binaryPath({ COUNTERFOIL_BIN: '/opt/counterfoil' }), '/opt/counterfoil');
    assert.match(binaryPath({}), /\/build\/dev\/counterfoil$/);
  });

  test('fails when the program is missing', async () => {
    await assert.rejects(requireBinary('/nonexistent/counterfoil'), /not an executable file/);
  });

  test('fails, with the last words, when the demo ends before it is ready', async () => {
    await withProgram(['echo the store is locked >&2', 'exit 3'], async () => {
      await assert.rejects(startDemo(), /ended.*code 3[^]*the store is locked/);
    });
  });

  test('fails when the demo says something that is not JSON', async () => {
    await withProgram(['echo ready', 'exec sleep 60'], async () => {
      await assert.rejects(startDemo(), SyntaxError);
    });
  });
});

describe('the loopback guard', () => {
  // A listener that nobody may reach: were the guard absent, these connections would succeed.
  async function withListener(body) {
    const server = http.createServer((_, response) => response.end('reached'));
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    try {
      await body(server.address().port);
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  test('refuses every way out of the process but the allowed one, and remembers each', async () => {
    await withListener(async (port) => {
      allowOnly('http://127.0.0.1:1');  // An ephemeral port is never 1.
      const raw = new Promise((_, fail) => net.connect(port, '127.0.0.1').once('error', fail));
      await assert.rejects(raw, /loopback guard/);
      await assert.rejects(fetch(`http://127.0.0.1:${port}/`), ({ cause }) => /loopback guard/.test(cause.message));
      const request = new Promise((_, fail) => http.get({ host: '127.0.0.1', port }).once('error', fail));
      await assert.rejects(request, /loopback guard/);

      assert.deepEqual(strangers.splice(0), Array(3).fill(`127.0.0.1:${port}`));
    });
  });

  test('lets the allowed origin be reached, and writes down what was asked', async () => {
    await withListener(async (port) => {
      allowOnly(`http://127.0.0.1:${port}`);
      const mark = requests.length;

      const answer = await (await fetch(`http://127.0.0.1:${port}/some/path?with=query`)).text();
      await new Promise((done) => http.request({ host: '127.0.0.1', port, path: '/other', method: 'DELETE' }, (response) => response.resume().once('end', done)).end());

      assert.equal(answer, 'reached');
      assert.deepEqual(pathsSince(mark), ['GET /some/path', 'DELETE /other']);
      assert.deepEqual(strangers, []);
    });
  });

  test('refuses a host name before it is looked up', async () => {
    await assert.rejects(fetch('https://api.binance.com/api/v3/ping'), ({ cause }) => /loopback guard: api\.binance\.com:443/.test(cause.message));

    assert.deepEqual(strangers.splice(0), ['api.binance.com:443']);
  });
});
