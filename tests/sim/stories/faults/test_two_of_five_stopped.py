"""With two of five stopped nothing becomes final; it does when one of them returns.

Q = 4. The three that run know who is missing and say so; the decision stays provisional
for an hour, without their nodes making block after block meanwhile.
"""

from __future__ import annotations

from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, grades, until_final


def test_two_of_five_stopped_then_one_returns() -> None:
    world = calm_world(5)
    alice, bob, carol, dave, erin = world.nodes
    dave.crash("kill")
    erin.crash("power")
    world.run_for(15)
    topic = ask(world, alice, urgent=True)
    answer(world, topic, (alice, bob, carol), urgent=True)
    world.run_for(3_600)
    assert grades(world, topic) == dict.fromkeys(("alice", "bob", "carol"), "provisional")
    assert alice.core is not None
    missing = alice.core.finality().missing
    assert set(missing) == {dave.member, erin.member}
    assert not alice.core.finality().can_finalize
    blocks = sum(world.promises.of(node).blocks_made for node in world.nodes)
    assert blocks <= 3 * 2, "without a quorum there is no second round"

    dave.boot()
    assert until_final(world, topic, 30, (alice, bob, carol, dave)) < 15
    erin.boot()
    until_final(world, topic, 30, world.nodes)
    settle(world)
