"""Ops that got lost on their way are shown again to who says that they did not come: R7.15."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster

from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.wire.ids import DeviceKey

AGAIN_S = 10


@pytest.fixture
def cluster() -> Cluster:
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(1_000)
    return cluster


def statuses(cluster: Cluster, place: int, peer: DeviceKey) -> int:
    sends = [one for one in cluster.node(place).sends if isinstance(one, Send)]
    return sum(one.peer == peer and isinstance(one.message, Status) for one in sends)


def test_op_that_got_lost_on_its_way_comes_once_a_status_counts_it(cluster: Cluster) -> None:
    author = cluster.devices[0]
    cluster.cut = {frozenset((author, one)) for one in cluster.devices[1:]}
    op = cluster.propose(0)  # it lingers; what carries it to the others gets lost unnoticed
    cluster.cut = set()
    assert op not in [one.op.id for one in cluster.node(1).core.pool]
    cluster.tell(1, author, cluster.node(0).core.status())
    cluster.run(100)  # sooner than it would offer it again by itself
    assert op in [one.op.id for one in cluster.node(1).core.pool]
    assert statuses(cluster, 1, author) > 0


def test_who_counts_more_is_answered_now_and_then(cluster: Cluster) -> None:
    peer = cluster.devices[0]
    status = cluster.node(0).core.status()
    more = replace(status, nonces=((peer, 7),))
    before = statuses(cluster, 1, peer)
    for _ in range(5):  # it never shows them
        cluster.tell(1, peer, more)
    assert statuses(cluster, 1, peer) == before + 1
    cluster.run(AGAIN_S * 1_000)
    before = statuses(cluster, 1, peer)
    cluster.tell(1, peer, more)
    assert statuses(cluster, 1, peer) == before + 1


def test_who_counts_what_is_here_is_not_answered(cluster: Cluster) -> None:
    peer = cluster.devices[0]
    before = statuses(cluster, 1, peer)
    cluster.tell(1, peer, cluster.node(0).core.status())
    assert statuses(cluster, 1, peer) == before
