"""A joiner has no seat: it says nothing that a node goes by as a member's word (R7.13, R7.9).

Whoever holds an open invite's secret may call with any number of keys, and is let in with each.
The same things are said to one of two equal communities; both must go on alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import FakeSigner
from unit.protocols.agreement.test_rebuild import (
    SILENCE_MS,
    charter_of,
    plan,
    refused,
    seats,
    sign,
    stop,
)
from unit.protocols.core.test_divergence import block_of_another_epoch
from unit.protocols.gossip.test_messages import MESSAGES

from p2pnode_protocols.agreement.chain import EpochLink, Followed, ReceiptSet
from p2pnode_protocols.agreement.rebuild import Rebuild, sign_rebuild
from p2pnode_protocols.agreement.receipts import Statement, sign_receipt
from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.core.own.chain import SETTLE_MS
from p2pnode_protocols.gossip.leaping.carried import Way
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.proofs import Rebuilt, Receipts
from p2pnode_protocols.messages.spreading import Hurry, Push, Want
from p2pnode_protocols.messages.standing import Contacts, Links, Status
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import ApplyRebuild, PeerDown, PeerUp
from p2pnode_protocols.steps.notices import ContactTold, Diverged, ForkFound, RebuildHeard
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, MonoMs, OpId, Round, WallMs

from .test_strangers import come, is_in, key_of, open_invite

OTHER_ROOT, OTHER_EPOCH = b"r" * 32, EpochId(b"o" * 32)
ADDRESS = ("/ip4/192.0.2.7/tcp/1",)
ALARMS = (Diverged, ForkFound, RebuildHeard, ContactTold)
Saying = Callable[[Cluster, FakeSigner], Message]


def found() -> tuple[Cluster, FakeSigner]:
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    return cluster, open_invite(cluster, 0, uses=2)


def status(cluster: Cluster, **changes: object) -> Status:
    told = cluster.node(0).core.standing.status()
    return replace(told, **changes)  # type: ignore[arg-type]


def receipt(cluster: Cluster, signer: FakeSigner, index: int) -> Receipts:
    core = cluster.node(0).core
    statement = Statement(core.epoch.id, index, OTHER_ROOT, None)
    return Receipts((sign_receipt(core.community, signer, statement),))


def rebuilt(cluster: Cluster, signer: FakeSigner) -> Rebuilt:
    core = cluster.node(0).core
    seats = core.epoch.committee.members
    statement = Statement(core.epoch.id, core.final_index, core.final_root, OTHER_EPOCH)
    rebuild = Rebuild(statement, OTHER_EPOCH, seats[:1], seats[1:])
    return Rebuilt(rebuild.with_signatures([sign_rebuild(core.community, signer, rebuild)]))


def of_epoch(cluster: Cluster, more: int) -> Message:
    number = cluster.node(0).core.epoch.number + more
    return status(cluster, epoch_number=number, epoch=OTHER_EPOCH, final_index=1_000)


def far_frontier(cluster: Cluster) -> Message:
    seats = cluster.node(0).core.epoch.committee.members
    frontier = tuple((seat, Round(900)) for seat in seats)
    nonces = tuple((device, 900) for device in sorted(cluster.devices))
    return status(cluster, frontier=frontier, nonces=nonces, final_index=1_000)


SAYINGS: dict[str, Saying] = {
    **{
        f"{place}-{type(one).__name__}": lambda _cluster, _signer, one=one: one
        for place, one in enumerate(MESSAGES)
    },
    "another root": lambda cluster, _: status(cluster, final_root=OTHER_ROOT),
    "an older root": lambda cluster, _: status(cluster, final_index=1, final_root=OTHER_ROOT),
    "another epoch id": lambda cluster, _: status(cluster, epoch=OTHER_EPOCH),
    "a later epoch": lambda cluster, _: of_epoch(cluster, 1),
    "a much later epoch": lambda cluster, _: of_epoch(cluster, 7),
    "more blocks": lambda cluster, _: far_frontier(cluster),
    "a receipt": lambda cluster, signer: receipt(cluster, signer, 1),
    "an early receipt": lambda cluster, signer: receipt(cluster, signer, 1_000),
    "a rebuild": rebuilt,
    "a block": lambda cluster, signer: Push(
        blocks=(block_of_another_epoch(cluster, signer.device),)
    ),
    "contacts of members": lambda cluster, _: Contacts(
        tuple((device, ADDRESS) for device in sorted(cluster.devices))
    ),
    "links to members": lambda cluster, _: Links(tuple(sorted(cluster.devices))),
    "a hurry": lambda cluster, _: Hurry(
        tuple(entry.op.id for entry in cluster.node(0).core.pool) or (OpId(b"o" * 32),)
    ),
}


def standing(core: Core) -> tuple[object, ...]:
    """Return what a node tells its user of the others."""
    return (
        core.finality(),
        core.own_chain.is_left_behind,
        core.own_seat.may_have_lost_seat,
        core.own_seat.surely_has_seat,
        core.own_seat.shut_out(),
        core.own_chain.is_settled,
        core.rebuilder.has_quorum_here,
        core.rebuilds.heard,
        core.final_root,
    )


def say(cluster: Cluster, secret: FakeSigner, sayings: Sequence[str]) -> None:
    """Let joiners, each with a key of its own, say these things to the first node."""
    for number, saying in enumerate(sayings):
        device = come(cluster, secret, 100 + number)
        for _ in range(2):
            if is_in(cluster, device):
                message = SAYINGS[saying](cluster, key_of(100 + number))
                cluster.tell(0, device, message)
        cluster.run(50)


def decide(cluster: Cluster) -> None:
    proposal = cluster.propose(1)
    for place in range(4):
        cluster.vote(place, proposal, urgent=True)
    cluster.run(2_000)
    assert cluster.outcome(0, proposal) == "passed"


def compare(sayings: Sequence[str]) -> None:
    (town, secret), (other, _) = found(), found()
    alarms = len([one for one in town.node(0).notices if isinstance(one, ALARMS)])
    say(town, secret, sayings)
    other.run_until(town.now_ms)
    for cluster in (town, other):
        decide(cluster)
        cluster.run(20_000)
        decide(cluster)
    told = [one for one in town.node(0).notices if isinstance(one, ALARMS)]
    assert told[alarms:] == []
    for place in range(4):
        assert standing(town.node(place).core) == standing(other.node(place).core), place


@pytest.mark.parametrize("saying", SAYINGS)
def test_whatever_a_joiner_says_alarms_and_slows_nobody(saying: str) -> None:
    compare([saying])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(sorted(SAYINGS)), min_size=2, max_size=12))
def test_nor_does_what_several_say(sayings: list[str]) -> None:
    compare(sayings)


def test_a_node_that_meets_joiners_only_has_compared_its_chain_with_nobody() -> None:
    cluster, secret = found()
    node = cluster.start(cluster.devices[0], cluster.restored(0))
    device = come(cluster, secret, 100)
    cluster.tell(0, device, node.core.standing.status())
    cluster.run(2 * SETTLE_MS)
    assert is_in(cluster, device)
    assert not node.core.own_chain.is_settled
    cluster.give(cluster.devices[0], PeerUp(cluster.devices[1]))
    cluster.give(cluster.devices[1], PeerUp(cluster.devices[0]))
    cluster.run(1_000)
    assert node.core.own_chain.is_settled


def asked(cluster: Cluster, devices: Sequence[DeviceKey]) -> int:
    """Return how often the first node has asked these for blocks or texts by their hashes."""
    sends = [one for one in cluster.node(0).sends if isinstance(one, Send)]
    return len([one for one in sends if isinstance(one.message, Want) and one.peer in devices])


def test_ever_new_joiners_let_no_member_be_asked_more_often() -> None:
    counts: list[int] = []
    for calls in (0, 100):
        cluster, secret = found()
        device, author = cluster.devices[3], cluster.charter.members[3].id
        title, _ = make_text(b"s" * 16, "a title that nobody has")
        op = sign_op(
            cluster.charter.community_id,
            author,
            FakeSigner(device),
            cluster.node(0).core.state.next_nonce(device),
            WallMs(START_WALL_MS + cluster.now_ms),
            Propose("tactical", title, (), NoAction(), WallMs(0)),
        )
        cluster.tell(0, device, Push(ops=(op,)))
        until = MonoMs(cluster.now_ms + 100_000)
        cluster.run(30_000)
        for number in range(calls):
            caller = come(cluster, secret, 100 + number)
            cluster.run(600)
            cluster.give(cluster.devices[0], PeerDown(caller))
        cluster.run_until(until)
        counts.append(asked(cluster, cluster.devices))
    assert 0 < counts[1] <= counts[0]


def test_a_joiner_hides_from_nobody_that_it_is_left_behind() -> None:
    cluster, secret = found()
    node = cluster.node(0).core
    begin = node.epoch.record
    members = [of_epoch(cluster, 1) for _ in cluster.devices[1:]]
    for device, message in zip(cluster.devices[1:], members, strict=True):
        cluster.tell(0, device, message)
    cluster.run(60_000)  # nobody answers a leap with anything
    assert node.leaps.is_lost(begin)
    device = come(cluster, secret, 100)
    cluster.tell(0, device, of_epoch(cluster, 7))
    assert node.leaps.is_lost(begin)
    assert crypto.compute_member_id(device) not in node.epoch.committee.index


def test_a_joiner_has_not_gone_on_by_a_rebuild() -> None:
    """A lost node comes back before it is applied; who says to have gone on is a joiner."""
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    cluster.run(100)
    secret = open_invite(cluster, 0)
    stop(cluster, (2, 3))
    cluster.run(SILENCE_MS)
    complete = sign(cluster, plan(cluster, 0, seats(cluster, (0, 1))), (0, 1))
    cluster.start(cluster.devices[3], Restored(found_epoch(cluster.charter), (), (), (), (), 0))
    cluster.connect((cluster.devices[0], cluster.devices[3]))
    cluster.run(100)
    device = come(cluster, secret, 100)
    number = cluster.node(0).core.epoch.number + 1
    gone_on = status(cluster, epoch_number=number, epoch=complete.next_epoch)
    cluster.tell(0, device, gone_on)
    assert is_in(cluster, device)
    assert "it is not lost" in refused(cluster, 0, ApplyRebuild(complete)).detail
    cluster.tell(0, cluster.devices[1], gone_on)
    cluster.give(cluster.devices[0], ApplyRebuild(complete))
    assert cluster.node(0).core.epoch.id == complete.next_epoch


def test_what_a_quorum_has_signed_is_an_alarm_whoever_brings_it() -> None:
    """A leap that leads to another log than the one here, by a joiner: its signers say so."""
    cluster, secret = found()
    core = cluster.node(0).core
    device = come(cluster, secret, 100)
    peer = core.sync.peers[device]
    assert peer.is_joiner
    statement = Statement(core.epoch.id, core.final_index, OTHER_ROOT, OTHER_EPOCH)
    signers = [FakeSigner(one) for one in cluster.devices[1:]]
    receipts = [sign_receipt(core.community, one, statement) for one in signers]
    signatures = tuple(sorted((one.device, one.signature) for one in receipts))
    first = core.state.charter.by_device(signatures[0][0])
    assert first is not None
    link = EpochLink(Round(9), first.id, None, bytes(32), ReceiptSet(statement, signatures))
    reached = Way((Followed(1, OTHER_EPOCH, core.final_index, OTHER_ROOT, b"", link),), ())
    assert core.lander._has_parted(peer, reached)
    (alarm,) = [one for one in core._out.notices if isinstance(one, Diverged)]
    assert isinstance(alarm, Diverged)
    assert alarm.member == first.id
