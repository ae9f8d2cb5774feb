// What the console does on a node with very many API keys, one of them busy; see figures.py. Prints JSON; over a
// limit: exit 1.
import { readFileSync } from 'node:fs';
import { open } from './browser.mjs';

const base = process.env.COUNTERFOIL_CONSOLE_URL;
const codes = readFileSync(process.env.COUNTERFOIL_CODES_FILE, 'ascii').trim().split('\n');
const median = (figures) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];

const { browser, page } = await open(base);
await page.goto(`${base}/login`);
await page.getByLabel('E-mail').fill('ana@desk.example');
await page.getByLabel('Passphrase', { exact: true }).fill('seven oyster ferries sail at dawn');
await page.getByRole('button', { name: 'Use a recovery code' }).click();
await page.getByLabel('Recovery code').fill(codes.pop());
await page.getByRole('button', { name: 'Sign in', exact: true }).click();
await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();

// A page of the list, as the console asks for it, with the way there and back.
const listMs = await page.evaluate(async () => {
  const took = [];
  for (let i = 0; i < 21; ++i) {
    const begun = performance.now();
    await (await fetch('/api/v1/keys?limit=200')).text();
    took.push(performance.now() - begun);
  }
  return took;
});

// Until key presses choose a row: the page is there, and listens.
const usable = [];
for (let i = 0; i < 7; ++i) {
  const begun = performance.now();
  await page.goto(`${base}/keys`);
  await page.getByRole('row').nth(1).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.locator('[data-chosen="true"]').waitFor();
  usable.push(performance.now() - begun);
}

await page.goto(`${base}/keys/${process.env.COUNTERFOIL_BUSY_KEY}?tab=requests`);
await page.getByRole('heading', { level: 1 }).waitFor();
const frames = await page.evaluate(
  () =>
    new Promise((resolve) => {
      const begun = performance.now();
      let count = 0;
      const next = (now) => {
        ++count;
        if (now - begun < 5_000) {
          requestAnimationFrame(next);
        } else {
          resolve((count * 1000) / (now - begun));
        }
      };
      requestAnimationFrame(next);
    }),
);
await browser.close();

const rows = [
  { what: 'a page of the list of 10,000 API keys, ms', figure: median(listMs), at_most: 100 },
  { what: 'the console until it can be used, ms', figure: median(usable), at_most: 1500 },
  { what: 'frames a second of a key page at 100 requests a second', figure: frames, at_least: 30 },
];
rows.forEach((row) => console.log(JSON.stringify({ ...row, figure: Number(row.figure.toFixed(1)) })));
process.exit(rows.every(({ figure, at_most = Infinity, at_least = 0 }) => figure <= at_most && figure >= at_least) ? 0 : 1);
