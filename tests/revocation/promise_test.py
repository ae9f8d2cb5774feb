"""The promise of revocation on the running program: once `revoke` has answered, nothing of that API key is accepted.

API keys are revoked one after the other while several clients sign with each of them as fast as they can, some with bodies that
come slowly, before an upstream that answers slowly over few pooled connections. Judged is what the upstream received: each request
carries the time at which the gateway sent it on. Prints how long the answers took; that is a measure, not a test.

    promise_test.py [--keys N] [--clients N] PROGRAM
"""

import argparse
import pathlib
import random
import re
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "security"))
from cases import Report  # noqa: E402
from recording_upstream import ANSWER, RecordingUpstream  # noqa: E402
import testbed  # noqa: E402

KEYS_OF_AN_ACCOUNT = 25
ACCEPTED_BEFORE = 5  # requests of a key that must have been accepted before it is revoked
AFTER_S = 0.03  # how long the clients go on with a revoked key
PATIENCE_S = 30


class SlowUpstream(RecordingUpstream):
    """Answers after some milliseconds, so that the gateway's few connections to it are all in use."""

    def _note(self, arrival):
        super()._note(arrival)
        time.sleep(random.choice((0, 0.001, 0.004)))


class Victim:
    """One API key: what became of it, in nanoseconds of the wall clock, which the gateway on this machine has too."""

    def __init__(self, caller):
        self.caller = caller
        self.accepted = 0
        self.asked_at = self.answered_at = None
        self.late = []  # requests that were begun after the answer and accepted all the same


class Client(threading.Thread):
    """Signs with the victim that is in play, again and again on one connection."""

    def __init__(self, address, number):
        super().__init__(daemon=True)
        self.address, self.number = address, number
        self.sent = self.connections = 0
        self.victim = None
        self.is_over = False
        self.fault = None

    def run(self):
        connection = None
        try:
            while not self.is_over:
                victim = self.victim
                if victim is None:
                    time.sleep(0.0005)
                    continue
                if connection is None:
                    connection = socket.create_connection(self.address, PATIENCE_S)
                    self.connections += 1
                if not self.send(connection, victim):
                    connection.close()
                    connection = None
        except OSError as fault:
            self.fault = fault

    def send(self, connection, victim):
        """False: the connection is not used again."""
        self.sent += 1
        payload = f"n={self.number}-{self.sent}&timestamp={time.time_ns() // 1_000_000}&recvWindow=60000"
        signed = f"{payload}&signature={victim.caller.pair.sign(payload.encode())}"
        is_slow = self.sent % 7 == self.number % 7
        begun_at = time.time_ns()
        if is_slow:
            head = (f"DELETE /api/v3/openOrders HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: {victim.caller.api_key}\r\n"
                    f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(signed)}\r\n\r\n")
            connection.sendall((head + signed[:20]).encode())
            time.sleep(0.005)
            connection.sendall(signed[20:].encode())
        else:
            connection.sendall((f"GET /api/v3/account?{signed} HTTP/1.1\r\nHost: a\r\n"
                                f"X-MBX-APIKEY: {victim.caller.api_key}\r\n\r\n").encode())
        status, goes_on = read_answer(connection)
        if status == 200:
            victim.accepted += 1
            if victim.answered_at is not None and begun_at > victim.answered_at:
                victim.late.append(f"begun {(begun_at - victim.answered_at) / 1e6:.3f} ms after the answer")
        return goes_on


def read_answer(connection):
    """(status, whether the connection goes on); status 0 when it was closed before an answer."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return 0, False
        received += piece
    head, body = received.split(b"\r\n\r\n", 1)
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    left = int(length.group(1)) - len(body) if length else 0
    while left > 0:
        left -= len(connection.recv(left))
    return int(head.split(b" ", 2)[1]), not re.search(rb"(?i)\r\nconnection: *close", head)


def sent_on_at(arrivals):
    """API key -> the times, in ms, at which the gateway sent requests of it on."""
    times = {}
    for arrival in arrivals:
        key = re.search(rb"(?i)\r\nx-counterfoil-key: *([^\r]*)", arrival)
        stamp = re.search(rb"(?i)\r\nx-counterfoil-timestamp: *(\d+)", arrival)
        if key and stamp and b"/counterfoil/events" not in arrival:
            times.setdefault(key.group(1).decode(), []).append(int(stamp.group(1)))
    return times


def too_late(victims, times, moment):
    """Names the requests that were sent on after `moment` of their victim."""
    found = []
    for victim in victims:
        limit = moment(victim) // 1_000_000  # the stamp has whole milliseconds
        found += [f"{victim.caller.api_key[:8]}: {stamp - limit} ms" for stamp in times.get(victim.caller.api_key, ())
                  if stamp > limit]
    return found


def wait_for(condition, what):
    until = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError(f"{what}: not within {PATIENCE_S} s")
        time.sleep(0.001)


def revoke_all(bed, victims, clients):
    for victim in victims:
        for client in clients:
            client.victim = victim
        wait_for(lambda v=victim: v.accepted >= ACCEPTED_BEFORE or any(c.fault for c in clients), "no request is accepted")
        victim.asked_at = time.time_ns()
        bed.change(victim.caller, "revoke")
        victim.answered_at = time.time_ns()
        time.sleep(AFTER_S)
    for client in clients:
        client.is_over = True
    for client in clients:
        client.join(PATIENCE_S)


def make_victims(bed, count):
    victims = []
    for number in range(count):
        account = f"desk-{number // KEYS_OF_AN_ACCOUNT}"
        if number % KEYS_OF_AN_ACCOUNT == 0:
            bed.gateway.must("POST", "/api/v1/accounts", {"id": account, "name": account})
        victims.append(Victim(bed.hmac_caller(account, permissions=["USER_DATA", "TRADE"])))
    return victims


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("program")
    arguments = parser.parse_args()
    testbed.RecordingUpstream = SlowUpstream
    report = Report("revocation_promise")
    with testbed.Testbed(arguments.program, ("COUNTERFOIL_UPSTREAM_CONNECTIONS_MAX", "2")) as bed:
        victims = make_victims(bed, arguments.keys)
        clients = [Client(bed.address, number) for number in range(arguments.clients)]
        for client in clients:
            client.start()
        revoke_all(bed, victims, clients)
        times = sent_on_at(bed.upstream.take())
    faults = [str(client.fault) for client in clients if client.fault]
    report.add("clients_could_sign_to_the_end", faults)
    report.add("nothing_is_sent_on_after_the_answer", too_late(victims, times, lambda v: v.answered_at))
    report.add("nothing_begun_after_the_answer_is_accepted", [late for victim in victims for late in victim.late])
    # The judge must be able to see: what was accepted before would be a violation, had the answer come earlier.
    seen = too_late(victims, times, lambda v: v.asked_at - 50_000_000)
    report.add("a_request_after_an_earlier_answer_would_be_seen", [] if seen else ["none was"])
    took = sorted((victim.answered_at - victim.asked_at) / 1e6 for victim in victims)
    print(f"{len(took)} revocations under {sum(c.sent for c in clients)} requests: answer after p50 "
          f"{statistics.median(took):.1f} ms, p99 {took[min(len(took) - 1, int(len(took) * 0.99))]:.1f} ms, max {took[-1]:.1f} ms")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
