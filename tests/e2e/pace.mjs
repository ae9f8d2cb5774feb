// How long somebody takes who does this for the first time, counted on paper: nobody waits for it. README.md says where
// the figures are from. All in seconds.
const wordsPerMinute = 238; // silent reading of English that is new (Brysbaert 2019)
// The keystroke-level model (Card, Moran, Newell 1980): keys at 40 words a minute, keys of codes that mean nothing,
// pointing, pressing a button and letting it go, a hand that goes between keyboard and mouse, making up one's mind.
const key = 0.28;
const codeKey = 0.75;
const point = 1.1;
const press = 0.2;
const home = 0.4;
const mind = 1.35;
// How long the node may take: a page until it can be used, and an answer on it. What it took here is told beside it.
export const waits = { page: 1.5, answer: 0.5, nothing: 0 };

// wordsToRead gives what stands on the page to be read, a line for each piece. Navigation and tables are looked up in,
// not read; of a choice that is not made, only its name is read.
function wordsToRead() {
  const passedOver = 'header, nav, footer, table, .skip, .unseen, [aria-hidden="true"], .mantine-VisuallyHidden-root';
  const notMade = '[role="radio"][aria-checked="false"], .mantine-Checkbox-root:has(input:not(:checked))';
  const named = new Set();
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    const choice = holder.closest(notMade);
    const isName = choice === null || !named.has(choice);
    if (node.data.trim() !== '' && isName && !holder.closest(passedOver) && holder.checkVisibility()) {
      named.add(choice);
      const code = holder.closest('pre');
      lines.push(code ? code.innerText : node.data);
    }
  }
  return lines.join('\n');
}

const wordsIn = (line) => line.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

// Pace follows a person through steps, each a part of the sum. It counts what is new on the screen, and each act.
export class Pace {
  #seen = new Set();
  #hand = 'keyboard';
  #began = Date.now();
  steps = [];

  step(name) {
    this.steps.push({ name, words: 0, reading: 0, deciding: 0, hands: 0, waiting: 0 });
  }

  // read counts the words of the lines that were not there before; a line in which only figures changed was.
  read(text) {
    const lines = new Set(text.split('\n').map((line) => line.trim().replace(/\d+/g, '0')));
    for (const line of [...lines].filter((one) => !this.#seen.has(one))) {
      this.#seen.add(line);
      const words = wordsIn(line);
      this.#add('words', words);
      this.#add('reading', (words * 60) / wordsPerMinute);
    }
  }

  // look waits until the page shows this, and reads what is new.
  async look(shown, wait = waits.nothing) {
    await shown.first().waitFor();
    this.#add('waiting', wait);
    this.read(await shown.page().evaluate(wordsToRead));
  }

  async click(control) {
    await control.click();
    this.pointed();
  }

  pointed() {
    this.#to('mouse');
    this.#add('deciding', mind);
    this.#add('hands', point + press);
  }

  // fill makes up its mind once, for the field and what goes into it.
  async fill(field, text, { invented = 0 } = {}) {
    await field.click();
    await field.fill(text);
    this.pointed();
    this.#add('deciding', invented);
    this.#type(text.length * key);
  }

  typed(keys) {
    this.#add('deciding', mind);
    this.#type(keys * key);
  }

  typedCode(keys) {
    this.#add('deciding', mind);
    this.#type(keys * codeKey);
  }

  // spends is for what no model has an operator for.
  spends(seconds) {
    this.#add('hands', seconds);
  }

  get sum() {
    return this.steps.reduce((sum, one) => sum + secondsOf(one), 0);
  }

  report() {
    const cells = (name, one) =>
      [name.padEnd(44), ...['words', 'reading', 'deciding', 'hands', 'waiting'].map((part) => one[part].toFixed(one[part] % 1 ? 1 : 0).padStart(8)), secondsOf(one).toFixed(1).padStart(8)].join(' '); // prettier-ignore
    const all = Object.fromEntries(
      ['words', 'reading', 'deciding', 'hands', 'waiting'].map((part) => [part, this.#total(part)]),
    );
    return [
      ['seconds'.padEnd(44), ...['words', 'reading', 'deciding', 'hands', 'waiting', 'sum'].map((part) => part.padStart(8))].join(' '), // prettier-ignore
      ...this.steps.map((one) => cells(one.name, one)),
      cells('sum', all),
      `the machine took ${((Date.now() - this.#began) / 1000).toFixed(1)} s for all of it here`,
    ].join('\n');
  }

  #total = (part) => this.steps.reduce((sum, one) => sum + one[part], 0);

  #add(part, amount) {
    this.steps.at(-1)[part] += amount;
  }

  #type(seconds) {
    this.#to('keyboard');
    this.#add('hands', seconds);
  }

  #to(place) {
    if (this.#hand !== place) {
      this.#hand = place;
      this.#add('hands', home);
    }
  }
}

const secondsOf = (one) => one.reading + one.deciding + one.hands + one.waiting;
