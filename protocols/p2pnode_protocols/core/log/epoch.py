"""One epoch of one node: its blocklace, its committer, its pace (docs/protocol.md §6)."""

from __future__ import annotations

from collections.abc import Sequence, Set

from ...agreement.blocklace import Blocklace, Vertex
from ...agreement.commit import Committer
from ...agreement.committee import Committee
from ...agreement.roots import (
    NOBODY,
    compute_epoch_id,
    compute_first_root,
    compute_founding_epoch,
    compute_rebuilt_id,
    compute_state_hash,
)
from ...record.seam.in_force import NO_PRACTICES, Practices
from ...record.seats.charter import Charter
from ...record.state import State
from ...steps.writes import SaveEpoch
from ...wire.ids import BlockId, DeviceKey, MemberId, Round, WallMs
from ...wire.limits import EPOCH_OPS
from .pacer import Pacer

ATTENDING_ROUNDS = 3  # a block this recent counts as attending without a connection


def found_epoch(charter: Charter, practices: Practices = NO_PRACTICES) -> SaveEpoch:
    """Return the founding epoch of a charter: what a founder or a joiner stores first.

    Args:
        practices: that this program has.

    Raises:
        UsageError: `bad_charter`.
        NotYet: `update_needed`.
    """
    charter.validate()
    state = State.genesis(charter, practices=practices)
    community = charter.community_id
    snapshot = state.to_bytes()
    epoch = compute_founding_epoch(community, charter, compute_state_hash(snapshot))
    root = compute_first_root(community)
    return SaveEpoch(
        0,
        epoch,
        0,
        root,
        charter.created_ms,
        Round(0),
        NOBODY,
        charter.to_bytes(),
        snapshot,
    )


def begin_epoch(
    last: SaveEpoch, state: State, round_: Round, author: MemberId, index: int, root: bytes
) -> SaveEpoch:
    """Return the epoch that begins in `state` after `last` ended with a commit (R6.4).

    Args:
        round_, author: the slot of that commit.
        index, root: where the log stands after it.
    """
    charter, snapshot = state.charter, state.to_bytes()
    epoch = compute_epoch_id(last.id, round_, author, root, charter, compute_state_hash(snapshot))
    return SaveEpoch(
        last.number + 1,
        epoch,
        index,
        root,
        state.time_ms,
        round_,
        author,
        charter.to_bytes(),
        snapshot,
    )


def rebuild_epoch(last: SaveEpoch, state: State, index: int, root: bytes) -> SaveEpoch:
    """Return the epoch that begins in `state` when `last` was ended by a rebuild (R6.11)."""
    charter, snapshot = state.charter, state.to_bytes()
    return SaveEpoch(
        last.number + 1,
        compute_rebuilt_id(last.id, index, root, charter, compute_state_hash(snapshot)),
        index,
        root,
        state.time_ms,
        Round(0),
        NOBODY,
        charter.to_bytes(),
        snapshot,
    )


class Epoch:
    """The parts that are made anew each epoch, and what they say together."""

    def __init__(self, record: SaveEpoch, state: State, device: DeviceKey) -> None:
        charter = state.charter
        self.record = record  # how it began
        self.number = record.number
        self.id = record.id
        self.committee = Committee(record.id, charter)
        self.lace = Blocklace(self.committee)
        self.committer = Committer(self.lace)
        self.pacer = Pacer(charter.timing.delta_ms, charter.timing.delta_max_ms)
        self.ops = 0  # that its log holds so far
        self._max_rounds = charter.timing.epoch_rounds
        self.me = self.committee.key_index.get(device)  # None: this node follows only

    def is_full(self, round_: Round) -> bool:
        """Return whether the epoch has grown so long that a commit of this round ends it (R6.3)."""
        return round_ >= self._max_rounds or self.ops >= EPOCH_OPS

    @property
    def genesis(self) -> BlockId:
        """What round-1 blocks name as their only parent."""
        return BlockId(bytes(self.id))

    @property
    def made(self) -> Round:
        """The highest round this node has made a block of."""
        return Round(0) if self.me is None else self.lace.highest(self.me)

    def attending(self, connected: Set[DeviceKey]) -> int:
        """Return the authors worth waiting for: connected, or heard in the last rounds."""
        mask = 0
        floor = self.lace.max_round - ATTENDING_ROUNDS
        for author, (key, highest) in enumerate(
            zip(self.committee.keys, self.lace.heights, strict=True)
        ):
            if key in connected or (highest > 0 and highest > floor):
                mask |= 1 << author
        return mask

    def others_reached(self) -> Round:
        """Return a round that an honest other has reached: the (f+1)-th highest (R4.7)."""
        rounds = list(self.lace.heights)
        if self.me is not None:
            del rounds[self.me]
        rounds.sort(reverse=True)
        return rounds[self.committee.faults] if len(rounds) > self.committee.faults else Round(0)

    def parents_for(self, round_: Round) -> list[Vertex]:
        """Return the parents of this node's block of `round_`: its own last first (R4.8).

        Then every other member's of the round before, and older ones (weak links) that no
        block of this node has in its history yet.
        """
        assert self.me is not None
        own = self.lace.latest_below(self.me, round_)
        parents = [] if own is None else [own]
        for author in range(len(self.committee)):
            if author == self.me:
                continue
            last = self.lace.latest_below(author, round_)
            if last is None:
                continue
            if last.round == round_ - 1 or not (last.covered or last.is_output):
                parents.append(last)
        return parents

    def sequence_after(self, parents: Sequence[Vertex]) -> int:
        """Return the sequence of this node's block with these parents."""
        own = parents[0] if parents and parents[0].author == self.me else None
        return 1 if own is None else own.block.sequence + 1

    @staticmethod
    def cover(vertex: Vertex) -> None:
        """Mark the history of a block this node made."""
        vertex.covered = True
        stack = [vertex]
        while stack:
            for parent in stack.pop().parents:
                if not parent.covered:
                    parent.covered = True
                    stack.append(parent)

    def time_for(self, wall_ms: WallMs) -> WallMs:
        """Return the time of this node's next block: its clock, but later than its last (R4.9)."""
        last = None if self.me is None else self.lace.tips[self.me]
        return wall_ms if last is None else max(wall_ms, WallMs(last.block.time_ms + 1))
