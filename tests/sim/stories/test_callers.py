"""Who was away catches up among liars who claim to be ahead, hang up when asked, and call again.

One liar of seven has three devices beside its node's, and strangers come with an open invite, each
with another key. To be asked all of them say that they have more than anybody (R7.7, R7.17, R7.18).
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

import pytest
from sim.simulator.liars import CallsAgain
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final

from p2pnode_protocols.wire.ids import DeviceKey

DECISIONS = 30
LIAR = "alice"


class CallsAtOnce(CallsAgain):
    """One who does not tire, and counts whom it left without an answer.

    Only those count who could have asked somebody honest instead.
    """

    GROWTH = 1
    left: ClassVar[Counter[DeviceKey]] = Counter()

    def hang_up(self, peer: DeviceKey) -> None:
        world = self.node.world
        honest = {node.device for node in world.nodes if node.is_honest}
        asking = next((node.core for node in world.nodes if node.device == peer), None)
        if asking is not None and asking.sync.peers.connected & honest:
            self.left[peer] += 1
        super().hang_up(peer)


@pytest.mark.parametrize("seed", [1, 2, 3, 10])
def test_who_was_away_catches_up(seed: int) -> None:
    phones, away = 3, "erin"
    names = [LIAR, *(f"{LIAR}-phone{number}" for number in range(1, phones + 1))]
    world = calm_world(
        7,
        seed,
        wrap=dict.fromkeys(names, CallsAtOnce),
        liars=((LIAR, ()),),
        phones=phones,
        strangers=16,
        pull_bytes=5_000,
        epoch_rounds=50,
        linger_ms=0,
        close_s=1,
    )
    world.strangers.begin()
    world.run_for(20)
    late = world.node(away)
    late.crash("kill")
    others = [node for node in world.nodes if node.is_honest and node is not late]
    for _ in range(DECISIONS):
        topic = ask(world, others[0], "implementation", urgent=True)
        answer(world, topic, others[:4], urgent=True)
        until_final(world, topic, 30, others)
    assert world.strangers.left < 16, "some have come"
    CallsAtOnce.left.clear()
    late.boot()
    newest = others[0].core
    assert newest is not None
    world.run_until(
        lambda: late.core is not None and late.core.final_index >= newest.final_index,
        60,
        "who was away has caught up",
    )
    # Each time costs its seat as much as a pull that nobody answers: the others are much quicker.
    assert CallsAtOnce.left[late.device] <= 3
    settle(world)
