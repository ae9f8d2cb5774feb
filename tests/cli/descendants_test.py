#!/usr/bin/env python3
"""API keys that API keys made, as an operator sees and ends them.  descendants_test.py PROGRAM"""

import hashlib
import hmac
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse

import gateway_process

LIMIT_S = 60
KEYS = "/sapi/v1/sub-account/subAccountApi"


class House:
    """A node with a master, two sub-accounts, and a managing key that made three API keys."""

    def __init__(self, program, folder):
        self.program = program
        data = folder / "data"
        gateway_process.init(program, data)
        self.gateway = gateway_process.Gateway(program, data)
        self.gateway.wait_until_in_force()
        self.cli("accounts", "create", "fund")
        for desk in ("desk-1", "desk-2"):
            self.cli("accounts", "create", desk, "--master", "fund", "--email", f"{desk}@fund.x")
        self.manager = self.cli("keys", "create", "--account", "fund", "--label", "key-desk", "--type", "hmac-sha256",
                                "--permissions", "USER_DATA,MANAGE_KEYS", "--ip", "127.0.0.1")
        self.made = [self.make("desk-1", "a"), self.make("desk-1", "b"), self.make("desk-2", "c")]

    def run(self, *words):
        """No terminal: it runs in a session of its own."""
        return subprocess.run([self.program, *words, "--admin-socket", self.gateway.admin_socket], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LIMIT_S, check=False, start_new_session=True)

    def cli(self, *words):
        done = self.run(*words, "--json")
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def make(self, desk, name):
        """The managing key makes one over the gateway, once the guard of the start is over."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            query = urllib.parse.urlencode({"email": f"{desk}@fund.x", "apiName": name, "status": 1,
                                            "timestamp": time.time_ns() // 1000})
            signature = hmac.new(self.manager["secret"].encode(), query.encode(), hashlib.sha256).hexdigest()
            status, answer = self.gateway.request("POST", f"{KEYS}?{query}&signature={signature}",
                                                  {"X-MBX-APIKEY": self.manager["api_key"]})
            if status == 200:
                return answer
            assert answer["code"] == -1021 and time.monotonic() < deadline, (status, answer)
            time.sleep(0.05)

    def state(self, api_key):
        return self.cli("keys", "show", api_key)["state"]


def reads(house):
    ids = {key["apiKey"] for key in house.made}
    listed = house.cli("keys", "list", "--parent", "key-desk")["items"]
    assert {key["api_key"] for key in listed} == ids, listed
    assert all(key["parent"] == house.manager["api_key"] for key in listed)
    assert len(house.cli("keys", "list", "--parent", "key-desk", "--find", "desk-2")["items"]) == 1
    managing = house.cli("keys", "list", "--permission", "MANAGE_KEYS,WITHDRAW")["items"]
    assert [key["label"] for key in managing] == ["key-desk"], managing
    unknown = house.run("keys", "list", "--permission", "WITHDRAWS")
    assert unknown.returncode == 2 and "Did you mean 'WITHDRAW'?" in unknown.stderr, unknown.stderr
    shown = house.run("keys", "show", "key-desk")
    assert "It made 3 API keys" in shown.stderr, shown.stderr
    assert "MANAGE_KEYS" in shown.stdout
    accounts = house.cli("accounts", "list", "--master", "fund")["items"]
    assert [account["email"] for account in accounts] == ["desk-1@fund.x", "desk-2@fund.x"], accounts
    assert house.run("accounts", "create", "x", "--master", "fund").returncode == 2


def previews(house):
    asked = house.run("keys", "revoke", "key-desk", "--descendants")
    assert asked.returncode == 2, "nobody can be asked"
    assert "made 3 API keys, to be revoked too" in asked.stderr, asked.stderr
    assert "and the 3 API keys it made" in asked.stderr and "--yes" in asked.stderr, asked.stderr
    dry = house.cli("keys", "revoke", "key-desk", "--dry-run")
    assert len(dry["descendants"]) == 3, dry
    assert house.state("key-desk") == "active"


def suspends(house):
    done = house.run("keys", "suspend", "a", "--cause", "test")
    assert done.returncode == 0 and "it made" not in done.stderr, done.stderr
    house.cli("keys", "suspend", "key-desk", "--descendants", "--cause", "test")
    assert [house.state(key["apiKey"]) for key in house.made] == ["suspended"] * 3
    for name in ("key-desk", "a", "b", "c"):
        house.cli("keys", "resume", name)


def revokes(house):
    first = house.run("keys", "revoke", "key-desk", "--yes", "--json")
    assert "it made 3 API keys that stay valid: " in first.stderr, first.stderr
    assert all(f"{name} (" in first.stderr for name in ("a", "b", "c")), first.stderr
    answer = json.loads(first.stdout)
    assert answer["state"] == "revoked" and len(answer["descendants"]) == 3, answer
    assert house.gateway.accepts(house.made[0]["apiKey"], house.made[0]["secretKey"])
    again = house.cli("keys", "revoke", "key-desk", "--yes", "--descendants", "--cause", "laptop stolen")
    ended = again["changed_descendants"]
    assert {key["api_key"] for key in ended} == {key["apiKey"] for key in house.made}, again
    assert all(key["state"] == "revoked" and key["receipt"]["action"] == "key.revoke" for key in ended), ended
    assert not any(house.gateway.accepts(key["apiKey"], key["secretKey"]) for key in house.made)
    assert house.cli("keys", "list", "--parent", house.manager["api_key"])["items"] == []


def main():
    with tempfile.TemporaryDirectory(prefix="counterfoil-descendants-") as folder:
        house = House(sys.argv[1], pathlib.Path(folder).resolve())
        try:
            for step in (reads, previews, suspends, revokes):
                step(house)
                print(f"{step.__name__}: as told")
        finally:
            code = house.gateway.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
