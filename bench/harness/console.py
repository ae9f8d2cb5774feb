"""The console over 10,000 API keys: answers of the list, time until /keys can be used, frames while requests pour in."""

import json
import os
import secrets
import statistics
import string
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .gateways import START_SECONDS, NotHere, counterfoil
from .processes import Failure, Process, free_port
from .results import Goal, Row, alone, quantile

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KEYS = 10_000
PER_ACCOUNT = 30  # an account has no more
ID_RANDOM = 60  # characters behind the marker, which is none of ours: no checksum
ANSWER_MAX_MS = 100
INTERACTIVE_MAX_MS = 1500
FRAMES_MIN = 30
EVENTS_PER_SECOND = 100
LIMIT_S = 900


@dataclass(frozen=True)
class Effort:
    """How often each is measured."""

    asks: int
    loads: int
    watch_s: int


def console_binary(given: Path | None) -> Path:
    """The program with the page in it: the preset bench builds it without."""
    binary = (given or ROOT / "build" / "release" / "counterfoil").resolve()
    if not os.access(binary, os.X_OK):
        raise NotHere(f"{binary} (tools/build release)")
    if not (ROOT / "console" / "node_modules" / "playwright-core").is_dir():
        raise NotHere("playwright-core (cd console && npm ci)")
    browser = os.environ.get("COUNTERFOIL_CHROMIUM", "/usr/bin/chromium")
    if not os.access(browser, os.X_OK):
        raise NotHere(browser)
    return binary


def measured_console(binary: Path, core: int, quick: bool) -> list[Row]:
    effort = Effort(asks=20, loads=3, watch_s=5) if quick else Effort(asks=200, loads=7, watch_s=10)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="counterfoil-bench-console-")))
        node = _Node(binary, folder, core, stack)
        first = node.fill()
        return _rows(node.measure(first, effort), effort)


class _Node:
    def __init__(self, binary: Path, folder: Path, core: int, stack: ExitStack):
        self.folder = folder
        self.binary = binary
        self.port, self.console, self.upstream = free_port(), free_port(), free_port()
        config = folder / "counterfoil.toml"
        config.write_text(f"""
[node]
data = "{folder}/data"
allow_unlocked_memory = true
[rest]
listen = "127.0.0.1:{self.port}"
[upstream]
url = "http://127.0.0.1:{self.upstream}"
[console]
listen = "127.0.0.1:{self.console}"
[limits]
enabled = false
[log]
level = "warn"
""")
        os.environ["COUNTERFOIL_BINARY"] = str(binary)
        counterfoil("init", data=folder / "data")
        process = Process([str(binary), "serve", "--config", str(config)], core, folder / "output.log")
        stack.callback(process.stop)
        process.wait_for_port(self.console, START_SECONDS)

    def fill(self) -> dict:
        """Brings the API keys in; gives the first one, with its secret."""
        rows = [_key(number) for number in range(KEYS)]
        file = self.folder / "keys.jsonl"
        file.touch(mode=0o600)
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        counterfoil("keys", "import", "--file", str(file), "--create-accounts", data=self.folder / "data")
        return rows[0]

    def measure(self, key: dict, effort: Effort) -> dict:
        token = (self.folder / "data" / "setup-url").read_text().strip().rpartition("#t=")[2]
        given = {"base": f"http://localhost:{self.console}", "token": token, "gateway": f"http://127.0.0.1:{self.port}",
                 "upstream_port": self.upstream, "api_key": key["api_key"], "secret": key["secret"], "asks": effort.asks,
                 "loads": effort.loads, "watch_s": effort.watch_s, "rate": EVENTS_PER_SECOND}
        command = [str(ROOT / "tools" / "node-env"), "node", str(HERE.parent / "console" / "measure.mjs")]
        done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=LIMIT_S)
        if done.returncode != 0:
            raise Failure(f"measure.mjs ended with {done.returncode}: {done.stderr.strip()[-1500:]}")
        return json.loads(done.stdout)


def _key(number: int) -> dict:
    def letters(count: int) -> str:
        return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))

    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400 * (1 + number % 300)))
    return {"account": f"desk-{number // PER_ACCOUNT}", "api_key": "xkey" + letters(ID_RANDOM), "secret": letters(64),
            "label": f"bot-{number:05}", "permissions": ["USER_DATA"], "allow_list": ["any"], "expires_at": expires}


def _rows(measured: dict, effort: Effort) -> list[Row]:
    if measured["list"]["count"] < KEYS:
        raise Failure(f"the list has {measured['list']['count']} API keys of {KEYS}")
    live = measured["live"]
    if live["sent"]["refused"] > 0:
        raise Failure(f"{live['sent']['refused']} of {live['sent']['count']} requests were not accepted")
    if measured["said"]:
        raise Failure("the page complains: " + "; ".join(measured["said"]))
    rows = []
    for name, times in measured["list"]["times"].items():
        rows.append(alone(f"console: list, {name}, p50", quantile(times, 0.5), "ms", effort.asks))
        rows.append(alone(f"console: list, {name}, p99", quantile(times, 0.99), "ms", effort.asks, Goal(at_most=ANSWER_MAX_MS)))
    load = measured["load"]
    rows.append(alone("console: /keys can be used after", statistics.median(load["interactive"]), "ms", effort.loads,
                      Goal(at_most=INTERACTIVE_MAX_MS)))
    rows.append(alone("console: /keys sorted by another column after", statistics.median(load["sorted"]), "ms", effort.loads))
    for name, what in (("chart", "live chart"), ("tail", "live tail")):
        rows.append(alone(f"console: {what} at {EVENTS_PER_SECOND} events/s", live[name]["per_second"], "frames/s", 1,
                          Goal(at_least=FRAMES_MIN)))
        rows.append(alone(f"console: {what}, longest frame", live[name]["longest"], "ms", 1))
    return rows
