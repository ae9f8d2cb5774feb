#!/usr/bin/env python3
"""A bulk import on the running program: bad rows in between, the node and the command killed in the middle of it, again.

    tests/cli/import_test.py PATH-OF-COUNTERFOIL [--rows N]
"""

import json
import os
import pathlib
import random
import shutil
import signal
import string
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

import gateway_process  # noqa: E402

PROGRAM = ""
ROWS = 20_000
KEYS_PER_ACCOUNT = 30
KILLS = 5
ASKED = 40  # imported keys that a request is signed with
BAD_EVERY = 40
RUN_LIMIT_S = 900
LETTERS = string.ascii_letters + string.digits


def word(source):
    return "".join(source.choice(LETTERS) for _ in range(64))


def as_line(row):
    return json.dumps(row).encode()


class Rows:
    """The lines of a file to import, and what is to become of each."""

    def __init__(self, count):
        self.source = random.Random(7)
        self.lines, self.good, self.refused = [], [], {}
        for _ in range(count):
            if len(self.lines) % BAD_EVERY == BAD_EVERY - 1:
                self.add_bad()
            else:
                self.add_good()

    def wanted(self):
        return {"account": f"desk-{len(self.good) // KEYS_PER_ACCOUNT}", "api_key": word(self.source),
                "secret": word(self.source)}

    def add_good(self):
        row = self.wanted() | {"label": f"bot {len(self.good)}"}
        self.good.append(row)
        self.lines.append(as_line(row))

    def add_bad(self):
        row, past = self.wanted(), self.good[0]
        line, reason = self.source.choice([
            (as_line(row)[:-1], "json_malformed"),
            (as_line(row)[:-1] + b',"account":"other"}', "json_member_repeated"),
            (as_line(row | {"lable": "x"}), "member_unknown"),
            (as_line(row)[:-1] + b',"label":"\xff"}', "json_malformed"),
            (as_line(row | {"vendor": "x" * 20_000}), "line_too_long"),
            (as_line(row | {"permissions": ["FLY"]}), "permission_unknown"),
            (as_line(row | {"permissions": ["TRADE"]}), "allow_list_required"),
            (as_line(row | {"secret": "short"}), "secret_length"),
            (as_line(row | {"account": "desk-0"}), "too_many_keys"),
            (as_line(row | {"api_key": past["api_key"]}), "api_key_exists"),
            (as_line(row | {"secret": past["secret"]}), "pair_taken"),
            (as_line(row | {"secret": row["api_key"]}), "api_key_given_as_secret"),
        ])
        self.lines.append(line)
        self.refused[len(self.lines)] = reason

    def write(self, path):
        path.write_bytes(b"\n".join(self.lines) + b"\n")
        path.chmod(0o600)


class ImportTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="counterfoil-import-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.data, self.file, self.report = (self.folder / name for name in ("data", "keys.jsonl", "refused.jsonl"))
        gateway_process.init(PROGRAM, self.data)
        self.node = None
        self.addCleanup(lambda: self.node and self.node.process.poll() is None and self.node.kill())

    def serve(self):
        self.node = gateway_process.Gateway(PROGRAM, self.data, ("COUNTERFOIL_LIMITS_ENABLED", "false"))

    def command(self, *flags):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
        environment["COUNTERFOIL_NODE_ALLOW_UNLOCKED_MEMORY"] = "true"
        return subprocess.Popen([PROGRAM, "keys", "import", "--json", "--data", self.data, "--file", self.file, *flags],
                                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_import(self, *flags, code=0):
        process = self.command(*flags)
        out, err = process.communicate(timeout=RUN_LIMIT_S)
        self.assertEqual(process.returncode, code, err.decode())
        self.said = err.decode()
        return json.loads(out) if out else None

    def stored(self):
        return self.node.must("GET", "/api/v1/status")["api_keys"]

    def kill_when_stored(self, process, count, victim):
        """Kills the node or the command once so many keys are in; not at all if the import has ended before."""
        while process.poll() is None and self.stored() < count:
            time.sleep(0.01)
        if process.poll() is not None:
            return False
        if victim == "node":
            self.node.kill()
        else:
            process.send_signal(signal.SIGKILL)
        _, err = process.communicate(timeout=RUN_LIMIT_S)
        if victim == "node":
            self.assertEqual(process.returncode, 3, err.decode())
            self.assertIn("run the same command again", err.decode())
            self.serve()
        return True

    def test_killed_again_and_again_it_ends_in_the_same_state(self):
        rows = Rows(ROWS)
        rows.write(self.file)
        self.serve()
        killed = 0
        for number in range(1, KILLS + 1):
            process = self.command("--create-accounts", "--report", self.report)
            victim = "command" if number == 2 else "node"
            killed += self.kill_when_stored(process, len(rows.good) * number // (KILLS + 1), victim)
        self.assertGreater(killed, KILLS // 2)

        summary = self.run_import("--create-accounts", "--report", self.report, code=1)

        self.assertEqual(summary["rows"], len(rows.lines))
        self.assertEqual(summary["imported"] + summary["already_there"], len(rows.good))
        self.assertGreater(summary["already_there"], 0)
        self.assertEqual(summary["refused"], len(rows.refused))
        self.assertEqual(self.stored(), len(rows.good))
        self.check_report(rows)
        self.check_keys(rows)
        self.assertEqual(gateway_process.audit_faults(PROGRAM, self.data, self.folder), "")
        self.check_no_secret(rows)
        again = self.run_import("--create-accounts", "--report", self.report, code=1)
        self.assertEqual((again["imported"], again["already_there"]), (0, len(rows.good)))

    def check_report(self, rows):
        told = [json.loads(line) for line in self.report.read_text(encoding="utf-8").splitlines()]
        self.assertEqual({row["line"]: row["reason"] for row in told}, rows.refused)
        self.assertEqual(len(told), len(rows.refused))
        self.assertTrue(all(row["detail"] for row in told))
        self.assertEqual(self.report.stat().st_mode & 0o777, 0o600)

    def check_keys(self, rows):
        self.node.wait_until_in_force()
        for row in random.Random(11).sample(rows.good, ASKED):
            stored = self.node.must("GET", f"/api/v1/keys/{row['api_key']}")
            self.assertEqual((stored["account"], stored["label"], stored["imported"], stored["state"]),
                             (row["account"], row["label"], True, "active"))
            self.assertTrue(self.node.accepts(row["api_key"], row["secret"]))

    def check_no_secret(self, rows):
        everything = b"".join((self.folder / name).read_bytes() for name in
                              ("refused.jsonl", "serve.log", "audit.ndjson")) + self.said.encode()
        for row in rows.good[::97]:
            self.assertNotIn(row["secret"].encode(), everything)
        for line in rows.lines[BAD_EVERY - 1::BAD_EVERY]:
            secret = line.partition(b'"secret": "')[2][:64]
            if len(secret) == 64 and secret not in line.partition(b'"secret"')[0]:
                self.assertNotIn(secret, everything)

    def test_a_rehearsal_stores_nothing_and_tells_the_same(self):
        rows = Rows(500)
        rows.write(self.file)
        self.serve()
        tried = self.run_import("--create-accounts", "--dry-run", "--report", self.report, code=1)
        self.assertEqual(self.stored(), 0)
        self.assertEqual(self.node.must("GET", "/api/v1/accounts")["items"], [])
        self.check_report(rows)

        done = self.run_import("--create-accounts", "--report", self.report, code=1)

        self.check_report(rows)
        for name in ("rows", "imported", "already_there", "refused", "accounts_created"):
            self.assertEqual(done[name], tried[name], name)
        self.assertEqual(self.stored(), len(rows.good))

    def test_refuses_what_would_do_harm(self):
        rows = Rows(10)
        rows.write(self.file)
        self.serve()
        self.run_import("--report", self.file, code=2)
        self.assertIn("left alone", self.said)
        self.assertEqual(self.file.read_bytes(), b"\n".join(rows.lines) + b"\n")
        self.report.write_text("somebody's notes\n", encoding="utf-8")
        self.run_import("--report", self.report, code=2)
        self.assertEqual(self.report.read_text(encoding="utf-8"), "somebody's notes\n")
        self.file.chmod(0o644)
        self.run_import(code=2)
        self.assertIn("chmod 600", self.said)
        self.file.chmod(0o600)
        self.run_import("--account", "desk", code=2)
        self.assertEqual(self.run_import(code=1)["refused"], 10)
        self.assertIn("no such account", self.said)
        self.assertEqual(self.stored(), 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: import_test.py PATH-OF-COUNTERFOIL [--rows N]")
    PROGRAM = sys.argv.pop(1)
    if "--rows" in sys.argv:
        at = sys.argv.index("--rows")
        ROWS = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main(verbosity=2)
