"""A node whose clock is past a close, before any commit is: it says so, and signs nothing more.

Two of three nodes are off, so that no commit comes; only this node's clock goes on. Rules: R5.1,
R10.6, R10.7.
"""

from __future__ import annotations

import pytest
from support.cores.cluster import START_WALL_MS, Cluster

from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Body, Propose, Revise, Vote, Withdraw
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.record.views.explain import explain
from p2pnode_protocols.record.views.view import compute_view
from p2pnode_protocols.steps.inputs import Submit, Tick
from p2pnode_protocols.steps.notices import ProposalChanged
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId, WallMs

WINDOW_MS = 40_000
DAY_MS = 86_400_000
TITLE, BLOB = make_text(b"s" * 16, "a title")


def open_alone(is_final: bool) -> tuple[Cluster, OpId]:
    """Return three nodes of which the first proposes; the others hear of it, then are off."""
    cluster = Cluster(3)
    if is_final:
        cluster.connect()
        cluster.run(100)
    close_ms = WallMs(START_WALL_MS + cluster.now_ms + WINDOW_MS)
    body = Propose("tactical", TITLE, (), NoAction(), close_ms)
    step = cluster.give(cluster.devices[0], Submit(body, (BLOB,), urgent=True))
    assert step.accepted is not None
    if is_final:
        cluster.run(1_000)
        assert cluster.node(1).core.state.proposal(step.accepted.id) is not None
        others = cluster.devices[1:]
        cluster.cut.update(frozenset((one, other)) for one in cluster.devices for other in others)
    return cluster, step.accepted.id


def bodies_on(proposal: OpId) -> list[Body]:
    return [
        Vote(proposal, proposal, "yes", None),
        Revise(proposal, TITLE, (), WallMs(0)),
        Withdraw(proposal, None),
    ]


@pytest.mark.parametrize("is_final", [True, False], ids=["final", "on its way"])
@pytest.mark.parametrize("kind", [0, 1, 2], ids=["vote", "revise", "withdraw"])
@pytest.mark.parametrize("late_ms", [0, 1, 11_000, 400 * DAY_MS])
def test_whatever_is_said_past_the_close_is_refused(
    is_final: bool, kind: int, late_ms: int
) -> None:
    cluster, proposal = open_alone(is_final)
    view = compute_view(cluster.node(0).core.preview, proposal)
    assert view.awaits(view.author)
    cluster.node(0).skew_ms = view.close_ms - START_WALL_MS - cluster.now_ms + late_ms
    with pytest.raises(UsageError) as caught:
        cluster.give(cluster.devices[0], Submit(bodies_on(proposal)[kind], (BLOB,)))
    assert caught.value.code == "closed"


@pytest.mark.parametrize("is_final", [True, False], ids=["final", "on its way"])
def test_past_the_close_nobody_is_asked_and_the_outcome_waits(is_final: bool) -> None:
    cluster, proposal = open_alone(is_final)
    node = cluster.node(0)
    node.notices.clear()
    cluster.run(WINDOW_MS + 11_000)
    preview = node.core.preview
    view = compute_view(preview, proposal)
    assert (view.outcome, view.grade) == ("lapsed", "provisional")
    assert view.decided_ms == view.close_ms
    assert not view.awaits(view.author)
    assert node.noticed(ProposalChanged) == [ProposalChanged(proposal)]  # it woke up for that
    found = explain(preview, proposal)
    assert [one.code for one in found.reasons][:2] == ["closed", "lapsed"]
    assert found.reasons[0].at_ms == view.close_ms


def test_clock_that_was_ahead_for_a_while_refuses_nothing_once_it_is_right() -> None:
    cluster, proposal = open_alone(is_final=True)
    node = cluster.node(0)
    node.skew_ms = 400 * DAY_MS
    cluster.give(cluster.devices[0], Tick())
    assert compute_view(node.core.preview, proposal).outcome == "lapsed"
    node.skew_ms = 0
    cluster.give(cluster.devices[0], Tick())
    view = compute_view(node.core.preview, proposal)
    assert (view.outcome, view.awaits(view.author)) == ("open", True)
    step = cluster.give(cluster.devices[0], Submit(bodies_on(proposal)[0]))
    assert step.accepted is not None


def test_who_reads_between_two_steps_sees_the_close_as_well() -> None:
    cluster, proposal = open_alone(is_final=True)
    core = cluster.node(0).core
    close_ms = compute_view(core.preview, proposal).close_ms
    assert core.look(WallMs(close_ms - 1)) == ()
    assert core.look(close_ms) == (ProposalChanged(proposal),)
    assert core.look(WallMs(close_ms + 1)) == ()
    assert core.look(WallMs(close_ms - 1)) == (ProposalChanged(proposal),)
