// Looks at every screen of the page in Debian's Chromium: a picture of each at 1280 and 375 pixels in
// both themes and languages, axe's findings, sideways scrolling, errors on the console and requests
// to elsewhere.
//
//   npm run build && npm run preview -- --port 5199 &      then      npm run look [-- ROUTE-PART ...]
//
// CONSOLE_URL names another page, COUNTERFOIL_CHROMIUM another browser; SCHEMES, WIDTHS and LANGUAGES are
// lists by comma. Pictures land in shots/.
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const base = process.env.CONSOLE_URL ?? 'http://localhost:5199';
const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const only = process.argv.slice(2);

// The mock node's own keys have other ids each time: the first one of a name is looked up.
async function keyNamed(label) {
  const { items } = await (await fetch(`${base}/api/v1/keys?q=${label}`)).json();
  return items[0]?.api_key;
}

async function routes() {
  const [bot, old] = [await keyNamed('mm-bot-3'), await keyNamed('agency-old')];
  const ofKey = ['usage', 'permissions', 'requests', 'rotation', 'timeline'].map((tab) => [
    `key-${tab}`,
    `/keys/${bot}?tab=${tab}`,
  ]);
  return [
    ['login', '/login'],
    ['setup', '/setup#t=token'],
    ['factors', '/factors'],
    ['reset', '/reset#r=token'],
    ['keys', '/keys'],
    ['keys-filtered', '/keys?card=expiring'],
    ['keys-no-match', '/keys?q=nothing-like-this'],
    ['new-key', '/keys/new'],
    ['key', `/keys/${bot}`],
    ['key-suspended', `/keys/${old}`],
    ...ofKey,
    ['doctor', '/doctor'],
    ['audit', '/audit'],
    ['people', '/admin/accounts'],
    ['accounts', '/admin/accounts?tab=accounts'],
    ['health', '/health'],
    ['settings', '/settings'],
    ['security', '/settings?tab=security'],
    ['sessions', '/settings?tab=sessions'],
    ['notices', '/settings?tab=notices'],
    ['webhooks', '/settings?tab=webhooks'],
    ['management-keys', '/settings?tab=management'],
    ['reference', '/reference'],
  ].filter(([name]) => only.length === 0 || only.some((part) => name.includes(part)));
}

async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return violations.map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 160)}`);
}

mkdirSync('shots', { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.COUNTERFOIL_CHROMIUM ?? '/usr/bin/chromium',
  args: flags.split(' '),
});
let bad = 0;
const list = (name, all) => process.env[name]?.split(',') ?? all;
const looks = list('LANGUAGES', ['en', 'zh']).flatMap((language) =>
  list('SCHEMES', ['light', 'dark']).flatMap((scheme) =>
    list('WIDTHS', ['1280', '375']).map((width) => ({ language, scheme, width: Number(width) })),
  ),
);
async function lookAt({ language, scheme, width }) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
  });
  const page = await context.newPage();
  const said = [];
  page.on(
    'request',
    (request) =>
      new URL(request.url()).origin === new URL(base).origin ||
      /^(data|blob):/.test(request.url()) ||
      said.push(`foreign: ${request.url()}`),
  );
  page.on('console', (message) => message.type() === 'error' && said.push(message.text().slice(0, 200)));
  page.on('pageerror', (error) => said.push(error.message.slice(0, 200)));
  for (const [name, path] of await routes()) {
    said.length = 0;
    await page.goto(base + path, { waitUntil: 'domcontentloaded', timeout: 60_000 });
    await page.waitForSelector('h1', { timeout: 60_000 });
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), { timeout: 60_000 });
    await page.screenshot({ path: `shots/${name}-${width}-${scheme}-${language}.png`, fullPage: true });
    const wrong = [...(await findings(page)), ...said];
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (sideways) {
      wrong.push('scrolls sideways');
    }
    bad += wrong.length;
    console.log(`${wrong.length === 0 ? 'ok ' : 'BAD'} ${name} ${width} ${scheme} ${language}`);
    wrong.forEach((line) => console.log(`      ${line}`));
  }
  await context.close();
}
// Two at a time: a browser waits much.
const queue = looks.values();
await Promise.all(
  [1, 2].map(async () => {
    for (const look of queue) {
      await lookAt(look);
    }
  }),
);
await browser.close();
process.exit(bad === 0 ? 0 : 1);
