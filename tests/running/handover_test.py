"""What a node remembers of requests outlives a restart in good order, and nothing that is doubtful is believed.

    handover_test.py PROGRAM
"""

import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "security"))
from cases import Report  # noqa: E402
from raw_http import Connection  # noqa: E402
from recording_upstream import RecordingUpstream  # noqa: E402
from signing import Caller, HmacPair  # noqa: E402
from testbed import gateway_process  # noqa: E402

JOURNAL_LIMIT_S = 30
REPLAYED, BEFORE_START = "replayed", "stamped_before_start"  # the caller is told the same


class Node:
    """One data directory, served by one process after another."""

    def __init__(self, program, folder, upstream):
        self.program, self.data, self.upstream = program, folder / "data", upstream
        gateway_process.init(program, self.data)
        self.file = self.data / "replay.handover"
        self.start()
        self.gateway.must("POST", "/api/v1/accounts", {"id": "desk", "name": "Desk"})
        made = self.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "allow_list": ["127.0.0.1"],
                                                          "permissions": ["USER_DATA", "TRADE"]})
        self.caller = Caller(made["api_key"], HmacPair(made["secret"]))

    def start(self):
        self.gateway = gateway_process.Gateway(self.program, self.data, ("COUNTERFOIL_UPSTREAM_URL", self.upstream.url),
                                               ("COUNTERFOIL_LIMITS_ENABLED", "false"), ("COUNTERFOIL_LOG_LEVEL", "info"))
        host, port = self.gateway.url.removeprefix("http://").rsplit(":", 1)
        self.address = (host, int(port))
        self.gateway.wait_until_in_force()

    def settle(self):
        """Waits until an order of this moment is accepted: right after the very first start none is."""
        deadline = time.monotonic() + 30
        while self.send(self.order()) is not None:
            if time.monotonic() > deadline:
                raise RuntimeError("no order is accepted")
            time.sleep(0.05)

    def order(self):
        """A new order, signed now and good for a minute."""
        body = self.caller.signed("recvWindow=60000")
        return (f"POST /api/v3/order HTTP/1.1\r\nHost: gw.test\r\n{self.caller.field}\r\nContent-Type: "
                f"application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

    def send(self, request):
        """None when it is accepted, else the true reason of the refusal."""
        with Connection(self.address) as connection:
            connection.send(request)
            answer = connection.answer()
        if answer.status == 200:
            return None
        path = f"/api/v1/refusals/{answer.field('x-counterfoil-request-id')}"
        deadline = time.monotonic() + JOURNAL_LIMIT_S
        while (found := self.gateway.call("GET", path))[0] == 404 and time.monotonic() < deadline:
            time.sleep(0.02)
        return found[1]["reason"]

    def log(self):
        return pathlib.Path(self.gateway.log.name).read_text(encoding="utf-8")


def differs(node, order, reason, what="the order"):
    """Sends an order that must be refused for `reason`; None: accepted."""
    answer = node.send(order)
    return [] if answer == reason else [f"{what}: {answer or 'accepted'}, not {reason or 'accepted'}"]


def accepted_order(node):
    """An order that is accepted now: (its bytes, what is wrong)."""
    order = node.order()
    return order, differs(node, order, None, "the order before it")


def drained(node, report):
    before, faults = accepted_order(node)
    fresh = node.order()  # signed before the restart, and not sent
    node.gateway.stop()
    mode = node.file.stat().st_mode & 0o777 if node.file.exists() else 0
    report.add("a_drained_process_leaves_its_memory", [] if mode == 0o600 else [f"mode {mode:o}"])
    during = node.order()
    node.start()
    report.add("the_file_is_gone_with_the_next_start", ["it is there"] if node.file.exists() else [])
    report.add("an_order_accepted_before_the_drain_is_a_replay_after_it", faults + differs(node, before, REPLAYED))
    report.add("an_order_stamped_before_the_start_is_accepted_after_a_drain",
               differs(node, fresh, None, "before the stop") + differs(node, during, None, "while nothing ran"))
    report.add("and_is_a_replay_the_second_time", differs(node, fresh, REPLAYED))


def killed(node, report):
    before, faults = accepted_order(node)
    fresh = node.order()
    node.gateway.kill()
    report.add("a_killed_process_leaves_nothing", ["a file is there"] if node.file.exists() else [])
    node.start()
    report.add("an_order_accepted_before_a_kill_is_refused_after_it", faults + differs(node, before, BEFORE_START))
    report.add("an_order_stamped_before_a_kill_is_refused_after_it", differs(node, fresh, BEFORE_START))
    told = [] if "replay_memory_not_taken_over" in node.log() else ["the log does not tell"]
    report.add("the_log_tells_that_nothing_was_taken_over", told)
    # A drain right after it must not make the node forget what it does not know.
    node.gateway.stop()
    node.start()
    report.add("a_drain_soon_after_a_kill_does_not_let_it_in", differs(node, before, BEFORE_START))


def tampered(node, report):
    """Whoever can write the file has no key to its authentication."""
    rows = {"torn": lambda left: left[:len(left) // 2], "empty": lambda left: b"",
            "altered": lambda left: left[:60] + bytes([left[60] ^ 1]) + left[61:], "longer": lambda left: left + b"x"}
    for name, spoil in rows.items():
        node.settle()
        before, faults = accepted_order(node)
        node.gateway.stop()
        node.file.write_bytes(spoil(node.file.read_bytes()))
        node.start()
        report.add(f"a_file_that_is_{name}_is_not_believed", faults + differs(node, before, BEFORE_START))
    # A hand-over of before is put back, and the node went on since.
    node.settle()
    node.gateway.stop()
    old = node.file.read_bytes()
    node.start()
    since, faults = accepted_order(node)
    node.gateway.kill()
    node.file.write_bytes(old)
    node.file.chmod(0o600)
    node.start()
    report.add("a_file_that_served_before_is_not_believed", faults + differs(node, since, BEFORE_START))


def main():
    report = Report("running_handover")
    upstream = RecordingUpstream()
    with tempfile.TemporaryDirectory(prefix="counterfoil-handover-") as name:
        node = Node(sys.argv[1], pathlib.Path(name).resolve(), upstream)
        try:
            node.settle()
            drained(node, report)
            killed(node, report)
            tampered(node, report)
        finally:
            if node.gateway.process.poll() is None:
                node.gateway.kill()
            upstream.close()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
