"""From rows back to blocks, ops and commits, each checked by its id.

Signatures are not verified again: only what was verified is saved, and an id that still
fits its bytes proves that they are the same.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from p2pnode_protocols.agreement.blocks import Block, Header, open_block, read_header, read_op_wires
from p2pnode_protocols.agreement.log import Commit, Decided, Derived, Entry
from p2pnode_protocols.agreement.rebuild import Rebuild, read_rebuild
from p2pnode_protocols.agreement.receipts import Receipt, Statement, open_receipt
from p2pnode_protocols.record.ops import Op, open_op
from p2pnode_protocols.record.questions.proposal import OUTCOMES
from p2pnode_protocols.record.questions.register import Closed
from p2pnode_protocols.steps.restored import Unproven
from p2pnode_protocols.wire.crypto import compute_text_id
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    Round,
    WallMs,
)
from p2pnode_protocols.wire.kinds import Many
from p2pnode_protocols.wire.limits import UNPROVEN
from p2pnode_protocols.wire.shapes import Shaped, shaped

from .database import Cell, Database, Row, damaged
from .interface import StoredFate, StoredNote, StoredOp

_OPS = """SELECT ops.id, ops.commit_number,
    coalesce(ops.wire, substr(blocks.wire, ops.place + 1, ops.size))
    FROM ops LEFT JOIN blocks ON blocks.saved = ops.block """
_BLOCKS = "SELECT id, wire FROM blocks "
_COMMITS = """SELECT number, epoch_number, round, author, block, time_ms, root, outcomes
    FROM commits """


_CLOSED = """SELECT place, id, number, outcome, record, chain, decided_ms, close_ms, said
    FROM closed"""
_CLOSED_CELLS = (int, bytes, int, str, bytes, bytes, int, int, bytes)
_OUTCOMES = {one: one for one in OUTCOMES}
_MANY = 1 << 30  # bytes or items: what is here was bounded before it was saved


@shaped("outcomes", limit=_MANY)
@dataclass(frozen=True, slots=True)
class Outcomes(Shaped):
    """What a commit's row says of its ops, beside what stands in columns.

    Mostly what the log took is just the commit's entries; then that is not repeated.
    """

    entries: Annotated[tuple[Entry, ...], Many(_MANY)]
    decided: Annotated[tuple[Decided, ...], Many(_MANY)]
    derived: Annotated[tuple[Derived, ...], Many(_MANY)]
    taken: Annotated[tuple[OpId, ...], Many(_MANY)] | None  # in log order


class Records:
    """Read a community's objects out of the database.

    Raises:
        StoreError: `store_damaged` for what is not as it was written, from every method.
    """

    def __init__(self, database: Database, community: CommunityId) -> None:
        self._database = database
        self._path: Path = database.path
        self._community = community

    def block(self, block: BlockId) -> Block | None:
        found = list(self.blocks("WHERE id = ?", block))
        return found[0] if found else None

    def blocks(self, where: str, *values: Cell) -> Generator[Block]:
        for row in self._database.rows(_BLOCKS + where, *values):
            yield self.open_block(row.blob(1), row.blob(0))

    def ops(self, where: str, *values: Cell) -> Generator[StoredOp]:
        for row in self._database.rows(_OPS + where, *values):
            op = self._open_op(row.blob(2), row.blob(0))
            if row.is_null(1):
                yield StoredOp(op, None, None)
            else:
                yield StoredOp(op, row.integer(1), self._outcome(op.id, row.integer(1)))

    def notes(self, namespace: str | None, after: int, most: int) -> Generator[StoredNote]:
        """Yield notes with a place above `after` in the order of the log, up to so many."""
        if namespace is None:
            rows = self._database.rows(
                "SELECT place, op FROM notes WHERE place > ? ORDER BY place LIMIT ?", after, most
            )
        else:
            rows = self._database.rows(
                "SELECT place, op FROM notes WHERE namespace = ? AND place > ? "
                "ORDER BY place LIMIT ?",
                *(namespace, after, most),
            )
        for row in list(rows):
            for op in list(self.ops("WHERE ops.id = ?", row.blob(1))):
                yield StoredNote(row.integer(0), op)

    def fates(self, rest: str, *values: Cell) -> Generator[StoredFate]:
        rows = self._database.rows(
            """SELECT fates.op, coalesce(ops.wire, substr(blocks.wire, ops.place + 1, ops.size)),
                fates.code, fates.commit_number, fates.at_ms, fates.seen, ops.saved
            FROM fates JOIN ops ON ops.id = fates.op
                LEFT JOIN blocks ON blocks.saved = ops.block """
            + rest,
            *values,
        )
        for row in rows:
            yield StoredFate(
                self._open_op(row.blob(1), row.blob(0)),
                row.text(2),
                None if row.is_null(3) else row.integer(3),
                WallMs(row.integer(4)),
                row.integer(5) == 1,
                row.integer(6),
            )

    def _outcome(self, op: OpId, number: int) -> str:
        for commit in list(self.commits("WHERE number = ?", number)):
            for entry, code in commit.entries:
                if entry == op:
                    return code
        raise damaged(self._path, f"commit {number} does not hold op {op.hex()[:8]}")

    def commits(self, where: str, *values: Cell) -> Generator[Commit]:
        for row in self._database.rows(_COMMITS + where, *values):
            yield self._read_commit(row)

    def taken(self, index: int) -> tuple[OpId, ...]:
        """Return what the log took of what a commit's blocks brought, in log order."""
        row = self._database.row("SELECT outcomes FROM commits WHERE number = ?", index)
        if row is None:
            raise damaged(self._path, f"commit {index} is missing")
        outcomes = self._read_outcomes(index, row.blob(0))
        entries = tuple(op for op, _code in outcomes.entries)
        return entries if outcomes.taken is None else outcomes.taken

    def taken_ops(self, index: int) -> Generator[Op]:
        """Yield them. Raises `StoreError` `store_damaged`: one is missing."""
        for wanted in self.taken(index):
            found = list(self.ops("WHERE ops.id = ?", wanted))
            if not found:
                raise damaged(self._path, f"commit {index}: op {wanted.hex()[:8]} is missing")
            yield found[0].op

    def _read_outcomes(self, index: int, data: bytes) -> Outcomes:
        try:
            return Outcomes.from_bytes(data)
        except PeerFault as fault:
            raise damaged(self._path, f"commit {index} does not decode: {fault.detail}") from fault

    def closed(self) -> Generator[Closed]:
        """Yield the closed proposals in the order of closing; their places count from 1."""
        for row in self._database.rows(f"{_CLOSED} ORDER BY place"):
            yield self._read_closed(row)

    def closed_back(self, last: int) -> Generator[Closed]:
        """Yield the closed proposals from the `last` one back."""
        for row in self._database.rows(f"{_CLOSED} WHERE place <= ? ORDER BY place DESC", last):
            yield self._read_closed(row)

    def _read_closed(self, row: Row) -> Closed:
        # All of them are read at a start: a call for each cell took half of its time.
        cells = row.cells(_CLOSED_CELLS)
        place, op, number, outcome, record, chain, decided_ms, close_ms, said = cells
        known = _OUTCOMES.get(outcome)
        if known is not None:
            return Closed(
                place,
                OpId(op),
                number,
                known,
                WallMs(decided_ms),
                WallMs(close_ms),
                record,
                chain,
                said or None,
            )
        raise damaged(self._path, f"closed proposal {place}: {outcome!r}")

    def unproven(self) -> Generator[Unproven]:
        """Yield the latest commits that lack a quorum's receipts, ascending."""
        rows = self._database.rows(
            """SELECT * FROM (
                SELECT proofs.number, epochs.id, commits.root, proofs.next_epoch, epochs.charter
                FROM proofs JOIN commits ON commits.number = proofs.number
                JOIN epochs ON epochs.number = commits.epoch_number
                WHERE proofs.proven = 0 ORDER BY proofs.number DESC LIMIT ?
            ) ORDER BY number""",
            UNPROVEN,
        )
        for row in list(rows):
            index = row.integer(0)
            following = None if row.is_null(3) else EpochId(row.blob(3))
            statement = Statement(EpochId(row.blob(1)), index, row.blob(2), following)
            yield Unproven(statement, row.blob(4), tuple(self.receipts(index)))

    def receipts(self, index: int) -> Generator[Receipt]:
        """Yield the receipts for one commit, by device."""
        for row in self._database.rows(
            "SELECT wire FROM receipts WHERE number = ? ORDER BY device", index
        ):
            yield self.open_receipt(row.blob(0))

    def contradictions(self, after: int) -> Generator[Receipt]:
        """Yield the receipts for another log than the one here, of commits after this one."""
        for row in self._database.rows(
            "SELECT wire FROM contradictions WHERE number > ? ORDER BY number, device", after
        ):
            yield self.open_receipt(row.blob(0))

    def open_receipt(self, wire: bytes) -> Receipt:
        try:
            return open_receipt(self._community, wire, _verified_when_saved)
        except PeerFault as fault:
            raise damaged(self._path, f"a receipt does not decode: {fault.detail}") from fault

    def open_rebuild(self, wire: bytes) -> Rebuild:
        try:
            return read_rebuild(wire)
        except PeerFault as fault:
            raise damaged(self._path, f"a rebuild does not decode: {fault.detail}") from fault

    def text(self, text: bytes) -> bytes | None:
        row = self._database.row("SELECT blob FROM texts WHERE id = ?", text)
        if row is None or row.is_null(0):
            return None
        blob = row.blob(0)
        if compute_text_id(blob) != text:
            raise damaged(self._path, f"text {text.hex()[:8]} is not what its id says")
        return blob

    def open_block(self, wire: bytes, expected: bytes | None = None) -> Block:
        """Return the block in `wire`, and check that its id is `expected` unless that is None."""
        try:
            block = open_block(self._community, wire, _verified_when_saved, self._read_op)
        except PeerFault as fault:
            raise damaged(self._path, f"a block does not decode: {fault.detail}") from fault
        if expected is not None and block.id != expected:
            raise damaged(self._path, f"block {expected.hex()[:8]} is not what its id says")
        return block

    def op_wires(self, wire: bytes, expected: bytes) -> Sequence[bytes]:
        """Return the ops of the block in `wire`, as bytes, and check that its id is `expected`."""
        try:
            return read_op_wires(self._community, wire, BlockId(expected))
        except PeerFault as fault:
            raise damaged(
                self._path, f"block {expected.hex()[:8]} is not what its id says: {fault.detail}"
            ) from fault

    def block_wire(self, block: BlockId) -> bytes | None:
        row = self._database.row("SELECT wire FROM blocks WHERE id = ?", block)
        if row is None:
            return None
        self.op_wires(row.blob(0), block)
        return row.blob(0)

    def read_header(self, wire: bytes) -> Header:
        try:
            return read_header(self._community, wire, _verified_when_saved)
        except PeerFault as fault:
            raise damaged(
                self._path, f"a block's header does not decode: {fault.detail}"
            ) from fault

    def _read_op(self, wire: bytes) -> Op:
        return open_op(self._community, wire, _verified_when_saved)

    def _open_op(self, wire: bytes, expected: bytes) -> Op:
        try:
            op = self._read_op(wire)
        except PeerFault as fault:
            raise damaged(self._path, f"an op does not decode: {fault.detail}") from fault
        if op.id != expected:
            raise damaged(self._path, f"op {expected.hex()[:8]} is not what its id says")
        return op

    def _read_commit(self, row: Row) -> Commit:
        index = row.integer(0)
        outcomes = self._read_outcomes(index, row.blob(7))
        return Commit(
            index,
            row.integer(1),
            Round(row.integer(2)),
            MemberId(row.blob(3)),
            BlockId(row.blob(4)),
            WallMs(row.integer(5)),
            row.blob(6),
            outcomes.entries,
            outcomes.decided,
            outcomes.derived,
        )


def outcomes_of(commit: Commit, taken: Sequence[OpId]) -> Outcomes:
    """Return what `_read_commit` and `taken` need of a commit."""
    is_told = tuple(taken) == tuple(op for op, _code in commit.entries)
    return Outcomes(
        commit.entries, commit.decided, commit.derived, None if is_told else tuple(taken)
    )


def _verified_when_saved(_device: DeviceKey, _message: bytes, _signature: bytes) -> bool:
    return True
