// Measures the console over a node with many API keys: how long the list takes to be answered, how long /keys takes
// until it can be used, and how many frames a second are left while requests pour in. Prints one object of JSON, all
// times in milliseconds. bench/harness/console.py starts the node and makes it rows.
//
// What it needs comes by standard input: {"base", "token", "gateway", "upstream_port", "api_key", "secret", "asks",
// "loads", "watch_s", "rate"}.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { open } from '../../tests/e2e/browser.mjs';
import { setUp } from '../../tests/e2e/journeys.mjs';

const given = JSON.parse(readFileSync(0, 'utf8'));
const pageSize = 200; // what the page asks for
const rowsShown = '[data-row="0"]';

const upstream = createServer((request, answer) => answer.end('{}')).listen(given.upstream_port, '127.0.0.1');

const signedIn = async (w) => (await w.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');

async function ask(cookie, query) {
  const begun = performance.now();
  const answer = await fetch(`${given.base}/api/v1/keys?${new URLSearchParams(query)}`, {
    headers: { Cookie: cookie },
  });
  const text = await answer.text();
  const took = performance.now() - begun;
  if (answer.status !== 200) {
    throw new Error(`the list of ${JSON.stringify(query)} is answered ${answer.status}: ${text}`);
  }
  return { took, page: JSON.parse(text) };
}

// lastPage walks to the end, and gives how to ask for it, and how many API keys there are.
async function lastPage(cookie) {
  let query = { limit: pageSize };
  for (let count = 0; ;) {
    const { page } = await ask(cookie, query);
    count += page.items.length;
    if (!page.next) {
      return { query, count };
    }
    query = { limit: pageSize, after: page.next };
  }
}

async function listTimes(w) {
  const cookie = await signedIn(w);
  const last = await lastPage(cookie);
  const questions = {
    'first page': { limit: pageSize },
    'last page': last.query,
    'filtered by a label': { limit: pageSize, q: 'bot-0999' },
    'filtered by a state that none has': { limit: pageSize, state: 'revoked' },
    'filtered by an account': { limit: pageSize, account: 'desk-300' },
  };
  const times = Object.fromEntries(Object.keys(questions).map((name) => [name, []]));
  for (let round = 0; round < given.asks; ++round) {
    for (const [name, query] of Object.entries(questions)) {
      times[name].push((await ask(cookie, query)).took);
    }
  }
  return { count: last.count, times };
}

// watchLoading is put into a page before its scripts. It can be used once its rows are painted and no task longer than
// 50 ms has run for half a second: then the time of the end of the last one, or of the rows, whichever was later.
function watchLoading(rows) {
  const quiet = 500;
  let busyUntil = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) {
      busyUntil = Math.max(busyUntil, task.startTime + task.duration);
    }
  }).observe({ type: 'longtask', buffered: true });
  const painted = () => {
    const shown = performance.now();
    const look = () => {
      if (performance.now() - Math.max(busyUntil, shown) > quiet) {
        globalThis.interactiveAfter = Math.max(busyUntil, shown);
      } else {
        setTimeout(look, 50);
      }
    };
    look();
  };
  new MutationObserver((_changes, observer) => {
    if (document.querySelector(rows)) {
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(painted));
    }
  }).observe(document, { childList: true, subtree: true });
}

// Each time in a browser profile of its own: nothing of the page is there already.
async function loadTimes(w) {
  const storageState = await w.context.storageState();
  const times = { interactive: [], sorted: [] };
  for (let round = 0; round < given.loads; ++round) {
    const context = await w.browser.newContext({ viewport: { width: 1280, height: 900 }, storageState });
    const page = await w.tabOf(context);
    await page.addInitScript(watchLoading, rowsShown);
    await page.goto(`${given.base}/keys`);
    times.interactive.push(await (await page.waitForFunction(() => globalThis.interactiveAfter)).jsonValue());
    times.sorted.push(await timeToSort(page));
    await context.close();
  }
  return times;
}

// timeToSort presses the head of a column and waits until its order is painted.
const timeToSort = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const head = [...document.querySelectorAll('th')].find((one) => one.textContent.includes('Expires'));
        const begun = performance.now();
        head.querySelector('button').click();
        const look = () =>
          head.getAttribute('aria-sort') === 'ascending'
            ? requestAnimationFrame(() => resolve(performance.now() - begun))
            : requestAnimationFrame(look);
        look();
      }),
  );

// pour sends signed requests at the rate asked for, until it is told to stop.
function pour() {
  const sent = { count: 0, refused: 0 };
  const timer = setInterval(() => {
    const query = `n=${++sent.count}&timestamp=${Date.now()}`;
    const signature = createHmac('sha256', given.secret).update(query).digest('hex');
    void fetch(`${given.gateway}/api/v3/account?${query}&signature=${signature}`, {
      headers: { 'X-MBX-APIKEY': given.api_key },
    }).then(
      async (answer) => {
        await answer.text();
        sent.refused += answer.status === 200 ? 0 : 1;
      },
      () => ++sent.refused,
    );
  }, 1000 / given.rate);
  return { sent, stop: () => clearInterval(timer) };
}

const framesFor = (page, seconds) =>
  page.evaluate(
    (length) =>
      new Promise((resolve) => {
        let [frames, longest] = [0, 0];
        const begun = performance.now();
        let last = begun;
        const count = (now) => {
          ++frames;
          longest = Math.max(longest, now - last);
          last = now;
          if (now - begun < length * 1000) {
            requestAnimationFrame(count);
          } else {
            resolve({ per_second: (frames * 1000) / (now - begun), longest });
          }
        };
        requestAnimationFrame(count);
      }),
    seconds,
  );

const numberIn = async (locator) => Number((await locator.innerText()).replace(/\D/g, ''));

// liveFrames counts frames of a view that shows requests as they come, and looks that it does.
async function liveFrames(w) {
  const load = pour();
  const key = `${given.base}/keys/${given.api_key}`;
  await w.page.goto(`${key}?tab=usage&range=hour`);
  const accepted = w.page.getByRole('tabpanel').locator('b').first();
  await accepted.waitFor();
  const before = await numberIn(accepted);
  const chart = await framesFor(w.page, given.watch_s);
  const after = await numberIn(accepted);
  if (after <= before) {
    throw new Error(`the chart does not go on by itself: ${before} accepted, and ${after} after ${given.watch_s} s`);
  }
  await w.page.goto(`${key}?tab=requests`);
  await w.page.getByRole('log').getByText('accepted').first().waitFor();
  const tail = await framesFor(w.page, given.watch_s);
  load.stop();
  return { chart, tail, shown: after - before, sent: load.sent };
}

const watched = await open(given.base);
try {
  const w = { ...watched, base: given.base, token: given.token, secrets: [], codes: [], used: [] };
  await setUp(w);
  const result = { list: await listTimes(w), load: await loadTimes(w), live: await liveFrames(w) };
  console.log(JSON.stringify({ ...result, said: w.said }));
} finally {
  await watched.browser.close();
  upstream.close();
  upstream.closeAllConnections();
}
