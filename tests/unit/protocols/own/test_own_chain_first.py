"""After a start: when a node may sign blocks and ops again, whatever one liar says (R4.6)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster, Node

from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.core.own.chain import CATCH_UP_MS, SETTLE_MS
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.leaps import Leap, Leapt
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.steps.writes import SaveOp
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import EpochId, OpId, Round
from p2pnode_protocols.wire.limits import PULL_BYTES, SNAPSHOT_BYTES

LONG_MS = 60_000
PART = bytes(PULL_BYTES)


def silent(cluster: Cluster, *liars: int) -> None:
    """Let these nodes' own cores say nothing to anybody: a test speaks for them."""
    for liar in liars:
        device = cluster.devices[liar]
        cluster.cut |= {frozenset((device, one)) for one in cluster.devices if one != device}


def restart(cluster: Cluster, restored: Restored | None = None) -> Node:
    """Start the first node again, connected to nobody."""
    device = cluster.devices[0]
    for other in cluster.devices[1:]:
        cluster.give(other, PeerDown(device))
    return cluster.start(device, restored or cluster.restored(0))


def greet(cluster: Cluster, liar: int, **claims: object) -> None:
    """Let a liar say hello to the first node, with a status changed so."""
    status = replace(cluster.node(1).core.status(), **claims)  # type: ignore[arg-type]
    hello = Hello(PROTOCOL_VERSION, cluster.charter.community_id, status, None, "", ())
    cluster.give(cluster.devices[0], PeerUp(cluster.devices[liar]))
    cluster.tell(0, cluster.devices[liar], hello)


def later(cluster: Cluster, liar: int) -> None:
    greet(cluster, liar, epoch_number=7, epoch=EpochId(b"z" * 32), frontier=())


def serve_nothing(cluster: Cluster, liar: int, for_ms: int) -> None:
    """Let a liar answer each pull at once with no block."""
    device, seen = cluster.devices[liar], 0
    for _ in range(for_ms // 1_000):
        while len(cluster.pulls_of(0, device)) > seen:
            seen = len(cluster.pulls_of(0, device))
            cluster.answer_pull(0, device)
        cluster.run(1_000)


@pytest.fixture
def seven() -> Cluster:
    """Seven members, of whom two may lie; the first sees but few of them."""
    cluster = Cluster(7)
    cluster.connect()
    cluster.run(100)
    cluster.propose(0)
    cluster.run(1_000)
    return cluster


@pytest.mark.parametrize("answers", [True, False])
def test_one_who_says_that_the_epoch_has_ended_and_shows_nothing_holds_nobody_back(
    seven: Cluster, answers: bool
) -> None:
    silent(seven, 6)
    node = restart(seven)
    later(seven, 6)
    seven.connect(seven.devices[:2])
    seven.run(SETTLE_MS - 1_000)
    assert not node.core.own_chain.is_settled, "it may have been slow to show what it has"
    if answers:
        serve_nothing(seven, 6, LONG_MS)
    seven.run(LONG_MS)
    assert node.core.own_chain.is_settled


def test_one_whose_leap_takes_ever_so_long_holds_nobody_back(seven: Cluster) -> None:
    silent(seven, 6)
    liar = seven.devices[6]
    node = restart(seven)
    later(seven, 6)
    seven.connect(seven.devices[:2])
    for _ in range(30):  # part by part, each in time
        serve_nothing(seven, 6, 3_000)
        asked = [one.message for one in node.sends if isinstance(one, Send) and one.peer == liar]
        for leap in [one for one in asked if isinstance(one, Leap)][-1:]:
            part = Leapt(leap.epoch_number, b"d" * 32, SNAPSHOT_BYTES, leap.offset, PART)
            seven.tell(0, liar, part)
    assert node.core.own_chain.is_settled


def test_more_than_may_lie_who_are_in_a_later_epoch_are_waited_for(seven: Cluster) -> None:
    """An honest one is among them: what it left open in this epoch must stay so."""
    silent(seven, 4, 5, 6)
    node = restart(seven)
    for place in (4, 5, 6):
        later(seven, place)
    seven.connect(seven.devices[:2])
    seven.run(LONG_MS)
    for place in (4, 5, 6):
        serve_nothing(seven, place, LONG_MS)
    assert not node.core.own_chain.is_settled


# --- nonces ---------------------------------------------------------------------------------


def own_nonces(node: Node) -> list[int]:
    return [one.op.nonce for one in node.writes if isinstance(one, SaveOp) and one.own]


def vote(cluster: Cluster, proposal: OpId) -> None:
    cluster.vote(0, proposal, urgent=True)


def test_one_who_says_to_have_later_ops_of_this_device_cannot_disable_it() -> None:
    """An op after a gap that nobody can fill would wait for ever, and all after it."""
    four = Cluster(4)
    four.connect()
    four.run(100)
    proposal = four.propose(1)
    four.run(1_000)
    silent(four, 3)
    node = restart(four)
    ahead: tuple[tuple[object, Round], ...] = tuple(
        (one.id, Round(90)) for one in four.charter.members
    )
    greet(four, 3, nonces=((four.devices[0], 10**9),), frontier=ahead)
    with pytest.raises(UsageError) as caught:
        vote(four, proposal)
    assert caught.value.code == "learning"
    four.connect(four.devices[:3])
    four.run(CATCH_UP_MS)
    vote(four, proposal)
    four.run(1_000)
    assert own_nonces(node) == [1]
    view = four.node(1).core.state.proposal(proposal)
    assert view is not None
    assert view.current.votes


def test_later_ops_that_one_peer_shows_are_counted_on_from() -> None:
    """All others may have been put back to an older state together with this node."""
    four = Cluster(4)
    four.connect()
    four.run(100)
    proposal = four.propose(0)
    four.run(1_000)
    status: Status = four.node(1).core.status()
    (op,) = [one.op for one in four.node(0).writes if isinstance(one, SaveOp) and one.own]
    silent(four, 1, 2, 3)
    node = restart(four, Restored(found_epoch(four.charter), (), (), (), (), 0))
    hello = Hello(PROTOCOL_VERSION, four.charter.community_id, status, None, "", ())
    four.give(four.devices[0], PeerUp(four.devices[1]))
    four.tell(0, four.devices[1], hello)
    four.tell(0, four.devices[1], Push(ops=(op,)))
    vote(four, proposal)
    assert own_nonces(node) == [2]
