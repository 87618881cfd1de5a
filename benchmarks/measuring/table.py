"""The one table: figures in rows, peers set against p2pnode, and what was to be reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .figures import Figure, Found, Missing

OURS = "p2pnode"
HEAD = ("work", "nodes", "system", "median", "p10 – p90", "unit", "samples", "p2pnode ÷ this")
REACH_HEAD = ("reach", "measured", "limit", "")


@dataclass(frozen=True, slots=True)
class Reach:
    """A goal: a figure of ours, alone or divided by somebody's for the same work, and a limit."""

    says: str
    work: str
    nodes: int
    limit: float
    most: bool  # whether the limit is the most allowed, or the least
    against: str = ""  # another system; empty: the figure itself
    against_work: str = ""  # … at other work than ours; empty: the same


def measured_rows(found: Iterable[Found]) -> list[tuple[str, ...]]:
    """Return the table's rows: work in the order first met, then by nodes, ours first."""
    kept = [one for one in found if isinstance(one, Figure | Missing)]
    works = list(dict.fromkeys(one.work for one in kept))
    systems = [OURS, *dict.fromkeys(one.system for one in kept)]
    ours = _ours(kept)

    def place(one: Figure | Missing) -> tuple[int, int, int]:
        nodes = one.nodes if isinstance(one, Figure) else 1 << 30
        return works.index(one.work), nodes, systems.index(one.system)

    return [_row(one, ours) for one in sorted(kept, key=place)]


def _ours(found: Iterable[Figure | Missing]) -> dict[tuple[str, int], Figure]:
    return {
        (one.work, one.nodes): one
        for one in found
        if isinstance(one, Figure) and one.system == OURS
    }


def _row(one: Figure | Missing, ours: dict[tuple[str, int], Figure]) -> tuple[str, ...]:
    if isinstance(one, Missing):
        return one.work, "", one.system, "not measured", one.why, "", "", ""
    mine = ours.get((one.work, one.nodes))
    ratio = ""
    if mine is not None and mine is not one and one.median > 0:
        ratio = short(mine.median / one.median)
    spread = "" if one.samples == 1 else f"{short(one.p10)} – {short(one.p90)}"
    nodes = str(one.nodes) if one.nodes else ""
    return (
        one.work,
        nodes,
        one.system,
        short(one.median),
        spread,
        one.unit,
        str(one.samples),
        ratio,
    )


def reach_rows(reaches: Iterable[Reach], found: Sequence[Found]) -> list[tuple[str, ...]]:
    """Return for each goal what was measured, and whether it is met."""
    by_name = {
        (one.work, one.system, one.nodes): one.median for one in found if isinstance(one, Figure)
    }
    rows: list[tuple[str, ...]] = []
    for reach in reaches:
        value = by_name.get((reach.work, OURS, reach.nodes))
        if value is not None and reach.against:
            work = reach.against_work or reach.work
            other = by_name.get((work, reach.against, reach.nodes))
            value = value / other if other else None
        limit = f"{'≤' if reach.most else '≥'} {short(reach.limit)}"
        if value is None:
            rows.append((reach.says, "not measured", limit, "unknown"))
            continue
        met = value <= reach.limit if reach.most else value >= reach.limit
        rows.append((reach.says, short(value), limit, "met" if met else "missed"))
    return rows


def short(value: float) -> str:
    """Return a number as people read it: three digits that count, thousands apart."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}"


def as_text(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table for a terminal; a cell that repeats the one above is left empty."""
    lines = [list(head), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = []
    above = ""
    for line in lines:
        cells = [line[0] if line[0] != above else "", *line[1:]]
        above = line[0]
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        shown.append("  ".join(padded).rstrip())
    return "\n".join(shown) + "\n"


def as_markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *[list(row) for row in rows]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
