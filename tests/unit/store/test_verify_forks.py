"""A store with more forks of one slot than are taken unasked is verified all the same: R2.19."""

from __future__ import annotations

from pathlib import Path

from support.certified.pruned import SignedCluster

from p2pnode.answers.verifying import verify_store
from p2pnode.store.store import Store
from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.wire.ids import Round, WallMs

ROUNDS = 8


def draw(cluster: SignedCluster, forks: int) -> list[Block]:
    """Return rounds by three of whom the last forked in the first, and the first two name a fork
    each: the highest id, which comes last in the order of ids, and the lowest."""
    epoch = cluster.node(0).core.epoch

    def sign(place: int, parents: list[Block], *, later_ms: int = 0) -> Block:
        round_ = 1 + max((one.round for one in parents), default=0)
        return sign_block(
            cluster.charter.community_id,
            cluster.signers[cluster.devices[place]],
            epoch=epoch.id,
            author=cluster.charter.members[place].id,
            sequence=round_,
            round_=Round(round_),
            time_ms=WallMs(cluster.charter.created_ms + 10 * round_ + later_ms),
            parents=tuple(one.id for one in parents) or (epoch.genesis,),
            ops=(),
            final_index=0,
            final_root=cluster.node(0).core.final_root,
        )

    rivals = sorted((sign(2, [], later_ms=ms) for ms in range(forks)), key=lambda one: one.id)
    first, second = sign(0, []), sign(1, [])
    drawn = [first, second, *rivals]
    below = [
        sign(0, [first, second, rivals[-1]]),
        sign(1, [second, first, rivals[-2]]),
        sign(2, [rivals[0], first, second]),
    ]
    drawn += below
    for _ in range(ROUNDS):
        below = [sign(place, below[place:] + below[:place]) for place in range(3)]
        drawn += below
    return drawn


def test_store_with_many_forks_of_a_slot_is_verified(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        cluster = SignedCluster(store)
        cluster.connect()
        cluster.run(100)
        drawn = draw(cluster, 6)
        for _ in range(2):  # what a block names is taken when it comes again
            cluster.tell(0, cluster.devices[1], Push(blocks=tuple(drawn)))
        node = cluster.node(0)
        store.apply(node.writes, durable=True)
    assert node.core.final_index > ROUNDS, "it has finalized on all of this"
    found = verify_store(path)
    assert found.ok, found.problems
    assert (found.commits, found.root) == (node.core.final_index, node.core.final_root)
