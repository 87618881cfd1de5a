"""What is said of a node that makes no blocks as it has signed a rebuild, and of its partner."""

from __future__ import annotations

import pytest
from sim.memory_store import MemoryStore
from support.cores.cluster import Cluster
from unit.protocols.agreement.test_holding_back import held, with_two_gone
from unit.protocols.agreement.test_rebuild import (
    SILENCE_MS,
    charter_of,
    core,
    plan,
    seats,
    sign,
    stop,
    told,
)

from p2pnode.answers import Check
from p2pnode.answers.checks import rebuild_checks
from p2pnode.answers.overview import describe_finality
from p2pnode.answers.proposals import Proposals
from p2pnode.answers.words import holding_words
from p2pnode_protocols.messages.proofs import Rebuilt
from p2pnode_protocols.steps.inputs import SignRebuild, WithdrawRebuild
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import EpochId, OpId

__all__ = ["held"]  # a fixture


def message(cluster: Cluster, place: int) -> str:
    finality = core(cluster, place).finality()
    holding = holding_words(core(cluster, place), finality)
    return describe_finality(finality, ["Cy"], holding=holding)


def explained(cluster: Cluster, place: int, proposal: OpId) -> tuple[str, str, list[str]]:
    store = MemoryStore()
    store.adopt(cluster.charter.to_bytes())
    found = Proposals(core(cluster, place), store).explanation(proposal).finality
    return found.state, found.text, [one.name for one in found.waits_for]


def check_of(cluster: Cluster, place: int) -> list[Check]:
    return rebuild_checks(core(cluster, place), cluster.now())


def name(cluster: Cluster, place: int) -> str:
    seat = core(cluster, 0).state.charter.by_device(cluster.devices[place])
    assert seat is not None
    return seat.name


def test_neither_says_that_decisions_are_being_made_final(held: Cluster) -> None:
    proposal = held.propose(1)
    held.run(30_000)

    own = message(held, 0)
    assert own.startswith("1 of 3 nodes reachable and making blocks, 2 needed: this node has sig")
    theirs = message(held, 1)
    assert theirs.startswith(
        f"1 of 3 nodes reachable and making blocks, 2 needed: {name(held, 0)} is connected but "
        "makes no blocks of this epoch"
    )
    for place, said in ((0, "this node has signed a rebuild"), (1, "is connected but makes no")):
        state, text, waits_for = explained(held, place, proposal)
        assert state == "waiting"
        assert said in text
        assert "being finalized" not in text
        assert name(held, 0) in waits_for

    held.give(held.devices[0], WithdrawRebuild())
    held.run(30_000)
    assert message(held, 0) == message(held, 1) == "2 of 3 nodes reachable, 2 needed: none to spare"


def test_a_rebuild_that_cannot_be_applied_any_more_is_only_offered_for_withdrawing(
    held: Cluster,
) -> None:
    """The log went on with what others had made, or those left out are here again."""
    vow = core(held, 0).rebuilds.vow
    assert vow is not None
    with pytest.raises(UsageError) as caught:
        core(held, 0).rebuilder.check_applying(vow, held.now())
    (told,) = check_of(held, 0)
    assert told.next == ("p2pnode rebuild withdraw",)
    assert caught.value.detail in told.detail


def test_a_rebuild_that_can_be_applied_is_offered_so() -> None:
    cluster, _kept = with_two_gone()
    sign(cluster, plan(cluster, 0, seats(cluster, [0])), [0])
    (told,) = check_of(cluster, 0)
    assert told.next == ("p2pnode rebuild apply FILE", "p2pnode rebuild withdraw")


def test_one_that_others_have_not_signed_yet_says_who_has_to() -> None:
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(2_000)
    stop(cluster, (2, 3))
    cluster.run(core(cluster, 0).state.charter.rules.away_interval_ms + SILENCE_MS)
    first = plan(cluster, 0, seats(cluster, [0, 1]))
    cluster.give(cluster.devices[0], SignRebuild(first))
    (told,) = check_of(cluster, 0)
    assert told.next == (
        f"once the file is signed by {name(cluster, 1)} too:",
        "p2pnode rebuild apply FILE",
        "to make blocks again:",
        "p2pnode rebuild withdraw",
    )


def test_rebuilds_that_a_liar_signs_alone_are_no_alarm_while_a_quorum_is_here() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    cluster.run(100)
    for number in range(3):
        false = told(cluster, (3,), EpochId(bytes([number]) * 32))
        cluster.tell(0, cluster.devices[3], Rebuilt(false))

    [said] = check_of(cluster, 0)
    assert (said.name, said.severity) == ("rebuild", "warning")
    assert "nothing is lost" in said.detail
    assert said.next == (f"ask {name(cluster, 3)} why they signed it",)

    stop(cluster, [1, 2])
    cluster.run(SILENCE_MS)
    assert [one.severity for one in check_of(cluster, 0)] == ["critical"] * 3
