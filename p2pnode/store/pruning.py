"""Forget blocks that only agreed on the order of what is final: storage stays bounded.

An epoch that ended long ago is proved by the receipts for its last commit. What stays of it
are its ops, its commits and the evidence of forks, from which the log can be derived again
(`verify.py`); its blocks and its first state go.
"""

from __future__ import annotations

from p2pnode_protocols.ids import OpId

from .database import Database
from .records import Records

SLICE = 200  # blocks forgotten in one transaction: some milliseconds


def prune_slice(database: Database, records: Records, keep_epochs: int) -> bool:
    """Forget some blocks of the oldest epoch that has any; return whether there may be more.

    Args:
        keep_epochs: of how many epochs, the current one included, all blocks are kept: who
            was away for no longer replays them, who was away longer takes a snapshot.
    """
    number = _find_epoch(database, keep_epochs)
    if number is None:
        return False
    found = list(
        database.rows(
            "SELECT saved, wire FROM blocks WHERE epoch_number = ? ORDER BY saved LIMIT ?",
            number,
            SLICE,
        )
    )
    with database.transaction(durable=False) as db:
        # First of all: peers must not be given a part of an epoch's blocks.
        db.execute(
            "UPDATE epochs SET pruned = 1, snapshot = iif(landed, snapshot, NULL) WHERE number = ?",
            (number,),
        )
        for row in found:
            block = records.open_block(row.blob(1))
            for op in block.ops:
                db.execute(_OP_ALONE, (op.wire, OpId(op.id), row.integer(0)))
            db.execute("DELETE FROM blocks WHERE saved = ?", (row.integer(0),))
        if len(found) < SLICE:
            db.execute("UPDATE epochs SET pruned = 2 WHERE number = ?", (number,))
    return True


_OP_ALONE = "UPDATE ops SET wire = ?, block = NULL, place = NULL WHERE id = ? AND block = ?"


def _find_epoch(database: Database, keep_epochs: int) -> int | None:
    """Return the oldest epoch whose blocks may go and have not, or None."""
    row = database.row("SELECT max(number) FROM epochs")
    if row is None or row.is_null(0):
        return None
    oldest_kept = row.integer(0) - keep_epochs + 1
    # No receipts prove how an epoch ended that a rebuild ended: who comes replays it (R6.16).
    row = database.row(
        "SELECT min(number) FROM epochs WHERE pruned < 2 AND number + 1 NOT IN "
        "(SELECT number FROM epochs WHERE rebuild IS NOT NULL)"
    )
    if row is None or row.is_null(0) or row.integer(0) >= oldest_kept:
        return None
    number = row.integer(0)
    # Only what receipts prove: else a newcomer would have to believe this node.
    proven = database.row(
        "SELECT proofs.proven FROM epochs JOIN proofs ON proofs.number = epochs.genesis_index "
        "WHERE epochs.number = ?",
        number + 1,
    )
    return number if proven is not None and proven.integer(0) == 1 else None


def is_pruned(database: Database, epoch_number: int) -> bool:
    """Return whether this epoch's blocks are no longer kept."""
    row = database.row("SELECT pruned FROM epochs WHERE number = ?", epoch_number)
    return row is not None and row.integer(0) > 0
