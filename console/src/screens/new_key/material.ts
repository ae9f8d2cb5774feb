import { api, dataOf } from '~/api/client';
import type { KeyMaterial, KeyType } from '~/api/types';
import type { MadePair } from '~/crypto/generate';
import type { RecognisedKey } from '~/crypto/public_key';

// How the key pair of a new key or a rotation comes to be.
export type Material =
  | { kind: 'made'; pair: MadePair }
  | { kind: 'brought'; key: RecognisedKey; challenge: { nonce: string; text: string } | null; signature: string }
  | { kind: 'hmac' };

export const typeOf = (material: Material): KeyType =>
  material.kind === 'hmac' ? 'hmac-sha256' : material.kind === 'made' ? material.pair.type : material.key.type;

export const isComplete = (material: Material | null): material is Material =>
  material !== null &&
  (material.kind !== 'brought' || (material.challenge !== null && material.signature.trim() !== ''));

export const askChallenge = (account: string, publicPem: string) =>
  dataOf(api.POST('/challenges', { body: { account, public_key: publicPem } }));

// bodyOf writes the material as the API takes it, with the proof of possession: a pair that was made
// here signs the node's challenge here. The private key is in no request.
export async function bodyOf(material: Material, account: string): Promise<KeyMaterial> {
  if (material.kind === 'hmac') {
    return { type: 'hmac-sha256' };
  }
  if (material.kind === 'made') {
    const { nonce, text } = await askChallenge(account, material.pair.publicPem);
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
