#!/usr/bin/env python3
"""Kills a serving node in the middle of mixed writes, again and again, and counts what was lost: nothing may be.

  kill_test.py PROGRAM [--rounds N] [--seed N] [--keys N --fill BENCH_FILL]

Each round several writers create, import, rotate, suspend, resume, rename and revoke API keys through the admin socket
until the node is killed. A change whose answer arrived was acknowledged; the one in flight may or may not have happened.
After the next start every API key must stand where its last acknowledged change put it (or where the one in flight did), no
revoked key may be anything else, the gateway itself must accept exactly the pairs that are in force, and the audit log must
be whole. With --keys, the registry holds that many more from the beginning. Told at the end, and no ground to fail: how
long it took from each start until a signed request was accepted.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import secrets
import statistics
import string
import subprocess
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
FINDINGS_SHOWN = 20


def random_word():
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(64))


def cpu_seconds(process):
    """What a process has used since its start. Its name, which may hold blanks, is in brackets."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Key:
    """What is known of one API key. A set holds what its last acknowledged change made, and what one in flight may have."""

    def __init__(self, api_key, secret, label, states=("active",)):
        self.api_key = api_key
        self.secrets = {1: secret}  # by the number of the pair; a secret whose answer was lost is missing
        self.states, self.labels, self.pairs = set(states), {label}, {(1,)}

    @property
    def is_dead(self):
        return self.states == {"revoked"}

    @property
    def is_active(self):
        return self.states == {"active"}


class Writer(threading.Thread):
    """Changes the keys of an account of its own until the node is gone."""

    def __init__(self, gateway, account, keys, seed):
        super().__init__()
        self.gateway, self.account, self.keys = gateway, account, keys
        self.random = random.Random(seed)
        self.acknowledged = {}  # by what was done
        self.unexpected = None

    def run(self):
        try:
            while True:
                done = self.change()
                self.acknowledged[done] = self.acknowledged.get(done, 0) + 1
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the node was killed
        except Exception as fault:  # anything else is a finding
            self.unexpected = fault

    def change(self):
        living = [key for key in self.keys if not key.is_dead]
        if len(living) < 3 or (len(living) < LIVING_KEYS_MAX and self.random.random() < 0.3):
            return self.make(living)
        key = self.random.choice(living)
        what = self.random.random()
        if what < 0.2:
            return self.set_state(key, "revoke", "revoked")
        if what < 0.4:
            return self.rename(key)
        if not key.is_active:
            return self.set_state(key, "resume", "active")
        return self.rotate(key) if what < 0.8 else self.set_state(key, "suspend", "suspended")

    def make(self, living):
        try:
            return self.create() if self.random.random() < 0.6 else self.import_one()
        except RuntimeError as refused:
            # Keys whose making was not acknowledged before a kill count all the same, and nobody here knows their names.
            if "too_many_keys" not in str(refused) or not living:
                raise
            return self.set_state(self.random.choice(living), "revoke", "revoked")

    def wanted(self):
        return {"account": self.account, "label": f"key {self.random.getrandbits(32):08x}", "permissions": ["USER_DATA"],
                "allow_list": ["127.0.0.1"]}

    def create(self):
        answer = self.gateway.must("POST", "/api/v1/keys", self.wanted() | {"type": "hmac-sha256"})
        self.keys.append(Key(answer["api_key"], answer["secret"], answer["label"]))
        return "create"

    def import_one(self):
        wanted = self.wanted() | {"api_key": random_word(), "secret": random_word()}
        key = Key(wanted["api_key"], wanted["secret"], wanted["label"], states=("active", "absent"))
        self.keys.append(key)
        try:
            self.gateway.must("POST", "/api/v1/keys/import", wanted)
        except RuntimeError:
            self.keys.remove(key)
            raise
        key.states = {"active"}
        return "import"

    def rotate(self, key):
        """Adds a pair; with one in two, the old one ends at once. A key that rotates already ends its old pair."""
        numbers = next(iter(key.pairs))
        if len(numbers) == 2:
            return self.set_pairs(key, "end-retiring", None, numbers[1:])[0]
        overlap_s = self.random.choice((0, 3600))
        added = numbers[-1] + 1
        done, answer = self.set_pairs(key, "rotate", {"type": "hmac-sha256", "overlap_s": overlap_s},
                                      (*numbers, added) if overlap_s else (added,))
        key.secrets[added] = answer["secret"]
        return done

    def set_pairs(self, key, action, body, become):
        key.pairs = key.pairs | {become}  # in flight: either
        answer = self.gateway.must("POST", f"/api/v1/keys/{key.api_key}/{action}", body)
        key.pairs = {become}
        return action, answer

    def set_state(self, key, action, becomes):
        key.states = key.states | {becomes}
        body = None if action == "resume" else {"cause": "kill test"}
        self.gateway.must("POST", f"/api/v1/keys/{key.api_key}/{action}", body)
        key.states = {becomes}
        return action

    def rename(self, key):
        label = f"key {self.random.getrandbits(32):08x}"
        key.labels = key.labels | {label}
        self.gateway.must("PATCH", f"/api/v1/keys/{key.api_key}", {"label": label})
        key.labels = {label}
        return "rename"


