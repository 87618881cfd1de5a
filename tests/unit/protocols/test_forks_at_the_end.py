"""A fork in an epoch's last round must not leave behind whoever holds the other block of it.

Four members, Q = 3; dave (place 3) forks his block of round 3. What alice holds commits the slot
(1, alice), whose op ends the epoch; what bob holds does not: one certificate is lacking. A
frontier says the highest round of each author and nothing of forks, so nothing shows that bob
lacks a block, and in an ended epoch nobody builds on it any more.
"""

from __future__ import annotations

from support.cluster import Cluster
from support.dag import FakeSigner

from p2pnode_protocols.blocks import Block, sign_block
from p2pnode_protocols.ids import Round, WallMs
from p2pnode_protocols.messages import Push
from p2pnode_protocols.ops import Away, Op, sign_op

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


def test_who_lacks_a_fork_of_the_last_round_follows_into_the_next_epoch() -> None:
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
    other = make(cluster, DAVE, pick(second, DAVE, BOB, CAROL), time_ms=1)
    for place in (CAROL, DAVE):
        del cluster.nodes[cluster.devices[place]]
    below = (*first, *second, *third)
    cluster.tell(BOB, cluster.devices[CAROL], Push(blocks=(*below, other)))
    cluster.tell(ALICE, cluster.devices[CAROL], Push(blocks=(*below, certifying)))
    alice, bob = cluster.node(ALICE).core, cluster.node(BOB).core
    assert (alice.epoch.number, bob.epoch.number) == (1, 0)
    cluster.run(5_000)
    assert bob.epoch.number > 0
    assert (bob.epoch.id, bob.final_root) == (alice.epoch.id, alice.final_root)
