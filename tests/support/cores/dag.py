"""Draw DAGs of blocks for tests: who made a block of which round, with which parents.

Signatures are a keyed hash: the rules under test do not look at them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from p2pnode_protocols.agreement.blocklace import Blocklace, Vertex
from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.agreement.commit import Committer, Decided
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.seats.charter import Charter, FaultModel, Member, default_charter
from p2pnode_protocols.wire.crypto import compute_member_id
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

EPOCH = EpochId(b"e" * 32)
COMMUNITY = CommunityId(b"c" * 32)


@dataclass(frozen=True)
class FakeSigner:
    device: DeviceKey

    def sign(self, message: bytes) -> bytes:
        return hashlib.sha512(self.device + message).digest()


def fake_verify(device: DeviceKey, message: bytes, signature: bytes) -> bool:
    return hashlib.sha512(device + message).digest() == signature


def make_charter(n: int, fault_model: FaultModel = "byzantine") -> Charter:
    """Return a charter of n members, their order that of their ids."""
    seats = []
    for i in range(n):
        key = DeviceKey(hashlib.sha256(b"node %d" % i).digest())
        seats.append(
            Member(compute_member_id(key), f"m{i}", "person", (key,), node_key=key, away=False)
        )
    charter = default_charter("test", seats[0], WallMs(1_000), fault_model)
    return replace(charter, members=tuple(sorted(seats, key=lambda seat: seat.id)))


def sequence_after(author: MemberId, parents: Sequence[Block]) -> int:
    """Return what a block of `author` on these parents counts as."""
    return parents[0].sequence + 1 if parents and parents[0].author == author else 1


class Dag:
    """A committee and a way to make blocks by (author place, round)."""

    def __init__(self, n: int, fault_model: FaultModel = "byzantine") -> None:
        self.committee = Committee(EPOCH, make_charter(n, fault_model))
        self.blocks: list[Block] = []  # in an order that respects parents

    def block(
        self,
        author: int,
        round_: int,
        parents: Iterable[Block] = (),
        *,
        time_ms: int | None = None,
        ops: tuple[Op, ...] = (),
    ) -> Block:
        """Make a block; round 1 needs no parents given."""
        below = tuple(parents)
        ids = tuple(parent.id for parent in below)
        block = sign_block(
            COMMUNITY,
            FakeSigner(self.committee.keys[author]),
            epoch=EPOCH,
            author=self.committee.members[author],
            sequence=sequence_after(self.committee.members[author], below),
            round_=Round(round_),
            time_ms=WallMs(10_000 * round_ + author if time_ms is None else time_ms),
            parents=ids or (BlockId(bytes(EPOCH)),),
            ops=ops,
            final_index=0,
            final_root=bytes(32),
        )
        self.blocks.append(block)
        return block

    def round(
        self, round_: int, authors: Iterable[int], below: Iterable[Block] = ()
    ) -> list[Block]:
        """Make one block per author on all of `below`, own first."""
        made = []
        lower = list(below)
        for author in authors:
            own = [one for one in lower if one.author == self.committee.members[author]]
            rest = [one for one in lower if one.author != self.committee.members[author]]
            made.append(self.block(author, round_, own + rest))
        return made


class DrawnLog:
    """What commits make of the log as far as their times depend on it (`commit.LogSoFar`).

    Closes are given beforehand, as if the proposals had been open for long; and proposals open
    that close as they wish.
    """

    def __init__(self, closes: Iterable[int] = ()) -> None:
        self.time_ms = WallMs(0)
        self._closes = sorted(WallMs(close) for close in closes)
        self._seen: set[OpId] = set()

    def take(self, decided: Decided) -> None:
        ops = [op for vertex in decided.history for op in vertex.block.ops]
        self._closes += self._closes_of(ops)
        self.time_ms = decided.time_ms
        self._closes = [close for close in self._closes if close > self.time_ms]
        self._seen.update(op.id for op in ops)

    def is_new(self, op: Op) -> bool:
        return op.id not in self._seen

    def next_due_ms(self) -> WallMs | None:
        return min(self._closes, default=None)

    def closes_around(self, time_ms: WallMs) -> tuple[WallMs | None, WallMs | None]:
        return (
            max((close for close in self._closes if close <= time_ms), default=None),
            min((close for close in self._closes if close > time_ms), default=None),
        )

    def closes_to_come(self, ops: Iterable[Op], time_ms: WallMs, before_ms: WallMs) -> list[WallMs]:
        del time_ms  # of a tier without a least open time, and every proposal has a wish
        return [close_ms for close_ms in self._closes_of(ops) if close_ms < before_ms]

    def _closes_of(self, ops: Iterable[Op]) -> list[WallMs]:
        return [op.body.close_ms for op in ops if isinstance(op.body, Propose) and self.is_new(op)]


class Reader:
    """A node that takes blocks in and decides; nothing else."""

    def __init__(self, committee: Committee, closes: Iterable[int] = ()) -> None:
        self.lace = Blocklace(committee)
        self.committer = Committer(self.lace)
        self.so_far = DrawnLog(closes)
        self.decided: list[Decided] = []
        self.log: list[Vertex] = []

    def add(self, block: Block) -> Block | None:
        """Add one block whose parents are here; return the rival when it forks."""
        vertex = self.lace.check(block)
        rival = self.lace.add(vertex)
        self.committer.add(vertex)
        for decided in self.committer.advance(self.so_far):
            self.decided.append(decided)
            if decided.block is not None:
                self.so_far.take(decided)
                self.log.extend(decided.history)
        return None if rival is None else rival.block

    def add_all(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            self.add(block)

    def fates(self) -> list[tuple[int, int, bytes | None]]:
        """Return what was decided: (round, author, block id or None for skipped)."""
        return [
            (one.round, one.author, None if one.block is None else one.block.id)
            for one in self.decided
        ]

    def times(self) -> list[tuple[BlockId, int]]:
        """Return the commits in log order, each with its time."""
        return [(one.block.id, one.time_ms) for one in self.decided if one.block is not None]