def stored_keys(gateway, account):
    """{API key: record} of an account, revoked ones too."""
    found, after = {}, ""
    while after is not None:
        page = gateway.must("GET", f"/api/v1/keys?account={account}&limit=500" + (f"&after={after}" if after else ""))
        found |= {item["api_key"]: item for item in page["items"]}
        after = page["next"]
    return found


def check_record(key, stored):
    """Compares what the node stores with what it acknowledged, and learns what became of changes in flight."""
    if stored is None:
        return None if "absent" in key.states else "was acknowledged and is gone"
    pairs = tuple(pair["number"] for pair in stored["pairs"])
    if stored["state"] not in key.states or stored["label"] not in key.labels:
        return f"is {stored['state']} \"{stored['label']}\", not {key.states} {key.labels}"
    if stored["state"] != "revoked" and pairs not in key.pairs:
        return f"has the pairs {pairs}, not {key.pairs}"
    key.states, key.labels, key.pairs = {stored["state"]}, {stored["label"]}, {pairs}
    return None


def check_account(gateway, account, keys, findings):
    stored = stored_keys(gateway, account)
    for key in keys:
        said = check_record(key, stored.get(key.api_key))
        if said:
            findings.append(f"{key.api_key[:8]} {said}")
    keys[:] = [key for key in keys if key.api_key in stored]
    end_unknown(gateway, keys, stored)


def end_unknown(gateway, keys, stored):
    """Revokes the keys whose making was not acknowledged: they exist, but nobody has their secret."""
    known = {key.api_key for key in keys}
    for api_key, record in stored.items():
        if api_key not in known and record["state"] == "active":
            gateway.must("POST", f"/api/v1/keys/{api_key}/revoke", {"cause": "its answer was lost"})


def check_gateway(gateway, keys, choose, findings):
    """Sends a signed request with each pair of some keys."""
    for key in choose.sample(keys, min(len(keys), ASKED_PER_ROUND)):
        for number, secret in key.secrets.items():
            status, body = gateway.ask_signed(key.api_key, secret)
            right = key.is_active and number in next(iter(key.pairs))
            if (status == gateway_process.UPSTREAM_DOWN) != right:
                findings.append(f"{key.api_key[:8]} is {key.states} with the pairs {key.pairs}, and for pair {number} the "
                                f"gateway answered {status} {body}")


