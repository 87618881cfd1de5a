"""What a soak leaves on a disk: the same writes, put into the store that a node has.

Sizes are those of the SQLite file after a checkpoint, so indexes and half-filled pages
count. What stands in which table is summed up beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from p2pnode.store.store import Store

from .days import Days

# What is summed up for each kind: the columns that hold what was said or decided.
_COLUMNS = {
    "blocks": ("blocks", "length(wire)"),
    "ops": ("ops", "coalesce(length(wire), 0)"),  # not those that are read out of a block
    "texts": ("texts", "coalesce(length(blob), 0)"),
    "commits": ("commits", "length(author) + length(block) + length(root) + length(outcomes)"),
    "records": ("closed", "length(record)"),  # of proposals that are over
    "receipts": ("receipts", "length(wire)"),
    "epochs": ("epochs", "length(snapshot)"),
}


@dataclass(frozen=True)
class Weight:
    """A store at some hour. All sizes in bytes."""

    hour: int
    decided: int
    ops: int
    file_bytes: int
    rows: dict[str, int]  # by kind
    content_bytes: dict[str, int]  # by kind


def weigh(days: Days, path: Path) -> list[Weight]:
    """Write what the busiest laptop wrote into a store at `path`; return its size by the hour."""
    node = max(days.world.nodes, key=lambda one: len(one.disk.journal))
    journal = node.disk.journal
    weights = []
    with Store.create(path) as store:
        store.adopt(days.world.charter.to_bytes())
        written = 0
        for mark in days.marks:
            upto = mark.transactions[node.name]
            for writes in journal[written:upto]:
                store.apply(writes, durable=False)
            written = upto
            weights.append(_weigh(path, mark.hour, mark.decided, mark.ops))
    return weights


def _weigh(path: Path, hour: int, decided: int, ops: int) -> Weight:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows, content = {}, {}
        for kind, (table, columns) in _COLUMNS.items():
            found = db.execute(f"SELECT count(*), coalesce(sum({columns}), 0) FROM {table}")
            rows[kind], content[kind] = found.fetchone()
    db.close()
    return Weight(hour, decided, ops, path.stat().st_size, rows, content)


def bytes_per_decision(weights: Sequence[Weight]) -> float:
    """Return by how much the file grew for each decision, from the first weight to the last."""
    first, last = weights[0], weights[-1]
    return (last.file_bytes - first.file_bytes) / max(1, last.decided - first.decided)
