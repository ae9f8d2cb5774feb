// How the page looks: every route, and everything that opens over one, in both themes and at two widths. axe finds
// nothing, and nothing is wider than the screen or cut off.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { axe } from './browser.mjs';
import { dialogs, prepareKey } from './dialogs.mjs';
import { button, changeKey, confirm, keyNamed, shown } from './steps.mjs';

const wide = 1280;
const narrow = 375;

async function screen(page, width, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 900 });
}

// look changes the screen under the page as it stands, and waits for it to have settled.
async function look(page, width, colorScheme) {
  await screen(page, width, colorScheme);
  await page.waitForFunction(
    (scheme) =>
      document.documentElement.dataset.mantineColorScheme === scheme &&
      !document.querySelector('[aria-busy="true"]') &&
      document.getAnimations().every((one) => one.effect.getComputedTiming().iterations === Infinity),
    colorScheme,
  );
}

// tooWide gives what reaches beyond the screen, and what is cut off in what stands over the page. What is meant to be
// scrolled sideways is left out.
const tooWide = (page) =>
  page.evaluate(() => {
    const meant = 'input, textarea, .wide, .snippet, .unseen, .mantine-VisuallyHidden-root, .mantine-Progress-root';
    const over = [...document.querySelectorAll('[role="dialog"], [role="menu"], [role="listbox"]')];
    const faultOf = (one) => {
      const { left, right } = one.getBoundingClientRect();
      const isCut = getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1;
      return left < -1 || right > innerWidth + 1 ? 'beyond the screen' : isCut ? 'cut off' : null;
    };
    const faults = over
      .flatMap((one) => [one, ...one.querySelectorAll('*')])
      .filter((one) => one.clientWidth > 0 && one.checkVisibility() && !one.closest(meant))
      .flatMap((one) => {
        const fault = faultOf(one);
        return fault === null ? [] : [`${fault}: ${one.outerHTML.slice(0, 140)}`];
      });
    const isWide = document.documentElement.scrollWidth > innerWidth;
    return [...(isWide ? ['the page scrolls sideways'] : []), ...faults.slice(0, 3)];
  });

// faultsOf gives what is wrong with the page as it stands, in both themes at each width.
async function faultsOf(page, name, widths = [wide, narrow]) {
  const faults = [];
  for (const width of widths) {
    for (const scheme of ['light', 'dark']) {
      await look(page, width, scheme);
      const lines = [...(await axe(page)), ...(await tooWide(page))];
      faults.push(...lines.map((line) => ({ fault: `${name}: ${line}`, at: `${width} ${scheme}` })));
      if (process.env.COUNTERFOIL_LOOKS) {
        await page.screenshot({
          path: `${process.env.COUNTERFOIL_LOOKS}/${name.replace(/\W+/g, '-')}-${width}-${scheme}.png`,
        });
      }
    }
  }
  return faults;
}

// noneOf fails with all faults, each once, with where it shows.
function noneOf(faults) {
  const places = new Map();
  for (const { fault, at } of faults) {
    places.set(fault, [...(places.get(fault) ?? []), at]);
  }
  const lines = [...places].map(([fault, at]) => `${fault} (${at.join(', ')})`);
  assert.ok(lines.length === 0, lines.join('\n'));
}

