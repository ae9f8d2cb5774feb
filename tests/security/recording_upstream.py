"""The API behind the gateway: answers 200 to everything and keeps every byte that arrives."""

import re
import socketserver
import threading

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class RecordingUpstream:
    def __init__(self):
        self.lock = threading.Lock()
        self.arrived = []
        upstream = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                upstream._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def take(self):
        """The requests that arrived since the last call, as raw bytes; one that is not whole is among them."""
        with self.lock:
            taken, self.arrived = self.arrived, []
            return [bytes(arrival) for arrival in taken]

    def _serve(self, connection):
        waiting = b""
        while True:
            arrival = bytearray(waiting)
            if arrival:
                self._note(arrival)
            while not (size := whole_size(arrival)):
                piece = connection.recv(65536)
                if not piece:
                    return
                if not arrival:
                    self._note(arrival)
                arrival += piece
            waiting = bytes(arrival[size:])
            del arrival[size:]
            connection.sendall(ANSWER)

    def _note(self, arrival):
        with self.lock:
            self.arrived.append(arrival)


def whole_size(arrival):
    """The size of the request at the start, 0 while it is incomplete. The gateway is trusted to frame it with one length."""
    end = arrival.find(b"\r\n\r\n")
    if end < 0:
        return 0
    length = re.search(rb"(?im)^content-length: *(\d+)\r$", arrival[:end + 2])
    size = end + 4 + (int(length.group(1)) if length else 0)
    return size if len(arrival) >= size else 0
