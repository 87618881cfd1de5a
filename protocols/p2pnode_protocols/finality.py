"""Whether decisions can become final now, and who is missing if not: for people to read."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from .epoch import Epoch
from .ids import DeviceKey, MemberId, Round


@dataclass(frozen=True, slots=True)
class Finality:
    """One node's view of its committee."""

    epoch_number: int
    members: tuple[MemberId, ...]  # the committee
    reachable: tuple[MemberId, ...]  # connected to this node, and this one itself
    missing: tuple[MemberId, ...]  # the rest
    quorum: int
    faults: int  # liars tolerated
    sleepers: int  # silent nodes tolerated (liars who keep silent included)
    is_settled: bool  # this node has compared its own chain with enough others to sign
    round: Round  # highest round here
    undecided_round: Round  # the first round that is not decided
    absent: tuple[MemberId, ...]  # connected or not, they let the others wait in vain

    @property
    def can_finalize(self) -> bool:
        """Whether a quorum is in direct reach; store-and-forward may do without."""
        return len(self.reachable) >= self.quorum


@dataclass(frozen=True, slots=True)
class Learning:
    """How far a restored device has come in learning what it had signed (R4.10)."""

    compared: int  # other committee nodes whose word is in
    needed: int
    missing: tuple[MemberId, ...]  # those whose word is not

    @property
    def is_enough(self) -> bool:
        return self.compared >= self.needed


def compute_finality(
    epoch: Epoch, connected: Set[DeviceKey], device: DeviceKey, is_settled: bool
) -> Finality:
    """Return the view of the node that runs on `device`."""
    committee = epoch.committee
    reachable = tuple(
        member
        for member, key in zip(committee.members, committee.keys, strict=True)
        if key == device or key in connected
    )
    return Finality(
        epoch.number,
        committee.members,
        reachable,
        tuple(member for member in committee.members if member not in reachable),
        committee.quorum,
        committee.faults,
        len(committee) - committee.quorum,
        is_settled,
        epoch.lace.max_round,
        epoch.committer.undecided_round,
        tuple(
            member
            for author, member in enumerate(committee.members)
            if epoch.pacer.absent >> author & 1
        ),
    )
