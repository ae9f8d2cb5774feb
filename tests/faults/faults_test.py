#!/usr/bin/env python3
"""Lets one call on a file fail, the first, the second and so on, while API keys are changed: nothing may be left half done.

  faults_test.py PROGRAM LIBRARY [--only NAME]

LIBRARY is failing_disk.so. One node serves a whole sweep: for n = 1, 2, ... until rounds pass without the fault being
reached, it is asked to create, import, rotate, suspend and revoke while the n-th write (or sync, or open) of its data fails.
Each answer must be a success or say clearly that it is none, and afterwards the store and the gateway must agree with the
answers: at once, and again after the node was killed and started anew. The node itself must go on serving all the time.

Two more sweeps let a call of `init` and of the start fail: either ends well, or it says so and can be repeated.
"""

import argparse
import contextlib
import errno
import os
import pathlib
import secrets
import string
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import gateway_process  # noqa: E402

from failing_disk import OPEN, SYNC, TRUNCATE, WRITE, FailingDisk  # noqa: E402

EVERYTHING = WRITE | SYNC | TRUNCATE | OPEN
SWEEPS = (("write, EIO", WRITE, errno.EIO), ("write, EDQUOT", WRITE, errno.EDQUOT),
          ("sync and truncate, EIO", SYNC | TRUNCATE, errno.EIO), ("open, EMFILE", OPEN, errno.EMFILE))
# What the node does beside the changes makes the rounds differ a little in their number of calls.
MISSES_AT_THE_END = 3
SETTLE_LIMIT_S = 60
FINDINGS_SHOWN = 20


class Key:
    """What one API key may be now, by what was answered; each of `secrets` signs for it while it is active."""

    def __init__(self, api_key, *secrets_, states=("active",), pairs=(1,), may_be_missing=False):
        self.api_key, self.secrets = api_key, list(secrets_)
        self.states, self.pairs, self.may_be_missing = set(states), set(pairs), may_be_missing
        self.dead = False  # whatever the record says meanwhile


