"""Another root for what is final here is told loudly, wherever a member says it (R7.13)."""

from __future__ import annotations

from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.steps.notices import Diverged
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, EpochId, Round, WallMs

OTHER_EPOCH = EpochId(b"o" * 32)
OTHER_ROOT = b"r" * 32


def decided() -> Cluster:
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    cluster.propose(0)
    cluster.run(2_000)
    assert cluster.node(0).core.final_index > 0
    return cluster


def block_of_another_epoch(cluster: Cluster, device: DeviceKey) -> Block:
    return sign_block(
        cluster.charter.community_id,
        FakeSigner(device),
        epoch=OTHER_EPOCH,
        author=cluster.charter.members[1].id,
        sequence=1,
        round_=Round(1),
        time_ms=WallMs(1),
        parents=(BlockId(bytes(OTHER_EPOCH)),),
        ops=(),
        final_index=1,
        final_root=OTHER_ROOT,
    )


def test_a_root_in_a_block_of_an_unknown_epoch_raises_the_alarm() -> None:
    # Whose log is another one has other epochs: no block of theirs will ever be valid here.
    cluster = decided()
    node, block = cluster.node(0), block_of_another_epoch(cluster, cluster.devices[1])
    cluster.tell(0, cluster.devices[2], Push(blocks=(block,)))
    (alarm,) = node.noticed(Diverged)
    assert isinstance(alarm, Diverged)
    assert alarm.member == cluster.charter.members[1].id
    assert (alarm.index, alarm.theirs) == (1, OTHER_ROOT)


def test_nobody_raises_the_alarm_in_anothers_name() -> None:
    cluster = decided()
    block = block_of_another_epoch(cluster, cluster.devices[3])  # names member 1 as its author
    cluster.tell(0, cluster.devices[3], Push(blocks=(block,)))
    assert cluster.node(0).noticed(Diverged) == []
