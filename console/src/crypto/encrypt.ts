import { type Bytes, toPem } from './bytes';
import { nothing, octets, oid, sequence, smallInteger } from './der';

const iterations = 600_000;

// encryptPrivateKey writes a PKCS#8 key under a passphrase: PBES2 with PBKDF2-HMAC-SHA-256 and
// AES-256-CBC (RFC 8018), which OpenSSL and every other tool opens.
export async function encryptPrivateKey(privateDer: Bytes, passphrase: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const base = await crypto.subtle.importKey('raw', new TextEncoder().encode(passphrase), 'PBKDF2', false, [
    'deriveKey',
  ]);
  const key = await crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    base,
    { name: 'AES-CBC', length: 256 },
    false,
    ['encrypt'],
  );
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, privateDer));
  const derivation = sequence(
    oid('1.2.840.113549.1.5.12'),
    sequence(octets(salt), smallInteger(iterations), sequence(oid('1.2.840.113549.2.9'), nothing)),
  );
  const cipher = sequence(oid('2.16.840.1.101.3.4.1.42'), octets(iv));
  const scheme = sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, cipher));
  return toPem('ENCRYPTED PRIVATE KEY', sequence(scheme, octets(sealed)));
}
