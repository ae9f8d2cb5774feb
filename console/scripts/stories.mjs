// Compares every state that a view of data may be in with the picture that is kept of it, in Debian's Chromium: both
// themes, 1280 and 375 pixels. The states stand on /dev/components, which builds for development have.
//
//   npm run stories                  compares; what differs lands in shots/stories (or the folder after --out)
//   npm run stories -- --take        keeps the pictures as they are now, in testdata/console/stories
//
// COUNTERFOIL_CHROMIUM names another browser. The same picture on every machine: time stands still, nothing moves or
// blinks, the system's own settings of fonts do not count, and every letter is of the font that comes with the page,
// also where a system has its own (monospace); the one arrow that this font lacks is of DejaVu Sans, which Chromium's
// package brings.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { Album } from './pictures.mjs';

const states = ['loading', 'empty, first time', 'empty, filtered', 'partial', 'stale', 'refused', 'signed out', 'conflict', 'limited', 'fault']; // prettier-ignore
const now = '2026-03-02T14:02:51.000Z';
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --font-render-hinting=none --disable-lcd-text --force-color-profile=srgb --hide-scrollbars';
const steady = `
  :root:root {
    --mantine-font-family: 'Inter Variable', 'DejaVu Sans';
    --mantine-font-family-monospace: 'Inter Variable', 'DejaVu Sans';
  }
  header { display: none; }`;

// How a system smooths letters shows in every one of them: the browser gets settings of its own.
const fontSettings = (cache) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts/truetype/dejavu</dir>
  <cachedir>${cache}</cachedir>
  <match target="font">
    <edit name="antialias"><bool>true</bool></edit>
    <edit name="hinting"><bool>false</bool></edit>
    <edit name="autohint"><bool>false</bool></edit>
    <edit name="hintstyle"><const>hintnone</const></edit>
    <edit name="rgba"><const>none</const></edit>
    <edit name="lcdfilter"><const>lcdnone</const></edit>
  </match>
</fontconfig>
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const kept = join(root, '../testdata/console/stories');

// The stories are left out of what ships: a build of their own, aside.
async function serve(folder) {
  process.env.NODE_ENV = 'development';
  delete process.env.COUNTERFOIL_NODE;
  const options = { root, mode: 'development', logLevel: 'warn', build: { outDir: folder, minify: false, manifest: false, emptyOutDir: true } }; // prettier-ignore
  await build(options);
  return preview({ ...options, preview: { port: 0 } });
}

// fixTime gives the page, and the node that it asks, one instant for ever.
async function fixTime(page) {
  await page.clock.setFixedTime(now);
  await page.route('**/api/v1/session', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), server_time: now } });
  });
}

async function launch(folder) {
  const settings = join(folder, 'fonts.conf');
  writeFileSync(settings, fontSettings(join(folder, 'fonts')));
  return chromium.launch({
    executablePath: process.env.COUNTERFOIL_CHROMIUM ?? '/usr/bin/chromium',
    args: flags.split(' '),
    env: { ...process.env, FONTCONFIG_FILE: settings },
  });
}

async function open(browser, base) {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  await fixTime(page);
  await page.goto(`${base}/dev/components`);
  await page.locator('[data-story="loading"] .mantine-Skeleton-root[data-visible]').first().waitFor();
  await page.evaluate(async (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
    document.activeElement?.blur();
    await document.fonts.ready;
  }, steady);
  return page;
}

async function shoot(page, each) {
  const shown = await page.locator('[data-story]').evaluateAll((all) => all.map((one) => one.dataset.story));
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 900 });
      for (const state of new Set([...states, ...shown])) {
        const name = `${state.replace(/\W+/g, '-')}-${width}-${colorScheme}`;
        const story = page.locator(`[data-story="${state}"]`);
        each(name, shown.includes(state) ? await story.screenshot({ animations: 'disabled', caret: 'hide' }) : null);
      }
    }
  }
}

const { values } = parseArgs({
  options: { take: { type: 'boolean' }, out: { type: 'string', default: 'shots/stories' } },
});
const album = new Album(kept, resolve(values.out));
const folder = mkdtempSync(join(tmpdir(), 'counterfoil-stories-'));
const faults = [];
let count = 0;
try {
  const server = await serve(join(folder, 'page'));
  const browser = await launch(folder);
  const { port } = server.httpServer.address();
  await shoot(await open(browser, `http://localhost:${port}`), (name, png) => {
    ++count;
    const wrong = !png
      ? 'there is no story of this state'
      : values.take
        ? album.take(name, png)
        : album.judge(name, png);
    if (wrong) {
      faults.push(`${name}: ${wrong}`);
    }
  });
  await browser.close();
  await server.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const name of album.left()) {
  if (values.take) {
    album.remove(name);
  } else {
    faults.push(`${name}: a picture is kept, and nothing shows it`);
  }
}
faults.forEach((fault) => console.log(`FAIL ${fault.replaceAll('\n', '\n     ')}`));
console.log(`${count - faults.length} of ${count} pictures ${values.take ? 'are kept' : 'are as they were'}`);
if (faults.length > 0) {
  console.log('If that is meant: npm run stories -- --take, and look at what git diff shows.');
}
process.exit(faults.length === 0 ? 0 : 1);
