"""What a benchmark finds: samples boiled down to a figure, and files of figures."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: the median of some samples, and how far they spread.

    `work` and `nodes` name what was done, `system` who did it: rows that differ only in the
    system are the same work, and are set against each other.
    """

    work: str
    system: str
    nodes: int
    unit: str
    median: float
    p10: float
    p90: float
    samples: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Work that was not measured, with the reason and what to do about it."""

    work: str
    system: str
    why: str


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve of a plot."""

    plot: str
    curve: str
    x: float
    y: float


Found = Figure | Missing | Point


def figure(
    work: str, samples: Iterable[float], unit: str, *, nodes: int = 0, system: str = "p2pnode"
) -> Figure:
    """Return the figure of at least one sample."""
    ordered = sorted(samples)
    return Figure(
        work,
        system,
        nodes,
        unit,
        quantile(ordered, 0.5),
        quantile(ordered, 0.1),
        quantile(ordered, 0.9),
        len(ordered),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the samples lie, drawn straight between two.

    Args:
        ordered: the samples, ascending, at least one.
        share: 0 for the least, 0.5 for the median, 1 for the greatest.
    """
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


_KINDS: dict[str, type[Figure] | type[Missing] | type[Point]] = {
    one.__name__: one for one in (Figure, Missing, Point)
}


def save(path: Path, found: Iterable[Found]) -> None:
    lines = [json.dumps([type(one).__name__, asdict(one)]) for one in found]
    path.write_text("\n".join(lines) + "\n")


def load(path: Path) -> list[Found]:
    """Return what `save` wrote."""
    found: list[Found] = []
    for line in path.read_text().split("\n"):
        if line:
            kind, fields = json.loads(line)
            found.append(_KINDS[kind](**fields))
    return found
