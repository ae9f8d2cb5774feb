// A browser that watches: errors on the console, broken policies, requests to elsewhere, all that crosses the network,
// so that secrets can be looked for in it, and the tokens of sessions, which are secrets themselves.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const ofConsole = createRequire(new URL('../../console/package.json', import.meta.url));
const { chromium } = ofConsole('playwright-core');
const axeSource = readFileSync(ofConsole.resolve('axe-core/axe.min.js'), 'utf8');
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

// Answers that a browser writes on its console and that belong to a journey: refusals that are shown.
const isRefusal = /Failed to load resource: the server responded with a status of (401|403|404|409|412)/;

// watch writes down what a page says and sends that it should not.
async function watch(page, base, { said, network, tokens }) {
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => {
    if (message.type() === 'error' && !isRefusal.test(message.text())) {
      said.push(`console: ${message.text().slice(0, 300)}`);
    }
  });
  page.on('pageerror', (error) => said.push(`page: ${error.message.slice(0, 300)}`));
  page.on('dialog', (dialog) => {
    said.push(`a script asked: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) {
      said.push(`elsewhere: ${url}`);
    }
    if (new URL(url).pathname === '/csp') {
      said.push(`policy: ${request.postData()}`);
    }
    network.push(`${url}\n${request.postData() ?? ''}`);
    const csrf = request.headers()['x-counterfoil-csrf'];
    if (csrf) {
      tokens.add(csrf);
    }
  });
  page.on('response', async (response) => {
    if (response.request().method() === 'GET') {
      return;
    }
    // A page that is left does not say any more what it was answered.
    const cookies = await response.headerValue('set-cookie').catch(() => null);
    for (const [, value] of (cookies ?? '').matchAll(/^[^=;\s]+=([^;\s]{16,})/gm)) {
      tokens.add(value);
    }
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy broken: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  return page;
}

export async function open(base, { width = 1280, scheme = 'light' } = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.COUNTERFOIL_CHROMIUM ?? '/usr/bin/chromium',
    args: flags.split(' '),
  });
  const seen = { said: [], network: [], tokens: new Set() };
  // another gives a browser of somebody else: no cookie, no storage in common, and watched alike.
  const another = async () => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, locale: 'en-GB' });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    return context;
  };
  const tabOf = async (context) => watch(await context.newPage(), base, seen);
  const context = await another();
  return { browser, context, page: await tabOf(context), ...seen, another, tabOf };
}

// axe gives what is wrong with the page as it stands, dialogs and all.
export async function axe(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    await page.evaluate(axeSource);
  }
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return violations.map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 140)}`);
}
