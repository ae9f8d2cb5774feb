"""The Google Benchmark programs and the programs that print rows themselves, folded into the same table."""

import json
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .processes import Failure
from .results import Goal, Row, alone, compare


@dataclass(frozen=True)
class Micro:
    """Two benchmarks of one program, as operations a second, or one alone, in its time."""

    program: str
    name: str
    ours: str
    theirs: str = ""
    against: str = ""
    goal: Goal | None = None
    large: bool = False  # gigabytes or minutes: only with --large


MICROS = [
    *(Micro("verify_bench", f"HMAC verification, {size} B", f"Hmac/ours/{size}", f"Hmac/OpenSsl/{size}",
            "EVP_MAC new + init", Goal(at_least=4) if size <= 150 else None) for size in (60, 150, 500)),
    *(Micro("verify_bench", f"RSA-{bits} verification", f"Rsa/ours/{bits}", f"Rsa/OpenSsl/{bits}",
            "EVP_DigestVerify, new context", Goal(at_least=1.1) if bits == 2048 else None) for bits in (2048, 4096)),
    Micro("verify_bench", "Ed25519 verification", "Ed25519/ours", "Ed25519/OpenSsl", "EVP_DigestVerify, new context",
          Goal(at_least=3)),
    Micro("verify_bench", "opening a sealed secret and keying it", "Load/open_sealed_and_make_key"),
    Micro("verify_bench", "reading back a stored Ed25519 key", "Load/reload_ed25519"),
    Micro("lookup_bench", "whole verdict, HMAC, 150 B, 1 M keys", "Verdict/hmac/1000000", "Bare/hmac/OpenSsl",
          "EVP_MAC new + init"),
    Micro("lookup_bench", "the same, against our bare check", "Verdict/hmac/1000000", "Bare/hmac/ours", "the bare check"),
    Micro("lookup_bench", "whole verdict, RSA-2048", "Verdict/rsa2048", "Bare/rsa2048/OpenSsl",
          "EVP_DigestVerify, new context"),
    Micro("lookup_bench", "whole verdict, Ed25519", "Verdict/ed25519", "Bare/ed25519/OpenSsl",
          "EVP_DigestVerify, new context"),
    Micro("lookup_bench", "replica look-up, 1,000 hot of 1 M keys", "Lookup/replica/hot/1000000",
          "Lookup/unordered_map/hot/1000000", "std::unordered_map"),
    Micro("lookup_bench", "replica look-up, 1 M keys at random", "Lookup/replica/random/1000000",
          "Lookup/unordered_map/random/1000000", "std::unordered_map"),
    Micro("lookup_bench", "replica look-up, 10 M keys at random", "Lookup/replica/random/10000000", large=True,
          goal=Goal(at_most=300)),
]


def _benchmark(program: Path, names: list[str], repetitions: int, core: int) -> dict[str, list[float]]:
    """Nanoseconds of CPU by benchmark, one figure a repetition, the repetitions of all interleaved at random."""
    done = subprocess.run(
        ["taskset", "-c", str(core), str(program), f"--benchmark_filter=^({'|'.join(names)})$"]
        + [f"--benchmark_repetitions={repetitions}", "--benchmark_enable_random_interleaving=true"]
        + ["--benchmark_min_time=0.1", "--benchmark_format=json"],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise Failure(f"{program.name} failed: {done.stderr.strip()[-400:]}")
    times: dict[str, list[tuple[int, float]]] = {}
    scale = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    for line in json.loads(done.stdout)["benchmarks"]:
        if line["run_type"] == "iteration":
            nanoseconds = line["cpu_time"] * scale[line["time_unit"]]
            times.setdefault(line["run_name"], []).append((line.get("repetition_index", 0), nanoseconds))
    return {name: [time for _, time in sorted(found)] for name, found in times.items()}


def _row(micro: Micro, times: dict[str, list[float]]) -> Row | None:
    ours, theirs = times.get(micro.ours), times.get(micro.theirs)
    if not ours:
        return None
    if not theirs:
        return alone(micro.name, statistics.median(ours), "ns", len(ours), micro.goal)
    a_second = lambda figures: [1e9 / figure for figure in figures]
    return compare(micro.name, "/s", a_second(ours), a_second(theirs), micro.against, micro.goal)


def run_micros(programs: Path, repetitions: int, core: int, large: bool, say) -> list[Row]:
    rows = []
    wanted = [micro for micro in MICROS if large or not micro.large]
    for program in dict.fromkeys(micro.program for micro in wanted):
        if not (programs / program).exists():
            say(f"   {program} is not built: left out")
            continue
        say(f"   {program}")
        mine = [micro for micro in wanted if micro.program == program]
        names = [name for micro in mine for name in (micro.ours, micro.theirs) if name]
        times = _benchmark(programs / program, names, repetitions, core)
        rows += [row for micro in mine if (row := _row(micro, times))]
        for micro in mine:
            if micro.ours not in times:
                say(f"   {program} has no benchmark {micro.ours}: left out")
    return rows


def run_row_programs(programs: Path, names: list[str], say) -> list[Row]:
    """Programs that measure once, on every core there is, and print a JSON list of {"name", "figure", "unit"}, each with an
    optional "at_most" or "at_least" as its goal and an optional "rounds". For what is not a loop, as loading a million keys."""
    rows = []
    for program in names:
        if not (programs / program).exists():
            say(f"   {program} is not built: left out")
            continue
        say(f"   {program}")
        done = subprocess.run([str(programs / program)], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"{program} failed: {done.stderr.strip()[-400:]}")
        for line in json.loads(done.stdout):
            goal = Goal(line.get("at_least"), line.get("at_most")) if {"at_least", "at_most"} & set(line) else None
            rows.append(alone(line["name"], line["figure"], line["unit"], line.get("rounds", 1), goal))
    return rows
