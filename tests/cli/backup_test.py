#!/usr/bin/env python3
"""Backups of a real node: made while keys change, restored, and nothing that was revoked comes back.

    tests/cli/backup_test.py PATH-OF-COUNTERFOIL
"""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True

import gateway_process  # noqa: E402

PROGRAM = ""
RUN_LIMIT_S = 300
NEEDED = ("root.key", "upstream-proof.secret", "backup.key")


def run(*arguments, code=0, **options):
    """One run of the program: its JSON (with --json) or the text of standard error."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
    environment["COUNTERFOIL_NODE_ALLOW_UNLOCKED_MEMORY"] = "true"
    done = subprocess.run([PROGRAM, *map(str, arguments)], env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False, **options)
    if done.returncode != code:
        raise AssertionError(f"{arguments} ended with {done.returncode}, not {code}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout) if "--json" in arguments and done.stdout else done.stderr


class BackupTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="counterfoil-backup-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = self.folder / "data"
        gateway_process.init(PROGRAM, self.data)
        self.nodes = []
        self.addCleanup(self.stop_all)
        self.node = self.serve(self.data)
        self.node.must("POST", "/api/v1/accounts", {"id": "desk", "name": "Desk"})

    def serve(self, data):
        node = gateway_process.Gateway(PROGRAM, data)
        self.nodes.append(node)
        return node

    def stop_all(self):
        for node in self.nodes:
            if node.process.poll() is None:
                node.kill()

    def new_key(self, label):
        return self.node.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "label": label})

    def back_up(self, name="a.backup"):
        return run("backup", "create", "--json", "--data", self.data, "--out", self.folder / name)

    def restore(self, *flags, name="a.backup", to="restored", code=0):
        return run("backup", "restore", self.folder / name, "--json", "--data", self.folder / to,
                   "--key", self.data / "backup.key", *flags, code=code)

    def states(self, node):
        return {item["label"]: item["state"] for item in node.must("GET", "/api/v1/keys?limit=500")["items"]}

    def serve_restored(self, to="restored"):
        for name in NEEDED:
            shutil.copy2(self.data / name, self.folder / to / name)
        return self.serve(self.folder / to)

    def test_backed_up_under_load_and_restored_whole(self):
        stop = threading.Event()
        made = []

        def write():
            while not stop.is_set():
                made.append(self.new_key(f"key-{len(made)}") if len(made) < 25 else self.edit(len(made)))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            facts = self.back_up()
        finally:
            stop.set()
            writer.join()
        checked = run("backup", "verify", self.folder / "a.backup", "--json", "--key", self.data / "backup.key")
        self.assertTrue(checked["whole"])
        self.assertEqual((checked["audit_seq"], checked["audit_hash"], checked["api_keys"]),
                         (facts["audit_seq"], facts["audit_hash"], facts["api_keys"]))
        self.node.stop()
        restored = self.restore("--accept-rollback")
        self.assertTrue(restored["revocations_known"])
        node = self.serve_restored()
        self.assertEqual(len(self.states(node)), facts["api_keys"])
        run("audit", "export", "--data", self.folder / "restored", "-o", self.folder / "audit.ndjson")
        run("audit", "verify", self.folder / "audit.ndjson")
        self.assertIn("backup.restore", (self.folder / "audit.ndjson").read_text(encoding="utf-8"))

    def edit(self, number):
        key = self.node.must("GET", "/api/v1/keys?limit=1")["items"][0]
        return self.node.must("PATCH", f"/api/v1/keys/{key['api_key']}", {"vendor": f"v{number}"})

    def test_what_was_revoked_after_the_backup_stays_dead(self):
        dies, sleeps = self.new_key("dies"), self.new_key("sleeps")
        self.new_key("lives")
        self.back_up()
        self.node.must("POST", f"/api/v1/keys/{dies['api_key']}/revoke", {"cause": "leaked"})
        self.node.must("POST", f"/api/v1/keys/{sleeps['api_key']}/suspend", {"cause": "odd use"})
        self.node.stop()  # with a last checkpoint, which is newer than the backup
        self.restore(code=1)
        self.assertFalse((self.folder / "restored").exists())
        self.restore("--accept-rollback")
        self.assertEqual(self.states(self.serve_restored()),
                         {"dies": "revoked", "sleeps": "suspended", "lives": "active"})

    def test_without_the_log_every_key_is_suspended_until_it_is_resumed(self):
        key = self.new_key("one")
        self.new_key("two")
        self.back_up()
        self.node.stop()
        facts = self.restore("--without-revocations", "--accept-rollback")
        self.assertFalse(facts["revocations_known"])
        self.assertEqual(facts["api_keys_suspended"], 2)
        node = self.serve_restored()
        self.assertEqual(self.states(node), {"one": "suspended", "two": "suspended"})
        shown = node.must("GET", f"/api/v1/keys/{key['api_key']}")
        self.assertIn("restored from a backup", shown["state_cause"])
        node.must("POST", f"/api/v1/keys/{key['api_key']}/resume")
        self.assertEqual(self.states(node), {"one": "active", "two": "suspended"})

    def test_a_stopped_node_is_backed_up_too(self):
        self.new_key("one")
        self.node.stop()
        self.assertEqual(self.back_up()["api_keys"], 1)
        self.restore()
        self.assertEqual(self.states(self.serve_restored()), {"one": "active"})
        self.serve(self.data)  # and goes on where it was

    def test_holds_no_secret(self):
        secret = self.new_key("one")["secret"]
        self.back_up()
        backup = (self.folder / "a.backup").read_bytes()
        root = (self.data / "root.key").read_text(encoding="ascii").strip()
        key = (self.data / "backup.key").read_text(encoding="ascii").strip()
        for hidden in (secret, root, key):
            raw = hidden.encode()
            forms = [raw, raw.hex().encode(), base64.b64encode(raw)]
            if hidden != secret:
                forms += [bytes.fromhex(hidden), base64.b64encode(bytes.fromhex(hidden))]
            for form in forms:
                self.assertNotIn(form, backup)

    def test_refusals_say_what_is_wrong(self):
        self.back_up()
        name = self.folder / "a.backup"
        self.assertIn("is there already", run("backup", "create", "--data", self.data, "--out", name, code=2))
        whole = name.read_bytes()
        name.write_bytes(whole[:-1])
        self.assertIn("is damaged", run("backup", "verify", name, "--key", self.data / "backup.key", code=1))
        name.write_bytes(b"PK" + whole)
        self.assertIn("is not a backup", run("backup", "verify", name, "--key", self.data / "backup.key", code=1))
        name.write_bytes(whole)
        gateway_process.init(PROGRAM, self.folder / "other")
        self.assertIn("was sealed with the backup key",
                      run("backup", "verify", name, "--key", self.folder / "other" / "backup.key", code=2))
        self.assertIn("is not an empty folder",
                      run("backup", "restore", name, "--data", self.data, "--key", self.data / "backup.key", code=2))
        (self.data / "backup.key").unlink()
        self.assertIn("--new-key", run("backup", "create", "--data", self.data, "--out", self.folder / "b", code=2))
        run("backup", "create", "--new-key", "--data", self.data, "--out", self.folder / "b")
        run("backup", "verify", self.folder / "b", "--data", self.data)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: backup_test.py PATH-OF-COUNTERFOIL")
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
