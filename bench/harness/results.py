"""The rows of build/bench.json, and the table people read."""

import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Goal:
    """What README.md beside bench/run promises of the ratio of a row."""

    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        return f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"

    def holds(self, ratio: float) -> bool:
        return ratio >= self.at_least if self.at_least is not None else ratio <= self.at_most


@dataclass(frozen=True)
class Row:
    """One measured figure. `ratio` is the figure divided by the same figure of `against`, from the same rounds: the
    median of the rounds' ratios, with the smallest and the largest. Trust ratios; figures are one machine's one day."""

    name: str
    figure: float
    unit: str
    against: str
    ratio: float | None
    min: float | None
    max: float | None
    rounds: int
    goal: str = ""
    met: bool | None = None
    disturbed: int = 0  # rounds in which others had more than a tenth of a core at each try


def quantile(figures: list[float], share: float) -> float:
    """The figure that this share of all lies below; 0.99 is the p99."""
    ranked = sorted(figures)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def compare(name: str, unit: str, ours: list[float], theirs: list[float], against: str, goal: Goal | None = None,
            disturbed: int = 0) -> Row:
    """A row from paired rounds."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True) if b > 0]
    ratio = statistics.median(ratios) if ratios else None
    return Row(
        name=name,
        figure=statistics.median(ours),
        unit=unit,
        against=against,
        ratio=ratio,
        min=min(ratios, default=None),
        max=max(ratios, default=None),
        rounds=len(ours),
        goal=str(goal or ""),
        met=goal.holds(ratio) if goal and ratio is not None else None,
        disturbed=disturbed,
    )


def alone(name: str, figure: float, unit: str, rounds: int, goal: Goal | None = None) -> Row:
    """A figure that is compared with nothing but, if there is one, its goal."""
    met = goal.holds(figure) if goal else None
    return Row(name, figure, unit, "", None, None, None, rounds, str(goal or ""), met)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _cells(row: Row) -> list[str]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    span = "" if row.ratio is None else f"{row.min:.2f}-{row.max:.2f}"
    met = {None: "", True: "yes", False: "NO"}[row.met]
    noise = f"{row.disturbed} disturbed" if row.disturbed else ""
    return [row.name, f"{_number(row.figure)} {row.unit}", row.against, ratio, span, str(row.rounds), row.goal, met, noise]


def table(rows: list[Row]) -> str:
    head = ["what", "figure", "against", "ratio", "min-max", "rounds", "goal", "met", ""]
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return "\n".join([text[0], "-" * max(map(len, text)), *text[1:]])


def write(rows: list[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
