"""A node whose wall clock steps: what it would judge wrongly is refused at once, and an operator's word brings it back.

    clock_test.py STEPPING_CLOCK PROGRAM
"""

import json
import mmap
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "security"))
from cases import Report  # noqa: E402
from raw_http import Connection, request  # noqa: E402
from recording_upstream import RecordingUpstream  # noqa: E402
from signing import Caller, HmacPair  # noqa: E402
from testbed import gateway_process  # noqa: E402

PATIENCE_S = 30
PAUSE_S = 0.01
TRIED_S = 0.5  # several heartbeats, from the moment of the step on
HOUR_S = 3600
DOUBTFUL = {"an_hour_back": -HOUR_S, "30.1_s_back": -30.1, "30.1_s_ahead": 30.1, "an_hour_ahead": HOUR_S,
            "ten_years_ahead": 87_600 * HOUR_S}
BELIEVED = {"29.9_s_back": -29.9, "29.9_s_ahead": 29.9}


class Clock:
    """The clock of the node alone."""

    def __init__(self, path):
        path.write_bytes(struct.pack("<q", 0))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8)
        self.step_s = 0

    def step(self, seconds):
        """Sets it so far from the true time."""
        self.step_s = seconds
        self.memory[:] = struct.pack("<q", round(seconds * 1_000_000))

    def now_us(self):
        return time.time_ns() // 1000 + round(self.step_s * 1_000_000)


