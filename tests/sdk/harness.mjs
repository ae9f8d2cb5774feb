// Starts `counterfoil demo` for one test file and makes the keys that the demo does not bring along.
//
// Everything that knows the program's command line stands in demoArguments(), createArguments() and revokeArguments().

import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { allowOnly } from './loopback_guard.mjs';

const kRepository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const kStartLimitMs = 60_000;  // A debug build on a busy machine; a normal start takes a fraction of this.
const kStopLimitMs = 10_000;
const kCommandLimitMs = 30_000;
const kStderrKeptBytes = 8_192;

const run = promisify(execFile);

const demoArguments = (data) => ['demo', '--json', '--data', data];

const createArguments = (demo, { label, permissions, ip }) => [
  'keys', 'create', '--admin-socket', demo.adminSocket, '--account', 'demo', '--label', label,
  '--type', 'hmac-sha256', '--permissions', permissions.join(','), '--ip', ip, '--json',
];

const revokeArguments = (demo, apiKey) => ['keys', 'revoke', apiKey, '--admin-socket', demo.adminSocket, '--json', '--yes'];

// binaryPath is the program under test: $COUNTERFOIL_BIN, else the dev build.
export function binaryPath(environment = process.env) {
  return environment.COUNTERFOIL_BIN ? resolve(environment.COUNTERFOIL_BIN) : join(kRepository, 'build/dev/counterfoil');
}

// requireBinary fails when there is no program to test: a suite without its subject must never look green.
export async function requireBinary(path) {
  try {
    await access(path, constants.X_OK);
  } catch {
    throw new Error(`${path} is not an executable file. Build the target "counterfoil" first, or set COUNTERFOIL_BIN.`);
  }
  return path;
}

// startDemo runs a demo of its own in a temporary directory and returns it ready for every kind of request:
//   gateway  origin of the REST gateway, for example "http://127.0.0.1:40123"
//   keys     one API key a type: { label, type, apiKey, secret or privateKey, file, permissions }
// From then on the guard lets this process reach that gateway and nothing else. stopDemo() ends it.
export async function startDemo() {
  const binary = await requireBinary(binaryPath());
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-sdk-'));
  const child = spawn(binary, demoArguments(join(directory, 'data')), { stdio: ['ignore', 'pipe', 'pipe'] });
  const demo = { binary, directory, child, stderr: '', ended: new Promise((done) => child.once('close', (code, signal) => done({ code, signal }))) };
  child.stderr.on('data', (chunk) => { demo.stderr = (demo.stderr + chunk).slice(-kStderrKeptBytes); });
  try {
    const facts = JSON.parse(await firstLine(demo));
    const readyAtMs = Date.now();
    demo.gateway = facts.gateway.replace(/\/$/, '');
    demo.adminSocket = facts.admin_socket;
    demo.keys = await Promise.all(facts.keys.map(readKey));
    allowOnly(demo.gateway);
    demo.plan = await planOrders(demo.gateway);
    await untilClockReads(readyAtMs + 1_000);
    return demo;
  } catch (error) {
    await stopDemo(demo);
    throw error;
  }
}

// stopDemo asks the demo to end, removes its directory, and fails if it had to be killed or crashed.
export async function stopDemo(demo) {
  if (demo === undefined) {
    return;  // It never started; the test that started it has said so.
  }
  demo.child.kill('SIGTERM');
  const limit = setTimeout(() => demo.child.kill('SIGKILL'), kStopLimitMs);
  const { code, signal } = await demo.ended;
  clearTimeout(limit);
  await rm(demo.directory, { recursive: true, force: true });
  if (code !== 0 && signal !== 'SIGTERM') {
    throw new Error(`counterfoil demo ended with code ${code}, signal ${signal}; its last words:\n${demo.stderr}`);
  }
}

// keyOfType is the demo's own key of one type; it may read and trade.
export function keyOfType(demo, type) {
  const key = demo.keys.find((candidate) => candidate.type === type && candidate.permissions.includes('TRADE'));
  if (key === undefined) {
    throw new Error(`the demo has no ${type} key that may trade`);
  }
  return key;
}

// createKey makes one more HMAC key for the demo's account through the command line.
export async function createKey(demo, { label, permissions, ip = 'any' }) {
  const answer = await command(demo, createArguments(demo, { label, permissions, ip }));
  return readKey({ label, type: 'hmac-sha256', permissions, ...answer });
}

// revokeKey returns when the command has answered: from that moment no gateway may accept the key.
export async function revokeKey(demo, key) {
  return command(demo, revokeArguments(demo, key.apiKey));
}

// rotateKey gives an HMAC key a new secret, and returns once the old one has retired.
export async function rotateKey(demo, key) {
  const answer = await command(demo, ['keys', 'rotate', key.apiKey, '--type', 'hmac-sha256', '--overlap', '1s', '--admin-socket', demo.adminSocket, '--json', '--yes']);
  await untilClockReads(Date.now() + 1_100);
  return answer;
}

