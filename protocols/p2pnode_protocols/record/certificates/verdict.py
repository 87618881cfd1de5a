"""What a certificate proves, once it has been checked."""

from __future__ import annotations

from dataclasses import dataclass

from ...agreement.log import LoggedCommit
from ...wire.ids import CommunityId, DeviceKey, EpochId, MemberId, OpId, WallMs
from ..questions.proposal import Proposal
from ..questions.tally import Tally
from ..texts import Part, join


@dataclass(frozen=True, slots=True)
class CountedVote:
    """One vote as it was counted, and what its voter signed."""

    member: MemberId
    name: str  # of the seat, in the epoch in which the proposal opened
    choice: str
    op: OpId
    device: DeviceKey
    is_listed: bool  # some charter of the file has this key with this seat
    counted_ms: WallMs  # commit time
    reason: str | None
    counts: bool  # False: of the seat that the decision is about (R10.23)


@dataclass(frozen=True, slots=True)
class CrossedRebuild:
    """A rebuild that the chain leads over: from there on all rests on those it kept (R8.9)."""

    id: EpochId  # of the epoch that it began
    epoch: int  # its number
    index: int  # the last commit of the epoch that it ended
    kept: tuple[tuple[MemberId, str], ...]
    lost: tuple[tuple[MemberId, str], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a genuine certificate proves (docs/certificates.md, What it proves)."""

    community: CommunityId
    community_name: str
    proposal: Proposal
    title: str | None  # None: the text is not in the file
    parts: tuple[tuple[Part, str | None], ...]  # in reading order; None: as with the title
    votes: tuple[CountedVote, ...]  # by member id
    affected: tuple[MemberId, str | None] | None  # whose seat the action changes; None: no such
    concerned: tuple[MemberId, str] | None  # the same, where its voice does not count for that
    silent: tuple[tuple[MemberId, str], ...]  # those who count and did not vote
    commit: LoggedCommit
    root: bytes
    epochs: int  # the deciding one included
    rebuilds: tuple[
        CrossedRebuild, ...
    ]  # no quorum vouches for these: whoever asks has to, by their ids
    signers: tuple[tuple[MemberId, str], ...]
    committee: int
    quorum: int

    @property
    def text(self) -> str | None:
        """The whole text; None: there is none, or a part of it is not in the file."""
        said = [text for _, text in self.parts if text is not None]
        return join(said) if said and len(said) == len(self.parts) else None

    @property
    def tally(self) -> Tally:
        return self.proposal.tally
