"""A gateway as it must not be, to see whether the oracle finds it out: it believes API keys without a signature, passes on
every byte that it does not understand, adds its own headers behind what the client wrote, and proves what it decoded."""

import hashlib
import hmac
import re
import secrets
import socket
import socketserver
import threading
import time
import urllib.parse

from raw_http import Connection

ANSWER_LIMIT_S = 1  # an upstream may be waiting for the rest of what it takes for a body


class NaiveProxy:
    """`holders` by API key, as the oracle has them."""

    def __init__(self, upstream_url, holders, kid, secret):
        host, port = upstream_url.removeprefix("http://").rsplit(":", 1)
        self.upstream, self.holders, self.kid, self.secret = (host, int(port)), holders, kid, secret.encode()
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    with socket.create_connection(proxy.upstream, ANSWER_LIMIT_S) as upstream:
                        proxy.serve(self.request, upstream, self.client_address[0])
                except OSError:
                    pass  # somebody gave up: the client sees a closed connection

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def connect(self, source):
        return Connection(self.server.server_address, source)

    def serve(self, client, upstream, source):
        waiting = b""
        while True:
            while b"\r\n\r\n" not in waiting:
                if not (piece := client.recv(65536)):
                    return
                waiting += piece
            head, _, waiting = waiting.partition(b"\r\n\r\n")
            length = re.search(rb"(?im)^content-length: *(\d+)", head)
            while length and len(waiting) < int(length.group(1)):
                if not (piece := client.recv(65536)):
                    return
                waiting += piece
            size = int(length.group(1)) if length else 0
            body, waiting = waiting[:size], waiting[size:]
            request_id = secrets.token_hex(16)
            origin = f"\r\nX-Forwarded-For: {source}".encode()
            upstream.sendall(self.with_identity(head + origin, body, request_id) + body)
            answer = answer_of(upstream, has_body=not head.startswith(b"HEAD"))
            client.sendall(answer.replace(b"\r\n", f"\r\nX-Counterfoil-Request-Id: {request_id}\r\n".encode(), 1))

    def with_identity(self, head, body, request_id):
        method, target = (head.split(b"\r\n")[0].split(b" ") + [b"", b""])[:2]
        decoded = urllib.parse.unquote_to_bytes(target).decode("latin-1")
        api_key = re.search(rb"\r\nX-MBX-APIKEY: (\w+)", head)
        holder = self.holders.get(api_key.group(1).decode()) if api_key else None
        lines = [f"X-Counterfoil-Request-Id: {request_id}"]
        if holder:
            head = head.replace(api_key.group(0), b"")
            ts = str(time.time_ns() // 1_000_000)
            values = (holder.account, api_key.group(1).decode(), holder.permissions, "naive", request_id)
            text = "\n".join(["counterfoil-proof-v1", self.kid, ts, method.decode("latin-1"), decoded,
                              hashlib.sha256(body).hexdigest(), *values])
            mac = hmac.new(self.secret, text.encode("latin-1"), "sha256").hexdigest()
            names = ("Account", "Key", "Permissions", "Gateway")
            lines += [f"X-Counterfoil-{name}: {value}" for name, value in zip(names, values)]
            lines += [f"X-Counterfoil-Timestamp: {ts}", f"X-Counterfoil-Proof: v1;kid={self.kid};ts={ts};mac={mac}"]
        return b"".join([head, b"\r\n", "\r\n".join(lines).encode(), b"\r\n\r\n"])


def answer_of(upstream, has_body):
    """What it answers, up to the end that a length names."""
    answer = b""
    while not (whole := re.match(rb"(?is).*?content-length: *(\d+).*?\r\n\r\n", answer)) or \
            len(answer) < whole.end() + has_body * int(whole.group(1)):
        if not (piece := upstream.recv(65536)):
            break
        answer += piece
    return answer
