"""A restored device signs nothing before it knows how far it had signed (R4.10)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster, Node

from p2pnode.answers.words import learning_words
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Submit, Tick
from p2pnode_protocols.steps.notices import ForkFound, OwnChainLearned
from p2pnode_protocols.steps.restored import NOTHING_SIGNED, Restored, Signed
from p2pnode_protocols.steps.writes import SaveBlock, SaveOp
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId, Round, WallMs

LONG_MS = 600_000  # far beyond the 10 s after which any other node goes by whom it has


def restart(cluster: Cluster, signed: Signed = NOTHING_SIGNED) -> Node:
    """Put the first node back to an empty store, connected to nobody."""
    device = cluster.devices[0]
    for other in cluster.devices[1:]:
        cluster.give(other, PeerDown(device))
    restored = Restored(
        found_epoch(cluster.charter), (), (), (), (), 0, must_learn=True, signed=signed
    )
    return cluster.start(device, restored)


def reach(cluster: Cluster, *places: int) -> None:
    for place in places:
        cluster.give(cluster.devices[0], PeerUp(cluster.devices[place]))
        cluster.give(cluster.devices[place], PeerUp(cluster.devices[0]))
    cluster.run(100)


def signed_anything(node: Node) -> bool:
    return any(isinstance(one, SaveBlock | SaveOp) and one.own for one in node.writes)


def decided_once(n: int) -> tuple[Cluster, OpId]:
    cluster = Cluster(n)
    cluster.connect()
    cluster.run(100)
    proposal = cluster.propose(0)
    cluster.run(1_000)
    return cluster, proposal


@pytest.mark.parametrize(("n", "needed"), [(2, 1), (3, 2), (4, 3), (5, 4), (7, 5), (10, 7)])
def test_it_signs_once_a_quorum_of_others_was_compared_with_and_not_before(
    n: int, needed: int
) -> None:
    cluster, proposal = decided_once(n)
    restored = restart(cluster)
    reach(cluster, *range(1, needed))
    cluster.run(LONG_MS)
    assert restored.core.own_chain.must_learn
    assert not restored.core.own_chain.is_settled
    learning = restored.core.own_chain.learning()
    assert (learning.compared, learning.needed) == (needed - 1, needed)
    assert learning.missing == tuple(one.id for one in cluster.charter.members[needed:])
    with pytest.raises(UsageError) as caught:
        cluster.vote(0, proposal)
    assert caught.value.code == "learning"
    assert not signed_anything(restored)

    reach(cluster, needed)
    assert not restored.core.own_chain.must_learn
    assert len(restored.noticed(OwnChainLearned)) == 1
    for place in range(n // 2 + 1):
        cluster.vote(place, proposal, urgent=True)
        cluster.run(100)
    cluster.run(LONG_MS)
    assert cluster.outcome(0, proposal) == "passed"
    assert signed_anything(restored)
    assert not any(node.noticed(ForkFound) for node in cluster.nodes.values())
    roots = {node.core.final_root for node in cluster.nodes.values()}
    assert len(roots) == 1 or n > needed + 1  # whoever was not reached gets it later


def test_alone_it_learns_from_nobody_as_the_others_may_have_come_later() -> None:
    cluster, _ = decided_once(1)
    restored = restart(cluster)
    cluster.give(cluster.devices[0], Tick())
    cluster.run(LONG_MS)
    learning = restored.core.own_chain.learning()
    assert (learning.compared, learning.needed, learning.missing) == (0, 1, ())
    assert restored.core.own_chain.must_learn
    assert not signed_anything(restored)


@pytest.mark.parametrize(
    "signed", [Signed(0, Round(40), 0), Signed(1, Round(1), 0), Signed(0, Round(0), 9)]
)
def test_to_sign_anyway_is_not_offered_while_there_is_more_to_fetch(signed: Signed) -> None:
    """A founder whose store is gone begins at the founding: nobody else is in that charter."""
    cluster, _ = decided_once(1)
    assert "recover --sign-anyway" in learning_words(restart(cluster).core, "")
    words = learning_words(restart(cluster, signed).core, "")
    assert "sign-anyway" not in words
    assert "it is fetched from other nodes" in words


def test_its_ops_go_on_after_the_last_one_that_peers_hold() -> None:
    cluster, proposal = decided_once(4)
    cluster.vote(0, proposal)
    cluster.run(4)  # everybody has it, no block holds it yet
    restored = restart(cluster)
    reach(cluster, 1, 2, 3)
    cluster.vote(0, proposal, "no")
    own = [one.op.nonce for one in restored.writes if isinstance(one, SaveOp) and one.own]
    assert own == [3]
    cluster.run(LONG_MS)
    view = cluster.node(1).core.state.proposal(proposal)
    assert view is not None
    assert [vote.choice for vote in view.current.votes.values()] == ["no"]


def test_who_says_to_have_an_op_of_its_counts_once_that_is_here() -> None:
    cluster, proposal = decided_once(3)
    cluster.vote(0, proposal)
    cluster.run(4)
    restored = restart(cluster)
    reach(cluster, 1)
    op = next(one.op for one in restored.writes if isinstance(one, SaveOp))
    fresh = restart(cluster)
    for place in (1, 2):
        status = cluster.node(place).core.status()
        hello = Hello(PROTOCOL_VERSION, cluster.charter.community_id, status, None, "test", ())
        cluster.give(cluster.devices[0], PeerUp(cluster.devices[place]))
        cluster.tell(0, cluster.devices[place], hello)
    blocks = tuple(one.block for one in cluster.node(1).writes if isinstance(one, SaveBlock))
    cluster.tell(0, cluster.devices[1], Push(blocks=blocks))
    assert fresh.core.own_chain.learning().compared == 0
    cluster.tell(0, cluster.devices[1], Push(ops=(op,)))
    assert not fresh.core.own_chain.must_learn


def test_who_says_to_have_more_and_shows_nothing_does_not_count() -> None:
    cluster, _ = decided_once(3)
    restored = restart(cluster)
    status = replace(cluster.node(1).core.status(), nonces=())
    hello = Hello(PROTOCOL_VERSION, cluster.charter.community_id, status, None, "test", ())
    cluster.nodes[cluster.devices[1]].wake_at = 1 << 60
    cluster.cut.add(frozenset(cluster.devices[:2]))  # it gets the hello, and nothing after
    cluster.give(cluster.devices[0], PeerUp(cluster.devices[1]))
    cluster.tell(0, cluster.devices[1], hello)
    cluster.run(LONG_MS)
    assert restored.core.own_chain.learning().compared == 0
    assert restored.core.own_chain.must_learn


@pytest.mark.parametrize(
    "beyond", [Signed(0, Round(40), 0), Signed(1, Round(1), 0), Signed(0, Round(1), 9)]
)
def test_what_it_signed_and_a_quorum_lacks_takes_everybody(beyond: Signed) -> None:
    cluster, _ = decided_once(7)
    restored = restart(cluster, beyond)
    reach(cluster, 1, 2, 3, 4, 5)
    cluster.run(LONG_MS)
    assert (restored.core.own_chain.must_learn, not signed_anything(restored)) == (True, True)
    reach(cluster, 6)
    assert not restored.core.own_chain.must_learn


def test_what_it_signed_and_holds_again_takes_a_quorum() -> None:
    cluster, _ = decided_once(7)
    before = cluster.node(0).own_blocks()[-1].block
    signed = Signed(0, before.round, 1)
    restored = restart(cluster, signed)
    reach(cluster, 1, 2, 3, 4, 5)
    assert not restored.core.own_chain.must_learn


def test_a_store_put_back_by_an_epoch_learns_from_those_who_are_there() -> None:
    """Of three nodes one slept through the new epoch and holds nothing against the old one."""
    charter = Cluster(3).charter
    charter = replace(charter, timing=replace(charter.timing, epoch_rounds=50))
    cluster = Cluster(3, charter)
    cluster.connect()
    cluster.run(100)
    asleep = cluster.devices[2]
    for device in cluster.devices[:2]:
        cluster.give(device, PeerDown(asleep))
        cluster.give(asleep, PeerDown(device))
    while cluster.node(0).core.epoch.number == 0:
        title, blob = make_text(b"s" * 16, "a title")
        body = Propose("implementation", title, (), NoAction(), WallMs(0))
        cluster.give(cluster.devices[0], Submit(body, (blob,), True))
        cluster.run(1_000)
    restored = restart(cluster, Signed(1, Round(0), 0))
    reach(cluster, 2)
    cluster.run(LONG_MS)
    assert restored.core.epoch.number == 0
    assert restored.core.own_chain.must_learn
    reach(cluster, 1)
    assert restored.core.epoch.number == 1
    assert not restored.core.own_chain.must_learn
