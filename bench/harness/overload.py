"""Overload: twice the requests that can be carried out, and wrong signatures among them. What is still carried out, what the others
are told, and what reaches the upstream."""

import dataclasses
import json
import sys
from contextlib import ExitStack
from pathlib import Path

from .duels import COUNTERFOIL, Ring
from .gateways import Setting
from .load import Load, seen_by, start_load
from .processes import Failure, Process, free_port
from .results import Goal, Row, alone, compare

UPSTREAM_CONNECTIONS = 8
UPSTREAM_MS = 16  # so the upstream carries out at most 500 requests a second
CONNECTIONS = 512
TIMES = 2  # the capacity
BADLY_SIGNED = 0.5  # of the capacity
GOODPUT = 0.9
OWN_SCHEME = "ed25519"
OTHERS = 2


def _run_all(ring: Ring, port: int, loads: list[tuple[Path, Load]]) -> list[dict]:
    """All of them at once, each with its keys."""
    running = [start_load(ring.bed, load, port, keys) for keys, load in loads]
    return [seen_by(load) for load in running]


def _wrong_keys(keys: Path) -> Path:
    """The same API keys, each with the secret or private key of its neighbour."""
    wrong = keys.with_name("wrong.json")
    entries = json.loads(keys.read_text())
    wrong.write_text(json.dumps([entry | {"api_key": other["api_key"]} for entry, other in zip(entries, entries[1:] + entries[:1])]))
    return wrong


def _share(seen: dict, statuses: set[str]) -> float:
    answered = sum(seen["statuses"].values())
    return sum(count for status, count in seen["statuses"].items() if status in statuses) / max(answered, 1)


def overloaded(ring: Ring, rounds: int, seconds: float) -> list[Row]:
    """Capacity and overload in turns, before an upstream that takes its time over few connections."""
    seconds = max(seconds, 3)
    keys = ring.keys["hmac"].directory / "keys.json"
    wrong = _wrong_keys(keys)
    port = free_port()
    log = ring.work / "slow-upstream.log"
    upstream = Process([sys.executable, "-B", str(Path(__file__).with_name("slow_upstream.py")), str(port), str(keys),
                        str(UPSTREAM_MS)], ring.bed.load_core, log)
    capacity, accepted, p99, held_back = [], [], [], []
    try:
        upstream.wait_for_port(port, 10)
        slow = dataclasses.replace(ring, bed=dataclasses.replace(ring.bed, upstream=upstream, upstream_port=port))
        setting = Setting("counterfoil", environment=(
            ("COUNTERFOIL_UPSTREAM_CONNECTIONS_MAX", str(UPSTREAM_CONNECTIONS)),))
        with slow.gateway(setting, {COUNTERFOIL.path}) as gateway:
            for number in range(rounds):
                most, = _run_all(ring, gateway.port, [(keys, Load(2 * UPSTREAM_CONNECTIONS, seconds))])
                capacity.append(most["rps"])
                good, bad = _run_all(ring, gateway.port, [
                    (keys, Load(CONNECTIONS, seconds, TIMES * most["rps"])),
                    (wrong, Load(CONNECTIONS, seconds, BADLY_SIGNED * most["rps"]))])
                _require_refused(bad)
                _require_answered(good)
                accepted.append(good["rps"])
                p99.append(good["latency_us"]["p99"] / 1000)
                held_back.append(_share(good, {"429", "503"}))
                ring.bed.say(f"   {number + 1}/{rounds}  capacity {most['rps']:6.0f} /s (p99 {most['latency_us']['p99'] / 1000:.0f} ms)"
                             f"   at {TIMES} times as many {good['rps']:6.0f} /s accepted, p99 {p99[-1]:.0f} ms,"
                             f" {held_back[-1]:.0%} answered 429 or 503")
    finally:
        upstream.stop()
    told = json.loads(log.read_text().splitlines()[-1])
    if told["arrived"] < sum(accepted) * seconds:
        raise Failure(f"the upstream saw fewer requests than were answered: {told}")
    ring.bed.say(f"   the upstream: {told}")
    name = f"{TIMES} times what the upstream can do"
    return [
        compare(f"{name}: accepted", "/s", accepted, capacity, "capacity", Goal(at_least=GOODPUT)),
        alone(f"{name}: answered 429 or 503", sorted(held_back)[rounds // 2], "of 1", rounds),
        alone(f"{name}: p99 of the accepted", sorted(p99)[rounds // 2], "ms", rounds),
        alone(f"{name}: not signed, and seen by the upstream", told["unverified"], "requests", rounds, Goal(at_most=0)),
        alone(f"{name}: most at once at the upstream", told["most_under_way"], "requests", rounds,
              Goal(at_most=UPSTREAM_CONNECTIONS)),
    ]


def overloaded_itself(ring: Ring, rounds: int, seconds: float) -> list[Row]:
    """The same where the gateway's own core is what there is too little of: Ed25519, whose check is most of a request, and others that
    want the core too, for one load generator alone does not ask for twice what a whole core can do. There is no queue within the
    gateway: a connection has one request at a time, so what it cannot verify waits in the sockets."""
    seconds = max(seconds, 3)
    keys = ring.keys[OWN_SCHEME].directory / "keys.json"
    wrong = _wrong_keys(keys)
    capacity, accepted = [], []
    with ExitStack() as stack:
        gateway = stack.enter_context(ring.gateway(Setting("counterfoil", scheme=OWN_SCHEME), {COUNTERFOIL.path}))
        for _ in range(OTHERS):
            other = Process([sys.executable, "-c", "while True: pass"], ring.bed.gateway_core, ring.work / "other.log")
            stack.callback(other.stop)
        for number in range(rounds):
            most, = _run_all(ring, gateway.port, [(keys, Load(CONNECTIONS, seconds, scheme=OWN_SCHEME, spread=True))])
            capacity.append(most["rps"])
            good, bad = _run_all(ring, gateway.port, [
                (keys, Load(CONNECTIONS, seconds, TIMES * most["rps"], scheme=OWN_SCHEME, spread=True)),
                (wrong, Load(CONNECTIONS, seconds, BADLY_SIGNED * most["rps"], scheme=OWN_SCHEME, spread=True))])
            _require_refused(bad, {"400", "429"})  # after enough of them an address is held back unlooked at
            _require_answered({**good, "faults": {**good["faults"], "unanswered": 0}})  # the load falls behind, and never sends the rest
            accepted.append(good["rps"])
            ring.bed.say(f"   {number + 1}/{rounds}  capacity {most['rps']:6.0f} /s   at {TIMES} times as many, and half as many badly signed:"
                         f" {good['statuses']}, {bad['statuses']}")
    name = f"{TIMES} times what the gateway's core can do"
    return [compare(f"{name}: accepted", "/s", accepted, capacity, "capacity", Goal(at_least=GOODPUT))]


def _require_refused(bad: dict, statuses: set[str] = frozenset({"400"})) -> None:
    if not set(bad["statuses"]) <= statuses:
        raise Failure(f"not all badly signed requests were refused 400: {bad['statuses']}")


def _require_answered(good: dict) -> None:
    if not set(good["statuses"]) <= {"200", "429", "503"} or any(good["faults"].values()):
        raise Failure(f"not all requests were answered, or something else: {good['statuses']}, {good['faults']}")
