import { type Bytes, concat, fromBase64, fromHex, toBase64, toPem } from './bytes';
import { bits, integer, nothing, oid, read, sequence } from './der';

// What a person pastes as "my public key" comes in many forms. recognise() says what it is and turns
// it into the one form that the node takes (SPKI, PEM), without sending anything anywhere.

type PublicKeyType = 'ed25519' | 'rsa-sha256';
export interface RecognisedKey {
  type: PublicKeyType;
  form: 'PEM' | 'OpenSSH' | 'JWK' | 'base64' | 'hex' | 'PKCS#1';
  rsaBits: number | null;
  spki: Bytes;
  pem: string;
}
export type NotAKey = 'empty' | 'private' | 'certificate' | 'several' | 'otherType' | 'rsaSize' | 'unknown';

const ed25519Head = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
const rsaAlgorithm = sequence(oid('1.2.840.113549.1.1.1'), nothing);

const startsWith = (bytes: Uint8Array, head: Uint8Array) => head.every((byte, i) => bytes[i] === byte);

function made(type: PublicKeyType, form: RecognisedKey['form'], spki: Bytes, rsaBits: number | null) {
  if (rsaBits !== null && (rsaBits < 2048 || rsaBits > 4096)) {
    return 'rsaSize' as const;
  }
  return { type, form, rsaBits, spki, pem: toPem('PUBLIC KEY', spki) } satisfies RecognisedKey;
}

const fromEd25519 = (raw: Uint8Array, form: RecognisedKey['form']) =>
  raw.length === 32 ? made('ed25519', form, concat(ed25519Head, raw), null) : ('unknown' as const);

function fromRsa(modulus: Uint8Array, exponent: Uint8Array, form: RecognisedKey['form']) {
  const first = modulus.findIndex((byte) => byte !== 0);
  const size = first < 0 ? 0 : (modulus.length - first) * 8 - Math.clz32(modulus[first]!) + 24;
  const key = sequence(integer(modulus), integer(exponent));
  return made('rsa-sha256', form, sequence(rsaAlgorithm, bits(key)), size);
}

function fromPkcs1(der: Bytes, form: RecognisedKey['form']) {
  const outer = read(der);
  const modulus = outer && read(outer.body);
  const exponent = modulus && read(outer.body, modulus.end);
  return outer?.tag === 0x30 && modulus?.tag === 0x02 && exponent?.tag === 0x02
    ? fromRsa(modulus.body, exponent.body, form)
    : ('unknown' as const);
}

// fromDer reads SPKI, or a bare RSA key (PKCS#1).
function fromDer(der: Bytes, form: RecognisedKey['form']): RecognisedKey | NotAKey {
  if (der.length === 44 && startsWith(der, ed25519Head)) {
    return fromEd25519(der.slice(12), form);
  }
  const outer = read(der);
  const first = outer && read(outer.body);
  if (outer?.tag !== 0x30 || !first || outer.end !== der.length) {
    return 'unknown';
  }
  if (first.tag === 0x02) {
    // PKCS#8 and PKCS#1 private keys begin with a version number of one byte.
    return first.body.length === 1 ? 'private' : fromPkcs1(der, form === 'PEM' ? 'PKCS#1' : form);
  }
  const key = read(outer.body, first.end);
  if (first.tag !== 0x30 || key?.tag !== 0x03) {
    return 'unknown';
  }
  return startsWith(first.body, oid('1.2.840.113549.1.1.1')) ? fromPkcs1(key.body.slice(1), form) : 'otherType';
}

function fromPem(text: string): RecognisedKey | NotAKey {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)];
  if (blocks.some(([, label]) => label!.includes('PRIVATE'))) {
    return 'private';
  }
  if (blocks.length > 1) {
    return 'several';
  }
  const [, label, body] = blocks[0] ?? [];
  if (label === 'CERTIFICATE') {
    return 'certificate';
  }
  const der = body === undefined ? null : fromBase64(body);
  return der ? fromDer(der, 'PEM') : 'unknown';
}

function fromOpenSsh(text: string): RecognisedKey | NotAKey {
  const [name, body] = text.split(/\s+/);
  const bytes = fromBase64(body ?? '');
  if (!bytes) {
    return 'unknown';
  }
  const fields: Bytes[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = new DataView(bytes.buffer, at).getUint32(0);
    fields.push(bytes.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (name === 'ssh-ed25519' && fields[1]) {
    return fromEd25519(fields[1], 'OpenSSH');
  }
  return name === 'ssh-rsa' && fields[1] && fields[2] ? fromRsa(fields[2], fields[1], 'OpenSSH') : 'otherType';
}

function fromJwk(text: string): RecognisedKey | NotAKey {
  let jwk: Record<string, unknown>;
  try {
    jwk = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return 'unknown';
  }
  if ('d' in jwk) {
    return 'private';
  }
  const field = (name: string) => fromBase64(String(jwk[name] ?? ''));
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    return fromEd25519(field('x') ?? new Uint8Array(), 'JWK');
  }
  const [n, e] = [field('n'), field('e')];
  return jwk.kty === 'RSA' && n && e ? fromRsa(n, e, 'JWK') : 'otherType';
}

export function recognise(pasted: string): RecognisedKey | NotAKey {
  // A key out of a .env file or a JSON text has its line ends written as two characters.
  const text = pasted.replaceAll('\\r', '').replaceAll('\\n', '\n').trim().replace(/^"|"$/g, '');
  if (text === '') {
    return 'empty';
  }
  if (/PRIVATE KEY-----/.test(text)) {
    return 'private';
  }
  if (text.includes('-----BEGIN ')) {
    return fromPem(text);
  }
  if (/^(ssh|ecdsa|sk)-/.test(text)) {
    return fromOpenSsh(text);
  }
  if (text.startsWith('{')) {
    return fromJwk(text);
  }
  const hex = fromHex(text);
  const bytes = hex ?? fromBase64(text);
  if (!bytes) {
    return 'unknown';
  }
  const form = hex ? 'hex' : 'base64';
  return bytes.length === 32 ? fromEd25519(bytes, form) : fromDer(bytes, form);
}

// fingerprint is how the node shows a public key: SHA-256 over its SPKI.
export async function fingerprint(spki: Bytes): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', spki);
  return `SHA256:${toBase64(new Uint8Array(digest)).replace(/=+$/, '')}`;
}
