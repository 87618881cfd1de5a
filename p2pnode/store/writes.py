"""How each order of the core becomes rows. Every one may come twice: saving is idempotent.

A restarted core replays its epoch and orders again what is saved already; what it orders
has to be the same then, and a difference is a mistake of ours that must not be kept.
"""

from __future__ import annotations

import sqlite3
from typing import assert_never

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.agreement.roots import compute_state_hash
from p2pnode_protocols.record.bodies import Join, Note, Vote, texts_of
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveClosed,
    SaveCommit,
    SaveContradiction,
    SaveDropped,
    SaveEpoch,
    SaveErased,
    SaveFate,
    SaveFork,
    SaveLeap,
    SaveMissing,
    SaveOp,
    SaveProven,
    SaveReceipt,
    SaveText,
    SaveUnproven,
    SaveVow,
    Write,
)
from p2pnode_protocols.wire.errors import BugError
from p2pnode_protocols.wire.ids import OpId, TextId

from .database import Cell
from .interface import LATE_CODES
from .records import outcomes_of

_OP = """INSERT INTO ops (id, device, nonce, wire, size, own) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING"""
_BLOCK = """INSERT INTO blocks (id, epoch_number, author, round, wire) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING"""
_OP_IN_BLOCK = """INSERT INTO ops (id, device, nonce, block, place, size) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET wire = NULL, block = excluded.block, place = excluded.place
    WHERE wire IS NOT NULL"""
_OP_FINAL = "UPDATE ops SET commit_number = ? WHERE id = ? AND commit_number IS NULL"
_OP_TAKEN = "UPDATE ops SET taken = 1 WHERE id = ?"
# The log that a leap led over may have taken any of these: nothing here says which.
_TAKEN_PERHAPS = "UPDATE ops SET taken = 1 WHERE commit_number IS NULL"
_IS_FINAL = "SELECT 1 FROM ops WHERE id = ? AND commit_number IS NOT NULL"
_TEXT_WANTED = "INSERT INTO texts (id) VALUES (?) ON CONFLICT (id) DO NOTHING"
_MENTION = "INSERT INTO mentions (text, op, size) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
# What nothing here refers to any more came too late, and nothing would let it go again.
_TEXT = "UPDATE texts SET blob = ? WHERE id = ? AND blob IS NULL AND erased = 0"
_COMMIT = """INSERT INTO commits
    (number, epoch_number, round, author, block, time_ms, root, outcomes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING"""
_EPOCH = """INSERT INTO epochs
    (number, id, genesis_index, genesis_root, genesis_time_ms, round, author, charter, state_hash,
        snapshot, rebuild, closed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(place), 0) FROM closed))
    ON CONFLICT (number) DO NOTHING"""
# A leap's last epoch is saved as the others that it leads over, and then begun.
_LANDED = """UPDATE epochs SET genesis_time_ms = ?, snapshot = ?, landed = 1, pruned = 0,
    closed = (SELECT coalesce(max(place), 0) FROM closed) WHERE number = ? AND pruned = 3"""
_LEAPT = """INSERT INTO epochs
    (number, id, genesis_index, genesis_root, genesis_time_ms, round, author, charter, state_hash,
        pruned)
    VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, 3) ON CONFLICT (number) DO NOTHING"""
_CLOSED = """INSERT INTO closed
    (place, id, number, outcome, record, chain, decided_ms, close_ms, said)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (place) DO NOTHING"""
_UNPROVEN = "INSERT INTO proofs (number, next_epoch) VALUES (?, ?) ON CONFLICT DO NOTHING"
_CONTRADICTION = """INSERT INTO contradictions (number, device, wire) VALUES (?, ?, ?)
    ON CONFLICT DO NOTHING"""
_RECEIPT = "INSERT INTO receipts (number, device, wire) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_PROVEN = "UPDATE proofs SET proven = 1 WHERE number = ?"
ERASE = """INSERT INTO texts (id, erased) VALUES (?, 1)
    ON CONFLICT (id) DO UPDATE SET blob = NULL, erased = 1"""
# An entry in the log outdoes whatever was found without one.
_FATE = """INSERT INTO fates (op, code, commit_number, at_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (op) DO UPDATE SET code = excluded.code, commit_number = excluded.commit_number,
        at_ms = excluded.at_ms, seen = 0
    WHERE commit_number IS NULL AND excluded.commit_number IS NOT NULL"""