async function goTo(page, url) {
  await screen(page, wide, 'light');
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

// everyRoute looks at each route with each of its tabs, at an API key in each of its states, and at the routes of people
// who are not signed in.
export async function everyRoute(w) {
  const key = `/keys/${w.ed25519.id}`;
  const ending = await keyNamed(w, 'e2e enrolled');
  if (!w.isMock) {
    // The mock node wants a second factor for whatever is changed.
    await changeKey(w, ending, { expires_at: new Date(Date.now() + 2_000).toISOString().replace(/\.\d+Z/, 'Z') });
  }
  const states = [w.hmac.id, await keyNamed(w, 'e2e management'), ending]; // revoked, active, expired
  const routes = [
    '/keys', '/keys?q=no-such-key', '/keys?card=suspended', '/keys/new', `/keys/new?like=${w.ed25519.id}`, '/keys/links',
    key, ...['usage', 'usage&range=quarter', 'permissions', 'requests', 'rotation', 'timeline'].map((tab) => `${key}?tab=${tab}`),
    `/keys/${w.hmac.id}?tab=rotation`, w.mass, '/audit', '/audit?action=no-such-action',
    '/admin/accounts', '/admin/accounts?tab=accounts', '/health', '/doctor',
    ...['profile', 'security', 'sessions', 'notices', 'webhooks', 'management'].map((tab) => `/settings?tab=${tab}`),
    '/reference', '/reference?q=rotate', '/no-such-screen', '/factors', ...states.map((id) => `/keys/${id}`),
  ]; // prettier-ignore
  const frontRoutes = ['/reset#r=of-no-link', '/join#i=of-no-link', '/login', '/login/oidc', '/setup', '/join', '/reset', '/enroll', '/no-such-screen']; // prettier-ignore
  const context = await w.another();
  const front = await w.tabOf(context);
  const wrong = [];
  for (const [page, paths] of [
    [w.page, routes],
    [front, frontRoutes],
  ]) {
    for (const path of paths) {
      await goTo(page, w.base + path);
      wrong.push(...(await faultsOf(page, path.replace(/cfk1\w{60}/, ':id'))));
    }
  }
  await look(w.page, wide, 'light');
  await context.close();
  noneOf(wrong);
}

// everyStep looks at the steps of the wizard, and at its other ways to come by a key pair.
export async function everyStep(w) {
  const wrong = [];
  const seen = async (name) => {
    wrong.push(...(await faultsOf(w.page, name)));
    await look(w.page, wide, 'light');
  };
  await goTo(w.page, `${w.base}/keys/new`);
  for (const kind of [
    /I have a public key/,
    /System-generated HMAC/,
    /Someone else holds/,
    /Generate in this browser/,
  ]) {
    await w.page.getByRole('radio', { name: kind }).click();
    await seen(`wizard, ${kind.source}`);
  }
  await button(w, 'Next').click();
  await w.page.getByLabel('Label').fill('e2e steps');
  await seen('wizard, permissions');
  await button(w, 'Next').click();
  await button(w, 'Create API key').waitFor();
  await seen('wizard, from where and how long');
  await button(w, 'Create API key').click();
  await confirm(w);
  await button(w, 'Show').waitFor();
  await seen('wizard, save it');
  await shown(w, 'Private key');
  await seen('wizard, saved');
  await button(w, 'Next').click();
  await w.page.getByText('Waiting for the first request').waitFor();
  await seen('wizard, first request');
  noneOf(wrong);
}

// What draws something that opens over the page, and where these are made.
const opens =
  /<(Dialog|LateDialog|ConfirmDanger|Modal|Drawer|Popover|Menu|MenuButton|Spotlight|Select|Autocomplete|AppShell\.Navbar)(?=[\s>])/g;
const makers = /^(parts\/(dialog|confirm_danger|menu_button)\.tsx|screens\/dev\/.*|.*\.test\.tsx?)$/;

// everyDialogIsListed: whatever a file of the page opens has a row of its own in the table.
export async function everyDialogIsListed() {
  const source = fileURLToPath(new URL('../../console/src/', import.meta.url));
  const drawn = readdirSync(source, { recursive: true })
    .filter((path) => path.endsWith('.tsx') && !makers.test(path))
    .map((path) => [path, readFileSync(source + path, 'utf8').match(opens)?.length ?? 0])
    .filter(([, count]) => count > 0);
  const rows = (path) => dialogs.filter(({ from }) => from === path).length;
  const missing = drawn.filter(([path, count]) => rows(path) < count).map(([path, count]) => `${path} opens ${count}, dialogs.mjs has ${rows(path)}`); // prettier-ignore
  const stale = dialogs.filter(({ from }) => !drawn.some(([path]) => path === from)).map(({ name, from }) => `${name}: ${from} opens nothing`); // prettier-ignore
  assert.deepEqual([...missing, ...stale], []);
}

// everyDialog opens what dialogs.mjs lists, looks at it while it stands, and closes it.
export async function everyDialog(w) {
  await prepareKey(w);
  const wrong = [];
  let place = null;
  const open = async ({ name, at, open: press, is }, width) => {
    const path = typeof at === 'function' ? at(w) : at;
    if (path !== place) {
      await goTo(w.page, w.base + path);
      place = path;
    }
    await look(w.page, width, 'light');
    await press(w);
    await is(w).waitFor();
    assert.equal(await is(w).count(), 1, name);
  };
  for (const row of dialogs) {
    const widths = row.widths ?? [wide, narrow];
    for (const some of row.anew ? widths.map((width) => [width]) : [widths]) {
      try {
        await open(row, some[0]);
        wrong.push(...(await faultsOf(w.page, row.name, some)));
        assert.ok(await row.is(w).isVisible(), 'it stands until it is closed');
        await look(w.page, some[0], 'light');
        await (row.close ?? ((on) => on.page.keyboard.press('Escape')))(w);
        await row.is(w).waitFor({ state: 'hidden' });
      } catch (error) {
        wrong.push({ fault: `${row.name}: ${error.message.slice(0, 600)}`, at: some.join(', ') });
        place = null;
      }
    }
  }
  await look(w.page, wide, 'light');
  noneOf(wrong);
}
