"""A clock that is a year off on one node drags nobody.

Four nodes, f = 1. A block far ahead of its round gets no votes, and one that is dated back none
that are prompt (R3.2, R3.9). So one wrong clock moves neither the times in the log nor the moment
at which a window closes for the others.
A clock far ahead finds every deadline past; its node may not keep the others busy with that.
"""

from __future__ import annotations

import pytest
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, grade_at, until_final

YEAR_MS = 366 * 24 * 3_600_000
WINDOW_S = 600


@pytest.mark.parametrize("offset_ms", [-YEAR_MS, YEAR_MS])
def test_clock_wrong_by_a_year_on_one_node_moves_no_deadline(offset_ms: int) -> None:
    world = calm_world(4, window_ms=WINDOW_S * 1000)
    alice, bob, carol, dave = world.nodes
    dave.set_clock(offset_ms)
    passing = ask(world, alice, urgent=True)
    answer(world, passing, (alice, bob, dave), urgent=True)
    until_final(world, passing, 10, world.nodes)
    assert world.promises.outcomes[passing.id] == "passed"

    lapsing = ask(world, dave, urgent=True)
    answer(world, lapsing, (carol,), urgent=True)
    opened_us = world.clock.now_us
    world.run_for(WINDOW_S - 30)
    for node in (alice, bob, carol):
        assert grade_at(node, lapsing.id) == "open", f"{node.name} closed it too early"
    until_final(world, lapsing, 60, world.nodes)
    assert world.promises.outcomes[lapsing.id] == "lapsed"
    took_s = (world.clock.now_us - opened_us) / 1_000_000
    assert WINDOW_S - 1 < took_s < WINDOW_S + 15

    for commit, _ in world.promises.log:
        assert abs(commit.time_ms - world.start_ms) < 3_600_000
    blocks = len(world.promises.slots)
    assert blocks < 4 * 120, f"{blocks} blocks for two decisions: the wrong clock kept all busy"
    settle(world)
