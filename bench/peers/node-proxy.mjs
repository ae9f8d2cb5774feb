// A reverse proxy that verifies HMAC signatures, as one writes it in Node.js without a framework: node:http on both
// sides, keep-alive, createHmac. node node-proxy.mjs PORT UPSTREAM_PORT KEYS_TSV
// Judges the signature alone: no time window, no permission, no replay, no limits, which flatters this peer.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";

const [port, upstreamPort, keyFile] = process.argv.slice(2);
const secrets = new Map(
  readFileSync(keyFile, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t")),
);
const agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 512 });

// Gives the text without "signature=..." and one "&" beside it, and the signature's text.
function takeSignature(text) {
  const at = text.startsWith("signature=") ? 0 : text.indexOf("&signature=") + 1;
  if (at === 0 && !text.startsWith("signature=")) {
    return [text, undefined];
  }
  const value = at + "signature=".length;
  const end = text.indexOf("&", value);
  return end < 0
    ? [text.slice(0, Math.max(at - 1, 0)), text.slice(value)]
    : [text.slice(0, at) + text.slice(end + 1), text.slice(value, end)];
}

function isRight(incoming, body) {
  const secret = secrets.get(incoming.headers["x-mbx-apikey"]);
  const question = incoming.url.indexOf("?");
  const [query, inQuery] = takeSignature(question < 0 ? "" : incoming.url.slice(question + 1));
  const [rest, inBody] = takeSignature(body === undefined ? "" : body.toString("latin1"));
  const signature = Buffer.from(inQuery ?? inBody ?? "", "hex");
  if (secret === undefined || signature.length !== 32) {
    return false;
  }
  const tag = createHmac("sha256", secret)
    .update(query + rest, "latin1")
    .digest();
  return timingSafeEqual(tag, signature);
}

function refuse(outgoing, status) {
  outgoing.writeHead(status, { "content-length": 0 });
  outgoing.end();
}

function forward(incoming, outgoing, body) {
  if (!isRight(incoming, body)) {
    refuse(outgoing, 401);
    return;
  }
  const { connection, ...headers } = incoming.headers;
  const upstream = request(
    { agent, host: "127.0.0.1", port: upstreamPort, method: incoming.method, path: incoming.url, headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    },
  );
  upstream.on("error", () => refuse(outgoing, 502));
  upstream.end(body);
}

createServer({ keepAliveTimeout: 3_600_000 }, (incoming, outgoing) => {
  if (!("content-length" in incoming.headers)) {
    forward(incoming, outgoing, undefined);
    return;
  }
  const parts = [];
  incoming.on("data", (part) => parts.push(part));
  incoming.on("end", () => forward(incoming, outgoing, Buffer.concat(parts)));
}).listen(Number(port), "127.0.0.1");
