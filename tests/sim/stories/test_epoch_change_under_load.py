"""Epochs end while everyone talks, and nothing that was said is lost.

Seven members propose and vote all the time; meanwhile one goes away and back, one leaves,
the fault model changes, and a second device takes over a seat. Each ends an epoch with
blocks under way; their ops are carried over by whoever holds them.
"""

from __future__ import annotations

import pytest
from sim.simulator.parts.clockwork import MS, SECOND
from sim.simulator.parts.network import Weather
from sim.simulator.run import settle
from sim.simulator.scenario import calm_world

from p2pnode_protocols.record.actions import AmendAction


@pytest.mark.parametrize("seed", range(1, 6))
def test_epoch_changes_under_load_lose_nothing(seed: int) -> None:
    world = calm_world(
        7,
        seed,
        weather=Weather(latency_us=(20 * MS, 60 * MS)),
        acts=120,
        busy_ms=20_000,
        linger_ms=500,
        window_ms=30_000,
    )
    alice, bob, carol, dave, *_ = world.nodes
    people, clock = world.people, world.clock
    began_us = clock.now_us
    clock.at(began_us + 2 * SECOND, people.go_away_and_come_back, alice)
    clock.at(
        began_us + 5 * SECOND,
        people.campaign,
        bob,
        "constitutional",
        AmendAction((("fault_model", "crash"),)),
    )
    clock.at(began_us + 8 * SECOND, people.change_device, carol)
    clock.at(began_us + 12 * SECOND, people.leave, dave)
    people.begin()
    world.run_for(25)
    settle(world)

    kinds = {op.body.KIND for op in world.promises.ops.values()}
    assert kinds >= {"away", "back", "add_device", "set_node_key", "leave", "propose", "vote"}
    assert max(world.promises.epochs) >= 4
    assert len(world.promises.ops) > 50