// refusalOf shows a refused request once its autopsy is done: on a thread that gives way to the event loops.
export async function refusalOf(demo, requestId) {
  const giveUpAtMs = Date.now() + kStartLimitMs;
  while (true) {
    const refusal = await command(demo, ['refusals', 'show', requestId, '--admin-socket', demo.adminSocket, '--json']).catch((error) => error);
    if (refusal.findings) {
      return refusal;
    }
    if (Date.now() > giveUpAtMs) {
      throw new Error(`no findings of ${requestId}: ${refusal.message ?? JSON.stringify(refusal)}`);
    }
    await untilClockReads(Date.now() + 500);
  }
}

// createSubAccount makes a sub-account of the demo's account, which its keys with MANAGE_KEYS name by the e-mail.
export async function createSubAccount(demo, { id, email }) {
  return command(demo, ['accounts', 'create', id, '--master', 'demo', '--email', email, '--admin-socket', demo.adminSocket, '--json']);
}

// untilClockReads waits for the wall clock, because the gateway's rules speak of it: after a start it refuses state
// changes stamped before start + 1 s, and it refuses a state change whose signed payload it has just seen, which a
// query and a cancel of the same order have in common when both fall into one millisecond.
export async function untilClockReads(timeMs) {
  while (Date.now() < timeMs) {
    await new Promise((done) => setTimeout(done, Math.max(1, timeMs - Date.now())));
  }
}

async function command(demo, args) {
  try {
    const { stdout } = await run(demo.binary, args, { timeout: kCommandLimitMs });
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`counterfoil ${args.slice(0, 2).join(' ')} failed: ${error.stderr || error.message}`);
  }
}

// readKey gives every key one shape, whether its secret came in a file or in the answer.
async function readKey(entry) {
  const file = entry.secret_file ?? entry.private_key_file ?? null;
  const text = file === null ? entry.secret : await readFile(file, 'utf8');
  if (typeof entry.api_key !== 'string' || typeof text !== 'string') {
    throw new Error(`the key "${entry.label}" came without an API key or without its secret`);
  }
  const material = entry.type === 'hmac-sha256' ? { secret: text.trim() } : { privateKey: text };
  return { label: entry.label, type: entry.type, apiKey: entry.api_key, permissions: entry.permissions, file, ...material };
}

async function firstLine(demo) {
  const lines = createInterface({ input: demo.child.stdout });
  let timer;
  const line = new Promise((done) => lines.once('line', done));
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`counterfoil demo said nothing for ${kStartLimitMs} ms; stderr:\n${demo.stderr}`)), kStartLimitMs);
  });
  const ended = demo.ended.then(({ code, signal }) => {
    throw new Error(`counterfoil demo ended before it was ready (code ${code}, signal ${signal}); stderr:\n${demo.stderr}`);
  });
  ended.catch(() => {});  // It also rejects at the end of a good run, when nobody waits for it any more.
  try {
    return await Promise.race([line, late, ended]);
  } finally {
    clearTimeout(timer);
  }
}

// planOrders picks from the gateway's own market data what the tests trade: a symbol, a quantity that its filters
// allow, a price so far below the market that a buy rests, and one below that.
async function planOrders(gateway) {
  const info = await getJson(`${gateway}/api/v3/exchangeInfo`);
  const symbol = info.symbols.find((candidate) => candidate.status === 'TRADING' && candidate.quoteAsset === 'USDT');
  if (symbol === undefined) {
    throw new Error('the gateway lists no symbol that trades against USDT');
  }
  const book = await getJson(`${gateway}/api/v3/ticker/bookTicker?symbol=${symbol.symbol}`);
  const filter = (type) => symbol.filters.find(({ filterType }) => filterType === type) ?? {};
  const belowMarket = (share) => onGrid(Number(book.bidPrice) * share, filter('PRICE_FILTER').tickSize ?? '0.01', Math.floor);
  const [price, lowerPrice] = [belowMarket(0.7), belowMarket(0.65)];
  const notional = Math.max(Number(filter('NOTIONAL').minNotional ?? 0), Number(filter('MIN_NOTIONAL').minNotional ?? 0), 10);
  const smallest = Number(filter('LOT_SIZE').minQty ?? 0);
  const quantity = onGrid(Math.max((2 * notional) / Number(price), smallest), filter('LOT_SIZE').stepSize ?? '0.00001', Math.ceil);
  return { symbol: symbol.symbol, base: symbol.baseAsset, quote: symbol.quoteAsset, price, lowerPrice, quantity };
}

// onGrid rounds to a filter's step and writes the number with just the decimals that the step has.
function onGrid(value, step, round) {
  const decimals = (step.replace(/0+$/, '').split('.')[1] ?? '').length;
  return (round(value / Number(step)) * Number(step)).toFixed(decimals);
}

async function getJson(url) {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`GET ${new URL(url).pathname} answered ${response.status}: ${await response.text()}`);
  }
  return response.json();
}
