#!/usr/bin/env python3
"""From an empty machine to the first signed request in under five minutes.  first_request_test.py PROGRAM

Starts `counterfoil demo` on an empty data folder, as `make run` does, reads from its terminal what a person reads there,
and has first_request.mjs do the rest in a browser and a shell.
"""

import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

READY_S = 120
LIMIT_S = 400
END_S = 60
READ_BYTES = 65536
LINK = re.compile(r"http\S+/setup#t=\S+")
READY = "Ctrl-C ends the demo."


def shown_by(terminal):
    """What the terminal shows until the demo is ready."""
    text = ""
    deadline = time.monotonic() + READY_S
    while READY not in text and time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            text += os.read(terminal, READ_BYTES).decode(errors="replace")
        except OSError:  # the demo ended, and its terminal with it
            break
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n")


def drain(terminal):
    """Lets the demo write what it likes on its way out."""
    while select.select([terminal], [], [], 0)[0]:
        try:
            if not os.read(terminal, READ_BYTES):
                return
        except OSError:
            return


def first_request(text, shots):
    """What a person needs of it: what stands on the terminal up to the tour, which they may watch or not."""
    link = LINK.search(text)
    if link is None:
        print(f"the terminal shows no set-up link:\n{text}")
        return 1
    environment = os.environ | {"COUNTERFOIL_SETUP_URL": link.group(), "COUNTERFOIL_TERMINAL": text.split("\n\n", 1)[0],
                                "COUNTERFOIL_SHOTS": str(shots)}
    command = [ROOT / "tools" / "node-env", "node", HERE / "first_request.mjs"]
    return subprocess.run(command, env=environment, timeout=LIMIT_S, check=False).returncode


def main(program):
    shots = pathlib.Path(program).resolve().parent / "logs" / "e2e"
    shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="counterfoil-first-") as folder:
        data = pathlib.Path(folder).resolve() / "data"
        terminal, its_side = pty.openpty()
        demo = subprocess.Popen([program, "demo", "--data", data, "--port", "0"], stdin=its_side, stdout=its_side, stderr=its_side)
        os.close(its_side)
        try:
            text = shown_by(terminal)
            code = first_request(text, shots)
        finally:
            demo.send_signal(signal.SIGTERM)
            while demo.poll() is None and not drain(terminal):
                time.sleep(0.05)
            os.close(terminal)
    return code or demo.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
