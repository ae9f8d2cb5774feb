import { api, dataOf } from '~/api/client';
import type { KeyMaterial, KeyType } from '~/api/types';
import type { MadePair } from '~/crypto/generate';
import type { RecognisedKey } from '~/crypto/public_key';

// How the key pair of a new key or a rotation comes to be. `link`: somebody else makes it.
export type Material =
  | { kind: 'made'; pair: MadePair }
  | { kind: 'brought'; key: RecognisedKey; challenge: { nonce: string; text: string } | null; signature: string }
  | { kind: 'hmac' }
  | { kind: 'link'; type: KeyType };
export type OwnMaterial = Exclude<Material, { kind: 'link' }>;

export function typeOf(material: Material): KeyType {
  switch (material.kind) {
    case 'hmac':
      return 'hmac-sha256';
    case 'made':
      return material.pair.type;
    case 'brought':
      return material.key.type;
    case 'link':
      return material.type;
  }
}

export const isComplete = <M extends Material>(material: M | null): material is M =>
  material !== null &&
  (material.kind !== 'brought' || (material.challenge !== null && material.signature.trim() !== ''));

// Ask fetches the text whose signature proves that the private half is at hand.
export type Ask = (publicPem: string) => Promise<{ nonce: string; text: string }>;
export const askChallenge =
  (account: string): Ask =>
  (publicPem) =>
    dataOf(api.POST('/challenges', { body: { account, public_key: publicPem } }));

// bodyOf writes the material as the API takes it, with the proof of possession: a pair that was made
// here signs the node's challenge here. The private key is in no request.
export async function bodyOf(material: OwnMaterial, ask: Ask): Promise<KeyMaterial> {
  if (material.kind === 'hmac') {
    return { type: 'hmac-sha256' };
  }
  if (material.kind === 'made') {
    const { nonce, text } = await ask(material.pair.publicPem);
    return {
      type: material.pair.type,
      public_key: material.pair.publicPem,
      possession: { nonce, signature: await material.pair.sign(text) },
    };
  }
  return {
    type: material.key.type,
    public_key: material.key.pem,
    possession: { nonce: material.challenge!.nonce, signature: material.signature.replace(/\s+/g, '') },
  };
}
