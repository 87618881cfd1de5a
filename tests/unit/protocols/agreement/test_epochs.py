"""Where an epoch ends though nobody changed anything: R6.3."""

from __future__ import annotations

from collections import Counter

import pytest
from support.cores.cluster import Cluster

from p2pnode_protocols.steps.writes import SaveCommit, SaveEpoch

OPS = 30


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pnode_protocols.core.log.epoch.EPOCH_OPS", OPS)


def decide(cluster: Cluster) -> None:
    proposal = cluster.propose(0)
    for place in range(3):
        cluster.vote(place, proposal)
    cluster.run(1_000)
    assert cluster.outcome(0, proposal) == "passed"


def ops_by_epoch(cluster: Cluster, place: int) -> tuple[Counter[int], dict[int, int]]:
    """Return how many ops the log of each epoch has, and its last commit."""
    ops: Counter[int] = Counter()
    last: dict[int, int] = {}
    for write in cluster.node(place).writes:
        if isinstance(write, SaveCommit):
            ops[write.commit.epoch_number] += len(write.commit.entries)
            last[write.commit.epoch_number] = len(write.commit.entries)
    return ops, last


def test_epoch_ends_with_the_commit_that_fills_it() -> None:
    cluster = Cluster(4)
    cluster.connect()
    while cluster.node(0).core.epoch.number < 3:
        decide(cluster)
    ops, last = ops_by_epoch(cluster, 0)
    for number in range(3):
        assert ops[number] >= OPS > ops[number] - last[number]
    epochs = [
        [one for one in cluster.node(place).writes if isinstance(one, SaveEpoch)]
        for place in range(4)
    ]
    assert all(one == epochs[0] for one in epochs)


def test_restart_in_mid_epoch_goes_on_counting() -> None:
    cluster = Cluster(4)
    cluster.connect()
    decide(cluster)
    decide(cluster)
    device = cluster.devices[3]
    counted = cluster.node(3).core.epoch.ops
    assert 0 < counted < OPS
    restored = cluster._store(cluster.node(3)).restore(device)
    assert restored is not None
    core = cluster.make_core(device, restored)
    assert core.epoch.ops == counted
    assert core.final_root == cluster.node(3).core.final_root
