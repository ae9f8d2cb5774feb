// Node's HTTP server as an upstream that writes down every request it parsed, one JSON object a line.
//   node recording_server.mjs FILE      prints its port. Bytes stand in the file as the characters of the same number.

import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';

const kHeadBytesMax = 1 << 16;  // the gateway takes more than Node does by default
const file = openSync(process.argv[2], 'a');
const note = (record) => writeSync(file, `${JSON.stringify(record)}\n`);

const pairsOf = (raw) => raw.flatMap((text, at) => (at % 2 === 0 ? [[text, raw[at + 1]]] : []));

const recordOf = ({ method, url, rawHeaders }, body, isWhole = true) =>
  ({ method, target: url, headers: pairsOf(rawHeaders), body: body.toString('latin1'), isWhole });

// The lenient parser believes more of what is ambiguous, so it would find more that is hidden.
const options = { insecureHTTPParser: true, maxHeaderSize: kHeadBytesMax, keepAliveTimeout: 0, requestTimeout: 0 };

const server = createServer(options, (request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('error', () => note(recordOf(request, Buffer.concat(pieces), false)));
  request.on('end', () => {
    note(recordOf(request, Buffer.concat(pieces)));
    const seen = request.headers['x-counterfoil-request-id'] ?? '';
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 2, 'X-Seen': seen });
    response.end('{}');
  });
});
server.on('connect', (request, socket) => {
  note(recordOf(request, Buffer.alloc(0)));
  socket.destroy();
});
server.on('clientError', (error, socket) => {
  if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') {
    note({ refused: error.code, raw: error.rawPacket?.toString('latin1') });
  }
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
