// A node with a console and an identity provider, in a folder of its own, and its first owner.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { totp } from '../e2e/totp.mjs';
import { Browser } from './browser.mjs';

const kRepository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const kProgram = process.env.COUNTERFOIL_BIN ? resolve(process.env.COUNTERFOIL_BIN) : join(kRepository, 'build/dev/counterfoil');
const kStepMs = 30_000;
export const kPassword = 'tangerine kettle fox';

export const kSecret = 'a secret: of 100 % & more';

// freePort gives a port that nobody has at this moment.
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
    server.on('error', reject);
  });
}

// startNode serves a console at `port` with the provider at `issuer`; `settings` are more of the environment.
export async function startNode(port, issuer, settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-oidc-'));
  const data = join(folder, 'data');
  const secret = join(folder, 'client.secret');
  await writeFile(secret, `${kSecret}\n`, { mode: 0o600 });
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COUNTERFOIL_')));
  const env = {
    ...clean,
    COUNTERFOIL_REST_LISTEN: '127.0.0.1:0', COUNTERFOIL_REST_THREADS: '1', COUNTERFOIL_UPSTREAM_URL: 'http://127.0.0.1:1',
    COUNTERFOIL_NODE_ALLOW_UNLOCKED_MEMORY: 'true', COUNTERFOIL_CONSOLE_LISTEN: `127.0.0.1:${port}`,
    COUNTERFOIL_OIDC_ISSUER: issuer, COUNTERFOIL_OIDC_CLIENT_ID: 'counterfoil', COUNTERFOIL_OIDC_CLIENT_SECRET_FILE: secret,
    COUNTERFOIL_OIDC_NAME: 'Example ID', ...settings,
  };
  await promisify(execFile)(kProgram, ['init', '--data', data, '--quiet'], { env });
  const check = await promisify(execFile)(kProgram, ['config', 'check', '--json', '--data', data], { env });
  const child = spawn(kProgram, ['serve', '--json', '--data', data], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const node = { child, data, folder, checked: JSON.parse(check.stdout), log: '', console: `http://localhost:${port}` };
  child.stderr.on('data', (piece) => { node.log += piece; });
  const ended = new Promise((done) => child.once('close', done));
  node.stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const line = await Promise.race([
    new Promise((done) => createInterface({ input: child.stdout }).once('line', done)),
    ended.then((code) => { throw new Error(`serve ended with ${code}: ${node.log}`); }),
  ]);
  JSON.parse(line);
  return node;
}

// Person is somebody with an authenticator app. A code serves once, so each is of a later step: the node's clock takes
// one step to either side.
export class Person {
  constructor(seed) {
    this.seed = seed;
    this.step = 0;
  }
  async code() {
    const now = () => Math.floor(Date.now() / kStepMs);
    const next = Math.max(this.step + 1, now() - 1);
    while (next > now() + 1) await new Promise((done) => { setTimeout(done, 250); });
    this.step = next;
    return totp(this.seed, next * kStepMs);
  }
}

// enrolOwner makes the first owner and gives { person, browser }, signed in.
export async function enrolOwner(node) {
  const token = (await readFile(join(node.data, 'setup-url'), 'ascii')).trim().split('#t=')[1];
  const browser = new Browser(node.console);
  const begun = await browser.post('/setup', { token, name: 'Ana', email: 'ana@example.com', password: kPassword });
  if (begun.status !== 201) throw new Error(`no owner: ${JSON.stringify(begun.json)}`);
  const app = await browser.post('/me/totp');
  const person = new Person(app.json.secret_base32);
  const done = await browser.post('/me/totp/confirm', { code: await person.code() });
  if (done.status !== 204) throw new Error(`no factor: ${JSON.stringify(done.json)}`);
  return { person, browser };
}
