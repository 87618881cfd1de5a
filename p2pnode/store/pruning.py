"""Forget what only agreed on the order of what is final, or never got into the log.

An epoch that ended long ago is proved by the receipts for its last commit. What stays of it
are the ops that the log took, its commits and the evidence of forks, from which the log can be
derived again (`answers.verifying`); its blocks and its first state go. So do ops that the log
passed over, wherever they are kept: anybody can put any number into blocks, or say two with one
nonce.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.record.bodies import texts_of
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.wire.ids import OpId

from .database import Database
from .records import Records
from .writes import drop_text

SLICE = 200  # blocks, and ops, forgotten in one transaction: some milliseconds …
SLICE_BYTES = 1 << 18  # … also of blocks that a liar has filled, half a megabyte each
# Of ended epochs, blocks take so much at most, whatever was asked for: a liar can fill its own.
KEPT_BYTES = 512 << 20
LEAST_EPOCHS = 2  # that stay all the same, the current one included: peers may be in the last


def prune_slice(
    database: Database, records: Records, keep_epochs: int, coming: Container[OpId]
) -> bool:
    """Forget some of what nothing needs; return whether there may be more.

    Args:
        keep_epochs: of how many epochs, the current one included, all blocks are kept: who
            was away for no longer replays them, who was away longer takes a snapshot.
        coming: the ops that may still get into the log.
    """
    more_ops = _forget_ops(database, records, coming)
    return _forget_blocks(database, records, keep_epochs, coming) or more_ops


def _forget_ops(database: Database, records: Records, coming: Container[OpId]) -> bool:
    """Forget ops that came by themselves and that the log will not take."""
    lost: list[int] = []
    for row in database.rows(_ALONE):
        if OpId(row.blob(1)) not in coming:
            lost.append(row.integer(0))
            if len(lost) == SLICE:
                break
    if not lost:
        return False
    ops = [one.op for saved in lost for one in records.ops("WHERE ops.saved = ?", saved)]
    with database.transaction(durable=False) as db:
        for op in ops:
            db.execute("DELETE FROM ops WHERE id = ?", (op.id,))
            _drop_texts(db, op)
    return len(lost) == SLICE


def _forget_blocks(
    database: Database, records: Records, keep_epochs: int, coming: Container[OpId]
) -> bool:
    """Forget some blocks of the oldest epoch that has any too old."""
    number = _find_epoch(database, keep_epochs)
    if number is None:
        return False
    found: list[tuple[int, Block]] = []
    size = 0
    for row in database.rows(
        "SELECT saved, wire FROM blocks WHERE epoch_number = ? ORDER BY saved LIMIT ?",
        number,
        SLICE,
    ):
        found.append((row.integer(0), records.open_block(row.blob(1))))
        size += len(row.blob(1))
        if size > SLICE_BYTES:
            break
    with database.transaction(durable=False) as db:
        # First of all: peers must not be given a part of an epoch's blocks.
        db.execute(
            "UPDATE epochs SET pruned = 1, snapshot = iif(landed, snapshot, NULL) WHERE number = ?",
            (number,),
        )
        for saved, block in found:
            for op in block.ops:
                if op.id not in coming and _forget_op(db, op, saved):
                    continue
                db.execute(_OP_ALONE, (op.wire, op.id, saved))
            db.execute("DELETE FROM blocks WHERE saved = ?", (saved,))
        if not found:
            db.execute("UPDATE epochs SET pruned = 2 WHERE number = ?", (number,))
    return True


_OP_ALONE = "UPDATE ops SET wire = ?, block = NULL, place = NULL WHERE id = ? AND block = ?"
# Whose author is told what became of it is this device's own.
_UNTAKEN = """commit_number IS NULL AND taken = 0
    AND NOT EXISTS (SELECT 1 FROM fates WHERE fates.op = ops.id)"""
_ALONE = f"SELECT saved, id FROM ops WHERE block IS NULL AND {_UNTAKEN} ORDER BY saved"
_LOST = f"DELETE FROM ops WHERE id = ? AND block = ? AND {_UNTAKEN}"


def _forget_op(db: sqlite3.Connection, op: Op, block: int) -> bool:
    """Forget an op that stands in this block, unless the log took it; return whether it went."""
    if db.execute(_LOST, (op.id, block)).rowcount == 0:
        return False
    _drop_texts(db, op)
    return True


def _drop_texts(db: sqlite3.Connection, op: Op) -> None:
    for ref in texts_of(op.body):
        drop_text(db, ref.id, op.id)


def _is_over(database: Database, newest: int) -> bool:
    """Return whether blocks of ended epochs take too much, or some of an epoch's have gone."""
    if database.row("SELECT 1 FROM epochs WHERE pruned = 1") is not None:
        return True  # nobody is given the rest
    pages = database.row(
        "SELECT (page_count - freelist_count) * page_size "
        "FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
    )
    if pages is None or pages.integer(0) <= KEPT_BYTES:
        return False  # all that is in the file takes less: no block has to be looked at
    row = database.row(
        "SELECT coalesce(sum(length(wire)), 0) FROM blocks WHERE epoch_number < ?", newest
    )
    return row is not None and row.integer(0) > KEPT_BYTES


def _find_epoch(database: Database, keep_epochs: int) -> int | None:
    """Return the oldest epoch whose blocks may go and have not, or None."""
    row = database.row("SELECT max(number) FROM epochs")
    if row is None or row.is_null(0):
        return None
    newest = row.integer(0)
    kept = min(keep_epochs, LEAST_EPOCHS) if _is_over(database, newest) else keep_epochs
    oldest_kept = newest - kept + 1
    # Only what receipts prove: else a newcomer would have to believe this node. So what a rebuild
    # ended stays (R6.16), and an epoch whose receipts lack; who comes replays that one. It holds no
    # other back: a liar may keep its receipt to itself, and fill all that follows.
    row = database.row(
        "SELECT min(ended.number) FROM epochs AS ended "
        "JOIN epochs AS next ON next.number = ended.number + 1 AND next.rebuild IS NULL "
        "JOIN proofs ON proofs.number = next.genesis_index AND proofs.proven = 1 "
        "WHERE ended.pruned < 2 AND ended.number < ?",
        oldest_kept,
    )
    return None if row is None or row.is_null(0) else row.integer(0)


def is_pruned(database: Database, epoch_number: int) -> bool:
    """Return whether this epoch's blocks are no longer kept."""
    row = database.row("SELECT pruned FROM epochs WHERE number = ?", epoch_number)
    return row is not None and row.integer(0) > 0
