"""Gateways against gateways, in alternating pairs; and what a gateway adds to the latency of a quiet upstream."""

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .gateways import Contender, Gateway, KeySet, Setting
from .load import FOREIGN_MAX, Bed, Load, Run, run_load
from .results import Goal, Row, compare


@dataclass(frozen=True)
class Duel:
    name: str
    ours: Contender
    theirs: Contender
    goals: dict[str, Goal] = field(default_factory=dict)  # by figure: rps, cpu, p50, p99


# figure -> its name in the table, unit, and where it is in a Run
FIGURES = {
    "rps": ("requests", "/s", lambda run: run.rps),
    "cpu": ("CPU a request", "us", lambda run: run.cpu_us),
    "p50": ("p50", "us", lambda run: run.p50_us),
    "p99": ("p99", "us", lambda run: run.p99_us),
}


def _contender(gateway: str, **more) -> Contender:
    rest = {word: more.pop(word) for word in ("path", "label") if word in more}
    return Contender(Setting(gateway, **more), **rest)


COUNTERFOIL = _contender("counterfoil")

DUELS = [
    Duel("REST, HMAC", COUNTERFOIL, _contender("nginx-plain"),
         {"rps": Goal(at_least=1.1), "p99": Goal(at_most=1.0)}),
    Duel("REST, HMAC", COUNTERFOIL, _contender("nginx-lua-midstate"), {"rps": Goal(at_least=1.5)}),
    Duel("REST, HMAC", COUNTERFOIL, _contender("nginx-lua-resty"), {"rps": Goal(at_least=1.5)}),
    Duel("REST, HMAC", COUNTERFOIL, _contender("node"), {"rps": Goal(at_least=5)}),
    # A public route is forwarded without any check of the key.
    Duel("REST, HMAC", COUNTERFOIL, _contender("counterfoil", path="/api/v3/time", label="verification off"),
         {"rps": Goal(at_least=0.93)}),
    Duel("REST, Ed25519", _contender("counterfoil", scheme="ed25519"), _contender("nginx-plain", scheme="ed25519")),
    Duel("REST, HMAC, TLS 1.3", _contender("counterfoil", tls=True), _contender("nginx-plain", tls=True),
         {"cpu": Goal(at_most=1.0)}),
]

# What the harness can compare without the gateway: the peers among themselves.
PEER_DUELS = [
    Duel("REST", _contender(peer), _contender("nginx-plain")) for peer in ("nginx-lua-midstate", "nginx-lua-resty", "node")
]


@dataclass
class Ring:
    """What duels are fought with."""

    bed: Bed
    keys: dict[str, KeySet]  # by scheme
    work: Path

    @contextmanager
    def gateway(self, setting: Setting, paths: set[str]):
        running = Gateway(setting, self.keys[setting.scheme], self.bed.upstream_port, self.bed.gateway_core, self.work)
        self.bed.gateways.append(running.process)
        try:
            for path in sorted(paths):
                running.check(path)
            yield running
        finally:
            self.bed.gateways.remove(running.process)
            running.stop()

    def run(self, gateway: Gateway, path: str, load: Load) -> Run:
        keys = gateway.keys.directory / "keys.json"
        return run_load(self.bed, load, gateway.port, keys, path, gateway.process)


def fight(ring: Ring, duel: Duel, pairs: int, seconds: float, connections: int) -> list[Row]:
    """Alternating pairs, the order turned around each time, so that a drift of the machine meets both sides alike."""
    sides = (duel.ours, duel.theirs)
    paths = {side.setting: {other.path for other in sides if other.setting == side.setting} for side in sides}
    runs: tuple[list[Run], list[Run]] = ([], [])
    with ExitStack() as stack:
        gateways = {setting: stack.enter_context(ring.gateway(setting, paths[setting])) for setting in paths}
        for number in range(pairs):
            for side in (0, 1) if number % 2 == 0 else (1, 0):
                setting = sides[side].setting
                load = Load(connections=connections, seconds=seconds, tls=setting.tls, scheme=setting.scheme)
                runs[side].append(ring.run(gateways[setting], sides[side].path, load))
            ours, theirs = runs[0][-1], runs[1][-1]
            ring.bed.say(
                f"   {number + 1}/{pairs}  {ours.rps:9,.0f} /s  {ours.cpu_us:6.1f} us   {theirs.rps:9,.0f} /s"
                f"  {theirs.cpu_us:6.1f} us   ratio {ours.rps / theirs.rps:.2f}"
            )
    disturbed = sum(max(a.foreign, b.foreign) > FOREIGN_MAX for a, b in zip(*runs))
    title = duel.name if duel.ours == COUNTERFOIL or "counterfoil" in duel.ours.name else f"{duel.name}, {duel.ours.name}"
    return [
        compare(f"{title}: {what}", unit, [read(run) for run in runs[0]], [read(run) for run in runs[1]],
                duel.theirs.name, duel.goals.get(figure), disturbed)
        for figure, (what, unit, read) in FIGURES.items()
    ]


def added_latency(ring: Ring, contender: Contender, rounds: int, seconds: float, rate: int) -> list[Row]:
    """Latency at a fixed rate through the gateway and to the upstream directly, in turns."""
    load = Load(connections=64, seconds=seconds, rate=rate)
    through: list[Run] = []
    direct: list[Run] = []
    keys = ring.keys["hmac"].directory / "keys.json"
    with ring.gateway(contender.setting, {contender.path}) as gateway:
        for number in range(rounds):
            direct.append(run_load(ring.bed, load, ring.bed.upstream_port, keys, contender.path, None))
            through.append(ring.run(gateway, contender.path, load))
            ring.bed.say(
                f"   {number + 1}/{rounds}  through {through[-1].p50_us:6.0f} us, p99 {through[-1].p99_us:6.0f}"
                f"   direct {direct[-1].p50_us:6.0f} us, p99 {direct[-1].p99_us:6.0f}"
            )
    disturbed = sum(max(a.foreign, b.foreign) > FOREIGN_MAX for a, b in zip(through, direct))
    rows = []
    for figure in ("p50", "p99"):
        what, unit, read = FIGURES[figure]
        row = compare(f"latency at {rate:,}/s, {contender.name}: {what}", unit, [read(run) for run in through],
                      [read(run) for run in direct], "upstream directly", None, disturbed)
        added = compare(f"latency at {rate:,}/s, {contender.name}: added to {what}", unit,
                        [read(a) - read(b) for a, b in zip(through, direct)], [0.0] * rounds, "", None, disturbed)
        rows += [row, added]
    return rows
