"""Whether an answer tells an unknown API key from a revoked one or a wrong signature: by its bytes, or by its time (control S-21).

Asked of the profile `weather`, whose answers to the three are one. Binance's own codes tell a wrong signature from the others.
"""

import hashlib
import hmac
import json
import os
import random
import re
import secrets
import socket
import time
from pathlib import Path

from .duels import Ring
from .gateways import START_SECONDS, counterfoil
from .processes import Failure, Process, free_port
from .results import Goal, Row, alone

SAMPLES = 10_000  # of each class
AUC_MAX = 0.55
AUC_SEEN = 0.75  # of what is forwarded, and takes longer: else nothing could be seen at all
BLOCK = 15  # of each class from one address: wrong signatures are counted there, and 20 a minute are suffered
ALIKE = ("unknown API key", "wrong signature", "revoked API key")
RIGHT = "right signature"
REQUEST_ID = re.compile(rb"(?i)(x-counterfoil-request-id: |\"request_id\": ?\")[^\r\"]+")
DATE = re.compile(rb"(?i)\r\ndate: [^\r]+")


class Node:
    """A gateway with the profile `weather`, one API key that is revoked and one that is not."""

    def __init__(self, ring: Ring):
        self.folder = ring.work / f"alike-{time.monotonic_ns()}"
        self.folder.mkdir(mode=0o700)
        self.port = free_port()
        (self.folder / "counterfoil.toml").write_text(f"""
[node]
data = "{self.folder}/data"
allow_unlocked_memory = true
[profile]
name = "weather"
[rest]
listen = "127.0.0.1:{self.port}"
threads = 1
new_connections_per_address_max = 0
[upstream]
url = "http://127.0.0.1:{ring.bed.upstream_port}"
[limits]
enabled = false
[log]
level = "warn"
""")
        self.command("init")
        self.process = Process([os.environ["COUNTERFOIL_BINARY"], "serve", "--config", str(self.folder / "counterfoil.toml")],
                               ring.bed.gateway_core, self.folder / "serve.log")
        try:
            self.process.wait_for_port(self.port, START_SECONDS)
            self.command("accounts", "create", "reader", "--name", "Reader")
            self.live, self.secret = self._make("live")
            self.revoked, _ = self._make("revoked")
            self.command("keys", "revoke", self.revoked, "--yes")
        except BaseException:
            self.process.stop()
            raise

    def command(self, *words: str) -> str:
        return counterfoil(*words, data=self.folder / "data")

    def _make(self, label: str) -> tuple[str, str]:
        made = json.loads(self.command("keys", "create", "--account", "reader", "--type", "hmac-sha256", "--label", label,
                                       "--out", str(self.folder / label), "--json"))
        return made["api_key"], Path(made["secret_file"]).read_text().strip()

    def request(self, kind: str) -> bytes:
        payload = f"timestamp={time.time_ns() // 1_000_000}&salt={secrets.token_hex(8)}"
        signature = secrets.token_hex(32)
        api_key = {ALIKE[0]: secrets.token_hex(32), ALIKE[1]: self.live, ALIKE[2]: self.revoked, RIGHT: self.live}[kind]
        if kind == RIGHT:
            signature = hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        return (f"GET /v1/forecasts/oslo?{payload}&signature={signature} HTTP/1.1\r\nHost: localhost\r\n"
                f"X-Weather-Key: {api_key}\r\n\r\n").encode()


def _read(connection: socket.socket) -> bytes:
    """One whole answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1])
    while len(body) < length:
        more = _some(connection)
        data, body = data + more, body + more
    return data


def _some(connection: socket.socket) -> bytes:
    if not (read := connection.recv(65536)):
        raise Failure("the gateway closed a connection")
    return read


def _same_for_all(answer: bytes) -> bytes:
    return DATE.sub(b"", REQUEST_ID.sub(rb"\1", answer))


def auc(ones: list[int], others: list[int]) -> float:
    """The chance that one of `others` took longer than one of `ones`, or 1 less that: 0.5 tells nothing, 1 everything."""
    ranked = sorted([(time_, 0) for time_ in ones] + [(time_, 1) for time_ in others])
    sum_of_ranks, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        sum_of_ranks += (at + 1 + end) / 2 * sum(which for _, which in ranked[at:end])
        at = end
    area = (sum_of_ranks - len(others) * (len(others) + 1) / 2) / (len(ones) * len(others))
    return max(area, 1 - area)


def _sample(node: Node) -> tuple[dict[str, list[int]], dict[str, set[bytes]]]:
    times = {kind: [] for kind in (*ALIKE, RIGHT)}
    answers = {kind: set() for kind in times}
    for number in range(-(-SAMPLES // BLOCK)):
        block = [kind for kind in times for _ in range(BLOCK)]
        random.shuffle(block)
        source = f"127.1.{number // 250}.{number % 250 + 1}"
        with socket.create_connection(("127.0.0.1", node.port), source_address=(source, 0)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for kind in block:
                request = node.request(kind)
                sent = time.perf_counter_ns()
                connection.sendall(request)
                answer = _read(connection)
                times[kind].append(time.perf_counter_ns() - sent)
                answers[kind].add(_same_for_all(answer))
    return times, answers


def alike(ring: Ring) -> list[Row]:
    """Times of all classes in an order of chance, each against those of an unknown API key."""
    os.sched_setaffinity(0, {ring.bed.load_core})
    node = Node(ring)
    try:
        times, answers = _sample(node)
    finally:
        node.process.stop()
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    if len(set().union(*(answers[kind] for kind in ALIKE))) != 1:
        raise Failure(f"the answers differ in their bytes: {[sorted(answers[kind])[:2] for kind in ALIKE]}")
    if not all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers[RIGHT]):
        raise Failure("a right signature was refused")
    first, *others = ALIKE
    rows = [alone(f"{other} told from {first} by its time, AUC", auc(times[first], times[other]), "AUC", SAMPLES,
                  Goal(at_most=AUC_MAX)) for other in others]
    return rows + [alone(f"{RIGHT} told from it (must be seen)", auc(times[first], times[RIGHT]), "AUC", SAMPLES,
                         Goal(at_least=AUC_SEEN))]
