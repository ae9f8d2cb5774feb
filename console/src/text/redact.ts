// What looks like a secret is taken out of a pasted text before the text leaves the browser. Rather one
// word too many goes than a secret too few: what an autopsy needs (API key, signature, parameters) has
// names of its own and stays.

type SecretKind = 'secret' | 'named' | 'privateKey' | 'authorization' | 'cookie' | 'password';

export interface Redacted {
  text: string;
  // Where, in `text`, something was taken out: from, up to and without `to`, in UTF-16 units.
  marks: { from: number; to: number; kind: SecretKind }[];
}

interface Span {
  from: number;
  to: number;
  kind: SecretKind;
}

// What stands in the place of a secret. A word that no shell, JSON or header reads as more than one.
const placeholder = 'REMOVED';

// Secrets of ours begin so, whatever their checksum: one that was mistyped is still most of a secret.
const ours = /(?<![A-Za-z0-9])cfs1[A-Za-z0-9]{60}(?![A-Za-z0-9])/g;

// The ends of a PEM block, and what is left of one that was cut off; line breaks as they are or written \n.
const pemBegin = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/g;
const pemEnd = /-----END [A-Z0-9 ]*PRIVATE KEY-----/g;
const pemRest = /[A-Za-z0-9+/=\s\\]*/y;

// PKCS#8 in base64 without its armour.
const bare = /(?<![A-Za-z0-9+/])(?:MC4CAQAw|MII[A-Za-z0-9+/]{5})[A-Za-z0-9+/]{40,}={0,2}/g;

// Names of what is secret, in any spelling: secret, apiSecret, SECRET_KEY, client-secret, hmac_key ...
const secretName =
  '(?:[A-Za-z0-9_.-]*secret(?:[_-]?access)?(?:[_-]?key)?|(?:private|hmac|signing)[_-]?key|pass(?:word|wd|phrase)|pwd)';
// name=value, name: value, "name": "value", 'name' => 'value', name value (of an option).
const named = new RegExp(`(?<![A-Za-z0-9_-])["']?(${secretName})\\\\?["']?(?:\\s*(?::=|=>|[:=])\\s*|%3D)`, 'gi');
const option = new RegExp(`(?<=^|\\s)--?${secretName}[ =]+`, 'gim');
// openssl's: the key of an HMAC is its argument.
const openssl = /(?<=^|\s)-(?:hmac\s+|macopt\s+(?:hex)?key:)/gm;

