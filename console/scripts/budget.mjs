// Weighs what a browser fetches (gzip): the first screen, each lazy route, the whole. Over budget: exit 1.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const kib = 1024;
const limits = { firstJs: 240, firstCss: 40, lazy: 45, whole: 700 };
const dist = new URL('../dist/', import.meta.url);
const sizeOf = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / kib;

const files = readdirSync(new URL('assets/', dist)).map((name) => `assets/${name}`);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

// reach gives the files that a chunk needs at once: itself and what it imports statically.
function reach(name, into = new Set()) {
  const chunk = manifest[name];
  if (chunk && !into.has(chunk.file)) {
    into.add(chunk.file);
    chunk.css?.forEach((file) => into.add(file));
    chunk.imports?.forEach((one) => reach(one, into));
  }
  return into;
}

const sum = (list) => list.reduce((all, file) => all + sizeOf(file), 0);
const first = new Set();
for (const name of ['index.html', 'src/screens/keys/keys.tsx', 'src/i18n/en.ts']) {
  reach(name, first);
}
const firstJs = sum([...first].filter((file) => file.endsWith('.js')));
const firstCss = sum([...first].filter((file) => file.endsWith('.css')));
const whole = sum(files);
const faults = [];
const say = (what, size, limit) => {
  console.log(`${size > limit ? '✕' : '✓'} ${what}: ${size.toFixed(1)} KiB of ${limit}`);
  if (size > limit) {
    faults.push(what);
  }
};
say('first screen, scripts', firstJs, limits.firstJs);
say('first screen, styles', firstCss, limits.firstCss);
for (const [name, chunk] of Object.entries(manifest)) {
  if (chunk.isDynamicEntry) {
    say(`lazy: ${name}`, sum([...reach(name)].filter((file) => file.endsWith('.js') && !first.has(file))), limits.lazy);
  }
}
say('the whole', whole, limits.whole);
process.exit(faults.length === 0 ? 0 : 1);
