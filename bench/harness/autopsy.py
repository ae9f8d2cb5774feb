"""What an autopsy costs in processor time, and how many of many cases it names rightly (tests/autopsy makes them)."""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from .processes import Failure
from .results import Goal, Row, alone, quantile

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "autopsy"))
import campaign  # noqa: E402
import signers  # noqa: E402

P50_MAX_MS, P99_MAX_MS = 5, 100
AT_A_TIME = 2_000  # cases in a file


def _explained(program: Path, cases: list[dict]) -> list[dict]:
    """For each case what the program tells of it."""
    answers = []
    for at in range(0, len(cases), AT_A_TIME):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"format": "apikey-autopsy-cases/1", "cases": cases[at:at + AT_A_TIME]}, file)
            file.flush()
            done = subprocess.run([str(program), file.name], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"{program.name} failed: {done.stderr.strip()[-400:]}")
        answers += [json.loads(line) for line in done.stdout.splitlines()]
    return answers


def _rows(program: Path, kind: str, cases: list[dict], least: float, p50_max: Goal | None) -> list[Row]:
    answers = _explained(program, cases)
    right = sum(campaign.is_right(case, answer["causes"]) for case, answer in zip(cases, answers, strict=True))
    rows = [alone(f"{kind}: named rightly", right / len(cases), f"of {len(cases):,}", 1, Goal(at_least=least))]
    for type_ in ("hmac", "ed25519", "rsa"):
        spent = [answer["cpu_ms"] for case, answer in zip(cases, answers, strict=True) if case["key"]["type"] == type_]
        if spent:
            rows += [alone(f"{kind}, {type_}: p50", quantile(spent, 0.5), "ms CPU", len(spent), p50_max),
                     alone(f"{kind}, {type_}: p99", quantile(spent, 0.99), "ms CPU", len(spent), Goal(at_most=P99_MAX_MS))]
    return rows


def measured_autopsies(programs: Path, quick: bool, say, seed: int = 1) -> list[Row]:
    """Cases with one mistake, with two, without any, and with signatures of chance: these have the whole search made."""
    program, part = programs / "autopsy_bench", 20 if quick else 1
    pairs = signers.make_pairs(7)
    rows = []
    p50_max = Goal(at_most=P50_MAX_MS)
    for kind, least, p50, cases in (
            ("one mistake", 0.97, p50_max, campaign.singles(random.Random(seed), pairs, 20 // part)),
            ("two mistakes", 0.90, p50_max, campaign.couples(random.Random(seed), pairs, 4_000 // part)),
            ("right requests", 1, p50_max, campaign.controls(random.Random(seed), pairs, 10_000 // part, False)),
            ("random signatures", 1, None, campaign.controls(random.Random(seed), pairs, 10_000 // part, True))):
        found = _rows(program, kind, list(cases), least, p50)
        say(f"   {kind}: {found[0].figure:.2%} {found[0].unit} named rightly")
        rows += found
    return rows