_FATE_TAKEN_BACK = "DELETE FROM fates WHERE op = ? AND commit_number IS NULL"
# Not the text of another's op that a vote named as its reason: that one still refers to it.
_DROP = """DELETE FROM texts WHERE id = ? AND erased = 0
    AND NOT EXISTS (SELECT 1 FROM mentions WHERE text = ?)"""
_LATE_VOTE = """INSERT INTO late_votes (proposal, author, op) VALUES (?, ?, ?)
    ON CONFLICT (proposal, author) DO UPDATE SET op = excluded.op"""
_JOIN = """INSERT INTO joins (member, invite) VALUES (?, ?)
    ON CONFLICT (member) DO UPDATE SET invite = excluded.invite"""
_NOTE = "INSERT INTO notes (namespace, op) VALUES (?, ?) ON CONFLICT DO NOTHING"
_FORK = "INSERT INTO forks (first, second) VALUES (?, ?) ON CONFLICT DO NOTHING"


def save(db: sqlite3.Connection, write: Write) -> None:
    """Carry out one write inside the open transaction.

    Raises:
        BugError: another commit or epoch stands under this number already.
        sqlite3.Error: the statement failed.
    """
    match write:
        case SaveOp(op=op, own=own):
            _save_op(db, op, own=own)
        case SaveText(id=text, blob=blob):
            db.execute(_TEXT, (blob, text))
        case SaveBlock(block=block, epoch_number=epoch_number):
            _save_block(db, block, epoch_number)
        case SaveCommit():
            _save_commit(db, write)
        case SaveEpoch():
            _save_epoch(db, write)
        case SaveLeap():
            _save_leap(db, write)
        case SaveVow(rebuild=rebuild):
            _save_vow(db, rebuild)
        case SaveMissing(ref=ref, op=op_id):
            _want_text(db, ref, op_id)
        case SaveDropped(id=text, op=op_id):
            drop_text(db, text, op_id)
        case SaveFork(first=first, second=second):
            db.execute(_FORK, (first.wire, second.wire))
        case _:
            db.execute(*_one_row(write))


def drop_text(db: sqlite3.Connection, text: TextId, op: OpId) -> None:
    """Note that this op needs a text no more; once none does, the text goes."""
    db.execute("DELETE FROM mentions WHERE text = ? AND op = ?", (text, op))
    db.execute(_DROP, (text, text))


def _one_row(
    write: SaveClosed
    | SaveUnproven
    | SaveReceipt
    | SaveContradiction
    | SaveProven
    | SaveErased
    | SaveFate,
) -> tuple[str, tuple[Cell, ...]]:
    """Return the statement, and its values, of a write that is one row."""
    match write:
        case SaveClosed(closed=one):
            place = (one.place, one.id, one.number, one.outcome, one.record, one.chain)
            return _CLOSED, (*place, one.decided_ms, one.close_ms, one.said or b"")
        case SaveUnproven(statement=statement):
            return _UNPROVEN, (statement.index, statement.next_epoch)
        case SaveReceipt(receipt=receipt):
            return _RECEIPT, (receipt.statement.index, receipt.device, receipt.wire)
        case SaveContradiction(receipt=receipt):
            return _CONTRADICTION, (receipt.statement.index, receipt.device, receipt.wire)
        case SaveProven(index=index):
            return _PROVEN, (index,)
        case SaveErased(id=text):
            return ERASE, (text,)
        case SaveFate(op=op, code="ok", index=int()):
            return _FATE_TAKEN_BACK, (op,)  # the log says it
        case SaveFate(op=op, code=code, index=index, at_ms=at_ms):
            return _FATE, (op, code, index, at_ms)
        case _:
            assert_never(write)


def _save_vow(db: sqlite3.Connection, rebuild: Rebuild | None) -> None:
    db.execute("DELETE FROM vow")
    if rebuild is not None:
        db.execute("INSERT INTO vow (rebuild) VALUES (?)", (rebuild.to_bytes(),))


def _save_op(db: sqlite3.Connection, op: Op, *, own: bool = False) -> None:
    db.execute(_OP, (op.id, op.device, op.nonce, op.wire, len(op.wire), int(own)))
    _want_texts(db, op)


