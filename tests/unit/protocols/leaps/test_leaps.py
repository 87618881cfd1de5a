"""From one epoch to a later one by receipts and a snapshot: R7.17, R6.8."""

from __future__ import annotations

import pytest
from support.cores.leaping import (
    Leaping,
    asked,
    hello_of,
    leapt,
    make_town,
    same_state,
    store_of,
)

from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.gossip.leaping.leaps import FAR_BEHIND
from p2pnode_protocols.messages.leaps import Leap, Leapt
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose, Vote
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import PeerUp, Submit
from p2pnode_protocols.steps.notices import OpLeaptOver, ProposalDecided
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.steps.writes import SaveCommit, SaveReceipt, SaveText
from p2pnode_protocols.wire.ids import TextId, WallMs


@pytest.fixture
def town() -> Leaping:
    return make_town()


def test_newcomer_far_behind_leaps_and_goes_on_with_blocks(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    (leap,) = leapt(town, 3)
    assert leap.from_epoch == 0
    assert leap.to_epoch == town.node(0).core.epoch.number
    assert same_state(town, 0, 3)
    commits = [one.commit for one in town.node(3).writes if isinstance(one, SaveCommit)]
    assert commits, "the epoch's own blocks follow"
    assert min(one.index for one in commits) == leap.index + 1
    town.decide()
    assert same_state(town, 0, 3)


def test_what_was_decided_before_is_told_as_decided(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    decided = [one.proposal for one in town.node(3).notices if isinstance(one, ProposalDecided)]
    assert decided == [one.id for one in town.node(0).core.state.closed_proposals]


def test_newcomer_that_wants_every_commit_replays_them(town: Leaping) -> None:
    town.may_leap = False
    town.start(town.devices[3], Restored(found_epoch(town.charter), (), (), (), (), 0))
    town.connect()
    town.run(30_000)
    assert leapt(town, 3) == []
    assert same_state(town, 0, 3)
    commits = [one for one in town.node(3).writes if isinstance(one, SaveCommit)]
    assert commits[0].commit.index == 1


def test_newcomer_near_the_start_replays(town: Leaping) -> None:
    # Of an epoch or two the blocks are soon fetched, and then the whole log is here.
    fresh = Leaping(4)
    fresh.connect(fresh.devices[:3])
    fresh.decide()
    fresh.connect()
    fresh.run(3_000)
    assert fresh.node(0).core.epoch.number < FAR_BEHIND
    assert leapt(fresh, 3) == []
    assert same_state(fresh, 0, 3)


def test_member_that_was_away_replays_while_its_peers_have_the_blocks(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    town.cut_the_last_off()
    town.go_on()
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 1, "the one with which it came"
    assert same_state(town, 0, 3)


def test_member_that_was_away_leaps_when_nobody_has_the_blocks(town: Leaping) -> None:
    town.leave_the_last_behind()
    town.keep_epochs = 2
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 2
    assert same_state(town, 0, 3)


def test_leap_leads_as_far_as_receipts_prove_and_blocks_do_the_rest(town: Leaping) -> None:
    # When an epoch has just ended, some of its receipts are still under way.
    town.leave_the_last_behind()
    town.keep_epochs = 2
    number = town.node(0).core.epoch.number
    for place in range(3):
        node = town.node(place)
        node.writes = [
            one
            for one in node.writes
            if not isinstance(one, SaveReceipt)
            or one.receipt.statement.next_epoch != town.node(0).core.epoch.id
        ]
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert leapt(town, 3)[-1].to_epoch == number - 1
    assert same_state(town, 0, 3)


def test_op_that_a_leap_led_over_waits_for_nothing_more(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    late = town.devices[3]
    title, _ = make_text(b"o" * 16, "a title")
    step = town.give(late, Submit(Propose("implementation", title, (), NoAction(), WallMs(0))))
    assert step.accepted is not None
    op = step.accepted
    town.run(3)  # it is with the others
    town.cut_the_last_off()
    town.go_on()
    core = town.node(3).core
    assert op.id in core.pool
    town.keep_epochs = 2
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 2
    assert core.state.proposal(op.id) is not None
    assert op.id not in core.pool
    assert core.preview.pending_on(op.id) == ()
    assert town.node(3).noticed(OpLeaptOver) == [OpLeaptOver(op.id)]


def test_texts_that_are_here_are_not_asked_for_after_a_leap(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    held, lacking = (propose(town, place, bytes([place]) * 16) for place in (0, 1))
    town.tell(3, town.devices[0], Push(texts=(held[1],)))  # one came, one is still missing
    assert set(town.node(3).core.sync.texts.missing) >= {lacking[0]}
    assert held[0] not in town.node(3).core.sync.texts.missing
    town.cut_the_last_off()
    new = propose(town, 0, b"n" * 16)
    town.go_on()
    town.keep_epochs = 2
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 2
    missing = town.node(3).core.sync.texts.missing
    assert {lacking[0], new[0]} <= set(missing)
    assert held[0] not in missing


def test_reason_of_a_vote_that_a_leap_brought_goes_when_the_vote_is_replaced(
    town: Leaping,
) -> None:
    """Nobody has it any more then, so it would be asked for for ever (R10.24)."""
    town.connect()
    town.run(3_000)
    town.cut_the_last_off()
    proposal = town.propose(0)
    reason, blob = make_text(b"r" * 16, "because of the rain")
    town.give(town.devices[1], Submit(Vote(proposal, proposal, "aside", reason), (blob,), True))
    town.go_on()
    town.keep_epochs = 2
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 2
    assert reason.id in town.node(3).core.sync.texts.missing
    town.vote(1, proposal, urgent=True)
    town.run(5_000)
    assert reason.id not in town.node(1).core.sync.texts.missing
    assert reason.id not in town.node(3).core.sync.texts.missing
    town.node(3).writes.append(SaveText(reason.id, blob))  # it came too late
    assert store_of(town, 3).text(reason.id) is None


@pytest.mark.parametrize("is_final", [False, True])
def test_reason_that_was_missing_before_a_leap_over_what_replaced_its_vote_is_wanted_no_more(
    town: Leaping, is_final: bool
) -> None:
    """The vote came without it, and was replaced in what the leap led over: nobody has it."""
    town.connect()
    town.run(3_000)
    proposal = town.propose(0)
    town.run(5_000)
    reason, blob = make_text(b"r" * 16, "because of the rain")
    ballot = Vote(proposal, proposal, "aside", reason)
    vote = town.give(town.devices[1], Submit(ballot, (blob,), is_final)).accepted
    assert vote is not None
    town.cut_the_last_off()
    if is_final:
        town.cut.clear()
        town.run(5_000)
        town.cut_the_last_off()
    core = town.node(3).core
    town.tell(3, town.devices[0], Push(ops=(vote,)))
    if is_final:  # as if the text alone had been lost on the way
        core.sync.miss_text(reason, proposal, vote.author, vote.id)
    assert reason.id in core.sync.texts.missing
    town.vote(1, proposal, urgent=True)
    town.go_on()
    town.keep_epochs = 2
    town.cut.clear()
    town.connect()
    town.run(20_000)
    assert len(leapt(town, 3)) == 2
    assert reason.id not in core.sync.texts.missing


def propose(town: Leaping, place: int, salt: bytes) -> tuple[TextId, bytes]:
    """Open a proposal whose text is not sent with it; return the text."""
    title, blob = make_text(salt, "a title")
    body = Propose("implementation", title, (), NoAction(), WallMs(0))
    town.give(town.devices[place], Submit(body, (), True))
    town.run(5_000)
    return title.id, blob


def test_leap_survives_a_restart(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    device = town.devices[3]
    restored = store_of(town, 3).restore(device)
    assert restored is not None
    core = town.make_core(device, restored)
    assert core.final_root == town.node(3).core.final_root
    assert core.state.to_bytes() == town.node(3).core.state.to_bytes()


def test_who_leapt_can_show_others_the_way(town: Leaping) -> None:
    town.connect()
    town.run(3_000)
    assert store_of(town, 3).serve_leap(Leap(0, 0, None, 0)).total > 0


def test_parts_are_put_together(town: Leaping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.memory_store.PULL_BYTES", 1_000)
    monkeypatch.setattr("p2pnode_protocols.gossip.leaping.leaps.PULL_BYTES", 1_000)
    town.connect()
    town.run(3_000)
    assert len(leapt(town, 3)) == 1
    offsets = [
        one.message.offset
        for one in town.node(3).sends
        if isinstance(one, Send) and isinstance(one.message, Leap)
    ]
    assert offsets == list(range(0, 1_000 * len(offsets), 1_000))
    assert len(offsets) > 3


def test_peer_that_has_nothing_is_asked_once(town: Leaping) -> None:
    late, peer = town.devices[3], town.devices[0]
    town.give(late, PeerUp(peer))
    town.tell(3, peer, hello_of(town))
    town.tell(3, peer, Leapt(0, bytes(32), 0, 0, b""))
    town.answer_pull(3, peer)
    town.run_until(town.now_ms + 20_000)
    assert len(asked(town, 3, peer)) == 1
