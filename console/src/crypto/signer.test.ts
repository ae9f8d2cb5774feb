import { describe, expect, it } from 'vitest';
import { makePair } from './generate';
import { hmacSigner, signedTarget } from './signer';

describe('a signer', () => {
  // The vendor's documented example.
  it('signs with an HMAC secret as the vendor documents it', async () => {
    const sign = hmacSigner('NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j');
    expect(
      await sign(
        'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
      ),
    ).toBe('c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71');
  });

  it('writes whole milliseconds, and a signature that a query can hold', async () => {
    expect(await signedTarget('/api/v3/account', () => Promise.resolve('a+b/c='), 1499827319559.4)).toBe(
      '/api/v3/account?timestamp=1499827319559&signature=a%2Bb%2Fc%3D',
    );
  });

  it('signs exactly the text before the signature', async () => {
    const pair = await makePair('ed25519');
    const target = await signedTarget('/x', (text) => pair.sign(text), 1);
    const [, signature] = target.split('&signature=');
    const bytes = Uint8Array.from(atob(decodeURIComponent(signature!)), (letter) => letter.charCodeAt(0));
    const key = await crypto.subtle.importKey('spki', pair.spki, { name: 'Ed25519' }, false, ['verify']);
    expect(await crypto.subtle.verify('Ed25519', key, bytes, new TextEncoder().encode('timestamp=1'))).toBe(true);
  });
});
