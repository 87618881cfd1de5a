"""A member whose blocks always come late is left behind by no round, and left out by none.

Dave's links take 300 ms, the others' 1–3, and nobody waits longer than Δ = 40 ms: his
block of a round arrives when the rest are rounds ahead, so it is never a strong parent. Weak
links bring it into the log all the same, with the votes that it carries.
"""

from __future__ import annotations

from sim.simulator.parts.clockwork import MS
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final


def test_blocks_of_a_slow_member_are_committed_by_weak_links() -> None:
    world = calm_world(5, delta_ms=40, delta_max_ms=40)
    alice, bob, carol, dave, erin = world.nodes
    for link in world.network.links_of(dave):
        link.latency_us = 300 * MS
    for _ in range(20):
        topic = ask(world, alice, urgent=True)
        answer(world, topic, (bob, carol, erin), urgent=True)
        until_final(world, topic, 10, world.nodes)

    assert alice.core is not None
    lace = alice.core.epoch.lace
    his = alice.core.epoch.committee.index[dave.member]
    last = alice.core.epoch.committer.undecided_round
    late = [
        vertex
        for number in range(1, last - 12)
        for vertex in lace.slot(number, his)  # type: ignore[arg-type]
    ]
    assert late, "dave did make blocks"
    assert all(vertex.is_output for vertex in late)
    settle(world)
