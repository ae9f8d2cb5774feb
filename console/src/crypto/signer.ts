// Signer signs the text of a request as the gateway wants it of the key's type.
export type Signer = (text: string) => Promise<string>;

// hmacSigner signs with a secret that was made by the node, in hex.
export function hmacSigner(secret: string): Signer {
  const encoder = new TextEncoder();
  return async (text) => {
    const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]);
    const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
    return Array.from(signature, (byte) => byte.toString(16).padStart(2, '0')).join('');
  };
}

// signedTarget is path and query of a request that was signed now, as it goes on the wire.
export async function signedTarget(path: string, sign: Signer, now: number): Promise<string> {
  const query = `timestamp=${Math.floor(now)}`;
  return `${path}?${query}&signature=${encodeURIComponent(await sign(query))}`;
}
