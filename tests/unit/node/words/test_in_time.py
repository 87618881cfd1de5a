"""What is said on a node that is cut off: by when others must have it, and that it waits."""

from __future__ import annotations

import pytest
from sim.memory_store import MemoryStore
from support.cores.cluster import Cluster
from unit.protocols.agreement.test_rebuild import core, stop

from p2pnode.answers import Explanation
from p2pnode.answers.own_ops import OwnOps
from p2pnode.answers.proposals import Filter, Proposals
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.wire.ids import OpId, WallMs


def proposals_of(cluster: Cluster) -> Proposals:
    store = MemoryStore()
    store.adopt(cluster.charter.to_bytes())
    return Proposals(core(cluster, 0), store)


def explained(cluster: Cluster, proposal: OpId) -> Explanation:
    return proposals_of(cluster).explanation(proposal)


def deadline(cluster: Cluster, proposal: OpId) -> WallMs | None:
    (found,) = [one.at for one in explained(cluster, proposal).reasons if one.code == "in_time"]
    return found


@pytest.fixture
def asked() -> tuple[Cluster, OpId]:
    """Three nodes, and a question that the log has opened."""
    cluster = Cluster(3)
    cluster.connect()
    cluster.run(1_000)
    proposal = cluster.propose(0)
    cluster.run(1_000)
    return cluster, proposal


def test_a_vote_said_while_cut_off_is_told_by_when_others_must_have_it(
    asked: tuple[Cluster, OpId],
) -> None:
    cluster, proposal = asked
    assert "in_time" not in {one.code for one in explained(cluster, proposal).reasons}
    stop(cluster, (1, 2))
    assert "in_time" not in {one.code for one in explained(cluster, proposal).reasons}
    cluster.vote(0, proposal)
    close_ms = proposals_of(cluster).view(proposal).close_ms
    assert deadline(cluster, proposal) == close_ms
    (waiting,) = OwnOps(core(cluster, 0), MemoryStore()).waiting()
    assert waiting.counts_until == close_ms


def test_a_vote_with_a_quorum_in_reach_has_no_deadline(asked: tuple[Cluster, OpId]) -> None:
    cluster, proposal = asked
    cluster.vote(0, proposal)
    assert "in_time" not in {one.code for one in explained(cluster, proposal).reasons}


def test_a_question_in_no_record_yet_has_a_deadline_only_if_it_says_when_it_closes(
    asked: tuple[Cluster, OpId],
) -> None:
    cluster, _ = asked
    stop(cluster, (1, 2))
    slides = cluster.propose(0)
    assert "in_time" not in {one.code for one in explained(cluster, slides).reasons}
    title, blob = make_text(b"t" * 16, "a title")
    close_ms = WallMs(cluster.now().wall_ms + 3_600_000)
    body = Propose("tactical", title, (), NoAction(), close_ms)
    accepted = cluster.give(cluster.devices[0], Submit(body, (blob,), urgent=False)).accepted
    assert accepted is not None
    assert deadline(cluster, accepted.id) == close_ms


def test_what_is_decided_only_here_is_in_a_list_of_its_own() -> None:
    cluster = Cluster(3)
    cluster.connect()
    cluster.run(1_000)
    proposal = cluster.propose(0)
    cluster.vote(1, proposal, urgent=True)
    cluster.run(1_000)
    stop(cluster, (1, 2))
    so_far = Filter(which="provisional")
    assert list(proposals_of(cluster).matching(so_far)) == []
    cluster.vote(0, proposal)
    (found,) = proposals_of(cluster).matching(so_far)
    assert (found.id, found.grade, found.outcome) == (proposal, "provisional", "passed")
    assert deadline(cluster, proposal) == found.close_ms
