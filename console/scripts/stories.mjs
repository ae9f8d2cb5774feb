// Takes a picture of each state on the story page, in both themes, and holds it against the one in stories/. More than
// one pixel in a thousand that differs: exit 1, and the new picture lies in shots/. Times stand still meanwhile.
//
//   npm run dev -- --port 5198 &      then      npm run stories [-- --keep]      (--keep: these are right from now on)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const base = process.env.CONSOLE_URL ?? 'http://localhost:5198';
const keep = process.argv.includes('--keep');
const mostDiffering = 0.001;
const stories = new URL('../stories/', import.meta.url);
const shots = new URL('../shots/', import.meta.url);
const flags = '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --font-render-hinting=none'; // prettier-ignore

// differing gives the share of pixels that are not the same in two pictures; 1 when their sizes differ.
async function differing(page, before, after) {
  return page.evaluate(
    async (pictures) => {
      const pixels = async (base64) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        canvas.getContext('2d').drawImage(bitmap, 0, 0);
        return canvas.getContext('2d').getImageData(0, 0, bitmap.width, bitmap.height);
      };
      const [a, b] = [await pixels(pictures[0]), await pixels(pictures[1])];
      if (a.width !== b.width || a.height !== b.height) {
        return 1;
      }
      const seen = 24; // of 255, in any of the three colours
      let count = 0;
      for (let at = 0; at < a.data.length; at += 4) {
        count += [0, 1, 2].some((colour) => Math.abs(a.data[at + colour] - b.data[at + colour]) > seen) ? 1 : 0;
      }
      return count / (a.width * a.height);
    },
    [before.toString('base64'), after.toString('base64')],
  );
}

const browser = await chromium.launch({ executablePath: process.env.COUNTERFOIL_CHROMIUM ?? '/usr/bin/chromium', args: flags.split(' ') }); // prettier-ignore
mkdirSync(stories, { recursive: true });
mkdirSync(shots, { recursive: true });
let bad = 0;
for (const scheme of ['light', 'dark']) {
  const context = await browser.newContext({ viewport: { width: 900, height: 900 }, colorScheme: scheme, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' }); // prettier-ignore
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.clock.setFixedTime(new Date('2026-03-01T12:00:00Z'));
  await page.goto(`${base}/dev/components`);
  await page.locator('[data-story]').last().waitFor();
  await page.evaluate(() => document.fonts.ready);
  for (const story of await page.locator('[data-story]').all()) {
    const name = `${(await story.getAttribute('data-story')).replace(/\W+/g, '-')}-${scheme}.png`;
    const picture = await story.screenshot({ animations: 'disabled', caret: 'hide' });
    const file = new URL(name, stories);
    if (keep) {
      writeFileSync(file, picture);
      continue;
    }
    const share = existsSync(file) ? await differing(page, readFileSync(file), picture) : 1;
    const fine = share <= mostDiffering;
    console.log(`${fine ? 'ok ' : 'BAD'} ${name} ${(share * 100).toFixed(3)} %`);
    if (!fine) {
      ++bad;
      writeFileSync(new URL(name, shots), picture);
    }
  }
  await context.close();
}
await browser.close();
process.exit(bad === 0 ? 0 : 1);
