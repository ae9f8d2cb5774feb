"""One target of an upstream, as a process that can be killed: takes a moment for each request and answers 200.

Each request that has arrived is a line of LOG before it is answered: method, request id, target. The line is in the kernel's hands
at once, so it outlives a kill.

    counting_upstream.py PORT LOG    PORT 0 takes a free one; the port is printed once it listens
"""

import os
import re
import socketserver
import sys
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"canceled\":0}"
TAKES_S = 0.002


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        received = b""
        while True:
            while not (size := whole_size(received)):
                try:
                    piece = self.request.recv(65536)
                except OSError:
                    return
                if not piece:
                    return
                received += piece
            self.note(received[:size])
            received = received[size:]
            time.sleep(TAKES_S)
            self.request.sendall(ANSWER)

    def note(self, request):
        method, target, _ = request.split(b"\r\n", 1)[0].split(b" ")
        named = re.search(rb"(?i)\r\nx-counterfoil-request-id: *([^\r]*)", request)
        body = request.split(b"\r\n\r\n", 1)[1]
        line = b" ".join((method, named.group(1) if named else b"-", body or target)) + b"\n"
        os.write(self.server.log, line)


def whole_size(received):
    """The size of the request at the start, 0 while it is incomplete."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    length = re.search(rb"(?im)^content-length: *(\d+)\r$", received[:end + 2])
    size = end + 4 + (int(length.group(1)) if length else 0)
    return size if len(received) >= size else 0


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


def main():
    port, log = int(sys.argv[1]), sys.argv[2]
    with Server(("127.0.0.1", port), Handler) as server:
        server.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
