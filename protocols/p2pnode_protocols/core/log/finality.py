"""Whether decisions can become final now, and who is missing if not: for people to read."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from ...gossip.peers.peer import Peer
from ...wire.ids import DeviceKey, EpochId, MemberId, MonoMs, Round
from .epoch import Epoch

SILENT_MS = 10_000  # connected for as long as that, and no block where one is due: it holds back


@dataclass(frozen=True, slots=True)
class Finality:
    """One node's view of its committee."""

    epoch_number: int
    members: tuple[MemberId, ...]  # the committee
    reachable: tuple[MemberId, ...]  # connected to this node, and this one, if they make blocks
    missing: tuple[MemberId, ...]  # the rest
    holding: tuple[MemberId, ...]  # of these: here, and known to make no blocks of this epoch
    is_held: bool  # this node itself makes none: it has signed a rebuild (R6.12)
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


def find_silent(
    epoch: Epoch, peers: Iterable[Peer], made_ms: MonoMs, now_ms: MonoMs
) -> frozenset[DeviceKey]:
    """Return the connected nodes that let this one wait for a block in vain.

    Nobody says that it has signed a rebuild; but the others wait for its blocks. Asked only while
    this node has something to finalize.

    Args:
        made_ms: when this node made its last block, or started.
    """
    if epoch.me is None or epoch.made <= epoch.lace.quorum_round():
        return frozenset()  # no block of another is due
    late_ms = now_ms - max(SILENT_MS, epoch.pacer.delta_ms)
    if made_ms > late_ms:
        return frozenset()
    places = epoch.committee.key_index
    return frozenset(
        peer.device
        for peer in peers
        if peer.device in places
        and peer.greeted_at <= late_ms
        and epoch.lace.highest(places[peer.device]) < epoch.made
    )


def find_gone_on(peers: Iterable[Peer], rebuilt: Set[EpochId]) -> frozenset[DeviceKey]:
    """Return the connected nodes that stand in an epoch which a rebuild began without this one."""
    return frozenset(
        peer.device for peer in peers if peer.status is not None and peer.status.epoch in rebuilt
    )


def compute_finality(
    epoch: Epoch,
    connected: Set[DeviceKey],
    device: DeviceKey,
    is_settled: bool,
    *,
    is_held: bool = False,
    silent: Set[DeviceKey] = frozenset(),
) -> Finality:
    """Return the view of the node that runs on `device`.

    Args:
        is_held: it has signed a rebuild, and makes no blocks.
        silent: connected nodes that make none of this epoch, as far as this node knows.
    """
    committee = epoch.committee
    here = [
        (member, is_held if key == device else key in silent)
        for member, key in zip(committee.members, committee.keys, strict=True)
        if key == device or key in connected
    ]
    reachable = tuple(member for member, holds in here if not holds)
    return Finality(
        epoch.number,
        committee.members,
        reachable,
        tuple(member for member in committee.members if member not in reachable),
        tuple(member for member, holds in here if holds),
        is_held and epoch.me is not None,
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
