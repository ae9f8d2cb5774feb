// Compares pictures with those that are kept, and says where to look when they differ.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

// A pixel differs from this distance of colour on (pixelmatch's own measure, 0 to 1; edges that are only smoothed in
// another way do not count); a picture differs when more than this share of its pixels does.
const colorDistance = 0.1;
const shareMax = 0.001;

// Album holds the pictures in `kept`. What differs lands in `out`, as NAME.expected.png, NAME.actual.png and
// NAME.diff.png.
export class Album {
  #kept;
  #out;
  #seen = new Set();

  constructor(kept, out) {
    this.#kept = kept;
    this.#out = out;
    mkdirSync(kept, { recursive: true });
    rmSync(out, { recursive: true, force: true });
  }

  // take keeps this picture from now on; one that shows the same stays as it is.
  take(name, png) {
    this.#seen.add(name);
    if (this.#differs(name, png)) {
      writeFileSync(this.#place(name), png);
    }
  }

  // judge gives what is wrong with a picture, or nothing.
  judge(name, png) {
    this.#seen.add(name);
    const difference = this.#differs(name, png);
    if (!difference) {
      return undefined;
    }
    const places = Object.entries({ expected: difference.expected, actual: png, diff: difference.diff })
      .filter(([, picture]) => picture)
      .map(([kind, picture]) => this.#lay(`${name}.${kind}.png`, picture));
    return `${difference.why}\n${places.join('\n')}`;
  }

  // left gives the names of the pictures that are kept and that nothing showed.
  left() {
    return readdirSync(this.#kept)
      .map((file) => file.replace(/\.png$/, ''))
      .filter((name) => !this.#seen.has(name));
  }

  remove(name) {
    rmSync(this.#place(name));
  }

  #place(name) {
    return join(this.#kept, `${name}.png`);
  }

  #lay(file, picture) {
    mkdirSync(this.#out, { recursive: true });
    const place = join(this.#out, file);
    writeFileSync(place, picture);
    return place;
  }

  #differs(name, png) {
    if (!existsSync(this.#place(name))) {
      return { why: 'no picture is kept of this' };
    }
    const expected = readFileSync(this.#place(name));
    const [before, now] = [PNG.sync.read(expected), PNG.sync.read(png)];
    if (before.width !== now.width || before.height !== now.height) {
      return { why: `it was ${before.width}x${before.height} and is ${now.width}x${now.height}`, expected };
    }
    const diff = new PNG({ width: now.width, height: now.height });
    const options = { threshold: colorDistance };
    const pixels = pixelmatch(before.data, now.data, diff.data, now.width, now.height, options);
    const share = pixels / (now.width * now.height);
    return share > shareMax
      ? { why: `${pixels} pixels differ (${(share * 100).toFixed(2)} %)`, expected, diff: PNG.sync.write(diff) }
      : undefined;
  }
}
