// A sentence with values in it, read in one language and written in another.

export type Sentence = readonly [english: string, chinese: string];

// What a value looks like, where that is known: a person's own words are not taken for a sentence.
const shapes: Record<string, string> = {
  address: '[0-9A-Fa-f.:]+',
  count: String.raw`\d+`,
  ms: String.raw`\d+`,
  permission: '[A-Z][A-Z0-9_]*',
  policy: String.raw`[\w-]+`,
  same: '[A-Z][A-Z0-9_]*',
  size: String.raw`\d+`,
};

const piece = /\{(\w+)\}|\[([^\]]+)\]/g;
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

function patternOf(english: string): string {
  let pattern = '';
  let at = 0;
  for (const { 0: whole, 1: name, 2: part, index } of english.matchAll(piece)) {
    pattern += escaped(english.slice(at, index));
    pattern += name === undefined ? `(?:${patternOf(part!)})?` : `(?<${name}>${shapes[name] ?? '.+?'})`;
    at = index + whole.length;
  }
  return pattern + escaped(english.slice(at));
}

// write fills a sentence in; a part in brackets whose value is absent is left out.
function write(chinese: string, values: Record<string, string | undefined>): string {
  return chinese.replace(piece, (_whole, name?: string, part?: string) =>
    name !== undefined
      ? (values[name] ?? '')
      : [...part!.matchAll(piece)].some(([, inner]) => values[inner!] !== undefined)
        ? write(part!, values)
        : '',
  );
}

export type Translate = (text: string) => string | undefined;

// translator gives what `sentences` make of a text; undefined: it is none of them. `say` puts a value
// into the other language.
export function translator(
  sentences: readonly Sentence[],
  say: (name: string, value: string) => string = (_name, value) => value,
): Translate {
  const whole = new Map(sentences.filter(([english]) => english.search(piece) < 0));
  const parted = sentences
    .filter(([english]) => english.search(piece) >= 0)
    .map(([english, chinese]) => ({ pattern: new RegExp(`^${patternOf(english)}$`, 's'), chinese }));
  return (text) => {
    const known = whole.get(text);
    if (known !== undefined) {
      return known;
    }
    for (const { pattern, chinese } of parted) {
      const found = pattern.exec(text);
      if (found) {
        const values = Object.entries(found.groups ?? {}) as [string, string | undefined][];
        return write(
          chinese,
          Object.fromEntries(values.map(([name, value]) => [name, value === undefined ? value : say(name, value)])),
        );
      }
    }
    return undefined;
  };
}
