#!/usr/bin/env python3
"""Kills a serving node in the middle of mixed writes, again and again, and counts what was lost: nothing may be.

  kill_test.py PROGRAM [--rounds N] [--seed N]

Each round several writers create, suspend, resume, rename and revoke API keys through the admin socket until the node is
killed. A change whose answer arrived was acknowledged; the one in flight may or may not have happened. After the next
start every API key must stand where its last acknowledged change put it (or where the one in flight did), no revoked key
may be anything else, and the gateway itself must refuse revoked keys and accept active ones.
"""

import argparse
import hashlib
import hmac
import http.client
import pathlib
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import gateway_process  # noqa: E402

WRITERS = 4
# Of the 30 an account may have: a kill may leave one more that was made and whose answer was lost.
LIVING_KEYS_MAX = 8
ASKED_PER_ROUND = 12  # keys that are also tried at the gateway
UPSTREAM_DOWN = 502   # what an accepted request ends with here: there is no upstream


class Key:
    """What is known of one API key: the states it may be in, and its label likewise."""

    def __init__(self, answer):
        self.api_key, self.secret = answer["api_key"], answer["secret"]
        self.states, self.labels = {"active"}, {answer["label"]}


class Writer(threading.Thread):
    """Changes the keys of an account of its own until the node is gone."""

    def __init__(self, gateway, account, keys, seed):
        super().__init__()
        self.gateway, self.account, self.keys = gateway, account, keys
        self.random = random.Random(seed)
        self.acknowledged = 0
        self.unexpected = None

    def run(self):
        try:
            while True:
                self.change()
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the node was killed
        except Exception as fault:  # anything else is a finding
            self.unexpected = fault

    def change(self):
        living = [key for key in self.keys if key.states != {"revoked"}]
        if len(living) < 3 or (len(living) < LIVING_KEYS_MAX and self.random.random() < 0.3):
            return self.create()
        key = self.random.choice(living)
        state = next(iter(key.states))
        if self.random.random() < 0.25:
            return self.set_state(key, "revoke", "revoked")
        if self.random.random() < 0.4:
            return self.rename(key)
        if state == "active":
            return self.set_state(key, "suspend", "suspended")
        return self.set_state(key, "resume", "active")

    def create(self):
        try:
            answer = self.gateway.must("POST", "/api/v1/keys", {
                "account": self.account, "label": f"key {self.random.getrandbits(32):08x}", "type": "hmac-sha256",
                "permissions": ["USER_DATA"], "allow_list": ["127.0.0.1"]})
        except RuntimeError as refused:
            # Keys whose making was not acknowledged before a kill count all the same, and nobody here knows their names.
            if "too_many_keys" not in str(refused):
                raise
            living = [key for key in self.keys if key.states != {"revoked"}]
            return self.set_state(self.random.choice(living), "revoke", "revoked") if living else None
        self.keys.append(Key(answer))
        self.acknowledged += 1

    def set_state(self, key, action, becomes):
        before = set(key.states)
        key.states = before | {becomes}  # in flight: either
        body = None if action == "resume" else {"cause": "kill test"}
        self.gateway.must("POST", f"/api/v1/keys/{key.api_key}/{action}", body)
        key.states = {becomes}
        self.acknowledged += 1

    def rename(self, key):
        label = f"key {self.random.getrandbits(32):08x}"
        key.labels = key.labels | {label}
        self.gateway.must("PATCH", f"/api/v1/keys/{key.api_key}", {"label": label})
        key.labels = {label}
        self.acknowledged += 1


def signed_target(secret):
    query = f"timestamp={int(time.time() * 1000)}"
    signature = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    return f"/api/v3/account?{query}&signature={signature}"


def wait_until_in_force(gateway):
    deadline = time.monotonic() + gateway_process.START_LIMIT_S
    while not gateway.must("GET", "/api/v1/status")["accepts_signed_requests"]:
        if time.monotonic() > deadline:
            raise RuntimeError("the gateway never got its right to accept requests")
        time.sleep(0.02)


def check_records(gateway, keys, findings):
    """Compares what the node stores with what it acknowledged, and learns what became of changes in flight."""
    for key in keys:
        status, stored = gateway.call("GET", f"/api/v1/keys/{key.api_key}")
        if status != 200:
            findings.append(f"{key.api_key[:8]} was acknowledged and is gone ({status})")
        elif stored["state"] not in key.states or stored["label"] not in key.labels:
            findings.append(f"{key.api_key[:8]} is {stored['state']} \"{stored['label']}\", not {key.states} {key.labels}")
        else:
            key.states, key.labels = {stored["state"]}, {stored["label"]}


def end_unknown(gateway, accounts):
    """Revokes the keys whose making was not acknowledged: they exist, but nobody has their secret."""
    for account, keys in accounts.items():
        known = {key.api_key for key in keys}
        for stored in gateway.must("GET", f"/api/v1/keys?account={account}&state=active")["items"]:
            if stored["api_key"] not in known:
                gateway.must("POST", f"/api/v1/keys/{stored['api_key']}/revoke", {"cause": "its answer was lost"})


def check_gateway(gateway, keys, choose, findings):
    """Sends a signed request with some keys of each state."""
    for key in choose.sample(keys, min(len(keys), ASKED_PER_ROUND)):
        status, body = gateway.request("GET", signed_target(key.secret), {"X-MBX-APIKEY": key.api_key})
        accepted = status == UPSTREAM_DOWN
        if accepted != (key.states == {"active"}):
            findings.append(f"{key.api_key[:8]} is {key.states}, and the gateway answered {status} {body}")


def run_round(number, gateway, accounts, choose):
    writers = [Writer(gateway, account, keys, choose.getrandbits(64)) for account, keys in accounts.items()]
    for writer in writers:
        writer.start()
    time.sleep(choose.uniform(0.1, 1.2))  # the moment of the kill, not a synchronisation
    gateway.kill()
    for writer in writers:
        writer.join()
    faults = [f"round {number}: {writer.unexpected!r}" for writer in writers if writer.unexpected]
    return sum(writer.acknowledged for writer in writers), faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    choose = random.Random(options.seed)
    accounts = {f"writer-{number}": [] for number in range(WRITERS)}
    acknowledged, findings = 0, []
    with tempfile.TemporaryDirectory(prefix="counterfoil-kill-") as folder:
        data = pathlib.Path(folder) / "data"
        gateway_process.init(options.program, data)
        gateway = gateway_process.Gateway(options.program, data)
        for account in accounts:
            gateway.must("POST", "/api/v1/accounts", {"id": account, "name": account})
        for number in range(1, options.rounds + 1):
            done, faults = run_round(number, gateway, accounts, choose)
            acknowledged += done
            findings += faults
            gateway = gateway_process.Gateway(options.program, data)
            wait_until_in_force(gateway)
            keys = [key for account_keys in accounts.values() for key in account_keys]
            check_records(gateway, keys, findings)
            check_gateway(gateway, keys, choose, findings)
            end_unknown(gateway, accounts)
        if gateway.stop() != 0:
            findings.append("the node did not end well when asked to")
    revoked = sum(key.states == {"revoked"} for keys in accounts.values() for key in keys)
    print(f"{options.rounds} kills, {acknowledged} acknowledged changes, {revoked} keys revoked, {len(findings)} findings")
    for finding in findings[:20]:
        print("  " + finding)
    if acknowledged < options.rounds:
        findings.append("too few changes to say anything")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
