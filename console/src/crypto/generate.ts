import { type Bytes, toBase64, toPem } from './bytes';

// A key pair made in this page. The private half lives in this object only, for as long as the
// wizard is open.
export interface MadePair {
  type: 'ed25519' | 'rsa-sha256';
  publicPem: string;
  spki: Bytes;
  privateDer: Bytes; // PKCS#8
  privatePem: string;
  sign(text: string): Promise<string>; // base64
}
export type MadeKind = 'ed25519' | 'rsa-3072' | 'rsa-4096';

function algorithm(kind: MadeKind) {
  return kind === 'ed25519'
    ? { name: 'Ed25519' }
    : {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: kind === 'rsa-3072' ? 3072 : 4096,
        publicExponent: Uint8Array.of(1, 0, 1),
      };
}

export async function makePair(kind: MadeKind): Promise<MadePair> {
  const pair = (await crypto.subtle.generateKey(algorithm(kind), true, ['sign', 'verify'])) as CryptoKeyPair;
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
  const privateDer = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  return {
    type: kind === 'ed25519' ? 'ed25519' : 'rsa-sha256',
    spki,
    publicPem: toPem('PUBLIC KEY', spki),
    privateDer,
    privatePem: toPem('PRIVATE KEY', privateDer),
    async sign(text) {
      const name = kind === 'ed25519' ? 'Ed25519' : 'RSASSA-PKCS1-v1_5';
      const signature = await crypto.subtle.sign(name, pair.privateKey, new TextEncoder().encode(text));
      return toBase64(new Uint8Array(signature));
    },
  };
}

// canMake tries it for real: browsers differ, and plain HTTP has no WebCrypto at all.
export async function canMake(): Promise<'yes' | 'insecure' | 'old'> {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) {
    return 'insecure';
  }
  try {
    await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
    return 'yes';
  } catch {
    return 'old';
  }
}
