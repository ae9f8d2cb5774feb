"""Configures and builds one CMake preset."""

import time

from . import process
from .result import Result, Status, tail

BUILD_LIMIT_SECONDS = 3600


def build(root, preset, folder, target="all"):
    """Builds `target` of `preset` in `folder`. A build that works is no test: it adds nothing to the count."""
    for step, command, progress in (
            ("configure", ["cmake", "--preset", preset, "-B", folder], None),
            ("build", ["cmake", "--build", folder, "--target", target], lambda line: line.startswith("["))):
        log = root / "build" / "logs" / f"{step}-{preset}.log"
        process.say(f"{step} {preset}: {log.relative_to(root)}")
        started = time.monotonic()
        code = process.run(command, log, cwd=root, limit_seconds=BUILD_LIMIT_SECONDS, progress=progress)
        if code != 0:
            why = f"{process.describe_exit(code)}\n{_errors(process.read(log, 1 << 24))}"
            return [Result("build", f"{step} {preset}", Status.FAILED, why)]
        process.say(f"{step} {preset}: done in {time.monotonic() - started:.0f} s")
    return []


def _errors(text):
    """The lines that name what went wrong, or else the tail: ninja's last words are seldom the compiler's."""
    lines = [line for line in text.splitlines() if ": error:" in line or line.startswith(("FAILED:", "CMake Error"))]
    return "\n".join(lines[:40]) or tail(text)
