// Where a secret could stay behind: what the browser keeps, what it sent, what the node wrote down and how it was started.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedOf } from './totp.mjs';

// formsOf gives how a secret may be written down: as it is, in a URL, in base64 and hex; a seed of an authenticator app
// also as its bytes, and a code as it is typed without its hyphens.
function formsOf(secret) {
  const bytes = Buffer.from(secret);
  const isSeed = /^[A-Z2-7]{16,}$/.test(secret);
  const isCode = /^\w{4}(-\w{4})+$/.test(secret);
  return [
    bytes,
    Buffer.from(encodeURIComponent(secret)),
    Buffer.from(bytes.toString('base64').replace(/=+$/, '')),
    Buffer.from(bytes.toString('hex')),
    ...(isSeed ? [seedOf(secret)] : []),
    ...(isCode ? [Buffer.from(secret.replaceAll('-', ''))] : []),
  ];
}

// ofProcess gives a process and all that it began.
function ofProcess(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const begun = tasks.flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '));
  return [pid, ...begun.filter(Boolean).flatMap(ofProcess)];
}

// filesBelow gives every file of a folder, but the one that holds the set-up link: it is there for its owner to read, and
// good for nothing once they did.
const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'setup-url')
    .map((entry) => join(entry.parentPath, entry.name));

// tracesOf gives the places that the node left traces in, each by its name and bytes. A place that is empty, or that lacks
// what is known to stand there, is not the right one: nothing found in it would prove nothing.
function tracesOf(node, apiKey) {
  const log = readFileSync(node.log);
  assert.ok(log.includes('"event":"started"'), `${node.log}: the log says that the node started`);
  const files = filesBelow(node.data).map((path) => [path, readFileSync(path)]);
  assert.ok(
    files.some(([, bytes]) => bytes.includes(apiKey)),
    `${node.data}: some file has an API key that was made`,
  );
  const started = ofProcess(node.pid).flatMap((pid) =>
    ['cmdline', 'environ'].map((what) => [`/proc/${pid}/${what}`, readFileSync(`/proc/${pid}/${what}`)]),
  );
  assert.ok(started[0][1].includes(node.data), 'the command line names the data folder');
  return [[node.log, log], ...files, ...started];
}

// noSecretAnywhere looks for every secret that the journeys made. What the page sends to be of use, such as a passphrase,
// may stand in the body of a request; in no address, and nowhere else.
export async function noSecretAnywhere(w) {
  const found = [];
  const look = (place, text, secrets) =>
    secrets.filter((one) => text.includes(one)).forEach((one) => found.push(`${place}: ${one.slice(0, 4)}…`));
  const secrets = [...new Set(w.secrets)];
  const kept = await w.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
  look('storage of the browser', kept, [...secrets, ...w.tokens]);
  look('cookies', JSON.stringify(await w.context.cookies()), secrets);
  for (const request of w.network) {
    const [address] = request.split('\n', 1);
    look('an address', address, [...secrets, ...w.tokens]);
    look(
      `a request to ${address}`,
      request,
      secrets.filter((one) => !w.used.includes(one)),
    );
  }
  if (w.node) {
    assert.ok(w.tokens.size > 0, 'the tokens of sessions were seen');
    const wanted = [...secrets, ...w.tokens].map((one) => [`${one.slice(0, 4)}…`, formsOf(one)]);
    for (const [place, bytes] of tracesOf(w.node, w.ed25519.id)) {
      for (const [name, forms] of wanted) {
        if (forms.some((form) => bytes.includes(form))) {
          found.push(`${place}: ${name}`);
        }
      }
    }
  }
  assert.deepEqual(found, []);
}
