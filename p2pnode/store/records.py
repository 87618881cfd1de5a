"""From rows back to blocks, ops and commits, each checked by its id.

Signatures are not verified again: only what was verified is saved, and an id that still
fits its bytes proves that they are the same.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from p2pnode_protocols.blocks import Block, Header, open_block, read_header, read_op_wires
from p2pnode_protocols.codec import Fields, Value, decode
from p2pnode_protocols.crypto import compute_text_id
from p2pnode_protocols.decisions import Closed
from p2pnode_protocols.decisions.proposal import OUTCOMES
from p2pnode_protocols.errors import PeerFault
from p2pnode_protocols.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    Round,
    WallMs,
)
from p2pnode_protocols.limits import NAME_CHARS, UNPROVEN
from p2pnode_protocols.ops import Op, open_op
from p2pnode_protocols.rebuild import Rebuild, read_rebuild
from p2pnode_protocols.receipts import Receipt, Statement, open_receipt
from p2pnode_protocols.steps import Commit, Unproven

from .database import Cell, Database, Row, damaged
from .interface import StoredFate, StoredOp

_OPS = """SELECT ops.id, ops.commit_number,
    coalesce(ops.wire, substr(blocks.wire, ops.place + 1, ops.size))
    FROM ops LEFT JOIN blocks ON blocks.saved = ops.block """
_BLOCKS = "SELECT id, wire FROM blocks "
_COMMITS = """SELECT number, epoch_number, round, author, block, time_ms, root, outcomes
    FROM commits """


_CLOSED = """SELECT place, id, number, outcome, record, chain, decided_ms, close_ms
    FROM closed"""


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
        outcomes = decode(row.blob(0), len(row.blob(0)))
        try:
            fields = Fields(outcomes, "outcomes")
            entries, _decided, taken = fields.items(1 << 30), fields.any(), fields.any()
            if taken is None:
                return tuple(OpId(Fields(one, "entry").hash()) for one in entries)
            if not isinstance(taken, list):
                raise fields.fail("a list of op ids expected")
            return tuple(OpId(one) for one in taken if isinstance(one, bytes))
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
        outcome = row.text(3)
        for known in OUTCOMES:
            if outcome == known:
                return Closed(
                    row.integer(0),
                    OpId(row.blob(1)),
                    row.integer(2),
                    known,
                    WallMs(row.integer(6)),
                    WallMs(row.integer(7)),
                    row.blob(4),
                    row.blob(5),
                )
        raise damaged(self._path, f"closed proposal {row.integer(0)}: {outcome!r}")

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
            block = open_block(self._community, wire, _verified_when_saved)
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

    def _open_op(self, wire: bytes, expected: bytes) -> Op:
        try:
            op = open_op(self._community, wire, _verified_when_saved)
        except PeerFault as fault:
            raise damaged(self._path, f"an op does not decode: {fault.detail}") from fault
        if op.id != expected:
            raise damaged(self._path, f"op {expected.hex()[:8]} is not what its id says")
        return op

    def _read_commit(self, row: Row) -> Commit:
        index, outcomes = row.integer(0), row.blob(7)
        try:
            fields = Fields(decode(outcomes, len(outcomes)), "outcomes")
            entries = _read_pairs(fields, len(outcomes))
            decided = _read_decided(fields, len(outcomes))
            fields.any()
            fields.end()
        except PeerFault as fault:
            raise damaged(self._path, f"commit {index} does not decode: {fault.detail}") from fault
        return Commit(
            index,
            row.integer(1),
            Round(row.integer(2)),
            MemberId(row.blob(3)),
            BlockId(row.blob(4)),
            WallMs(row.integer(5)),
            row.blob(6),
            entries,
            decided,
        )


def write_outcomes(commit: Commit, taken: Sequence[OpId]) -> Value:
    """Return what `_read_commit` and `taken` read a commit's outcomes out of.

    Mostly what the log took is just the commit's entries; then that is not repeated.
    """
    entries = [op for op, _code in commit.entries]
    return [
        [list(pair) for pair in commit.entries],
        [list(one) for one in commit.decided],
        None if entries == list(taken) else list(taken),
    ]


def _read_pairs(fields: Fields, most: int) -> tuple[tuple[OpId, str], ...]:
    pairs: list[tuple[OpId, str]] = []
    for item in fields.items(most):
        pair = Fields(item, "outcome")
        pairs.append((OpId(pair.hash()), pair.text(NAME_CHARS)))
        pair.end()
    return tuple(pairs)


def _read_decided(fields: Fields, most: int) -> tuple[tuple[OpId, str, bytes], ...]:
    decided: list[tuple[OpId, str, bytes]] = []
    for item in fields.items(most):
        one = Fields(item, "decided")
        decided.append((OpId(one.hash()), one.text(NAME_CHARS), one.hash()))
        one.end()
    return tuple(decided)


def _verified_when_saved(_device: DeviceKey, _message: bytes, _signature: bytes) -> bool:
    return True
