"""Certificates out of a store: whole ones, and what is told when something lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sim.memory_store import MemoryStore
from support.cores.cluster import Cluster
from support.cores.dag import fake_verify

from p2pnode import answers
from p2pnode.answers.certifying import Certifier
from p2pnode.errors import RequestError
from p2pnode_protocols.core.own.chain import SETTLE_MS
from p2pnode_protocols.gossip.proofs import LINGER_MS
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Away, Propose
from p2pnode_protocols.record.certificates.checking import check_certificate
from p2pnode_protocols.record.certificates.verdict import Verdict
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import ApplyRebuild, PeerDown, SignRebuild, Submit
from p2pnode_protocols.steps.notices import CommitProven
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveEpoch,
    SaveOp,
    SaveReceipt,
    SaveText,
    SaveUnproven,
    Write,
)
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId, WallMs, to_short
from p2pnode_protocols.wire.limits import PROMPT_MS


def decide(town: Cluster, places: range) -> OpId:
    proposal = town.propose(0)
    for place in places:
        town.vote(place, proposal, "yes" if place else "aside")
    town.run(1_000)
    assert town.outcome(0, proposal) == "passed"
    return proposal


def everything(_write: Write) -> bool:
    return True


def store_of(town: Cluster, place: int, keeps: Callable[[Write], bool] = everything) -> MemoryStore:
    store = MemoryStore()
    store.adopt(town.charter.to_bytes())
    founding = [one for one in [_founding(town)] if keeps(one)]
    kept = [one for one in town.node(place).writes if keeps(one)]
    store.apply([*founding, *kept], durable=True)
    return store


def _founding(town: Cluster) -> SaveEpoch:
    return town.restored(0, writes=0).epoch


def certify(town: Cluster, proposal: OpId, store: MemoryStore) -> answers.CertificateFile:
    return Certifier(town.node(0).core, store).certify(proposal)


def check(town: Cluster, file: answers.CertificateFile) -> Verdict:
    return check_certificate(town.charter.community_id, file.content, fake_verify)


@pytest.fixture
def town() -> Cluster:
    made = Cluster(4)
    made.connect()
    return made


def test_certificate_of_the_founding_epoch_is_genuine(town: Cluster) -> None:
    proposal = decide(town, range(4))
    town.run(2 * LINGER_MS)
    file = certify(town, proposal, store_of(town, 0))
    verdict = check(town, file)
    assert verdict.proposal.id == proposal
    assert verdict.title == "a title"
    assert (file.epochs, file.committee, file.quorum) == (1, 4, 3)
    assert file.receipts == len(verdict.signers) >= 3
    assert file.commit == verdict.commit.index


def test_certificate_after_epochs_have_ended_proves_each_of_them(town: Cluster) -> None:
    """The last decision ends nothing; the epoch before it ended with a member going away."""
    town.give(town.devices[3], Submit(Away()))
    town.run(1_000)
    assert town.node(0).core.epoch.number == 1
    proposal = decide(town, range(3))
    town.run(2 * LINGER_MS)
    file = certify(town, proposal, store_of(town, 0))
    assert (file.epochs, file.committee, file.quorum) == (2, 3, 2)
    assert check(town, file).epochs == 2


def test_decision_of_an_epoch_that_ended_since_is_still_proved(town: Cluster) -> None:
    proposal = decide(town, range(4))
    town.give(town.devices[3], Submit(Away()))
    town.run(1_000)
    assert town.node(0).core.epoch.number == 1
    file = certify(town, proposal, store_of(town, 0))
    assert file.epochs == 1
    assert check(town, file).epochs == 1


@pytest.mark.parametrize("tier", ["tactical", "individual"])
@pytest.mark.parametrize("off_ms", [60_000, 3_600_000])
def test_proposal_that_reached_the_log_after_its_close_is_certified(
    town: Cluster, tier: str, off_ms: int
) -> None:
    """R10.20: it lapsed as it opened, or was open for the least time of its tier."""
    alone = town.devices[0]
    town.cut = {frozenset((alone, one)) for one in town.devices[1:]}
    title, blob = make_text(b"s" * 16, "a title")
    close_ms = WallMs(town.now().wall_ms + 30_000)
    body = Propose(tier, title, (), NoAction(), close_ms)
    opening = town.give(alone, Submit(body, (blob,), urgent=True)).accepted
    assert opening is not None
    town.vote(0, opening.id)
    town.run(30_000 + off_ms)
    town.cut = set()
    town.connect()
    town.run(5_000)
    if tier == "individual":
        assert town.outcome(1, opening.id) == "open"
        town.run(town.charter.tier(tier).window_ms)
    outcome = "passed" if tier == "individual" else "lapsed"
    assert town.outcome(0, opening.id) == outcome
    town.run(2 * LINGER_MS)
    verdict = check(town, certify(town, opening.id, store_of(town, 1)))
    assert (verdict.proposal.outcome, len(verdict.votes)) == (outcome, tier == "individual")
    assert verdict.proposal.opened_ms >= close_ms + off_ms - PROMPT_MS


def rebuild(town: Cluster, kept: int) -> int:
    """Let the first ones go on without the others; return the epoch that ended."""
    ended = town.node(0).core.epoch.number
    gone = town.devices[kept:]
    for device in gone:
        del town.nodes[device]
    for device in list(town.nodes):
        for one in gone:
            town.give(device, PeerDown(one))
    town.run(town.charter.rules.away_interval_ms + SETTLE_MS)
    core = town.node(0).core
    wanted = core.rebuilder.plan(frozenset(core.epoch.committee.members[:kept]), town.now())
    for device in town.devices[:kept]:
        town.give(device, SignRebuild(wanted))
        vow = town.nodes[device].core.rebuilds.vow
        assert vow is not None
        wanted = wanted.with_signatures(vow.signatures)
    for device in town.devices[:kept]:
        town.give(device, ApplyRebuild(wanted))
    return ended


def reject(town: Cluster) -> OpId:
    proposal = town.propose(0, "individual")
    town.vote(0, proposal, "no", urgent=True)
    town.run(5_000)
    assert town.outcome(0, proposal) == "rejected"
    return proposal


@pytest.mark.parametrize("kept", [1, 2])
def test_decisions_before_and_after_a_rebuild_are_certified(town: Cluster, kept: int) -> None:
    """R8.9; what ended with the rebuild is proved by the old committee, as ever."""
    before = decide(town, range(4))
    town.run(2 * LINGER_MS)
    rebuild(town, kept)
    after = reject(town)
    town.run(2 * LINGER_MS)
    store = store_of(town, 0)
    assert check(town, certify(town, before, store)).rebuilds == ()
    verdict = check(town, certify(town, after, store))
    (one,) = verdict.rebuilds
    names = [seat.name for seat in town.charter.committee]
    assert [name for _, name in one.kept] == names[:kept]
    assert [name for _, name in one.lost] == names[kept:]
    assert (verdict.committee, verdict.epochs, one.epoch) == (kept, 2, 1)


def test_receipts_that_lack_are_named_with_whose(town: Cluster) -> None:
    proposal = decide(town, range(4))
    town.run(2 * LINGER_MS)
    names = [seat.name for seat in town.charter.committee]
    present = town.devices[:2]

    def keeps(write: Write) -> bool:
        return not isinstance(write, SaveReceipt) or write.receipt.device in present

    with pytest.raises(RequestError) as caught:
        certify(town, proposal, store_of(town, 0, keeps))
    assert caught.value.code == "not_proven"
    assert f"only 2 of the 3 receipts needed so far: {names[0]}, {names[1]}" in str(caught.value)
    assert f"not yet {names[2]}, {names[3]}" in str(caught.value)
    assert caught.value.steps
    assert "more nodes" in " ".join(caught.value.steps)


def test_receipts_for_a_later_commit_do_where_those_for_the_first_lack(town: Cluster) -> None:
    """Who leaves right after a decision may take the receipt along; a later root has it in it."""
    first = decide(town, range(4))
    decide(town, range(4))
    town.give(town.devices[3], Submit(Away()))
    town.run(1_000 + 2 * LINGER_MS)
    store = store_of(town, 0)
    whole = certify(town, first, store)
    assert check(town, whole).commit.index == whole.commit
    wanting = [index for index in store.provable(whole.commit, 1_000) if index in store.proven]
    assert len(wanting) == 3  # two decisions, and the end of the epoch
    for index in wanting[:2]:
        for key in [key for key in store.receipts if key[0] == index]:
            del store.receipts[key]
        file = certify(town, first, store)
        verdict = check(town, file)
        assert (verdict.commit, verdict.root) == (
            check(town, whole).commit,
            check(town, whole).root,
        )
        assert (file.commit, len(file.content) > len(whole.content)) == (whole.commit, True)
    for key in list(store.receipts):
        del store.receipts[key]
    with pytest.raises(RequestError) as caught:
        certify(town, first, store)
    assert caught.value.code == "not_proven"


def test_receipts_for_another_root_do_not_count(town: Cluster) -> None:
    proposal = decide(town, range(4))
    town.run(2 * LINGER_MS)
    store = store_of(town, 0)
    for key, receipt in list(store.receipts.items()):
        other = replace(receipt.statement, root=b"x" * 32)
        store.receipts[key] = replace(receipt, statement=other)
    with pytest.raises(RequestError) as caught:
        certify(town, proposal, store)
    assert caught.value.code == "not_proven"
    assert "only 0 of the 3 receipts needed so far: none" in str(caught.value)


def test_end_of_an_epoch_without_a_quorum_is_named(town: Cluster) -> None:
    town.give(town.devices[3], Submit(Away()))
    town.run(1_000)
    proposal = decide(town, range(3))
    town.run(2 * LINGER_MS)
    ended = town.node(0).core.epoch.id

    def keeps(write: Write) -> bool:
        return not isinstance(write, SaveReceipt) or write.receipt.statement.next_epoch != ended

    with pytest.raises(RequestError) as caught:
        certify(town, proposal, store_of(town, 0, keeps))
    assert caught.value.code == "not_proven"
    assert "the end of epoch 0 has only 0 of the 3" in str(caught.value)


def test_open_proposal_has_no_certificate(town: Cluster) -> None:
    proposal, store = town.propose(0), store_of(town, 0)
    with pytest.raises(RequestError) as caught:
        certify(town, proposal, store)
    assert caught.value.code == "not_final"
    # Whoever asked for a number is answered with one, once there is one, and with the title.
    named = to_short("pro", proposal)
    assert caught.value.detail.startswith(f"{named} 'a title' is open; only what is final")
    assert caught.value.steps == (f"p2pnode explain {named}",)
    town.run(1_000)
    with pytest.raises(RequestError) as caught:
        certify(town, proposal, store_of(town, 0))
    assert caught.value.detail.startswith("#1 'a title' is open; only what is final")
    assert caught.value.steps == ("p2pnode explain 1",)
    with pytest.raises(UsageError) as unknown:
        certify(town, OpId(b"?" * 32), store)
    assert unknown.value.code == "unknown_proposal"


def test_what_this_node_never_had_is_named(town: Cluster) -> None:
    """A node that came in by a snapshot has no signed votes of before."""
    proposal = decide(town, range(4))
    town.run(2 * LINGER_MS)
    store = store_of(town, 0)
    vote = next(op for op in store.ops.values() if op.body.KIND == "vote")
    del store.ops[vote.id]
    with pytest.raises(RequestError) as caught:
        certify(town, proposal, store)
    assert caught.value.code == "not_kept"
    store = store_of(town, 0)
    store.saved_commits.clear()
    with pytest.raises(RequestError) as caught:
        certify(town, proposal, store)
    assert caught.value.code == "not_kept"
    assert "took over what was decided as a proven state" in caught.value.detail
    founders = town.node(0).core.state.charter.members
    others = [seat.name for seat in founders if seat.id != town.node(0).core.member]
    assert caught.value.steps
    assert all(name in " ".join(caught.value.steps) for name in others)


def test_text_that_is_not_held_is_left_out(town: Cluster) -> None:
    proposal = decide(town, range(4))
    town.run(2 * LINGER_MS)
    store = store_of(town, 0, lambda write: not isinstance(write, SaveText))
    assert check(town, certify(town, proposal, store)).title is None


def test_node_tells_when_a_commit_can_be_proved(town: Cluster) -> None:
    decide(town, range(4))
    town.run(2 * LINGER_MS)
    for place in range(4):
        node = town.node(place)
        (unproven,) = (one for one in node.writes if isinstance(one, SaveUnproven))
        assert node.noticed(CommitProven) == [CommitProven(unproven.statement.index)]


def test_writes_hold_what_a_certificate_needs(town: Cluster) -> None:
    """Of blocks only the ops are needed: they may come from either write."""
    proposal = decide(town, range(4))
    town.run(2 * LINGER_MS)
    for kind in (SaveOp, SaveBlock):
        store = store_of(town, 0, lambda write, kind=kind: not isinstance(write, kind))  # type: ignore[misc]
        assert check(town, certify(town, proposal, store)).proposal.id == proposal
