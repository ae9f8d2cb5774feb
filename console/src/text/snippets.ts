import type { KeyType } from '~/api/types';

export const snippetTongues = ['curl', 'python', 'node', 'cpp'] as const;
export type Tongue = (typeof snippetTongues)[number];

// snippet writes a first signed call in four languages. The secret is read from the file that was saved,
// `file` with .env or .pem behind it: it is in no text, no argument of a process and no environment.
export function snippet(
  tongue: Tongue,
  type: KeyType,
  gateway: string,
  apiKey: string,
  path: string,
  file = 'key',
): string {
  return writers[tongue](type, gateway, apiKey, path, file);
}

type Writer = (type: KeyType, gateway: string, apiKey: string, path: string, file: string) => string;

const curl: Writer = (type, gateway, apiKey, path, file) => {
  const sign = {
    // openssl takes the secret as an argument only, which every user of the machine can read.
    'hmac-sha256': `signature=$(printf '%s\\n' "$API_SECRET" "$query" | python3 -c '
import hashlib, hmac
secret, query = input(), input()
print(hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest())')`,
    ed25519: `printf %s "$query" > payload
signature=$(openssl pkeyutl -sign -inkey ${file}.pem -rawin -in payload | openssl base64 -A)`,
    'rsa-sha256': `signature=$(printf %s "$query" | openssl dgst -sha256 -sign ${file}.pem | openssl base64 -A)`,
  }[type];
  return `${type === 'hmac-sha256' ? `. ./${file}.env   # the file that you saved\n` : ''}query="timestamp=$(date +%s)000"
${sign}
curl --get "${gateway}${path}?$query" \\
  --data-urlencode "signature=$signature" \\
  -H "X-MBX-APIKEY: ${apiKey}"
`;
};

const python: Writer = (type, gateway, apiKey, path, file) => {
  const imports = {
    'hmac-sha256': 'import hashlib, hmac, time\n',
    ed25519: `import base64, time
from cryptography.hazmat.primitives.serialization import load_pem_private_key
`,
    'rsa-sha256': `import base64, time
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key
`,
  }[type];
  const load =
    type === 'hmac-sha256'
      ? `saved = dict(line.split("=", 1) for line in open("${file}.env").read().split())\n`
      : `key = load_pem_private_key(open("${file}.pem", "rb").read(), password=None)\n`;
  const sign = {
    'hmac-sha256': 'hmac.new(saved["API_SECRET"].encode(), query.encode(), hashlib.sha256).hexdigest()',
    ed25519: 'base64.b64encode(key.sign(query.encode())).decode()',
    'rsa-sha256': 'base64.b64encode(key.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()',
  }[type];
  return `${imports}from urllib.parse import quote
from urllib.request import Request, urlopen

${load}query = f"timestamp={int(time.time() * 1000)}"
signature = ${sign}
request = Request(
    f"${gateway}${path}?{query}&signature={quote(signature, safe='')}",
    headers={"X-MBX-APIKEY": "${apiKey}"},
)
print(urlopen(request).read().decode())
`;
};

const node: Writer = (type, gateway, apiKey, path, file) => {
  const [imports, load, sign] = {
    'hmac-sha256': [
      'createHmac',
      `const secret = /^API_SECRET=(.*)$/m.exec(readFileSync('${file}.env', 'utf8'))[1];\n`,
      `createHmac('sha256', secret).update(query).digest('hex')`,
    ],
    ed25519: ['sign', '', `sign(null, Buffer.from(query), readFileSync('${file}.pem')).toString('base64')`],
    'rsa-sha256': ['sign', '', `sign('sha256', Buffer.from(query), readFileSync('${file}.pem')).toString('base64')`],
  }[type] as [string, string, string];
  return `// node first_call.mjs
import { ${imports} } from 'node:crypto';
import { readFileSync } from 'node:fs';

${load}const query = \`timestamp=\${Date.now()}\`;
const signature = encodeURIComponent(${sign});
const answer = await fetch(\`${gateway}${path}?\${query}&signature=\${signature}\`, {
  headers: { 'X-MBX-APIKEY': '${apiKey}' },
});
console.log(answer.status, await answer.text());
`;
};

const cpp: Writer = (type, gateway, apiKey, path, file) => {
  const sign = {
    'hmac-sha256': `  unsigned char mac[32];
  unsigned size = sizeof mac;
  const std::string secret = read_secret("${file}.env");
  HMAC(EVP_sha256(), secret.data(), secret.size(), bytes(query), query.size(), mac, &size);
  const std::string signature = hex(mac, size);`,
    ed25519: `  const std::string signature = base64(sign(read_key("${file}.pem"), nullptr, query));`,
    'rsa-sha256': `  const std::string signature = base64(sign(read_key("${file}.pem"), EVP_sha256(), query));`,
  }[type];
  const helper =
    type === 'hmac-sha256'
      ? `std::string read_secret(const char* path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("API_SECRET=")) {
      return line.substr(11);
    }
  }
  return {};
}
std::string hex(const unsigned char* data, unsigned size) {
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", data[i]);
    text += two;
  }
  return text;
}`
      : `EVP_PKEY* read_key(const char* path) {
  BIO* file = BIO_new_file(path, "r");
  return PEM_read_bio_PrivateKey(file, nullptr, nullptr, nullptr);
}
std::string sign(EVP_PKEY* key, const EVP_MD* digest, const std::string& text) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::size_t size = 512;
  std::string signature(size, '\\0');
  EVP_DigestSignInit(context, nullptr, digest, nullptr, key);
  EVP_DigestSign(context, bytes(signature), &size, bytes(text), text.size());
  signature.resize(size);
  return signature;
}
std::string base64(const std::string& raw) {
  std::string text(4 * ((raw.size() + 2) / 3), '\\0');
  EVP_EncodeBlock(bytes(text), bytes(raw), static_cast<int>(raw.size()));
  return text;
}`;
  return `// g++ -std=c++20 first_call.cc -lcurl -lcrypto
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}
${helper}

int main() {
  using namespace std::chrono;
  const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
  const std::string query = "timestamp=" + std::to_string(now.count());
${sign}
  CURL* curl = curl_easy_init();
  char* escaped = curl_easy_escape(curl, signature.c_str(), 0);
  const std::string url = "${gateway}${path}?" + query + "&signature=" + escaped;
  curl_slist* headers = curl_slist_append(nullptr, "X-MBX-APIKEY: ${apiKey}");
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  return curl_easy_perform(curl);
}
`;
};

const writers: Record<Tongue, Writer> = { curl, python, node, cpp };

// proofCommand signs the challenge of a registration outside of this page.
export function proofCommand(type: 'ed25519' | 'rsa-sha256', text: string): string {
  const quoted = `printf '${text.replaceAll('\n', '\\n')}'`;
  return type === 'ed25519'
    ? `${quoted} > challenge && openssl pkeyutl -sign -inkey key.pem -rawin -in challenge | openssl base64 -A`
    : `${quoted} | openssl dgst -sha256 -sign key.pem | openssl base64 -A`;
}
