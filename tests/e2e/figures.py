#!/usr/bin/env python3
"""Figures of the console that need a browser and a busy node.  figures.py PROGRAM [PACE]

On a demo of its own: how long a person takes to the first accepted request who follows the console alone (PACE: 1 waits
as long as people do; 0.1, the default, a tenth, and reckons the rest). Then, with 10,000 API keys: how long a page of the
list takes to be answered, how long the console takes until it can be used, and how many frames a second a live key page draws
while 100 requests a second arrive. Prints JSON; over a limit: exit 1. No ctest: times of a busy machine say nothing.
"""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import random
import signal
import string
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEYS, KEYS_OF_ACCOUNT = 10_000, 25
EVENTS_A_SECOND = 100
LIMIT_S = 900
LETTERS = string.ascii_letters + string.digits


def node(script, environment, *words):
    return subprocess.run([ROOT / "tools" / "node-env", "node", HERE / script, *words], env=os.environ | environment, capture_output=True,
                          text=True, timeout=LIMIT_S, check=False)


def fill(program, facts, folder):
    """Imports the API keys; the last one is the busy one."""
    chance = random.Random(1)
    rows = [{"account": f"desk-{number // KEYS_OF_ACCOUNT}", "api_key": "".join(chance.choices(LETTERS, k=64)),
             "secret": "".join(chance.choices(LETTERS, k=64)), "label": f"bot-{number}"} for number in range(KEYS)]
    file = folder / "keys.jsonl"
    file.touch(mode=0o600)
    file.write_text("\n".join(map(json.dumps, rows)), encoding="ascii")
    subprocess.run([program, "keys", "import", "--file", file, "--create-accounts", "--quiet", "--admin-socket", facts["admin_socket"]],
                   check=True, timeout=LIMIT_S)
    return rows[-1]


def send(gateway, key, stop):
    """Signed requests at an even pace, until told to stop."""
    at = urllib.parse.urlsplit(gateway)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
    due = time.monotonic()
    while not stop.is_set():
        query = f"timestamp={time.time_ns() // 1000}"
        signature = hmac.new(key["secret"].encode(), query.encode(), hashlib.sha256).hexdigest()
        connection.request("GET", f"/api/v3/account?{query}&signature={signature}", headers={"X-MBX-APIKEY": key["api_key"]})
        connection.getresponse().read()
        due += 1 / EVENTS_A_SECOND
        time.sleep(max(0, due - time.monotonic()))


def measure(program, facts, pace, folder):
    token = (pathlib.Path(facts["data"]) / "setup-url").read_text(encoding="ascii").strip().rsplit("#t=", 1)[1]
    environment = {"COUNTERFOIL_CONSOLE_URL": facts["console"], "COUNTERFOIL_SETUP_TOKEN": token, "COUNTERFOIL_GATEWAY_URL": facts["gateway"],
                   "COUNTERFOIL_PACE": pace, "COUNTERFOIL_CODES_FILE": str(folder / "codes")}
    (folder / "codes").touch(mode=0o600)
    first = node("first_request.mjs", environment)
    print(first.stdout.strip() or first.stderr[-2000:])
    if first.returncode not in (0, 1):
        return first.returncode
    key = fill(program, facts, folder)
    stop = threading.Event()
    sender = threading.Thread(target=send, args=(facts["gateway"], key, stop))
    sender.start()
    try:
        busy = node("figures.mjs", environment | {"COUNTERFOIL_BUSY_KEY": key["api_key"]})
    finally:
        stop.set()
        sender.join()
    print(busy.stdout.strip() or busy.stderr[-2000:])
    return max(first.returncode, busy.returncode)


def main(program, pace="0.1"):
    with tempfile.TemporaryDirectory(prefix="counterfoil-figures-") as name:
        folder = pathlib.Path(name).resolve()
        demo = subprocess.Popen([program, "demo", "--json", "--data", folder / "data", "--port", "0"], stdout=subprocess.PIPE, text=True)
        try:
            return measure(program, json.loads(demo.stdout.readline()), pace, folder)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(LIMIT_S)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
