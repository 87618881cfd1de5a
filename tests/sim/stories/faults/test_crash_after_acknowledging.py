"""What was acknowledged survives the crash that follows at once.

Alice's process ends between her vote's acknowledgement and its first message: nobody
else has it. Restarted, she finds it in her store and passes it on, nonce and all; after
power loss as well as after kill -9, because what a device signed is fsynced first.
"""

from __future__ import annotations

import pytest
from sim.simulator.parts.node import Loss
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final


@pytest.mark.parametrize("loss", ["kill", "power"])
def test_proposal_acknowledged_before_crash_becomes_final(loss: Loss) -> None:
    world = calm_world(4)
    alice, bob, carol, dave = world.nodes
    alice.crash_at = ("acknowledged", loss)
    topic = ask(world, alice, urgent=True)
    assert not alice.is_up
    world.run_for(60)
    for node in (bob, carol, dave):
        assert node.core is not None
        assert node.core.preview.proposal(topic.id) is None, "it was never sent"

    alice.boot()
    world.run_for(3)
    answer(world, topic, (alice, bob, carol), urgent=True)
    until_final(world, topic, 10, world.nodes)
    assert world.promises.entry_of[topic.id][1] == "ok"
    settle(world)


def test_vote_not_acknowledged_before_crash_may_be_said_again() -> None:
    world = calm_world(4)
    alice, *others = world.nodes
    topic = ask(world, alice, urgent=True)
    answer(world, topic, others[:1], urgent=True)
    alice.crash_at = ("before_writes", "kill")
    answer(world, topic, (alice,), "no", urgent=True)
    world.run_for(1)
    assert not alice.is_up
    alice.boot()
    world.run_for(3)
    answer(world, topic, (alice, *others), urgent=True)  # the same nonce, another op
    until_final(world, topic, 10, world.nodes)
    assert world.promises.outcomes[topic.id] == "passed"
    settle(world)
