"""The outcome of one test."""

import dataclasses
import enum


class Status(enum.Enum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclasses.dataclass(frozen=True)
class Result:
    """One test: the suite it belongs to, its name, how it ended, and, unless it passed, why (the tail of its output)."""

    suite: str
    name: str
    status: Status
    why: str = ""


def tail(text, lines=40):
    """The last lines of a text, which is where a failing program says why."""
    kept = text.rstrip().splitlines()[-lines:]
    return "\n".join(kept)