class Node:
    def __init__(self, library, program, folder, upstream):
        self.program, self.data = program, folder / "data"
        self.clock = Clock(folder / "step")
        gateway_process.init(program, self.data)
        self.gateway = gateway_process.Gateway(
            program, self.data, ("COUNTERFOIL_UPSTREAM_URL", upstream.url), ("COUNTERFOIL_LIMITS_ENABLED", "false"),
            ("LD_PRELOAD", library), ("COUNTERFOIL_CLOCK_STEP", str(folder / "step")))
        host, port = self.gateway.url.removeprefix("http://").rsplit(":", 1)
        self.address = (host, int(port))
        self.gateway.wait_until_in_force()
        self.gateway.must("POST", "/api/v1/accounts", {"id": "desk", "name": "Desk"})
        made = self.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "allow_list": ["127.0.0.1"],
                                                          "permissions": ["USER_DATA", "TRADE"],
                                                          # Past the ten years that the clock is set ahead.
                                                          "expires_at": "2099-01-01T00:00:00Z"})
        self.caller = Caller(made["api_key"], HmacPair(made["secret"]))
        self.connection = Connection(self.address)
        self.number = 0

    def signed(self, method, stamp_us):
        self.number += 1
        payload = f"n={self.number}&recvWindow=5000&timestamp={stamp_us}"
        target = "/api/v3/account" if method == "GET" else "/api/v3/order"
        return request(method, f"{target}?{payload}&signature={self.caller.sign(payload)}", self.caller.field)

    def send(self, data):
        self.connection.send(data)
        answer = self.connection.answer()
        if answer is None or answer.field("connection") == "close":
            self.connection = Connection(self.address)
        return answer

    def by_own_clock(self, method="GET"):
        return self.send(self.signed(method, self.clock.now_us()))

    def by_true_time(self, method="GET"):
        return self.send(self.signed(method, time.time_ns() // 1000))

    def status(self):
        return self.gateway.must("GET", "/api/v1/status")

    def wait(self, what, condition, facts=lambda: ""):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what}: not within {PATIENCE_S} s: {facts()} {self.status()['clock']}")
            time.sleep(0.01)

    def settle(self):
        self.wait("no order is accepted", lambda: self.by_own_clock("POST").status == 200, lambda: self.by_own_clock("POST").body)

    def confirm(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
        done = subprocess.run([self.program, "clock", "confirm", "--json", "--data", self.data, *words], capture_output=True,
                              text=True, timeout=PATIENCE_S, check=False, env=environment, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def log(self):
        return pathlib.Path(self.gateway.log.name).read_text(encoding="utf-8")


def tried(node):
    """Everything that might get in, from the moment of the step on: what is wrong with the answers, and the first of them.

    The pauses keep it to so many refusals that the journal has room for each by itself."""
    until = time.monotonic() + TRIED_S
    faults, count, first = [], 0, None
    while time.monotonic() < until:
        for ask in (node.by_own_clock, node.by_true_time):
            for method in ("GET", "POST"):
                answer, count = ask(method), count + 1
                first = first or answer
                if answer.status != 503:
                    faults.append(f"request {count}, {ask.__name__} {method}: {answer.status} {answer.body!r}")
        time.sleep(PAUSE_S)
    return faults, first


def doubt(node, report, name, seconds):
    node.settle()
    order = node.signed("POST", node.clock.now_us())
    faults = [] if node.send(order).status == 200 else ["the order before the step is not accepted"]
    node.clock.step(seconds)
    more, answer = tried(node)
    report.add(f"{name}_nothing_signed_passes", faults + more[:3])
    status = node.status()
    wrong = [] if status["clock"]["in_doubt"] and abs(status["clock"]["step_ms"] - seconds * 1000) < 500 else [f"{status['clock']}"]
    wrong += [] if any("counterfoil clock confirm" in trouble["detail"] for trouble in status["troubles"]) else [str(status)]
    wrong += [] if not status["accepts_signed_requests"] else ["the status says that signed requests are accepted"]
    report.add(f"{name}_the_status_tells_the_step", wrong)
    public = node.send(request("GET", "/api/v3/ping"))
    report.add(f"{name}_public_routes_go_on", [] if public.status == 200 else [f"{public.status}"])
    refusal = answer.field("x-counterfoil-request-id")
    node.wait("the refusal is not in the journal", lambda: node.gateway.call("GET", f"/api/v1/refusals/{refusal}")[0] == 200)
    reason = node.gateway.must("GET", f"/api/v1/refusals/{refusal}")["reason"]
    report.add(f"{name}_the_refusal_has_its_reason", [] if reason == "not_in_force" else [reason])
    return order


def confirmed(node, report, name, seconds, order):
    code, _, talk = node.confirm("--no-input")
    faults = [] if code == 2 and "--yes" in talk and f"{round(abs(seconds))} s" in talk else [f"asked without a terminal: {code} {talk}"]
    faults += [] if node.by_own_clock().status == 503 else ["and the clock is believed"]
    answer = node.gateway.call("POST", "/api/v1/clock/confirm", {"step_ms": round(seconds * 1000) + 60_000})
    faults += [] if answer[0] == 409 and answer[1]["reason"] == "clock_moved" else [f"with another step: {answer}"]
    report.add(f"{name}_is_not_confirmed_by_mistake", faults)
    code, said, talk = node.confirm("--yes")
    faults = [] if code == 0 and json.loads(said)["in_doubt"] is False else [f"{code} {said} {talk}"]
    answer = node.by_own_clock()
    faults += [] if answer.status == 200 else [f"a request of now is answered {answer.status}"]
    answer = node.by_true_time()
    faults += [] if answer.status == 400 and answer.document()["code"] == -1021 else [f"of another time: {answer.status}"]
    answer = node.send(order)
    faults += [] if answer.status == 400 else [f"the order of before is answered {answer.status}"]
    node.settle()
    report.add(f"{name}_is_believed_once_an_operator_says_so", faults)
    code, _, talk = node.confirm("--yes")
    report.add(f"{name}_a_clock_not_in_doubt_cannot_be_confirmed",
               [] if code == 1 and "nothing to confirm" in talk else [f"{code} {talk}"])


def gone_back(node, report, name):
    """Back to the true time: after a word for the other one that is a step, too, and without it the end of the doubt."""
    node.clock.step(0)
    faults, _ = tried(node)
    report.add(f"{name}_and_back_is_a_doubt_again", faults[:3])
    code, said, talk = node.confirm("--yes")
    node.settle()
    report.add(f"{name}_and_back_is_confirmed", [] if code == 0 else [f"{code} {said} {talk}"])
    order = doubt(node, report, f"{name}_again", DOUBTFUL[name])
    node.clock.step(0)
    node.wait("the right does not come back with the clock", lambda: node.by_true_time().status == 200)
    replay = node.send(order)
    wrong = [] if replay.status == 400 and "already received" in replay.document()["msg"] else [f"{replay.status} {replay.body!r}"]
    report.add(f"{name}_the_right_comes_back_with_the_clock_and_no_replay", wrong)


def believed(node, report, name, seconds):
    node.settle()
    order = node.signed("POST", node.clock.now_us())
    faults = [] if node.send(order).status == 200 else ["the order before the step is not accepted"]
    told = node.log().count("clock_stepped")
    node.clock.step(seconds)
    answer = node.by_own_clock()
    faults += [] if answer.status == 200 else [f"a request of the clock's time is answered {answer.status}"]
    answer = node.by_true_time()
    faults += [] if answer.status == 400 and answer.document()["code"] == -1021 else [f"of another time: {answer.status}"]
    answer = node.send(order)
    faults += [] if answer.status == 400 else [f"the order of before the step is answered {answer.status}"]
    node.wait("the log does not tell the step", lambda: node.log().count("clock_stepped") > told)
    node.clock.step(0)
    answer = node.send(order)
    faults += [] if answer.status == 400 else [f"the order of before is answered {answer.status} when the clock is back"]
    node.wait("no steady clock again", lambda: abs(node.status()["clock"]["step_ms"]) < 1000)
    report.add(f"{name}_is_told_and_lets_no_replay_in", faults)


def recorded(node, report, count):
    """The audit log has each word, and is whole for all the steps."""
    node.wait("the audit log stands still", lambda: node.status()["audit_waiting"] == 0)
    records, after = [], "0"
    while after is not None:
        page = node.gateway.must("GET", f"/api/v1/audit?limit=500&after={after}")
        records += [text for item in page["items"] if "clock.confirm" in (text := json.dumps(item))]
        after = page["next"]
    faults = [] if len(records) == count and all("step_ms" in record for record in records) else [f"{len(records)} of {count}"]
    whole = gateway_process.audit_faults(node.program, node.data, node.data.parent)
    report.add("each_word_is_in_the_audit_log", faults + ([whole] if whole else []))


def main():
    library, program = sys.argv[1:]
    report = Report("running_clock")
    upstream = RecordingUpstream()
    with tempfile.TemporaryDirectory(prefix="counterfoil-clock-") as name:
        node = Node(library, program, pathlib.Path(name).resolve(), upstream)
        try:
            for name, seconds in BELIEVED.items():
                believed(node, report, name, seconds)
            for name, seconds in DOUBTFUL.items():
                order = doubt(node, report, name, seconds)
                confirmed(node, report, name, seconds, order)
                gone_back(node, report, name)
            recorded(node, report, 2 * len(DOUBTFUL))
            code = node.gateway.stop()
            report.add("the_node_ends_well", [] if code == 0 else [f"it ended with {code}"])
        finally:
            if node.gateway.process.poll() is None:
                node.gateway.kill()
            upstream.close()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
