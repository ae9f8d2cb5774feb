#!/usr/bin/env python3
"""The sealing key and the root key of a running node are changed under load, and the node is killed in the middle of it.

    tests/cli/secrets_test.py PATH-OF-COUNTERFOIL [--keys N] [--kills N]
"""

import contextlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import string
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True

import gateway_process  # noqa: E402

PROGRAM = ""
KEYS = 5_000
KILLS = 20
ROOT_KILLS = 8
CALLERS = 2
CALL_PAUSE_S = 0.005  # each call is a kept refusal, which a rotation wraps anew
ASKED = 100  # keys that a request is signed with at the end
KEYS_PER_ACCOUNT = 30
RUN_LIMIT_S = 900
SEALING_KEY_KIND = 3
LETTERS = string.ascii_letters + string.digits


def run(*words, code=0):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
    environment["COUNTERFOIL_NODE_ALLOW_UNLOCKED_MEMORY"] = "true"
    done = subprocess.run([PROGRAM, *map(str, words)], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=RUN_LIMIT_S, check=False)
    if code is not None and done.returncode != code:
        raise AssertionError(f"{words} ended with {done.returncode}, not {code}: {done.stdout}{done.stderr}")
    return done


class Caller(threading.Thread):
    """Signs requests with one key after the other, and keeps what was answered but by the upstream that is not there."""

    def __init__(self, test, seed):
        super().__init__()
        self.test, self.random = test, random.Random(seed)
        self.accepted, self.refused = 0, []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(CALL_PAUSE_S):
            key = self.random.choice(self.test.keys)
            try:
                status, answer = self.test.node.ask_signed(key["api_key"], key["secret"])
            except (OSError, ValueError):
                self.ended.wait(0.01)  # the node is being started again
                continue
            if status == gateway_process.UPSTREAM_DOWN:
                self.accepted += 1
            elif status != 503:  # before its right to accept is in force, a node says that it cannot tell
                self.refused.append((status, answer))


class SecretsTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="counterfoil-secrets-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = self.folder / "data"
        self.random = random.Random(3)
        gateway_process.init(PROGRAM, self.data)
        self.node = None
        self.addCleanup(lambda: self.node and self.node.process.poll() is None and self.node.kill())

    def serve(self):
        self.node = gateway_process.Gateway(PROGRAM, self.data, ("COUNTERFOIL_LIMITS_ENABLED", "false"))

    def word(self):
        return "".join(self.random.choice(LETTERS) for _ in range(64))

    def make_keys(self, count):
        self.keys = [{"account": f"desk-{number // KEYS_PER_ACCOUNT}", "api_key": self.word(), "secret": self.word()}
                     for number in range(count)]
        file = self.folder / "keys.jsonl"
        file.touch(0o600)
        file.write_text("".join(json.dumps(key) + "\n" for key in self.keys), encoding="ascii")
        run("keys", "import", "--data", self.data, "--file", file, "--create-accounts", "--quiet")
        self.assertEqual(self.node.must("GET", "/api/v1/status")["api_keys"], count)

    def secrets(self):
        return self.node.must("GET", "/api/v1/secrets")

    def sealing_records(self):
        """{name: bytes} of what the registry keeps of the sealing keys."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data / 'registry.db'}?mode=ro", uri=True)) as store:
            return dict(store.execute("SELECT id, bytes FROM records WHERE kind = ?", (SEALING_KEY_KIND,)))

    def on_disk(self, value):
        return any(value in path.read_bytes() for path in self.data.glob("registry.db*"))

    def wait_until(self, holds):
        deadline = time.monotonic() + RUN_LIMIT_S
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def check_every_key(self):
        self.node.wait_until_in_force()
        status = self.node.must("GET", "/api/v1/status")
        self.assertEqual((status["api_keys"], status["unusable_records"]), (len(self.keys), 0))
        for key in self.random.sample(self.keys, min(ASKED, len(self.keys))):
            self.assertTrue(self.node.accepts(key["api_key"], key["secret"]))

    def kill_in_the_middle(self):
        """Begins a rotation, or finds one going on, and kills the node when a chosen part of it is left."""
        self.node.call("POST", "/api/v1/secrets/rotate-kek")
        wanted = self.random.random()
        while True:
            rotation = self.secrets()["rotation"]
            if rotation is None:
                self.node.call("POST", "/api/v1/secrets/rotate-kek")
                continue
            if rotation["records"] and rotation["records_left"] <= wanted * rotation["records"]:
                break
        self.node.kill()
        return rotation["records_left"] > 0

    def test_the_sealing_key_is_changed_under_load_whatever_is_killed(self):
        self.serve()
        self.make_keys(KEYS)
        old = self.sealing_records()["kek-1"]
        callers = [Caller(self, number) for number in range(CALLERS)]
        for caller in callers:
            caller.start()
        in_the_middle = 0
        try:
            run("secrets", "rotate", "kek", "--data", self.data)  # one undisturbed
            self.assertEqual([key["version"] for key in self.secrets()["sealing_keys"]], [2])
            for _ in range(KILLS):
                in_the_middle += self.kill_in_the_middle()
                self.serve()
                status = self.node.must("GET", "/api/v1/status")
                self.assertEqual((status["api_keys"], status["unusable_records"]), (KEYS, 0))
            self.wait_until(lambda: self.secrets()["rotation"] is None)
        finally:
            for caller in callers:
                caller.ended.set()
                caller.join()
        self.assertGreater(in_the_middle, KILLS // 2)
        self.assertEqual([refused for caller in callers for refused in caller.refused], [])
        self.assertGreater(min(caller.accepted for caller in callers), KILLS)
        newest = self.secrets()["sealing_keys"][0]["version"]
        self.assertEqual(set(self.sealing_records()), {f"kek-{newest}", f"wraps-{newest}", "pepper"})
        self.wait_until(lambda: not self.on_disk(old))
        self.node.kill()
        self.serve()
        self.check_every_key()
        self.assertEqual(gateway_process.audit_faults(PROGRAM, self.data, self.folder), "")

    def test_the_root_key_is_changed_whatever_is_killed(self):
        self.serve()
        self.make_keys(KEYS_PER_ACCOUNT * 2)
        for number in range(ROOT_KILLS):
            file = self.folder / f"root-{number}.key"
            changing = subprocess.Popen([PROGRAM, "secrets", "rotate", "root", "--new-root-key-file", file, "--data", self.data],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.wait_until(file.exists)
            time.sleep(self.random.uniform(0, 0.06))  # the moment of the kill, not a synchronisation
            self.node.kill()
            changing.wait(RUN_LIMIT_S)
            self.serve()  # opens with whatever lies there
            self.check_every_key()
            done = run("secrets", "rotate", "root", "--new-root-key-file", file, "--data", self.data, code=None)
            self.assertTrue(done.returncode == 0 or "is the root key already" in done.stderr, done.stderr)
            self.assertIsNone(self.secrets()["root_key"]["next_id"])
            self.assertEqual(file.read_text(encoding="ascii"), (self.data / "root.key").read_text(encoding="ascii"))
        self.check_every_key()
        self.assertEqual(gateway_process.audit_faults(PROGRAM, self.data, self.folder), "")

    def test_a_backup_from_before_opens_with_the_old_root_key_and_only_that(self):
        self.serve()
        self.make_keys(KEYS_PER_ACCOUNT)
        run("backup", "create", "--data", self.data, "--out", self.folder / "before.backup")
        old_wrap = self.sealing_records()["kek-1"]
        old_id = self.secrets()["root_key"]["id"]
        run("secrets", "rotate", "root", "--new-root-key-file", self.folder / "new.key", "--data", self.data)
        run("secrets", "scrub", "--data", self.data)
        self.assertFalse(self.on_disk(old_wrap))
        self.check_every_key()
        kept = self.data / f"root.key.old-{old_id}"
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        self.node.stop()

        shutil.copy2(self.data / "root.key", self.folder / "new-root.key")
        shutil.copy2(kept, self.data / "root.key")  # somebody puts the old one back
        failed = run("serve", "--data", self.data, code=2)
        self.assertIn("was replaced at", failed.stderr)
        shutil.copy2(self.folder / "new-root.key", self.data / "root.key")

        restored = self.folder / "restored"
        run("backup", "restore", self.folder / "before.backup", "--data", restored, "--key", self.data / "backup.key",
            "--revocations", self.data / "revocations.log", "--checkpoints", self.data / "checkpoints.log",
            "--accept-rollback")
        for name in ("upstream-proof.secret", "backup.key", "root.key"):
            shutil.copy2(self.data / name, restored / name)
        run("serve", "--data", restored, code=2)
        shutil.copy2(kept, restored / "root.key")
        self.data = restored
        self.serve()
        self.check_every_key()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: secrets_test.py PATH-OF-COUNTERFOIL [--keys N] [--kills N]")
    PROGRAM = sys.argv.pop(1)
    for flag in ("--keys", "--kills"):
        if flag in sys.argv:
            at = sys.argv.index(flag)
            globals()[flag[2:].upper()] = int(sys.argv[at + 1])
            del sys.argv[at:at + 2]
    unittest.main(verbosity=2)
