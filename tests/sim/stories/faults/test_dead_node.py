"""Three or four nodes, the default charter, one dead for good: the others take it off and go on.

Four fifths of three or four are all of them. As the seat concerned does not count (R10.23), the
others can remove it; then invites and amendments need those who are left, and pass.
"""

from __future__ import annotations

import pytest
from sim.simulator.scenario import answer, ask, calm_world, until_final

from p2pnode_protocols.record.actions import Action, AmendAction, RemoveAction, SetAwayAction


@pytest.mark.parametrize("size", [3, 4, 5])
@pytest.mark.parametrize("kind", [RemoveAction, SetAwayAction])
def test_others_take_a_dead_node_off_and_go_on(
    size: int, kind: type[RemoveAction | SetAwayAction]
) -> None:
    world = calm_world(size)
    *living, dead = world.nodes
    dead.crash("power")
    world.run_for(30)

    def decide(action: Action) -> str:
        tier = "constitutional" if isinstance(action, AmendAction) else "strategic"
        topic = ask(world, living[0], tier, action, urgent=True)
        answer(world, topic, living, urgent=True)
        until_final(world, topic, 30, living)
        core = living[0].core
        assert core is not None
        one = core.state.proposal(topic.id)
        assert one is not None
        return f"{one.outcome}, {one.effect}"

    seat = dead.member
    assert decide(
        RemoveAction(seat) if kind is RemoveAction else SetAwayAction(seat, away=True)
    ) == ("passed, done")
    for node in living:
        assert node.core is not None
        assert seat not in node.core.epoch.committee.members
    amend = AmendAction((("rules.max_open_per_member", 7),))
    if kind is RemoveAction or size >= 5:
        assert decide(amend) == "passed, done"
        return
    # Seat and vote stay with a node that is away: four fifths of so few are still all of them.
    topic = ask(world, living[0], "constitutional", amend, urgent=True)
    answer(world, topic, living, urgent=True)
    world.run_for(30)
    for node in living:
        assert node.core is not None
        one = node.core.state.proposal(topic.id)
        assert one is not None
        assert (one.outcome, one.tally.yes) == ("open", size - 1)
