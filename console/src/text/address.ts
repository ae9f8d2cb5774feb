// Addresses and networks as an IP allow-list takes them. The node judges for good; this says it while
// a person types, and offers what they probably meant.

interface Network {
  version: 4 | 6;
  value: bigint;
  prefix: number;
}
type AddressFault = 'form' | 'leadingZero' | 'hostBits' | 'everything' | 'zone';
type AddressNote = 'private' | 'wide' | 'loopback';
export type ReadAddress =
  { ok: true; text: string; notes: AddressNote[] } | { ok: false; fault: AddressFault; suggestion: string | null };

const widths = { 4: 32, 6: 128 } as const;

function v4(text: string): bigint | AddressFault {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) {
    return 'form';
  }
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) {
    return 'leadingZero';
  }
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function v6(text: string): bigint | AddressFault {
  if (text.includes('%')) {
    return 'zone';
  }
  let canonical: string;
  try {
    canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return 'form';
  }
  const [left = '', right] = canonical.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':'));
  const head = words(left);
  const tail = right === undefined ? [] : words(right);
  const middle = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...middle, ...tail].reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n);
}

function write({ version, value, prefix }: Network): string {
  const suffix = prefix === widths[version] ? '' : `/${prefix}`;
  if (version === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.') + suffix;
  }
  const words = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return new URL(`http://[${words.join(':')}]/`).hostname.slice(1, -1) + suffix;
}

function mask({ version, value, prefix }: Network): bigint {
  const rest = BigInt(widths[version] - prefix);
  return (value >> rest) << rest;
}

const privates = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fe80::/10'];
const loopbacks = ['127.0.0.0/8', '::1'];

function parse(text: string): Network | AddressFault {
  const [address = '', length, more] = text.trim().split('/');
  const version = address.includes(':') ? 6 : 4;
  const value = version === 4 ? v4(address) : v6(address);
  if (typeof value !== 'bigint') {
    return value;
  }
  if (more !== undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) {
    return 'form';
  }
  const prefix = length === undefined ? widths[version] : Number(length);
  return prefix > widths[version] ? 'form' : { version, value, prefix };
}

function lies(inner: Network, outer: Network): boolean {
  return (
    inner.version === outer.version &&
    inner.prefix >= outer.prefix &&
    mask({ ...inner, prefix: outer.prefix }) === outer.value
  );
}

export function covers(outer: string, inner: string): boolean {
  const [a, b] = [parse(outer), parse(inner)];
  return typeof a !== 'string' && typeof b !== 'string' && lies(b, a);
}

export function readAddress(text: string): ReadAddress {
  const network = parse(text);
  if (typeof network === 'string') {
    const plain = text
      .trim()
      .replace(/(^|\.)0+(?=\d)/g, '$1')
      .replace(/%.*/, '');
    const mended = network === 'form' ? network : parse(plain);
    return { ok: false, fault: network, suggestion: typeof mended === 'string' ? null : write(mended) };
  }
  if (network.prefix === 0) {
    return { ok: false, fault: 'everything', suggestion: null };
  }
  const masked = { ...network, value: mask(network) };
  if (masked.value !== network.value) {
    return { ok: false, fault: 'hostBits', suggestion: write(masked) };
  }
  const within = (list: string[]) => list.some((one) => covers(one, text));
  const notes: AddressNote[] = [];
  if (within(loopbacks)) {
    notes.push('loopback');
  } else if (within(privates)) {
    notes.push('private');
  }
  if (network.prefix <= (network.version === 4 ? 16 : 32)) {
    notes.push('wide');
  }
  return { ok: true, text: write(masked), notes };
}
