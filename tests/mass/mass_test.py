#!/usr/bin/env python3
"""Revokes every API key of a vendor at once, kills the node in the middle, and looks whether each key is dead, once and with proof.

  mass_test.py PROGRAM [--keys N] [--kills N] [--measure]

By the command line, as an operator does it: preview, revoke, results. The node is killed while the mass action runs and started
again; it must go on by itself where it stood. Afterwards every key of the vendor is revoked and refused by the gateway, has one
audit record and one receipt that verifies offline, and the keys of others are accepted as before. With --measure, instead,
all N keys are revoked without a kill: told are the times until the first effect and until the end.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import gateway_process  # noqa: E402

KEYS_PER_ACCOUNT = 30
OTHERS = 30
ASKED = 20  # keys that are tried at the gateway, and whose receipts are verified
WAIT_S = 300
LOOK_EVERY_S = 0.2  # as the command line does


class Findings:
    def __init__(self):
        self.all = []

    def check(self, holds, what):
        if not holds:
            self.all.append(what)
            print("✕", what, flush=True)


def make_keys(program, data, folder, count, vendor):
    """{API key: secret} of so many, imported, with several accounts."""
    keys = {hashlib.sha256(f"{vendor} key {number}".encode()).hexdigest(): hashlib.sha256(f"{vendor} {number}".encode()).hexdigest()
            for number in range(count)}
    file = folder / f"{vendor}.jsonl"
    file.touch(0o600)
    file.write_text("".join(
        json.dumps({"account": f"{vendor}-{number // KEYS_PER_ACCOUNT}", "api_key": key, "secret": secret, "vendor": vendor}) + "\n"
        for number, (key, secret) in enumerate(keys.items())), encoding="ascii")
    done = run(program, data, "keys", "import", "--file", str(file), "--create-accounts")
    if done.returncode != 0:
        raise RuntimeError(f"the keys cannot be imported: {done.stderr}")
    return keys


def run(program, data, *words):
    return subprocess.run([program, *words, "--data", str(data)], capture_output=True, text=True, timeout=WAIT_S, check=False)


def running_action(node):
    return next((item for item in node.must("GET", "/api/v1/mass-actions")["items"] if item["state"] == "running"), None)


def revoke_under_kills(program, data, node, kills, findings):
    """Starts the revocation by the command line and kills the node `kills` times meanwhile; gives the last node and the action."""
    command = subprocess.Popen([program, "keys", "revoke", "--vendor", "acme", "--cause", "leaked", "--yes", "--data", str(data)],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    action, done_at_kills = None, []
    deadline = time.monotonic() + WAIT_S
    while len(done_at_kills) < kills and time.monotonic() < deadline:
        action = running_action(node)
        if action and action["changed"] > (done_at_kills[-1] if done_at_kills else 0):
            node.kill()
            done_at_kills.append(action["changed"])
            node = gateway_process.Gateway(program, data)
        elif not action and command.poll() is not None:
            break
    said = command.communicate(timeout=WAIT_S)[0]
    findings.check(len(done_at_kills) == kills, f"the node was killed {len(done_at_kills)} times instead of {kills}: {said}")
    while running_action(node) and time.monotonic() < deadline:
        time.sleep(0.05)
    items = node.must("GET", "/api/v1/mass-actions")["items"]
    print("killed when so many were done:", done_at_kills, flush=True)
    return node, items[0]


def check_results(program, data, folder, acme, action, findings):
    file = folder / "results.jsonl"
    done = run(program, data, "mass", "results", action["id"], "-o", str(file))
    findings.check(done.returncode == 0, f"mass results ended with {done.returncode}: {done.stderr}")
    results = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    findings.check(sorted(line["api_key"] for line in results) == sorted(acme), "the results name each key once")
    findings.check({line["outcome"] for line in results} == {"changed"}, "each key was changed by the mass action")
    key = folder / "node.pem"
    run(program, data, "receipt", "key", "-o", str(key))
    for line in results[:: max(1, len(results) // ASKED)]:
        receipt = folder / "receipt.json"
        receipt.unlink(missing_ok=True)
        run(program, data, "receipt", "show", line.get("receipt", "none"), "-o", str(receipt))
        verified = subprocess.run([program, "receipt", "verify", str(receipt), "--public-key", str(key)], capture_output=True,
                                  text=True, timeout=WAIT_S, check=False)
        findings.check(verified.returncode == 0 and line["api_key"] in verified.stderr + verified.stdout,
                       f"no proof for {line['api_key'][:12]}: {verified.stdout}{verified.stderr}")


def check_audit(program, data, folder, acme, action, findings):
    fault = gateway_process.audit_faults(program, data, folder)
    findings.check(not fault, fault)
    revoked = collections.Counter()
    for line in (folder / "audit.ndjson").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record.get("action") == "key.revoke" and record["detail"].get("operation") == action["id"]:
            revoked[record["object"]] += 1
    findings.check(revoked == collections.Counter(acme.keys()), "the audit log has each revocation once")


def test(program, keys, kills):
    findings = Findings()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        data = folder / "data"
        gateway_process.init(program, data)
        node = gateway_process.Gateway(program, data)
        acme, others = (make_keys(program, data, folder, count, vendor) for vendor, count in (("acme", keys), ("other", OTHERS)))
        node.wait_until_in_force()
        findings.check(all(node.accepts(*key) for key in list(acme.items())[:ASKED]), "the keys are accepted at first")

        preview = run(program, data, "keys", "revoke", "--vendor", "acme", "--dry-run")
        findings.check(f"{keys:,} API keys" in preview.stdout and "Nothing changed" in preview.stdout, f"preview: {preview.stdout}")
        findings.check(running_action(node) is None, "a preview begins nothing")
        node, action = revoke_under_kills(program, data, node, kills, findings)
        findings.check(action["state"] == "done" and action["changed"] == keys and action["still_valid"] == 0, f"at its end: {action}")

        node.wait_until_in_force()
        findings.check(not any(node.accepts(*key) for key in list(acme.items())[:: max(1, keys // ASKED)]), "a revoked key was accepted")
        findings.check(all(node.accepts(*key) for key in others.items()), "a key of another vendor was refused")
        check_results(program, data, folder, acme, action, findings)
        check_audit(program, data, folder, acme, action, findings)
        node.stop()
    print(f"{keys} API keys, {kills} kills, {len(findings.all)} findings", flush=True)
    return 1 if findings.all else 0


def measure(program, keys):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        data = folder / "data"
        gateway_process.init(program, data)
        node = gateway_process.Gateway(program, data)
        make_keys(program, data, folder, keys, "acme")
        node.wait_until_in_force()
        begun = time.monotonic()
        action = node.must("POST", "/api/v1/mass-actions", {"action": "revoke", "select": {"everything": True}})
        previewed = time.monotonic()
        path = f"/api/v1/mass-actions/{action['id']}"
        node.must("POST", path + "/start", {})
        started, first = time.monotonic(), None
        while action["state"] != "done":
            action = node.must("GET", path)
            first = first or (time.monotonic() if action["changed"] else None)
            time.sleep(LOOK_EVERY_S if first else 0.005)
        ended = time.monotonic()
        node.stop()
    print(f"{action['changed']} of {keys} API keys revoked: preview {previewed - begun:.2f} s, start {started - previewed:.2f} s, "
          f"first effect {first - started:.3f} s, all {ended - started:.2f} s after the start", flush=True)
    return 0 if action["still_valid"] == 0 else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--keys", type=int, default=1200)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    if arguments.measure:
        return measure(arguments.program, arguments.keys)
    return test(arguments.program, arguments.keys, arguments.kills)


if __name__ == "__main__":
    sys.exit(main())
