"""A fork in an epoch's last round must not leave behind whoever holds the other block of it.

Four members, Q = 3; dave (place 3) forks his block of round 3. What alice holds commits the slot
(1, alice), whose op ends the epoch; what bob holds does not: one certificate is lacking. A
frontier says the highest round of each author and nothing of forks, so nothing shows that bob
lacks a block, and in an ended epoch nobody builds on it any more.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.gossip.shares.forks import FORK_EVERY_MS, Sake
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.spreading import Pull, Push
from p2pnode_protocols.record.bodies import Away
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.steps.inputs import PeerUp, Received
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire.ids import DeviceKey, Round, WallMs

ALICE, BOB, CAROL, DAVE = range(4)


def make(cluster: Cluster, author: int, parents: list[Block], *ops: Op, time_ms: int = 0) -> Block:
    epoch = cluster.node(ALICE).core.epoch
    round_ = Round(1 + max((one.round for one in parents), default=0))
    return sign_block(
        cluster.charter.community_id,
        FakeSigner(cluster.devices[author]),
        epoch=epoch.id,
        author=cluster.charter.members[author].id,
        sequence=round_,
        round_=round_,
        time_ms=WallMs(cluster.now().wall_ms + 10 * round_ + time_ms),
        parents=tuple(one.id for one in parents) or (epoch.genesis,),
        ops=ops,
        final_index=0,
        final_root=cluster.node(ALICE).core.final_root,
    )


def pick(blocks: list[Block], *places: int) -> list[Block]:
    return [blocks[place] for place in places]


@pytest.mark.parametrize("has_bytes", [True, False])
@pytest.mark.parametrize("useless", [1, 2])
def test_who_lacks_a_fork_of_the_last_round_follows_into_the_next_epoch(
    useless: int, *, has_bytes: bool
) -> None:
    # With two others, that fork is the third of its slot (R2.19). Without bytes left for the forks
    # of its author it is left out at first, and asked for again.
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    carol = cluster.charter.members[CAROL].id
    away = sign_op(
        cluster.charter.community_id,
        carol,
        FakeSigner(cluster.devices[CAROL]),
        1,
        WallMs(cluster.now().wall_ms),
        Away(),
    )
    first = [make(cluster, place, [], *([away] if place == ALICE else [])) for place in range(4)]
    second = [
        make(cluster, ALICE, pick(first, ALICE, BOB, CAROL, DAVE)),
        make(cluster, BOB, pick(first, BOB, ALICE, CAROL, DAVE)),
        make(cluster, CAROL, pick(first, CAROL, BOB, DAVE)),  # no vote for alice's block
        make(cluster, DAVE, pick(first, DAVE, ALICE, BOB, CAROL)),
    ]
    third = [
        make(cluster, ALICE, pick(second, ALICE, BOB, CAROL, DAVE)),
        make(cluster, BOB, pick(second, BOB, ALICE, CAROL, DAVE)),
        make(cluster, CAROL, pick(second, CAROL, ALICE, BOB)),  # two votes: no certificate
    ]
    certifying = make(cluster, DAVE, pick(second, DAVE, ALICE, BOB))
    others = [
        make(cluster, DAVE, pick(second, DAVE, BOB, CAROL), time_ms=1 + number)
        for number in range(useless)
    ]
    for place in (CAROL, DAVE):
        del cluster.nodes[cluster.devices[place]]
    below = (*first, *second, *third)
    cluster.tell(BOB, cluster.devices[CAROL], Push(blocks=(*below, *others)))
    cluster.tell(ALICE, cluster.devices[CAROL], Push(blocks=(*below, certifying)))
    alice, bob = cluster.node(ALICE).core, cluster.node(BOB).core
    assert (alice.epoch.number, bob.epoch.number) == (1, 0)
    if not has_bytes:
        paces, dave = bob.sync.held.fork_paces, cluster.charter.members[DAVE].id
        while paces.has_bytes(dave, Sake.OWN, 1_000):
            pass
        assert paces.may_exceed(dave, Sake.OWN, 1_000, cluster.now().mono_ms)
        cluster.run(FORK_EVERY_MS - 1)
        assert bob.epoch.number == 0
    cluster.run(5_000)
    assert bob.epoch.number > 0
    assert (bob.epoch.id, bob.final_root) == (alice.epoch.id, alice.final_root)


def among_two() -> tuple[Cluster, DeviceKey, DeviceKey, DeviceKey]:
    """Return a cluster, two of its nodes, and a third that hears of them what a test says."""
    cluster = Cluster(4)
    first, second, *_, victim = sorted(cluster.devices)
    status = cluster.nodes[victim].core.status()
    cluster.cut = {frozenset((one, other)) for one in cluster.devices for other in cluster.devices}
    for peer in (first, second):
        cluster.give(victim, PeerUp(peer))
        hello = Hello(PROTOCOL_VERSION, cluster.charter.community_id, status, None, "", ())
        cluster.give(victim, Received(peer, hello))
    return cluster, first, second, victim


def test_who_claims_ever_more_keeps_nobody_from_being_asked_for_forks() -> None:
    cluster, liar, friend, victim = among_two()
    core = cluster.nodes[victim].core

    def claim(peer: DeviceKey, index: int) -> None:
        told = replace(core.status(), final_index=index, final_root=bytes(32))
        cluster.give(victim, Received(peer, told))

    def searched() -> list[DeviceKey]:
        sends = cluster.nodes[victim].sends
        return [
            one.peer for one in sends if isinstance(one, Send) and isinstance(one.message, Pull)
        ]

    claim(liar, 1)
    claim(friend, 1)
    assert searched() == [liar]
    claim(liar, 2)  # before what it answers, so that it seems to have been asked for less
    cluster.answer_pull(cluster.devices.index(victim), liar)
    assert searched() == [liar, friend]


def test_who_answers_no_pull_keeps_nobody_from_being_asked_for_forks() -> None:
    cluster, mute, friend, victim = among_two()
    core = cluster.nodes[victim].core
    ahead = replace(core.status(), epoch_number=1, final_index=1, final_root=bytes(32))
    for peer in (mute, friend):
        cluster.give(victim, Received(peer, ahead))
    place, answered = cluster.devices.index(victim), 0
    for _ in range(40):
        cluster.run(1_000)
        if len(cluster.pulls_of(place, friend)) > answered:
            answered += 1
            cluster.answer_pull(place, friend)
    assert answered == 2, "for its blocks, and once more for forks of the last rounds"


def test_who_claims_ever_more_keeps_nobody_from_being_asked_for_blocks() -> None:
    cluster, liar, friend, victim = among_two()
    core = cluster.nodes[victim].core
    ahead = replace(core.status(), epoch_number=1, final_index=9, final_root=bytes(32))
    cluster.give(victim, Received(friend, ahead))
    cluster.run(6_000)  # its first answer got lost
    for step in range(120):  # it answers nothing, but says more before each pull is given up
        cluster.give(victim, Received(liar, replace(ahead, final_index=10 + step)))
        cluster.run(1_000)
    pulls = cluster.pulls_of(cluster.devices.index(victim), friend)
    assert sum(pull.after is None for pull in pulls) > 5, "and not for forks only"
