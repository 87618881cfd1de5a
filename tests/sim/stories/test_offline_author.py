"""Whoever said much while cut off is heard when the connection returns.

Bob votes and changes his mind 300 times in ten minutes with no link at all: more ops than a
member may send in a minute. Reconnected, none of it is lost, and nobody blames those who
carry it.
"""

from __future__ import annotations

from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world

VOTES = 300


def test_ops_said_offline_are_all_final_after_reconnecting() -> None:
    world = calm_world(4, window_ms=3_600_000, linger_ms=1_000)
    alice, bob, *_ = world.nodes
    topic = ask(world, alice)
    answer(world, topic, (), urgent=True)
    world.run_for(2)
    for link in world.network.links_of(bob):
        world.network.cut(link)
    for number in range(VOTES):
        answer(world, topic, (bob,), "yes" if number % 2 else "no")
        world.run_for(2)
    settle(world)
    votes = [op for op in world.promises.ops.values() if op.device == bob.device]
    assert len(votes) == VOTES
