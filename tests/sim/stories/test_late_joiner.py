"""A newcomer replays a long history over several epochs to the same root (R6.8).

Three members decide sixty questions in epochs of fifty rounds; then bob invites
dave, whose only link is to carol. He gets everything through her, pull by pull.
"""

from __future__ import annotations

from sim.simulator.run import settle
from sim.simulator.scenario import answer, ask, calm_world, until_final


def test_late_joiner_replays_all_epochs_through_one_peer() -> None:
    world = calm_world(3, joiners=1, neighbours=2, epoch_rounds=50)
    alice, bob, carol = world.nodes
    for _ in range(60):
        topic = ask(world, alice, "implementation", urgent=True)
        answer(world, topic, (alice, bob), urgent=True)
        until_final(world, topic, 5, world.nodes)
    assert max(world.promises.epochs) >= 2

    world.people.invite(bob)
    world.run_until(lambda: len(world.nodes) == 4, 20, "the invite is decided")
    dave = world.nodes[3]
    for link in world.network.links_of(dave):
        link.is_wanted = carol in link.ends
        world.network.break_link(link)
    world.run_until(
        lambda: dave.core is not None and dave.core.member is not None, 60, "dave has his seat"
    )
    world.run_for(5)
    assert dave.core is not None
    assert carol.core is not None
    assert dave.core.final_root == carol.core.final_root
    assert dave.core.state.proposal_ids == carol.core.state.proposal_ids
    settle(world)
