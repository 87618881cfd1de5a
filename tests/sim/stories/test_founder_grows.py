"""A lone founder grows the community to five, link by link.

Alice founds alone (n = 1, Q = 1) and decides by herself. Each newcomer is invited by a decision
of those who are there, starts from nothing but the founding charter, replays everything, and
is on the committee of the next epoch: it votes, and blocks of its own are committed.
"""

from __future__ import annotations

from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final


def test_lone_founder_grows_to_five() -> None:
    world = calm_world(1, joiners=4)
    alice = world.nodes[0]
    for number in range(1, 5):
        world.people.invite(alice)
        world.run_until(
            lambda number=number: (
                all(  # type: ignore[misc]
                    node.core is not None and len(node.core.epoch.committee) == number + 1
                    for node in world.nodes
                )
                and len(world.nodes) == number + 1
            ),
            60,
            f"{number + 1} nodes finalize",
        )
    assert [node.name for node in world.nodes] == ["alice", "bob", "carol", "dave", "erin"]

    world.run_for(90)  # those who did not know of an invite yet let its holder in by then
    for _ in range(5):
        topic = ask(world, world.nodes[4], "strategic", urgent=True)
        answer(world, topic, world.nodes[1:], urgent=True)
        until_final(world, topic, 5, world.nodes)
        assert world.promises.outcomes[topic.id] == "passed"
    committed = {commit.author for commit, _ in world.promises.log}
    assert committed >= {node.member for node in world.nodes}, "each one's slots are committed"
    settle(world)