class Loop:
    """Everything that lasts longer than a round."""

    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.data = self.folder / "data"
        self.choose = random.Random(options.seed)
        self.accounts = {f"writer-{number}": [] for number in range(WRITERS)}
        self.acknowledged, self.findings, self.ready_s, self.ready_cpu_s = {}, [], [], []
        gateway_process.init(options.program, self.data)
        if options.keys:
            self.fill()
        self.gateway = self.start()
        for account in self.accounts:
            self.gateway.must("POST", "/api/v1/accounts", {"id": account, "name": account})
        self.witness = self.gateway.must("POST", "/api/v1/keys", {
            "account": "writer-0", "label": "witness", "type": "hmac-sha256", "permissions": ["USER_DATA"],
            "allow_list": ["127.0.0.1"]})
        self.accounts["writer-0"].append(Key(self.witness["api_key"], self.witness["secret"], "witness"))

    def fill(self):
        lines = self.folder / "keys.jsonl"
        with open(lines, "w", encoding="ascii") as file:
            for _ in range(self.options.keys):
                file.write(json.dumps({"api_key": random_word(), "secret": random_word()}) + "\n")
        subprocess.run([self.options.fill, self.data, lines], check=True)

    def start(self):
        # Wrongly signed requests are part of the check, and none of them is to be answered by a limit.
        return gateway_process.Gateway(self.options.program, self.data, ("COUNTERFOIL_LIMITS_ENABLED", "false"))

    @property
    def keys(self):
        return [key for keys in self.accounts.values() for key in keys]

    def run_round(self, number):
        writers = [Writer(self.gateway, account, [key for key in keys if "witness" not in key.labels],
                          self.choose.getrandbits(64)) for account, keys in self.accounts.items()]
        for writer in writers:
            writer.start()
        time.sleep(self.choose.uniform(0.1, 1.2))  # the moment of the kill, not a synchronisation
        self.gateway.kill()
        for writer in writers:
            writer.join()
            if writer.unexpected:
                self.findings.append(f"round {number}: {writer.unexpected!r}")
            for what, times in writer.acknowledged.items():
                self.acknowledged[what] = self.acknowledged.get(what, 0) + times
            witness = [key for key in self.accounts[writer.account] if "witness" in key.labels]
            self.accounts[writer.account] = witness + writer.keys

    def start_again(self, number):
        begun = time.monotonic()
        self.gateway = self.start()
        while not self.gateway.accepts(self.witness["api_key"], self.witness["secret"]):
            if time.monotonic() > begun + gateway_process.START_LIMIT_S:
                raise RuntimeError("the gateway never accepted a signed request again")
            time.sleep(0.005)
        self.ready_s.append(time.monotonic() - begun)
        self.ready_cpu_s.append(cpu_seconds(self.gateway.process.pid))
        for account, keys in self.accounts.items():
            found = []
            check_account(self.gateway, account, keys, found)
            check_gateway(self.gateway, keys, self.choose, found)
            self.findings += [f"round {number}: {finding}" for finding in found]
        fault = gateway_process.audit_faults(self.options.program, self.data, self.folder)
        if fault:
            self.findings.append(f"round {number}: {fault}")

    def report(self):
        rounds, total = self.options.rounds, sum(self.acknowledged.values())
        revoked = sum(key.is_dead for key in self.keys)
        print(f"{rounds} kills, {total} acknowledged changes, {revoked} keys revoked, {len(self.findings)} findings")
        print("  " + ", ".join(f"{times} {what}" for what, times in sorted(self.acknowledged.items())))
        print(f"  {self.options.keys + len(self.keys)} keys; a signed request was accepted {statistics.median(self.ready_s):.2f} s "
              f"(median) and {max(self.ready_s):.2f} s (most) after a start; the node had then used "
              f"{statistics.median(self.ready_cpu_s):.2f} s of processor time (median)")
        if total < rounds or len(self.acknowledged) < 7:
            self.findings.append("too few changes to say anything")
        for finding in self.findings[:FINDINGS_SHOWN]:
            print("  " + finding)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--keys", type=int, default=0, help="API keys that lie in the registry besides")
    parser.add_argument("--fill", help="the program bench_fill, which puts them there")
    options = parser.parse_args()
    if options.keys and not options.fill:
        parser.error("--keys needs --fill")
    with tempfile.TemporaryDirectory(prefix="counterfoil-kill-") as folder:
        loop = Loop(options, folder)
        for number in range(1, options.rounds + 1):
            loop.run_round(number)
            loop.start_again(number)
        if loop.gateway.stop() != 0:
            loop.findings.append("the node did not end well when asked to")
        loop.report()
    return 1 if loop.findings else 0


if __name__ == "__main__":
    sys.exit(main())