def _want_texts(db: sqlite3.Connection, op: Op) -> None:
    refs = texts_of(op.body)
    # A late block may bring an op again whose text was dropped at its commit.
    if refs and db.execute(_IS_FINAL, (op.id,)).fetchone() is None:
        for ref in refs:
            _want_text(db, ref, op.id)


def _want_text(db: sqlite3.Connection, ref: TextRef, op: bytes) -> None:
    db.execute(_TEXT_WANTED, (ref.id,))
    db.execute(_MENTION, (ref.id, op, ref.size))


def _save_block(db: sqlite3.Connection, block: Block, epoch_number: int) -> None:
    """Save the block; of its ops only where in it they stand, so that no byte is kept twice."""
    done = db.execute(_BLOCK, (block.id, epoch_number, block.author, block.round, block.wire))
    if done.rowcount == 0:
        return
    saved = done.lastrowid
    place = 0
    for op in block.ops:
        place = block.wire.index(op.wire, place)  # ops stand in order, each as its own bytes
        db.execute(_OP_IN_BLOCK, (op.id, op.device, op.nonce, saved, place, len(op.wire)))
        _want_texts(db, op)
        place += len(op.wire)


def _save_commit(db: sqlite3.Connection, write: SaveCommit) -> None:
    commit = write.commit
    done = db.execute(
        _COMMIT,
        (
            commit.index,
            commit.epoch_number,
            commit.round,
            commit.author,
            commit.block,
            commit.time_ms,
            commit.root,
            outcomes_of(commit, [op.id for op in write.taken]).to_bytes(),
        ),
    )
    if done.rowcount == 0:
        _require_same(
            db, "SELECT root FROM commits WHERE number = ?", commit.index, commit.root, "commit"
        )
        return
    for op in write.ops:
        if db.execute(_OP_FINAL, (commit.index, op.id)).rowcount == 0:
            _save_op(db, op)
            db.execute(_OP_FINAL, (commit.index, op.id))
    late = {op for op, code in commit.entries if code in LATE_CODES}
    for op in write.ops:
        if op.id in late and isinstance(op.body, Vote):
            db.execute(_LATE_VOTE, (op.body.proposal, op.author, op.id))
        if isinstance(op.body, Join) and (op.id, "ok") in commit.entries:
            db.execute(_JOIN, (op.author, op.body.invite_key))
        if isinstance(op.body, Note) and (op.id, "ok") in commit.entries:
            db.execute(_NOTE, (op.body.namespace, op.id))
    entered = {op for op, _code in commit.entries}
    for op in write.taken:
        if op.id not in entered and db.execute(_OP_TAKEN, (op.id,)).rowcount == 0:
            _save_op(db, op)
            db.execute(_OP_TAKEN, (op.id,))


def _save_epoch(db: sqlite3.Connection, epoch: SaveEpoch) -> None:
    done = db.execute(
        _EPOCH,
        (
            epoch.number,
            epoch.id,
            epoch.genesis_index,
            epoch.genesis_root,
            epoch.genesis_time_ms,
            epoch.round,
            epoch.author,
            epoch.charter,
            compute_state_hash(epoch.snapshot),
            epoch.snapshot,
            None if epoch.rebuild is None else epoch.rebuild.to_bytes(),
        ),
    )
    if done.rowcount == 0:
        landed = db.execute(_LANDED, (epoch.genesis_time_ms, epoch.snapshot, epoch.number))
        if landed.rowcount == 1:
            db.execute(_TAKEN_PERHAPS)
        _require_same(db, "SELECT id FROM epochs WHERE number = ?", epoch.number, epoch.id, "epoch")


def _save_leap(db: sqlite3.Connection, leap: SaveLeap) -> None:
    done = db.execute(
        _LEAPT,
        (
            leap.number,
            leap.id,
            leap.genesis_index,
            leap.genesis_root,
            leap.round,
            leap.author,
            leap.charter,
            leap.state_hash,
        ),
    )
    if done.rowcount == 0:
        _require_same(db, "SELECT id FROM epochs WHERE number = ?", leap.number, leap.id, "epoch")


def _require_same(
    db: sqlite3.Connection, query: str, number: int, expected: bytes, what: str
) -> None:
    (found,) = db.execute(query, (number,)).fetchone()
    if found != expected:
        raise BugError(
            f"{what} {number} is saved as {found.hex()[:8]}, the core says {expected.hex()[:8]}"
        )
