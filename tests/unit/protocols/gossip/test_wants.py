"""What is missing is asked for, of one peer after the other: R7.8."""

from __future__ import annotations

from collections import Counter

from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner

from p2pnode_protocols.messages.spreading import Push, Want
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire.ids import DeviceKey, WallMs

MEMBERS = 10


def test_everyone_is_asked_for_a_text_within_seconds_and_rarely_later() -> None:
    # With a delay that doubled each time, the ninth peer would have been asked after 4 minutes.
    cluster = Cluster(MEMBERS)
    cluster.connect()
    cluster.run(100)
    liar, victim = cluster.devices[1], cluster.devices[0]
    title, _blob = make_text(b"s" * 16, "a title")
    op = sign_op(
        cluster.charter.community_id,
        cluster.charter.members[1].id,
        FakeSigner(liar),
        1,
        WallMs(cluster.now().wall_ms),
        Propose("implementation", title, (), NoAction(), WallMs(0)),
    )
    cluster.tell(0, liar, Push(ops=(op,)))

    def asked() -> Counter[DeviceKey]:
        return Counter(
            one.peer
            for one in cluster.nodes[victim].sends
            if isinstance(one, Send) and isinstance(one.message, Want)
        )

    cluster.run(MEMBERS * 500)
    assert asked().keys() == set(cluster.devices) - {victim}
    cluster.run(3_600_000)
    assert sum(asked().values()) < 110
