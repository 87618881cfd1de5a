"""The log: its commits, and stretches of it with all that their roots are the hash of (R3.10).

Whoever trusts the last root of such a stretch trusts each commit in it: a certificate leads so
from a decision to the receipts, a leap from what is final here to the end of the epoch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from ..wire.codec import Value
from ..wire.ids import MAX_MS, BlockId, CommunityId, EpochId, MemberId, OpId, Round, WallMs
from ..wire.kinds import Many, Whole
from ..wire.limits import DERIVED, SNAPSHOT_BYTES
from ..wire.shapes import Hash, Name, Row, Shaped, shaped
from .roots import compute_entries_hash, compute_root

_BEFORE = 3  # fields that follow from the commit before
_MANY = SNAPSHOT_BYTES  # decisions; what holds them has a limit of its own, in bytes


Entry = Annotated[tuple[OpId, Name], Row("entry")]
# Proposal, outcome, record's hash, what it says to outsiders.
Decided = Annotated[tuple[OpId, Name, Hash, Hash | None], Row("decision")]
Derived = Annotated[tuple[Hash, Hash], Row("derived item")]  # item, hash of its content


@dataclass(frozen=True, slots=True)
class Commit:
    """One committed slot as it entered the finalized log."""

    index: int  # 1, 2, … over all epochs
    epoch_number: int
    round: Round
    author: MemberId
    block: BlockId
    time_ms: WallMs
    root: bytes  # hash chain over (previous root, epoch, slot, time, entries, decided, derived)
    entries: tuple[tuple[OpId, str], ...]  # op and its outcome: "ok" or a refusal code
    # closed proposals: how, hash of the record, what it says to outsiders, if anything
    decided: tuple[tuple[OpId, str, bytes, bytes | None], ...]
    # what the state itself opened or revised, in this order: item, hash of its content
    derived: tuple[tuple[bytes, bytes], ...]


@shaped("commit")
@dataclass(frozen=True, slots=True)
class LoggedCommit(Shaped):
    """A commit with everything its log root is the hash of (R3.10).

    Of its entries that is a hash: nobody who only follows roots needs more of them.
    """

    index: Annotated[int, Whole(1, MAX_MS)]
    previous_root: Hash
    epoch: EpochId
    round: Annotated[Round, Whole(1, MAX_MS)]
    author: MemberId
    block: BlockId
    time_ms: WallMs
    entries_hash: Hash
    decided: Annotated[tuple[Decided, ...], Many(_MANY)]
    derived: Annotated[tuple[Derived, ...], Many(DERIVED)]

    def root(self, community: CommunityId) -> bytes:
        return compute_root(
            community,
            self.previous_root,
            self.epoch,
            self.round,
            self.author,
            self.block,
            self.time_ms,
            self.entries_hash,
            self.decided,
            self.derived,
        )

    def to_short_wire(self) -> list[Value]:
        """Return what is left to say of it to whoever has the commit before it."""
        return self.to_wire()[_BEFORE:]


def log_commits(commits: Iterable[Commit], previous: bytes, epoch: EpochId) -> list[LoggedCommit]:
    """Return consecutive commits of one epoch, each with the root before it.

    Args:
        previous: the root before the first.
    """
    logged = []
    for commit in commits:
        one = LoggedCommit(
            commit.index,
            previous,
            epoch,
            commit.round,
            commit.author,
            commit.block,
            commit.time_ms,
            compute_entries_hash(commit.entries),
            commit.decided,
            commit.derived,
        )
        logged.append(one)
        previous = commit.root
    return logged
