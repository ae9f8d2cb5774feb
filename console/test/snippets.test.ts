import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyType } from '~/api/types';
import { savedName } from '~/text/saved_name';
import { snippet, snippetTongues, type Tongue } from '~/text/snippets';

// The snippets of the wizard, run as they stand against `counterfoil demo`. COUNTERFOIL_BINARY names the
// program; without it there is nothing to run them against.

const program = process.env.COUNTERFOIL_BINARY ?? '';
const path = '/api/v3/account';
interface DemoKey {
  type: KeyType;
  api_key: string;
  secret_file?: string;
  private_key_file?: string;
}
interface Demo {
  gateway: string;
  keys: DemoKey[];
}

const types: KeyType[] = ['hmac-sha256', 'ed25519', 'rsa-sha256'];
const cases = types.flatMap((type) => snippetTongues.map((tongue): [KeyType, Tongue] => [type, tongue]));

const has = (file: string) => {
  try {
    return execFileSync('sh', ['-c', file], { stdio: 'pipe' }) !== null;
  } catch {
    return false;
  }
};
const canRun: Record<Tongue, boolean> = {
  curl: true,
  node: true,
  python: has('python3 -c "import cryptography"'),
  cpp: has('echo "#include <curl/curl.h>" | g++ -E -'),
};

// run carries a snippet out in a folder that holds the saved key, and gives what it printed.
function run(tongue: Tongue, text: string, cwd: string): string {
  const sh = (command: string) => execFileSync('sh', ['-c', command], { cwd, encoding: 'utf8', timeout: 60_000 });
  const [file, command] = {
    curl: ['first_call.sh', 'sh first_call.sh'],
    python: ['first_call.py', 'python3 first_call.py'],
    node: ['first_call.mjs', `"${process.execPath}" first_call.mjs`],
    cpp: ['first_call.cc', 'g++ -std=c++20 first_call.cc -lcurl -lcrypto -o first_call && ./first_call'],
  }[tongue] as [string, string];
  writeFileSync(join(cwd, file), text);
  return sh(command);
}

describe.skipIf(program === '')('a first signed call', () => {
  const folder = mkdtempSync(join(tmpdir(), 'counterfoil-snippets-'));
  let demo: Demo;
  let child: ReturnType<typeof spawn>;
  beforeAll(async () => {
    child = spawn(program, ['demo', '--json', '--data', join(folder, 'data')], { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const line of createInterface({ input: child.stdout! })) {
      demo = JSON.parse(line) as Demo;
      return;
    }
    throw new Error('the demo ended before it listened');
  }, 60_000);
  afterAll(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  });

  test.each(cases)('%s in %s is accepted', { timeout: 90_000 }, (type, tongue) => {
    if (!canRun[tongue]) {
      process.stderr.write(`${tongue} is not run: what it needs is not on this machine\n`);
      return;
    }
    const key = demo.keys.find((one) => one.type === type)!;
    const cwd = mkdtempSync(join(folder, 'call-'));
    const secret = readFileSync(key.secret_file ?? key.private_key_file!, 'utf8').trim();
    if (key.secret_file) {
      writeFileSync(join(cwd, 'key.env'), `API_KEY=${key.api_key}\nAPI_SECRET=${secret}\n`);
    } else {
      copyFileSync(key.private_key_file!, join(cwd, 'key.pem'));
    }
    const text = snippet(tongue, type, demo.gateway, key.api_key, path);

    const printed = run(tongue, text, cwd);

    expect(printed).toContain('"balances"');
    expect(text).not.toContain(secret);
  });
});

test('the snippet reads the file that was saved, whatever the label has in it', () => {
  const file = savedName("Ana's bot; rm -rf ~", 'cfk1Qz7x0000');

  const all = cases.map(([type, tongue]) => snippet(tongue, type, 'http://127.0.0.1:1', 'cfk1x', path, file));

  expect(file).toBe('Ana-s-bot-rm--rf-Qz7x');
  for (const [at, text] of all.entries()) {
    expect(text).toContain(`${file}${cases[at]![0] === 'hmac-sha256' ? '.env' : '.pem'}`);
    expect(text).not.toMatch(/\bkey\.(pem|env)\b/);
  }
});

test('no snippet hands a secret to a process as an argument or in its environment', () => {
  const all = cases.map(([type, tongue]) => snippet(tongue, type, 'http://127.0.0.1:1', 'cfk1x', path)).join('\n');

  expect(all).not.toMatch(/-hmac|hexkey|-macopt|export |environ|getenv|process\.env/);
});