class Round:
    """The changes of one n, to keys of an account of their own."""

    def __init__(self, gateway, number, is_full, findings):
        self.gateway, self.is_full, self.findings = gateway, is_full, findings
        self.account = f"round-{number}"
        self.keys, self.refused_label = [], None
        gateway.must("POST", "/api/v1/accounts", {"id": self.account, "name": self.account})
        self.rotating, self.suspending, self.revoking = (self.made(self.create(name)) for name in "psr")

    def wanted(self, label):
        return {"account": self.account, "label": label, "allow_list": ["127.0.0.1"], "permissions": ["USER_DATA"]}

    def create(self, label):
        return self.ask("POST", "/api/v1/keys", self.wanted(label) | {"type": "hmac-sha256"})

    def made(self, answer):
        self.keys.append(Key(answer["api_key"], answer["secret"]))
        return self.keys[-1]

    def ask(self, method, path, body):
        """The answer to a change; None if it was refused, as only a fault may."""
        status, answer = self.gateway.call(method, path, body)
        if status in (200, 201):
            return answer
        if not gateway_process.refusal_is_clear(status, answer):
            self.findings.append(f"{self.account}: {path} was answered {status} {answer}")
        elif self.is_full and answer["reason"] not in self.reasons_of_full(path):
            self.findings.append(f"{self.account}: a full disk was told as {answer}")
        self.refusal = answer
        return None

    @staticmethod
    def reasons_of_full(path):
        """What ends something is made before the revocation log has its line: then nobody may be told that it was not."""
        ends_something = path.endswith(("/suspend", "/revoke", "/rotate"))
        return ("disk_full", "in_force_not_recorded") + (("registry_unavailable",) if ends_something else ())

    def change(self):
        self.create_one()
        self.import_one()
        self.rotate_one()
        self.suspend_one()
        self.revoke_one()
        self.export()

    def create_one(self):
        answer = self.create("created")
        if answer:
            self.made(answer)
        else:
            self.refused_label = "created"

    def import_one(self):
        letters = string.ascii_letters + string.digits
        api_key, secret = ("".join(secrets.choice(letters) for _ in range(64)) for _ in range(2))
        answer = self.ask("POST", "/api/v1/keys/import", self.wanted("imported") | {"api_key": api_key, "secret": secret})
        self.keys.append(Key(api_key, secret, may_be_missing=answer is None))

    def rotate_one(self):
        answer = self.ask("POST", f"/api/v1/keys/{self.rotating.api_key}/rotate",
                          {"type": "hmac-sha256", "overlap_s": 3600})
        self.rotating.pairs = {2} if answer else {1, 2}
        if answer:
            self.rotating.secrets.append(answer["secret"])

    def suspend_one(self):
        answer = self.ask("POST", f"/api/v1/keys/{self.suspending.api_key}/suspend", {"cause": "fault test"})
        self.suspending.states = {"suspended"} if answer else {"active", "suspended"}

    def revoke_one(self):
        answer = self.ask("POST", f"/api/v1/keys/{self.revoking.api_key}/revoke", {"cause": "fault test"})
        if not answer and self.refusal.get("reason") != "in_force_not_recorded":
            self.findings.append(f"{self.account}: a revocation was refused: {self.refusal}")
        self.revoking.states, self.revoking.dead = {"revoked"}, True

    def export(self):
        """Has the node carry the audit records of these changes into the journal and pin them, while calls fail."""
        status, log = self.gateway.fetch("GET", "/api/v1/audit/export")
        if status != 200 or not log.endswith(b"}\n"):
            self.findings.append(f"{self.account}: the audit log was answered {status} {log[-200:]}")

    # --- What came of it -------------------------------------------------------------------------------------------

    def check(self, gateway, when, settled):
        for key in self.keys:
            said = self.fault_of(gateway, key, settled)
            if said:
                self.findings.append(f"{self.account}, {when}: {key.api_key[:8]} {said}")
        known = {key.api_key for key in self.keys}
        for stored in gateway.must("GET", f"/api/v1/keys?account={self.account}")["items"]:
            if stored["api_key"] not in known and stored["label"] != self.refused_label:
                self.findings.append(f"{self.account}, {when}: nobody was told of {stored}")

    def fault_of(self, gateway, key, settled):
        status, stored = gateway.call("GET", f"/api/v1/keys/{key.api_key}")
        if status == 404 and key.may_be_missing:
            return "is not stored and accepted" if gateway.accepts(key.api_key, key.secrets[0]) else None
        if status != 200:
            return f"is gone: {status} {stored}"
        if stored["state"] not in key.states and (settled or not key.dead):
            return f"is {stored['state']}, not {key.states}"
        if len(stored["pairs"]) not in key.pairs and not key.dead:
            return f"has {len(stored['pairs'])} pairs, not {key.pairs}"
        lives = stored["state"] == "active" and not key.dead
        answers = [gateway.ask_signed(key.api_key, secret) for secret in key.secrets]
        if any((status == gateway_process.UPSTREAM_DOWN) != lives for status, _ in answers):
            return f"is {stored['state']}, and the gateway answered {answers}"
        return None


class Readers:
    """Many who list API keys at once, so that the store opens more connections of its own."""

    COUNT = 8

    def __init__(self, gateway, findings):
        self.gateway, self.findings = gateway, findings
        self.threads = [threading.Thread(target=self.read) for _ in range(self.COUNT)]
        self.ended = threading.Event()

    def read(self):
        while not self.ended.is_set():
            status, answer = self.gateway.call("GET", "/api/v1/keys?limit=500")
            if status != 200 and not gateway_process.refusal_is_clear(status, answer):
                self.findings.append(f"a list was answered {status} {answer}")

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, *exception):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def troubles_of(gateway):
    return [trouble for trouble in gateway.must("GET", "/api/v1/status")["troubles"]
            if trouble["reason"] != "memory_not_locked"]


