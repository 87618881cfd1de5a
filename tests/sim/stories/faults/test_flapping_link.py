"""A link that breaks every few hundred milliseconds costs nothing but repetition.

In a line alice – bob – carol – dave every message to or from alice passes the flapping
link; what it swallows is offered again with each hello.
"""

from __future__ import annotations

from sim.simulator.parts.clockwork import MS
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final


def test_flapping_link_loses_no_vote() -> None:
    world = calm_world(4)
    alice, bob, carol, dave = world.nodes
    line = [(alice, bob), (bob, carol), (carol, dave)]
    for link in world.network.links:
        link.is_wanted = any(set(link.ends) == set(pair) for pair in line)
        if not link.is_wanted:
            world.network.break_link(link)
    flapping = world.network.between(alice, bob)

    def flap() -> None:
        world.network.break_link(flapping)
        if not world.people.is_quiet:
            world.clock.after(world.rng.randint(100, 900) * MS, flap)

    flap()
    for _ in range(10):
        topic = ask(world, alice, urgent=True)
        answer(world, topic, (alice, carol, dave), urgent=True)
        until_final(world, topic, 60, world.nodes)
        assert world.promises.outcomes[topic.id] == "passed"
    assert world.network.lost > 0, "the link did swallow messages"
    settle(world)
