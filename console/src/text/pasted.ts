import type { PastedRequest } from '~/api/types';

// What somebody pastes into the doctor, taken apart in the browser: a curl command, a HAR file, raw HTTP,
// a line of a log, a FIX Logon. Nothing here throws, whatever is pasted.

export const pasteMax = 262_144; // characters

export type PastedForm = 'curl' | 'har' | 'http' | 'log' | 'fix';
export interface Removed {
  what: string;
  length: number;
}
export type Reading =
  | { kind: 'read'; form: PastedForm; request: PastedRequest; removed: Removed[] }
  | { kind: 'unread' | 'too_long' | 'empty' };

const gone = '[removed]';

// Secrets by their form, wherever they stand. The signature and the API key are no secrets.
const secrets: [string, RegExp][] = [
  ['private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g],
  ['HMAC secret', /\bcfs\w[A-Za-z0-9]{20,}/g],
  ['HMAC secret', /(?<=-hmac\s+["']?|hexkey:|-macopt\s+["']?key:)[^\s"']+/g],
  ['secret', /(?<=\b(?:api[_-]?)?secret(?:[_-]?key)?["']?\s*[:=]\s*["']?)[^\s"',&}]{8,}/gi],
  ['password', /(?<=\bpass(?:word|phrase)?["']?\s*[:=]\s*["']?)[^\s"',&}]+/gi],
  ['access token', /(?<=authorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+)[^\s"']+/gi],
  ['cookie', /(?<=\bcookie:\s*)[^"'\r\n]+/gi],
];

function withoutSecrets(text: string): { text: string; removed: Removed[] } {
  const removed: Removed[] = [];
  let left = text;
  for (const [what, form] of secrets) {
    left = left.replace(form, (found) => {
      if (found !== gone) {
        removed.push({ what, length: found.length });
      }
      return gone;
    });
  }
  return { text: left, removed };
}

// words splits a command line as a POSIX shell does, without expanding anything.
function words(command: string): string[] {
  const list: string[] = [];
  const form = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|(\s+)|([^\s'"\\]+)/g;
  let word: string | null = null;
  for (const [, single, double, escaped, blank, plain] of command.matchAll(form)) {
    if (blank !== undefined) {
      if (word !== null) {
        list.push(word);
      }
      word = null;
      continue;
    }
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? (escaped === '\n' ? '' : escaped) ?? plain ?? '';
    word = (word ?? '') + part;
  }
  return word === null ? list : [...list, word];
}

function splitUrl(url: string): { path: string; query: string } {
  const rest = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  const mark = rest.indexOf('?');
  return mark < 0
    ? { path: rest || '/', query: '' }
    : { path: rest.slice(0, mark) || '/', query: rest.slice(mark + 1) };
}

const isKeyHeader = (name: string) => name.trim().toLowerCase() === 'x-mbx-apikey';
type Header = [string, string];

function rest(method: string, url: string, headers: Header[], body: string): PastedRequest {
  return {
    kind: 'rest',
    method: method.toUpperCase(),
    ...splitUrl(url),
    body,
    content_type: headers.find(([name]) => name.trim().toLowerCase() === 'content-type')?.[1].trim(),
    api_key: headers.find(([name]) => isKeyHeader(name))?.[1].trim(),
  };
}

const headerOf = (line: string): Header => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)];

function readCurl(text: string): PastedRequest | null {
  const [program, ...args] = words(text.replace(/^\s*\$\s+/, ''));
  if (!program?.match(/(^|\/)curl(\.exe)?$/)) {
    return null;
  }
  let method = '';
  let url = '';
  let asQuery = false;
  const data: string[] = [];
  const headers: Header[] = [];
  for (let i = 0; i < args.length; ++i) {
    const arg = args[i]!;
    const next = () => args[++i] ?? '';
    if (arg === '-X' || arg === '--request') {
      method = next();
    } else if (arg === '-H' || arg === '--header') {
      headers.push(headerOf(next()));
    } else if (arg === '-G' || arg === '--get') {
      asQuery = true;
    } else if (arg === '--data-urlencode') {
      const [name, ...value] = next().split('=');
      data.push(`${name}=${encodeURIComponent(value.join('='))}`);
    } else if (/^(-d|--data(-raw|-ascii|-binary)?)$/.test(arg)) {
      data.push(next());
    } else if (arg === '--url') {
      url = next();
    } else if (
      /^-(o|u|A|e|m|x|b|-output|-user|-user-agent|-referer|-max-time|-proxy|-cookie|-cacert|-resolve)$/.test(arg)
    ) {
      next();
    } else if (!arg.startsWith('-')) {
      url = arg;
    }
  }
  if (url === '') {
    return null;
  }
  const body = data.join('&');
  const whole = asQuery && body ? url + (url.includes('?') ? '&' : '?') + body : url;
  return rest(method || (body && !asQuery ? 'POST' : 'GET'), whole, headers, asQuery ? '' : body);
}

interface HarRequest {
  method?: string;
  url?: string;
  headers?: { name: string; value: string }[];
  postData?: { text?: string };
}

function readHar(text: string): PastedRequest | null {
  if (!/^\s*\{/.test(text)) {
    return null;
  }
  try {
    const har = JSON.parse(text) as { log?: { entries?: { request?: HarRequest }[] } };
    const all = (har.log?.entries ?? []).map((entry) => entry.request).filter((one) => one?.url);
    const signed = all.find((one) => /signature=/.test(`${one?.url}${one?.postData?.text ?? ''}`)) ?? all.at(-1);
    return signed
      ? rest(
          signed.method ?? 'GET',
          signed.url!,
          (signed.headers ?? []).map(({ name, value }): Header => [name, value]),
          signed.postData?.text ?? '',
        )
      : null;
  } catch {
    return null;
  }
}

function readHttp(text: string): PastedRequest | null {
  const found = /^\s*(?:[>*]\s)?([A-Z]{3,7}) (\S+) HTTP\/[\d.]+/.exec(text);
  if (!found) {
    return null;
  }
  const [head, ...body] = text.slice(found[0].length).split(/\r?\n(?:> ?)?\r?\n/);
  const headers = (head ?? '')
    .split(/\r?\n/)
    .map((line) => line.replace(/^> /, ''))
    .filter((line) => line.includes(':'))
    .map(headerOf);
  return rest(found[1]!, found[2]!, headers, body.join('\n\n').trimEnd());
}

function readFix(text: string): PastedRequest | null {
  const found = /8=FIX[\s\S]*/.exec(text)?.[0].replaceAll('\u0001', '|').replaceAll('^A', '|').trim();
  return found && /\|35=A\|/.test(found)
    ? { kind: 'fix', fix: found, api_key: /\|553=([^|]+)/.exec(found)?.[1] }
    : null;
}

function readLog(text: string): PastedRequest | null {
  const url = /(?:https?:\/\/[^\s"'<>]+|\/[\w./-]*\?[^\s"'<>]+)/.exec(text)?.[0];
  if (!url || !/[?&](signature|timestamp)=/.test(url)) {
    return null;
  }
  const method = /\b(GET|POST|PUT|DELETE)\b/.exec(text)?.[1] ?? 'GET';
  const key = /x-mbx-apikey["']?\s*[:=]\s*["']?([^\s"',}]+)/i.exec(text)?.[1];
  return rest(method, url, key ? [['x-mbx-apikey', key]] : [], '');
}

const readers: [PastedForm, (text: string) => PastedRequest | null][] = [
  ['fix', readFix],
  ['curl', readCurl],
  ['har', readHar],
  ['http', readHttp],
  ['log', readLog],
];

export function readPasted(pasted: string): Reading {
  if (pasted.trim() === '') {
    return { kind: 'empty' };
  }
  if (pasted.length > pasteMax) {
    return { kind: 'too_long' };
  }
  const { text, removed } = withoutSecrets(pasted);
  for (const [form, read] of readers) {
    const request = read(text);
    if (request) {
      return { kind: 'read', form, request, removed };
    }
  }
  return { kind: 'unread' };
}
