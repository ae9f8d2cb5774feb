import { createHmac } from 'node:crypto';

// seedOf gives the bytes of an authenticator app's secret, which people see in base32.
export function seedOf(base32) {
  const bits = [...base32.replace(/\s|=/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

// totp gives the code of an authenticator app (RFC 6238: SHA-1, 30 seconds, six digits).
export function totp(base32, now = Date.now()) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac('sha1', seedOf(base32)).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
