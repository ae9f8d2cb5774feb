#!/usr/bin/env python3
"""The console's journeys in a browser, on the demo: each counts as a test.  console_test.py [--keyboard] PROGRAM"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "security"))
import cases  # noqa: E402

LIMIT_S = 1400
END_S = 60


def play(report, facts, log, pid, by_keyboard):
    """Runs the journeys; each tells "ok NAME" or "FAIL NAME" and, below it, why."""
    data = pathlib.Path(facts["data"])
    token = (data / "setup-url").read_text(encoding="ascii").strip().rsplit("#t=", 1)[1]
    environment = os.environ | {"COUNTERFOIL_CONSOLE_URL": facts["console"], "COUNTERFOIL_SETUP_TOKEN": token,
                                "COUNTERFOIL_GATEWAY_URL": facts["gateway"], "COUNTERFOIL_SHOTS": str(log.parent),
                                "COUNTERFOIL_NODE_LOG": str(log), "COUNTERFOIL_NODE_DATA": str(data),
                                "COUNTERFOIL_NODE_PID": str(pid), "COUNTERFOIL_KEYBOARD": "1" if by_keyboard else ""}
    ran = subprocess.run([ROOT / "tools" / "node-env", "node", HERE / "run.mjs"], env=environment, capture_output=True, text=True,
                         timeout=LIMIT_S, check=False)
    name, why = None, []
    for line in [*ran.stdout.splitlines(), "end"]:
        if line.startswith(("ok ", "FAIL ", "end")) or "passed," in line:
            if name:
                report.add(name, why)
            word, _, name = line.partition(" ")
            name, why = (name.strip(), [] if word == "ok" else ["failed"]) if word in ("ok", "FAIL") else (None, [])
        elif name:
            why.append(line.strip())
    report.add("the_run", [] if ran.returncode == 0 else [f"ended with {ran.returncode}: {ran.stderr[-2000:]}"])


def main(program, by_keyboard):
    name = "console_keyboard" if by_keyboard else "console_e2e"
    report = cases.Report(name)
    log = pathlib.Path(program).resolve().parent / "logs" / name.removeprefix("console_") / "node.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="counterfoil-e2e-") as folder, log.open("wb") as written:
        data = pathlib.Path(folder).resolve() / "data"
        # The journeys look for secrets in all that it says: it says all it can. Their webhook leads to a port of this machine
        # where nobody listens.
        settings = {"COUNTERFOIL_LOG_LEVEL": "debug", "COUNTERFOIL_WEBHOOKS_NETWORKS": "127.0.0.0/8,::1/128"}
        demo = subprocess.Popen([program, "demo", "--json", "--data", data, "--port", "0"], stdout=subprocess.PIPE, stderr=written,
                                text=True, env=os.environ | settings)
        try:
            line = demo.stdout.readline()
            if line:
                play(report, json.loads(line), log, demo.pid, by_keyboard)
            else:
                report.add("the_demo", [f"ended with {demo.wait(END_S)} before it was ready: {log}"])
        finally:
            demo.send_signal(signal.SIGTERM)
            code = demo.wait(END_S)
        report.add("the_demo_ends", [] if code == 0 else [f"ended with {code}: {log}"])
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1], "--keyboard" in sys.argv))
