// An identity provider that does what a test tells it to: right by default, wrong in one thing at a time.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';

import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';

const kAlg = 'RS256';
const b64 = (json) => Buffer.from(JSON.stringify(json)).toString('base64url');

export class HostileProvider {
  // start listens at `port`.
  static async start(port) {
    const made = new HostileProvider();
    made.issuer = `http://127.0.0.1:${port}`;
    await made.newKey('k1');
    made.server = createServer((request, response) => void made.answer(request, response));
    await new Promise((done) => { made.server.listen(port, '127.0.0.1', done); });
    return made;
  }
  stop() {
    return new Promise((done) => { this.server.close(done); this.server.closeAllConnections(); });
  }

  // newKey takes the place of the key before, which is not published any more.
  async newKey(kid) {
    const { privateKey, publicKey } = await generateKeyPair(kAlg, { extractable: true });
    this.key = { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: kAlg, use: 'sig' } };
  }

  // go reads where the node sends a browser, and gives what the browser brings back.
  go(url) {
    const query = new URL(url).searchParams;
    this.nonce = query.get('nonce');
    return { code: 'a-code', state: query.get('state'), iss: this.issuer };
  }

  claims() {
    const now = Math.floor(Date.now() / 1000);
    return { iss: this.issuer, aud: 'counterfoil', sub: 'user-1', nonce: this.nonce, iat: now, exp: now + 300, email: 'ana@id.example.com' };
  }
  sign(claims, header = {}) {
    return new SignJWT(claims).setProtectedHeader({ alg: kAlg, kid: this.key.kid, ...header }).sign(this.key.privateKey);
  }
  unsigned(claims) {
    return `${b64({ alg: 'none' })}.${b64(claims)}.`;
  }
  // signedByPublicKey is HS256 with the provider's public key, which everybody has, as its secret.
  async signedByPublicKey(claims) {
    const part = `${b64({ alg: 'HS256', kid: this.key.kid })}.${b64(claims)}`;
    return `${part}.${createHmac('sha256', await exportSPKI(this.key.publicKey)).update(part).digest('base64url')}`;
  }

  // wrong says what is different: claims(c), token(claims), discovery(d), keys (a text), reply (what the token endpoint
  // says instead of all), hangs (it never answers).
  wrong = {};

  async answer(request, response) {
    const json = (body, status = 200) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    if (request.url === '/.well-known/openid-configuration') {
      const document = {
        issuer: this.issuer, authorization_endpoint: `${this.issuer}/auth`, token_endpoint: `${this.issuer}/token`,
        jwks_uri: `${this.issuer}/jwks`, id_token_signing_alg_values_supported: [kAlg], code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      };
      return json(this.wrong.discovery?.(document) ?? document);
    }
    if (request.url === '/jwks') return json(this.wrong.keys ?? { keys: [this.key.jwk] });
    if (this.wrong.hangs) return undefined;
    if (this.wrong.reply) return json(...this.wrong.reply);
    const claims = this.claims();
    const changed = this.wrong.claims?.(claims) ?? claims;
    return json({ access_token: 'at', token_type: 'Bearer', id_token: await (this.wrong.token?.(changed) ?? this.sign(changed)) });
  }
}
