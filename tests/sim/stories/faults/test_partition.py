"""Two sides of a partition never disagree, and neither shows as final what is not.

Five nodes, Q = 4, cut 3|2. Three yes of five are the tactical threshold, and all three stand on
one side: a decision is provisional there, unknown on the other side, and final nowhere,
however long the cut lasts. After healing, both sides' questions become final everywhere.
"""

from __future__ import annotations

from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, grades, until_final


def test_partition_keeps_decisions_provisional_until_it_heals() -> None:
    world = calm_world(5)
    majority, minority = world.nodes[:3], world.nodes[3:]
    for left in majority:
        for right in minority:
            world.network.cut(world.network.between(left, right))
    topic = ask(world, majority[0], urgent=True)
    answer(world, topic, majority, urgent=True)
    other = ask(world, minority[0], urgent=True)
    answer(world, other, minority, "no", urgent=True)
    world.run_for(120)

    assert grades(world, topic) == {
        "alice": "provisional",
        "bob": "provisional",
        "carol": "provisional",
        "dave": "unknown",
        "erin": "unknown",
    }
    assert grades(world, other)["dave"] == "open"
    assert not world.promises.log, "nothing can be committed without a quorum"

    for link in world.network.links:
        world.network.heal(link)
    assert until_final(world, topic, 10, world.nodes) < 5
    assert world.promises.outcomes[topic.id] == "passed"
    settle(world)


def test_cut_shorter_than_the_heartbeat_only_delays() -> None:
    world = calm_world(4)
    for link in world.network.links:
        world.network.cut(link)
    topic = ask(world, world.nodes[0], urgent=True)
    world.run_for(3)
    for link in world.network.links:
        world.network.heal(link)
    answer(world, topic, world.nodes[:3], urgent=True)
    assert until_final(world, topic, 10, world.nodes) < 2
    assert world.network.lost == 0
    settle(world)
