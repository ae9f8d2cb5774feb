import { type Bytes, concat } from './bytes';

// The little of DER that key files need: writing what we know, and reading the outermost values.

function tlv(tag: number, ...parts: Uint8Array[]): Bytes {
  const body = concat(...parts);
  const length: number[] = [];
  if (body.length < 0x80) {
    length.push(body.length);
  } else {
    for (let left = body.length; left > 0; left >>>= 8) {
      length.unshift(left & 0xff);
    }
    length.unshift(0x80 | length.length);
  }
  return concat(Uint8Array.of(tag, ...length), body);
}

export const sequence = (...parts: Uint8Array[]) => tlv(0x30, ...parts);
export const octets = (bytes: Uint8Array) => tlv(0x04, bytes);
export const bits = (bytes: Uint8Array) => tlv(0x03, Uint8Array.of(0), bytes);
export const nothing = Uint8Array.of(0x05, 0x00);

// integer writes an unsigned number given as big-endian bytes.
export function integer(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) {
    start++;
  }
  const plain = bytes.slice(start);
  return tlv(0x02, plain[0]! & 0x80 ? concat(Uint8Array.of(0), plain) : plain);
}

export function smallInteger(value: number): Bytes {
  return integer(Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255));
}

export function oid(dotted: string): Bytes {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]];
  const body = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80);
    }
    body.push(...groups);
  }
  return tlv(0x06, Uint8Array.from(body));
}

export interface Value {
  tag: number;
  body: Bytes;
  end: number;
}

// read gives the value that begins at `at`, or null where the bytes are not one.
export function read(bytes: Bytes, at = 0): Value | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) {
    return null;
  }
  let start = at + 2;
  let length = first;
  if (first & 0x80) {
    const size = first & 0x7f;
    if (size === 0 || size > 4) {
      return null;
    }
    length = 0;
    for (let i = 0; i < size; i++) {
      length = length * 256 + (bytes[start++] ?? 0);
    }
  }
  const end = start + length;
  return end <= bytes.length ? { tag, body: bytes.slice(start, end), end } : null;
}
