"""Clients that send a byte now and then, half of them heads and half of them bodies, until they are ended.

slow_crowd.py PORT COUNT    says "ready" when all are connected; on SIGTERM prints how long they were suffered.
"""

import json
import selectors
import signal
import socket
import sys
import time

PAUSE_S = 0.5  # between two bytes of one client
HEAD = b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 1000
BODY_HEAD = b"POST /api/v3/userDataStream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4096\r\n\r\n"


class SlowClient:
    def __init__(self, port: int, number: int):
        self.number = number
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.began = time.monotonic()
        self.sent = 0
        self.text = HEAD if number % 2 == 0 else b"x" * 4096
        self.socket.send(b"G" if number % 2 == 0 else BODY_HEAD)

    def dribble(self) -> None:
        self.sent += 1
        try:
            self.socket.send(self.text[self.sent : self.sent + 1])
        except OSError:
            pass  # cut off: reading tells

    def is_answered(self) -> bool:
        """Whether what came is the answer to a slow request; else the connection was cut without one."""
        try:
            return self.socket.recv(65536).startswith(b"HTTP/1.1 408 ")
        except OSError:
            return False


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    selector = selectors.DefaultSelector()
    lives, answered, done = [], 0, 0

    def join(number: int) -> SlowClient:
        client = SlowClient(port, number)
        selector.register(client.socket, selectors.EVENT_READ, client)
        return client

    clients = [join(number) for number in range(count)]
    print("ready", flush=True)
    turn, next_turn = 0, time.monotonic()
    while not ended:
        for key, _ in selector.select(max(0.0, next_turn - time.monotonic())):
            client = key.data
            selector.unregister(client.socket)
            lives.append(time.monotonic() - client.began)
            answered += client.is_answered()
            done += 1
            client.socket.close()
            clients[client.number] = join(client.number)
        # Spread over the pause, so that they do not all come at once.
        while next_turn <= time.monotonic():
            clients[turn % count].dribble()
            turn += 1
            next_turn += PAUSE_S / count
    print(json.dumps({"cut": done, "answered_408": answered, "longest_s": max(lives, default=0.0)}), flush=True)


if __name__ == "__main__":
    main()
