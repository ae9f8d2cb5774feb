"""One run of the load generator against one gateway, repeated while others use the machine."""

import json
import resource
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from .gateways import BODY_BYTES
from .processes import Failure, MachineTime, Process

FOREIGN_MAX = 0.10  # of one core
TRIES = 4


@dataclass
class Bed:
    """Where loads run: the programs, the cores, the upstream."""

    programs: Path
    load_core: int
    gateway_core: int
    upstream: Process
    upstream_port: int
    gateways: list[Process] = field(default_factory=list)  # all that may use CPU time of ours
    say: callable = print


@dataclass(frozen=True)
class Load:
    connections: int = 128
    seconds: float = 1.0
    rate: float | None = None
    tls: bool = False
    scheme: str = "hmac"
    method: str = "GET"
    spread: bool = False  # each connection from an address of its own

    def arguments(self) -> list[str]:
        # Enough that none is signed while the clock runs: more than any gateway answers on one core.
        most_a_second = self.rate or (120_000 if self.scheme == "hmac" else 40_000)
        words = ["--connections", str(self.connections), "--seconds", str(self.seconds)]
        words += ["--method", self.method, "--requests", str(int(most_a_second * (self.seconds + 0.3)) + 1)]
        if self.rate:
            words += ["--rate", str(self.rate)]
        return words + (["--tls"] if self.tls else []) + (["--spread"] if self.spread else [])


@dataclass(frozen=True)
class Run:
    rps: float
    p50_us: float
    p99_us: float
    cpu_us: float  # of the gateway, a request; 0 without a gateway
    foreign: float  # share of one core that others had


def start_load(bed: Bed, load: Load, port: int, keys: Path, path: str = "/api/v3/order") -> subprocess.Popen:
    return subprocess.Popen(
        ["taskset", "-c", str(bed.load_core), str(bed.programs / "bench_load"), "--port", str(port)]
        + ["--keys", str(keys), "--path", path, *load.arguments()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def seen_by(load: subprocess.Popen) -> dict:
    """Waits for a load, and gives what it saw."""
    text, fault = load.communicate()
    if load.returncode != 0:
        raise Failure(f"the load generator failed: {fault.strip()}")
    return json.loads(text)


def _run_once(bed: Bed, load: Load, port: int, keys: Path, path: str, gateway: Process | None) -> Run:
    own = [bed.upstream, *bed.gateways]
    machine, started = MachineTime.now(), time.monotonic()
    own_before = sum(process.cpu_seconds() for process in own)
    children_before = resource.getrusage(resource.RUSAGE_CHILDREN)
    gateway_before = gateway.cpu_seconds() if gateway else 0.0
    seen = seen_by(start_load(bed, load, port, keys, path))
    gateway_seconds = gateway.cpu_seconds() - gateway_before if gateway else 0.0
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own_seconds = sum(process.cpu_seconds() for process in own) - own_before
    own_seconds += children.ru_utime + children.ru_stime - children_before.ru_utime - children_before.ru_stime
    elapsed, now = time.monotonic() - started, MachineTime.now()
    _require_sound(seen)
    foreign = max(0.0, now.busy - machine.busy - own_seconds) + now.stolen - machine.stolen
    return Run(
        rps=seen["rps"],
        p50_us=seen["latency_us"]["p50"],
        p99_us=seen["latency_us"]["p99"],
        cpu_us=gateway_seconds * 1e6 / max(seen["answers_in_all"], 1),
        foreign=foreign / elapsed,
    )


def _require_sound(seen: dict) -> None:
    if set(seen["statuses"]) != {"200"}:
        raise Failure(f"not all answers were 200: {seen['statuses'] or 'there were none'}")
    if any(seen["faults"].values()):
        raise Failure(f"not all requests were answered: {seen['faults']}")
    if set(seen["body_bytes"]) != {str(BODY_BYTES)}:
        raise Failure(f"bodies were changed: {seen['body_bytes']}")


def run_load(bed: Bed, load: Load, port: int, keys: Path, path: str, gateway: Process | None) -> Run:
    """One run; a disturbed one is tried again, and the quietest is kept."""
    runs = []
    for _ in range(TRIES):
        runs.append(_run_once(bed, load, port, keys, path, gateway))
        if runs[-1].foreign <= FOREIGN_MAX:
            break
        bed.say(f"      others had {runs[-1].foreign:.0%} of a core; try {len(runs)} of {TRIES}")
    return min(runs, key=lambda run: run.foreign)
