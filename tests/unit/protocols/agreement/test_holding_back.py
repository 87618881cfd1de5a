"""Who has signed a rebuild, or gone on by one, makes no blocks: nothing is final with it (R6.12).

Cores on perfect links, in the order of their member ids.
"""

from __future__ import annotations

import pytest
from support.cores.cluster import Cluster
from unit.protocols.agreement.test_rebuild import (
    SILENCE_MS,
    charter_of,
    core,
    plan,
    seats,
    sign,
    stop,
)

from p2pnode_protocols.steps.inputs import ApplyRebuild, SignRebuild, WithdrawRebuild
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.wire.ids import MemberId


def seat(cluster: Cluster, place: int) -> MemberId:
    return next(iter(seats(cluster, [place])))


def with_two_gone() -> tuple[Cluster, Restored]:
    """Return three nodes, of which two are gone for long, and what the second one has on disk."""
    cluster = Cluster(3, charter_of(3))
    cluster.connect()
    first = cluster.propose(0)
    for place in (0, 1):
        cluster.vote(place, first, urgent=True)
    cluster.run(2_000)
    assert cluster.outcome(1, first) == "passed"
    kept = cluster.restored(1)
    stop(cluster, (1, 2))
    cluster.run(SILENCE_MS)
    return cluster, kept


@pytest.fixture
def held() -> Cluster:
    """Two were gone for long, the first signed a rebuild, and the second is back."""
    cluster, kept = with_two_gone()
    cluster.give(cluster.devices[0], SignRebuild(plan(cluster, 0, seats(cluster, [0]))))
    cluster.start(cluster.devices[1], kept)
    cluster.connect(cluster.devices[:2])
    cluster.run(1_000)
    return cluster


def test_who_has_signed_a_rebuild_does_not_count_itself(held: Cluster) -> None:
    finality = core(held, 0).finality()
    assert finality.is_held
    assert not finality.can_finalize
    assert finality.reachable == (seat(held, 1),)
    assert seat(held, 0) in finality.missing
    assert finality.holding == (seat(held, 0),)


def test_its_partner_finds_out_as_its_blocks_do_not_come(held: Cluster) -> None:
    proposal = held.propose(1)
    held.run(30_000)
    assert held.outcome(1, proposal) == "unknown"
    finality = core(held, 1).finality()
    assert finality.reachable == (seat(held, 1),)
    assert not finality.can_finalize
    assert finality.holding == (seat(held, 0),)
    assert not finality.is_held

    held.give(held.devices[0], WithdrawRebuild())
    held.run(30_000)
    assert held.outcome(1, proposal) == "open"
    for place in (0, 1):
        finality = core(held, place).finality()
        assert finality.can_finalize
        assert finality.holding == ()
        assert not finality.is_held


def test_who_connects_only_now_is_not_called_silent() -> None:
    """Its blocks may be on the way, however long this node has waited for some."""
    alone = Cluster(3, charter_of(3))
    alone.connect(alone.devices[:1])
    alone.run(20_000)
    alone.propose(0)
    alone.run(20_000)
    alone.connect(alone.devices[:2])
    alone.run(1)
    assert core(alone, 0).finality().holding == ()


def test_who_has_gone_on_by_a_rebuild_makes_no_blocks_of_the_epoch_that_it_left() -> None:
    cluster, kept = with_two_gone()
    rebuild = sign(cluster, plan(cluster, 0, seats(cluster, [0])), [0])
    cluster.give(cluster.devices[0], ApplyRebuild(rebuild))
    cluster.start(cluster.devices[1], kept)
    cluster.connect(cluster.devices[:2])
    cluster.run(2_000)
    assert core(cluster, 1).rebuilds.heard
    finality = core(cluster, 1).finality()
    assert finality.reachable == (seat(cluster, 1),)
    assert finality.holding == (seat(cluster, 0),)
    assert not finality.can_finalize


def test_nobody_is_silent_in_the_running_of_a_whole_committee() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    for _ in range(6):
        proposal = cluster.propose(0)
        for place in (1, 2):
            cluster.vote(place, proposal)
        for _ in range(40):
            cluster.run(500)
            assert all(not core(cluster, one).finality().holding for one in range(4))
