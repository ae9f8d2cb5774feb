"""Runs each fuzz target over its corpus and a fixed number of further inputs. One target counts as one test."""

import concurrent.futures
import dataclasses
import shutil

from . import process
from .result import Result, Status, tail

SLACK_SECONDS = 120  # Beyond the time guard: reading the corpus, symbolizing a stack.


@dataclasses.dataclass(frozen=True)
class Limits:
    """How long one target runs: `runs` inputs (-1: no bound) and at most `seconds`."""

    runs: int
    seconds: int


def run(root, folder, limits, jobs, only=()):
    """Runs the targets that the build folder lists in fuzz_targets.txt (written by fuzz/CMakeLists.txt)."""
    try:
        targets = (folder / "fuzz_targets.txt").read_text().split()
    except FileNotFoundError:
        targets = []
    if only:
        targets = [target for target in targets if target in only]
    if not targets:
        return [Result("fuzz", "fuzz", Status.FAILED, "no fuzz target is registered")]
    process.say(f"fuzz: {len(targets)} targets, {limits.runs} runs or {limits.seconds} s each")
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda target: _run_target(root, folder, limits, target), targets))


def _run_target(root, folder, limits, target):
    corpus = root / "fuzz" / "corpus" / target
    if not corpus.is_dir() or not any(corpus.iterdir()):
        return Result("fuzz", target, Status.FAILED, f"fuzz/corpus/{target} holds no seed")
    # New inputs go to a folder of their own that starts empty, so that two runs of one program do the same.
    found = folder / "found" / target
    shutil.rmtree(found, ignore_errors=True)
    found.mkdir(parents=True)
    crashes = root / "build" / "fuzz-crashes"
    crashes.mkdir(parents=True, exist_ok=True)
    log = folder / "results" / f"{target}.log"
    code = process.run(
        [folder / "bin" / f"{target}_fuzz", f"-runs={limits.runs}", "-seed=1", f"-max_total_time={limits.seconds}", "-timeout=10",
         "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={crashes}/{target}-", found, corpus],
        log, cwd=folder, limit_seconds=limits.seconds + SLACK_SECONDS,
        environment={"UBSAN_OPTIONS": "print_stacktrace=1", "ASAN_OPTIONS": "detect_stack_use_after_return=1"})
    if code == 0:
        return Result("fuzz", target, Status.PASSED)
    return Result("fuzz", target, Status.FAILED,
                  f"{process.describe_exit(code)}; the input is in {crashes.relative_to(root)}/\n{tail(process.read(log))}")