def wait_until_settled(gateway):
    """What the status still complains about when the fault is long over; nothing, as a rule."""
    deadline = time.monotonic() + SETTLE_LIMIT_S
    while (troubles := troubles_of(gateway)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return troubles


def run_rounds(gateway, disk, calls, error, findings):
    """The rounds, and how many of them met a fault."""
    rounds, reached, missed = [], 0, 0
    while missed < MISSES_AT_THE_END:
        number = len(rounds) + 1
        rounds.append(Round(gateway, number, error in (errno.ENOSPC, errno.EDQUOT), findings))
        disk.fail_one(calls, number, error)
        with Readers(gateway, findings) if calls == OPEN else contextlib.nullcontext():
            rounds[-1].change()
        disk.disarm()
        rounds[-1].check(gateway, "at once", settled=False)
        reached += disk.failed
        missed = 0 if disk.failed else missed + 1
    return rounds, reached


def check_at_rest(options, gateway, data, folder, rounds, when, findings):
    findings += [f"{when}: {trouble}" for trouble in wait_until_settled(gateway)]
    for one in rounds:
        one.check(gateway, when, settled=True)
    fault = gateway_process.audit_faults(options.program, data, folder)
    if fault:
        findings.append(f"{when}: {fault}")


def sweep(options, name, calls, error):
    """Returns what was found."""
    findings = []
    with tempfile.TemporaryDirectory(prefix="counterfoil-faults-") as folder:
        data = pathlib.Path(folder).resolve() / "data"
        gateway_process.init(options.program, data)
        disk = FailingDisk(options.library, folder, data)
        unlimited = ("COUNTERFOIL_LIMITS_ENABLED", "false")
        gateway = gateway_process.Gateway(options.program, data, unlimited, *disk.settings)
        try:
            gateway.wait_until_in_force()
            rounds, reached = run_rounds(gateway, disk, calls, error, findings)
            check_at_rest(options, gateway, data, folder, rounds, "when the fault was over", findings)
        finally:
            gateway.kill()
        gateway = gateway_process.Gateway(options.program, data, unlimited)
        try:
            gateway.wait_until_in_force()
            check_at_rest(options, gateway, data, folder, rounds, "after a start", findings)
        finally:
            if gateway.stop() != 0:
                findings.append("the node did not end well when asked to")
        refused = sum(any(key.may_be_missing for key in one.keys) or one.refused_label is not None for one in rounds)
        report(name, f"{reached} calls failed, one by one; {refused} made keys refused; calls seen in all "
                     f"{disk.calls_seen}", findings)
    return findings


def init_fault(options, data, settings):
    """What `init` says when it fails; "" if it does not."""
    done = subprocess.run([options.program, "init", "--data", data, "--quiet"], env=os.environ | dict(settings),
                          capture_output=True, text=True, timeout=gateway_process.START_LIMIT_S, check=False)
    if done.returncode == 0:
        return ""
    return done.stderr if done.returncode > 0 and done.stderr.strip() else f"ended with {done.returncode}: {done.stderr}"


def sweep_init(options):
    findings, number, failed = [], 0, 1
    while failed:
        number += 1
        with tempfile.TemporaryDirectory(prefix="counterfoil-faults-") as folder:
            data = pathlib.Path(folder).resolve() / "data"
            disk = FailingDisk(options.library, folder, data)
            disk.fail_one(EVERYTHING, number, errno.ENOSPC)
            said = init_fault(options, data, disk.settings)
            failed = disk.failed
            if said and str(data) not in said:
                findings.append(f"init at call {number}: {said}")
            again = init_fault(options, data, ()) if said else ""
            if again:
                findings.append(f"init after it had failed at call {number}: {again}")
    report("init, ENOSPC", f"{number - 1} calls failed, one by one", findings)
    return findings


def sweep_starts(options):
    """Every start either serves or says what is wrong, and the next one without a fault serves."""
    findings, number, refused = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="counterfoil-faults-") as folder:
        data = pathlib.Path(folder).resolve() / "data"
        gateway_process.init(options.program, data)
        disk = FailingDisk(options.library, folder, data)
        while number == 0 or disk.failed:
            number += 1
            disk.fail_one(EVERYTHING, number, errno.EIO)
            try:
                gateway = gateway_process.Gateway(options.program, data, *disk.settings)
            except RuntimeError as ended:
                refused += 1
                if "serve ended with -" in str(ended) or len(str(ended)) < 60:
                    findings.append(f"start at call {number}: {ended}")
                continue
            try:
                gateway.wait_until_in_force()
            finally:
                gateway.kill()
        disk.disarm()
        gateway = gateway_process.Gateway(options.program, data)
        gateway.wait_until_in_force()
        fault = gateway_process.audit_faults(options.program, data, folder)
        findings += [fault] if fault else []
        gateway.stop()
    report("start, EIO", f"{number - 1} calls failed, one by one; {refused} starts refused", findings)
    return findings


def report(name, figures, findings):
    print(f"{name}: {figures}; {len(findings)} findings", flush=True)
    for finding in findings[:FINDINGS_SHOWN]:
        print("  " + finding)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("library")
    parser.add_argument("--only", default="", help="the sweeps whose name contains this")
    options = parser.parse_args()
    findings = [finding for name, calls, error in SWEEPS if options.only in name
                for finding in sweep(options, name, calls, error)]
    for name, run in (("init", sweep_init), ("start", sweep_starts)):
        if options.only in name:
            findings += run(options)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
