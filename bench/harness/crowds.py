"""Crowds: connections that wait, and clients that take their time. What one costs, and what honest clients feel of them."""

import json
import resource
import select
import socket
import sys
import time
from pathlib import Path

from .duels import COUNTERFOIL, Ring
from .load import FOREIGN_MAX, Load, run_load
from .processes import Failure, Process
from .results import Goal, Row, alone, compare

IDLE = 10_000
BATCH = 100  # requests at a time
IDLE_BYTES_MAX = 32 * 1024
SLOW = 500
SLOW_LIFE_MAX_S = 11
REQUEST = b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\n\r\n"
RATE = 1000
SPARE_DESCRIPTORS = 1000


def allow_descriptors(count: int) -> None:
    """For this process and those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE_DESCRIPTORS
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Failure(f"{count} connections need {wanted} file descriptors; the limit is {hard} (ulimit -Hn)")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _kernel_bytes() -> int:
    """What the kernel's own objects take, of everything that runs here; sockets and their buffers among them."""
    facts = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    pages = Path("/proc/net/sockstat").read_text().split("TCP: ")[1].split("\n")[0].split()
    buffers = int(pages[pages.index("mem") + 1]) * resource.getpagesize()
    return int(facts["Slab"].split()[0]) * 1024 + buffers


def _used(port: int, count: int) -> list[socket.socket]:
    """Connections that have carried one request each and wait for the next."""
    used: list[socket.socket] = []
    while len(used) < count:
        # Some at a time: the first must not have waited too long when the last comes.
        batch = [socket.create_connection(("127.0.0.1", port)) for _ in range(min(BATCH, count - len(used)))]
        for connection in batch:
            connection.sendall(REQUEST)
        for connection in batch:
            if not connection.recv(65536).startswith(b"HTTP/1.1 200 "):
                raise Failure("a connection was not served")
        used += batch
    return used


def idle_memory(ring: Ring) -> list[Row]:
    """Bytes of each idle connection, above those of a gateway that has served a few."""
    allow_descriptors(IDLE)
    with ring.gateway(COUNTERFOIL.setting, {"/api/v3/order"}) as gateway:
        first = _used(gateway.port, BATCH)
        process_before, kernel_before = gateway.process.resident_bytes(), _kernel_bytes()
        crowd = _used(gateway.port, IDLE)
        process = (gateway.process.resident_bytes() - process_before) / IDLE
        kernel = (_kernel_bytes() - kernel_before) / IDLE
        poller = select.poll()
        for connection in crowd:
            poller.register(connection, select.POLLIN)
        if gone := poller.poll(0):
            raise Failure(f"{len(gone)} of {IDLE} idle connections were closed while the others came")
        for connection in first + crowd:
            connection.close()
    ring.bed.say(f"   {process:,.0f} bytes each in the process, {kernel:,.0f} in the kernel for both ends")
    name = f"{IDLE:,} idle connections: each in the"
    return [
        alone(f"{name} process", process, "bytes", 1, Goal(at_most=IDLE_BYTES_MAX)),
        alone(f"{name} kernel, both ends, with all else that ran", kernel, "bytes", 1),
    ]


class SlowCrowd:
    """The program beside this one, on the load's core."""

    def __init__(self, ring: Ring, port: int):
        self.ring = ring
        self.log = ring.work / f"slow-crowd-{time.monotonic_ns()}.log"
        self.process = Process(
            [sys.executable, str(Path(__file__).with_name("slow_crowd.py")), str(port), str(SLOW)],
            ring.bed.load_core, self.log)
        ring.bed.gateways.append(self.process)
        deadline = time.monotonic() + 30
        while "ready" not in self.log.read_text():
            if not self.process.is_running() or time.monotonic() > deadline:
                raise Failure(f"the slow clients did not come: see {self.log}")
            time.sleep(0.02)

    def end(self) -> dict:
        self.process.stop()
        self.ring.bed.gateways.remove(self.process)
        return json.loads(self.log.read_text().splitlines()[-1])


def slow_lives(ring: Ring) -> list[Row]:
    """How long slow clients are suffered. Each has to be told why it is cut off."""
    allow_descriptors(SLOW)
    with ring.gateway(COUNTERFOIL.setting, {COUNTERFOIL.path}) as gateway:
        crowd = SlowCrowd(ring, gateway.port)
        time.sleep(2 * SLOW_LIFE_MAX_S)
        told = crowd.end()
    if told["cut"] < SLOW or told["answered_408"] != told["cut"]:
        raise Failure(f"not every slow client was answered 408 in {2 * SLOW_LIFE_MAX_S} s: {told}")
    ring.bed.say(f"   {told['cut']} cut off, the last after {told['longest_s']:.2f} s")
    return [alone(f"{SLOW} slow clients: the longest life of {told['cut']}", told["longest_s"], "s", 1,
                  Goal(at_most=SLOW_LIFE_MAX_S))]


def beside_slow_clients(ring: Ring, rounds: int, seconds: float) -> list[Row]:
    """Latency of honest clients with and without slow ones beside them, in turns."""
    allow_descriptors(SLOW)
    load = Load(connections=64, seconds=seconds, rate=RATE)
    beside, without = [], []
    with ring.gateway(COUNTERFOIL.setting, {COUNTERFOIL.path}) as gateway:
        keys = gateway.keys.directory / "keys.json"

        def run():
            return run_load(ring.bed, load, gateway.port, keys, COUNTERFOIL.path, gateway.process)

        for number in range(rounds):
            without.append(run())
            crowd = SlowCrowd(ring, gateway.port)
            beside.append(run())
            crowd.end()
            ring.bed.say(f"   {number + 1}/{rounds}  p99 {beside[-1].p99_us:6.0f} us beside {SLOW} slow clients,"
                         f" {without[-1].p99_us:6.0f} without")
    disturbed = sum(max(a.foreign, b.foreign) > FOREIGN_MAX for a, b in zip(beside, without))
    return [
        compare(f"{SLOW} slow clients: p99 of honest ones at {RATE:,}/s", "us", [run.p99_us for run in beside],
                [run.p99_us for run in without], "without them", Goal(at_most=2), disturbed),
    ]
