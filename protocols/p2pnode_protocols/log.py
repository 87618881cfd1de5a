"""Stretches of the log: commits with all that their roots are the hash of (R3.10).

Whoever trusts the last root of such a stretch trusts each commit in it: a certificate leads so
from a decision to the receipts, a leap from what is final here to the end of the epoch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .codec import Fields, Value
from .ids import BlockId, CommunityId, EpochId, MemberId, OpId, Round, WallMs
from .limits import NAME_CHARS, SNAPSHOT_BYTES
from .ops import MAX_MS
from .roots import compute_root
from .steps import Commit

_BEFORE = 3  # fields that follow from the commit before
_MANY = SNAPSHOT_BYTES  # entries; what holds them has a limit of its own, in bytes


@dataclass(frozen=True, slots=True)
class LoggedCommit:
    """A commit with everything its log root is the hash of (R3.10)."""

    index: int
    previous_root: bytes
    epoch: EpochId
    round: Round
    author: MemberId
    block: BlockId
    time_ms: WallMs
    entries: tuple[tuple[OpId, str], ...]
    decided: tuple[tuple[OpId, str, bytes], ...]  # proposal, outcome, hash of its record

    def root(self, community: CommunityId) -> bytes:
        return compute_root(
            community,
            self.previous_root,
            self.epoch,
            self.round,
            self.author,
            self.block,
            self.time_ms,
            self.entries,
            self.decided,
        )

    def to_wire(self) -> list[Value]:
        return [
            self.index,
            self.previous_root,
            self.epoch,
            self.round,
            self.author,
            self.block,
            self.time_ms,
            [list(one) for one in self.entries],
            [list(one) for one in self.decided],
        ]

    def to_short_wire(self) -> list[Value]:
        """Return what is left to say of it to whoever has the commit before it."""
        return self.to_wire()[_BEFORE:]

    @classmethod
    def read(cls, value: Value) -> LoggedCommit:
        one = Fields(value, "commit")
        index, previous, epoch = one.integer(1, MAX_MS), one.hash(), EpochId(one.hash())
        round_, author = Round(one.integer(1, MAX_MS)), MemberId(one.hash())
        block, time_ms = BlockId(one.hash()), WallMs(one.integer(0, MAX_MS))
        entries: list[tuple[OpId, str]] = []
        for item in one.items(_MANY):
            entry = Fields(item, "entry")
            entries.append((OpId(entry.hash()), entry.text(NAME_CHARS)))
            entry.end()
        decided: list[tuple[OpId, str, bytes]] = []
        for item in one.items(_MANY):
            closed = Fields(item, "decision")
            decided.append((OpId(closed.hash()), closed.text(NAME_CHARS), closed.hash()))
            closed.end()
        one.end()
        return cls(
            index, previous, epoch, round_, author, block, time_ms, tuple(entries), tuple(decided)
        )


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
            commit.entries,
            commit.decided,
        )
        logged.append(one)
        previous = commit.root
    return logged
