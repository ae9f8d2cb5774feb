"""Python's http.server as an upstream that writes down every request it parsed, one JSON object a line.

  recording_server.py FILE     prints its port. Bytes stand in the file as the characters of the same number.
"""

import http.server
import json
import sys
import threading

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece
    lock = threading.Lock()
    file = None

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))  # as nearly every handler does it: "+5" and "1_0" are numbers
        body = self.rfile.read(length) if length > 0 else b""
        self.note({"method": self.command, "target": self.path, "headers": list(self.headers.items()),
                   "body": body.decode("latin-1"), "isWhole": len(body) == max(length, 0)})
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.send_header("X-Seen", self.headers.get("X-Counterfoil-Request-Id", ""))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"{}")

    def send_error(self, code, message=None, explain=None):
        self.note({"refused": f"{code} {message}", "raw": getattr(self, "raw_requestline", b"").decode("latin-1")})
        super().send_error(code, message, explain)

    def note(self, record):
        with self.lock:
            self.file.write(json.dumps(record) + "\n")
            self.file.flush()

    def log_message(self, *_):
        pass


for method in METHODS:
    setattr(Handler, f"do_{method}", Handler.answer)


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        fault = sys.exc_info()[1]
        if not isinstance(fault, ConnectionError):
            with Handler.lock:
                Handler.file.write(json.dumps({"refused": repr(fault), "raw": ""}) + "\n")
                Handler.file.flush()


if __name__ == "__main__":
    with open(sys.argv[1], "a", encoding="utf-8") as Handler.file, Server(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
