"""HTTP/1.1 by hand: what is sent is exactly the bytes given, and what comes back is read no further than it has to be."""

import dataclasses
import json
import socket

ANSWER_LIMIT_S = 15  # Only the slow rows come near it.
CLOSE_LIMIT_S = 5
HOST = "gw.test"


@dataclasses.dataclass(frozen=True)
class Answer:
    """One final answer. `interim` holds the statuses of the 1xx before it."""

    status: int
    fields: tuple
    body: bytes
    interim: tuple = ()

    def field(self, name):
        return next((value for known, value in self.fields if known == name.lower()), None)

    def document(self):
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def request(method, target, *fields, body=b"", version="HTTP/1.1"):
    """A well-formed request. A body brings its Content-Length; text is written as Latin-1, so any byte can be said."""
    lines = [f"{method} {target} {version}", f"Host: {HOST}", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Connection:
    """A connection of one client, from the loopback address that the case asks for."""

    def __init__(self, address, source="127.0.0.1"):
        self.socket = socket.create_connection(address, ANSWER_LIMIT_S, source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Closed by a refusal before the last byte was written: reading tells.

    def answer(self, method="GET"):
        """The next final answer, or None if the connection ends before one."""
        interim = ()
        while (head := self._until(b"\r\n\r\n")) is not None:
            status_line, *lines = head.decode("latin-1").split("\r\n")
            status = int(status_line.split(" ")[1])
            if status < 200:
                interim += (status,)
                continue
            fields = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
            length = int(dict(fields).get("content-length", 0))
            body = b"" if method == "HEAD" else self._take(length)
            return Answer(status, fields, body, interim)
        return None

    def rest(self, limit_s=CLOSE_LIMIT_S):
        """What still comes until the other side closes, and whether it does."""
        self.socket.settimeout(limit_s)
        try:
            while self._more():
                pass
        except TimeoutError:
            return self.received, False
        return self.received, True

    def _until(self, mark):
        while mark not in self.received:
            if not self._more():
                return None
        head, _, self.received = self.received.partition(mark)
        return head

    def _take(self, size):
        while len(self.received) < size and self._more():
            pass
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def _more(self):
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.received += piece
        return bool(piece)
