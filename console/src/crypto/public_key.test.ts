// @vitest-environment node
import { createPrivateKey, generateKeyPairSync, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encryptPrivateKey } from './encrypt';
import { makePair } from './generate';
import { recognise } from './public_key';

const pair = generateKeyPairSync('ed25519');
const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

test.each([
  ['PEM', pem],
  ['PEM', pem.replaceAll('\n', '\\n')],
  ['JWK', JSON.stringify(pair.publicKey.export({ format: 'jwk' }))],
  ['base64', spki.toString('base64')],
  ['base64', spki.subarray(12).toString('base64')],
  ['hex', spki.toString('hex')],
])('reads Ed25519 written as %s', (form, text) => {
  expect(recognise(text)).toMatchObject({ type: 'ed25519', form, pem });
});

test('reads RSA in three forms as the same key', () => {
  const wanted = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const texts = [
    wanted,
    rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    JSON.stringify(rsa.publicKey.export({ format: 'jwk' })),
  ];
  for (const text of texts) {
    expect(recognise(text)).toMatchObject({ type: 'rsa-sha256', rsaBits: 2048, pem: wanted });
  }
});

test.each([
  ['private', pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['private', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
  ['private', rsa.privateKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')],
  ['private', pair.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')],
  ['private', JSON.stringify(pair.privateKey.export({ format: 'jwk' }))],
  ['several', pem + pem],
  ['certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
  [
    'rsaSize',
    generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ],
  [
    'otherType',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ],
  ['unknown', 'hello there'],
  ['empty', '  '],
])('refuses as %s', (why, text) => {
  expect(recognise(text)).toBe(why);
});

test('never throws, whatever is pasted', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => void recognise(text)),
    { numRuns: 500, seed: 1 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void recognise(Buffer.from(bytes).toString('base64'))),
    { numRuns: 500, seed: 1 },
  );
});

test('a pair made here signs what its public half verifies', async () => {
  const made = await makePair('ed25519');
  const signature = Buffer.from(await made.sign('counterfoil-possession-v1'), 'base64');
  expect(verify(null, Buffer.from('counterfoil-possession-v1'), made.publicPem, signature)).toBe(true);
});

test('an encrypted private key opens with its passphrase only', { timeout: 60_000 }, async () => {
  const made = await makePair('ed25519');
  const sealed = await encryptPrivateKey(made.privateDer, 'correct horse');
  expect(createPrivateKey({ key: sealed, passphrase: 'correct horse' }).export({ type: 'pkcs8', format: 'pem' })).toBe(
    made.privatePem,
  );
  expect(() => createPrivateKey({ key: sealed, passphrase: 'wrong' })).toThrow();
});