// The key of an HMAC in a line of a program.
const code = /(?:createHmac\(\s*(["'])[\w-]+\1\s*,|hmac\.(?:new|digest)\()\s*(?:[bru]+(?=["']))?(?=["'])/gi;

const headers = /(?:(proxy-)?authorization|(?:set-)?cookie2?)\\?["']?\s*:[ \t]*/gi;
const harHeader = /"name"\s*:\s*"(?:(?:proxy-)?(authorization)|(?:set-)?cookie)"\s*,\s*"value"\s*:\s*/gi;

// curl's options for cookies and for who somebody is, with their argument beside them or in the next word.
const cookieOption = /(?<=^|\s)(?:-b(?:\s+|(?=['"$A-Za-z0-9]))|--cookie[ =]+)/gm;
const userOption = /(?<=^|\s)(?:-u(?:\s+|(?=['"A-Za-z0-9]))|-U\s+|--(?:proxy-)?user[ =]+|--oauth2-bearer[ =]+)/gm;
const userInfo = /(?<=:\/\/)[^\s/?#@"']+(?=@)/g;
// FIX: Password (554) and NewPassword (925), between SOH or what a log shows for it.
const fixPassword = /(?<=(?:^|[\u0001|^;\s])(?:554|925)=)[^\u0001|^;\s]+/gm;

// endOfQuoted gives where the text in quotes ends that begins behind `from`; the end of the text, where
// the other quote is missing.
function endOfQuoted(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; ++at) {
    if (text[at] === '\\') {
      ++at;
    } else if (text[at] === quote) {
      return at;
    }
  }
  return text.length;
}

// valueAt gives where a value stands that begins at `at`: in quotes, or up to a blank or separator.
function valueAt(text: string, at: number, end: RegExp): [number, number] {
  const opening = /^(?:\^|\\|\$)?(["'`])/.exec(text.slice(at, at + 2));
  if (opening) {
    const from = at + opening[0].length;
    const isEscaped = opening[0].startsWith('\\');
    const to = isEscaped ? text.indexOf(opening[0], from) : endOfQuoted(text, from, opening[1]!);
    return [from, to < 0 ? text.length : to];
  }
  const rest = text.slice(at).search(end);
  return [at, rest < 0 ? text.length : at + rest];
}

const word = /[\s"'`,;&|}\])]/;
const argument = /\s/;

// What begins inside a value is a part of it, and is not looked for again: the time stays in proportion to
// the text.
function* values(text: string, rule: RegExp, end: RegExp, kind: SecretKind): Generator<Span> {
  let done = 0;
  for (const found of text.matchAll(rule)) {
    const begin = found.index + found[0].length;
    if (begin < done) {
      continue;
    }
    const [from, to] = valueAt(text, begin, end);
    done = to;
    if (to > from) {
      yield { from, to, kind };
    }
  }
}

function* privateKeys(text: string): Generator<Span> {
  const ends = [...text.matchAll(pemEnd)];
  let done = 0;
  for (const found of text.matchAll(pemBegin)) {
    if (found.index < done) {
      continue;
    }
    const behind = found.index + found[0].length;
    while (ends[0] && ends[0].index < behind) {
      ends.shift();
    }
    pemRest.lastIndex = behind;
    const rest = pemRest.exec(text)![0].length;
    done = ends[0] ? ends[0].index + ends[0][0].length : behind + rest;
    yield { from: found.index, to: done, kind: 'privateKey' };
  }
}

// headerValues: the value of a header ends with its line or, where the whole header stands in quotes,
// with the other quote.
function* headerValues(text: string): Generator<Span> {
  let done = 0;
  for (const found of text.matchAll(headers)) {
    const kind = /authorization/i.test(found[0]) ? 'authorization' : 'cookie';
    const begin = found.index + found[0].length;
    if (begin < done) {
      continue;
    }
    const [from, to] = headerAt(text, found.index, begin);
    done = to;
    yield { from, to, kind };
  }
}

function headerAt(text: string, name: number, begin: number): [number, number] {
  const before = text[name - 1] ?? '';
  if (/["']\s*:/.test(text.slice(name, begin))) {
    return valueAt(text, begin, /[\r\n]/); // "Cookie": "a=b"
  }
  if (before === '"' || before === "'") {
    return [begin, endOfQuoted(text, begin, before)];
  }
  const length = text.slice(begin).search(/\\r|\\n|[\r\n]/);
  return [begin, length < 0 ? text.length : begin + length];
}

function* matches(text: string, rule: RegExp, kind: SecretKind): Generator<Span> {
  for (const found of text.matchAll(rule)) {
    yield { from: found.index, to: found.index + found[0].length, kind };
  }
}

function spans(text: string): Span[] {
  const all = [
    ...privateKeys(text),
    ...matches(text, bare, 'privateKey'),
    ...matches(text, ours, 'secret'),
    ...headerValues(text),
    ...values(text, harHeader, /[\r\n]/, 'cookie'),
    ...values(text, cookieOption, argument, 'cookie'),
    ...values(text, userOption, argument, 'password'),
    ...matches(text, userInfo, 'password'),
    ...matches(text, fixPassword, 'password'),
    ...values(text, named, word, 'named'),
    ...values(text, option, argument, 'named'),
    ...values(text, openssl, argument, 'named'),
    ...values(text, code, argument, 'named'),
  ].filter(({ from, to }) => to > from && text.slice(from, to) !== placeholder);
  return all.toSorted((a, b) => a.from - b.from || b.to - a.to);
}

// redact takes out what looks like a secret. What overlaps goes as one. Done twice it changes nothing more.
export function redact(text: string): Redacted {
  const out: string[] = [];
  const marks: Redacted['marks'] = [];
  let length = 0;
  let at = 0;
  const push = (part: string) => {
    out.push(part);
    length += part.length;
  };
  for (const { from, to, kind } of spans(text)) {
    if (from < at) {
      at = Math.max(at, to); // the end of an overlapping one
      continue;
    }
    push(text.slice(at, from));
    marks.push({ from: length, to: length + placeholder.length, kind });
    push(placeholder);
    at = to;
  }
  push(text.slice(at));
  return { text: out.join(''), marks };
}

// lineOf gives the line, from 1, on which a place of a text stands.
export const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length;
