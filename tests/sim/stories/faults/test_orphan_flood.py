"""A member that floods with blocks of unknown parents fills its own share, and stops nobody.

Dave answers every message with forty signed blocks whose parents exist nowhere. Each node keeps
a bounded number of them; the other three (Q = 3) go on deciding, and nobody is blamed, as it
breaks no rule to send what others have not got yet.
"""

from __future__ import annotations

from sim.simulator.liars import OrphanFlood
from sim.simulator.scenario import answer, ask, calm_world, until_final

from p2pnode_protocols.wire.limits import ORPHANS_PER_SEAT


def test_orphan_flood_is_bounded_and_stops_nobody() -> None:
    world = calm_world(4, wrap={"dave": OrphanFlood})
    alice, bob, carol, dave = world.nodes
    most = 0
    for _ in range(10):
        topic = ask(world, alice, urgent=True)
        answer(world, topic, (alice, bob, carol), urgent=True)
        until_final(world, topic, 10, (alice, bob, carol))
        assert world.promises.outcomes[topic.id] == "passed"
        for node in (alice, bob, carol):
            assert node.core is not None
            most = max(most, len(node.core.sync.held.orphans))
    assert 0 < most <= ORPHANS_PER_SEAT
    assert not world.promises.refusals
    assert world.network.between(alice, dave).is_open
