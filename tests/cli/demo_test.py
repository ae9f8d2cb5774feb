#!/usr/bin/env python3
"""Starts the demo twice in one data directory, as scripts do: its line of JSON, its keys, its end, and what it prints."""

import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

LIMIT_S = 120


def start(program, data):
    process = subprocess.Popen([program, "demo", "--json", "--data", str(data)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line, process.communicate(timeout=LIMIT_S)[1]
    return process, json.loads(line)


def end(process, number):
    process.send_signal(number)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, (process.returncode, err)
    assert out == "", "only one line of data"
    return err


def check_facts(facts, data):
    assert facts["gateway"].startswith("http://127.0.0.1:"), facts
    assert facts["console"].startswith("http://localhost:"), facts
    assert facts["ws"] is None and facts["fix"] is None
    assert facts["data"] == str(data)
    assert [key["type"] for key in facts["keys"]] == ["hmac-sha256", "rsa-sha256", "ed25519"], facts
    assert stat.S_IMODE(os.stat(data).st_mode) == 0o700
    for key in facts["keys"]:
        file = pathlib.Path(key.get("secret_file") or key["private_key_file"])
        assert file.is_relative_to(data / "keys"), file
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        assert "TRADE" in key["permissions"] and len(key["api_key"]) == 64


def check_curl_line(guide, secrets):
    """The line that the guide prints works when pasted into a shell."""
    assert not any(secret in guide for secret in secrets), "a secret was printed"
    line = re.search(r"^ *(curl .*)$", guide, re.MULTILINE)
    assert line, guide
    return line.group(1)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="counterfoil-demo-") as folder:
        data = pathlib.Path(folder).resolve() / "data"

        process, first = start(program, data)
        check_facts(first, data)
        guide_lines = []
        while not any("Ctrl-C" in line for line in guide_lines):
            line = process.stderr.readline()
            assert line, "".join(guide_lines)
            guide_lines.append(line)
        guide = "".join(guide_lines)
        secrets = [pathlib.Path(key["secret_file"]).read_text().strip() for key in first["keys"] if "secret_file" in key]
        curl = check_curl_line(guide, secrets)
        if shutil.which("curl"):
            answer = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, timeout=LIMIT_S, check=True)
            assert "balances" in json.loads(answer.stdout), answer.stdout
        health = subprocess.run([program, "status", "--data", str(data), "--json"], capture_output=True, text=True,
                                timeout=LIMIT_S)
        status = json.loads(health.stdout)
        assert health.returncode == 0 and status["accepts_signed_requests"], health
        assert status["accepts_changes_from"] > status["started_at"], health  # of the same form, so they compare as texts
        taken = subprocess.run([program, "demo", "--once", "--data", str(data)], capture_output=True, text=True,
                               timeout=LIMIT_S)
        assert taken.returncode == 2 and "terminate" not in taken.stderr, taken  # the data is in use
        end(process, signal.SIGTERM)

        process, second = start(program, data)
        assert [key["api_key"] for key in second["keys"]] == [key["api_key"] for key in first["keys"]]
        end(process, signal.SIGINT)


if __name__ == "__main__":
    main()
