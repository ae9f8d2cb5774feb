// A browser as far as the console needs one: it keeps cookies for each origin, and says Origin and Sec-Fetch-Site as a
// page of the console does. It runs no script: what the page does is done here.
import http from 'node:http';

// exchange makes one request and gives { status, headers, text }.
export function exchange(method, url, headers = {}, body = '') {
  const to = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request(to, { method, headers: { ...headers, Connection: 'close' } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => { text += piece; });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

export class Browser {
  constructor(console) {
    this.console = console; // "http://localhost:PORT"
    this.cookies = new Map();
    this.csrf = '';
    this.grant = '';
  }

  // jar is the cookies of one origin; the ports of one host do not share theirs here, for the provider is another site.
  jar(url) {
    const { origin } = new URL(url);
    if (!this.cookies.has(origin)) this.cookies.set(origin, new Map());
    return this.cookies.get(origin);
  }

  async go(method, url, headers = {}, body = '') {
    const jar = this.jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await exchange(method, url, { ...headers, ...(cookie && { Cookie: cookie }) }, body);
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair] = line.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  // call is one call of the page. It gives { status, json, headers }.
  async call(method, path, body) {
    const answer = await this.go(method, `${this.console}/api/v1${path}`, {
      Origin: this.console,
      'Sec-Fetch-Site': 'same-origin',
      'X-Counterfoil-CSRF': this.csrf,
      ...(this.grant && { 'X-Counterfoil-Step-Up': this.grant }),
      ...(method !== 'GET' && { 'Content-Type': 'application/json' }),
    }, method === 'GET' ? '' : JSON.stringify(body ?? {}));
    this.csrf = answer.headers['x-counterfoil-csrf'] ?? this.csrf;
    return { status: answer.status, headers: answer.headers, json: answer.text ? JSON.parse(answer.text) : null };
  }
  get(path) { return this.call('GET', path); }
  post(path, body) { return this.call('POST', path, body); }

  // confirmed answers the step-up that a call asks for with `code`.
  async confirmed(method, path, body, code) {
    const refused = await this.call(method, path, body);
    if (refused.json?.reason !== 'step_up_required') return refused;
    const granted = await this.post('/me/step-up', { hash: refused.json.step_up.hash, totp: await code() });
    if (granted.status !== 200) throw new Error(`no step-up: ${JSON.stringify(granted.json)}`);
    this.grant = granted.json.grant;
    const done = await this.call(method, path, body);
    this.grant = '';
    return done;
  }
}
