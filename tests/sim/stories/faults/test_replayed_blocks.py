"""Blocks and ops of past epochs, sent again and again, change nothing.

Dave stays in the conversation but sends everything he ever stored once more, every ten
inputs: blocks of ended epochs, blocks and ops that are final, and his own. Epochs are short,
so most of it belongs to an epoch that has ended. It is passed over without blame:
an honest straggler's messages look the same.
"""

from __future__ import annotations

from sim.simulator.liars import Replayer
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final


def test_replayed_blocks_of_past_epochs_change_nothing() -> None:
    world = calm_world(4, wrap={"dave": Replayer}, epoch_rounds=50)
    alice, bob, carol, _ = world.nodes
    for _ in range(30):
        topic = ask(world, alice, urgent=True)
        answer(world, topic, (alice, bob, carol), urgent=True)
        until_final(world, topic, 10, (alice, bob, carol))
        assert world.promises.outcomes[topic.id] == "passed"
    assert max(world.promises.epochs) >= 1, "blocks of an ended epoch were among them"
    assert world.network.sent["Push"] > 1_000
    settle(world, still=False)
    assert not world.promises.refusals
