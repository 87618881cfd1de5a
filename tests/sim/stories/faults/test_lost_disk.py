"""A node that comes back with its key but not its disk does not fork.

It knows nothing of the blocks and ops it signed. Before it signs a block it learns from
the others what they hold of its own chain (docs/protocol.md §4), and its next op takes a nonce
above the highest it once used. The same for a disk put back to an older state.
"""

from __future__ import annotations

import pytest
from sim.simulator.parts.disk import Disk
from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final

from p2pnode_protocols.core.own.chain import CATCH_UP_MS


@pytest.mark.parametrize("kept", ["nothing", "an old copy"])
def test_node_with_lost_or_older_disk_does_not_fork(kept: str) -> None:
    world = calm_world(4)
    alice, bob, _, dave = world.nodes

    def decide() -> None:
        topic = ask(world, alice, urgent=True)
        answer(world, topic, (alice, bob, dave), urgent=True)
        until_final(world, topic, 30, world.nodes)
        assert world.promises.outcomes[topic.id] == "passed"

    decide()
    copy = dave.disk.copy()
    decide()
    dave.crash("kill")
    dave.disk = Disk() if kept == "nothing" else copy
    dave.boot()
    # Busy from the first moment: he must not sign before he has compared.
    decide()
    decide()
    assert world.promises.of(dave).blocks_made > 0
    settle(world)


def test_whole_community_with_older_disks_does_not_fork() -> None:
    """Even three of four put back to an older state learn of their blocks from the fourth."""
    world = calm_world(4)
    alice, bob, carol, dave = world.nodes
    topic = ask(world, alice, urgent=True)
    copies = [node.disk.copy() for node in (alice, bob, carol)]
    answer(world, topic, (alice, bob, carol), urgent=True)
    until_final(world, topic, 30, world.nodes)
    for node, copy in zip((alice, bob, carol), copies, strict=True):
        node.crash("kill")
        node.disk = copy
        node.boot()
    again = ask(world, dave, urgent=True)
    answer(world, again, (alice, bob, carol), urgent=True)
    # Whom dave is about to show later ops of their own is asked to try again.
    world.run_for(CATCH_UP_MS / 1_000)
    answer(world, again, (alice, bob, carol), urgent=True)
    until_final(world, again, 60, world.nodes)
    settle(world)
