"""What this device has said: provisional, kept, offered again, settled; asking others to hurry."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.parts import Parts, text

from p2pnode_protocols.core.own.speaker import OWN_PUSH_FIRST_MS
from p2pnode_protocols.gossip.peers.refusals import SURE_MS
from p2pnode_protocols.messages.spreading import Hurry, Push
from p2pnode_protocols.record.bodies import Evidence
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.steps.notices import OwnOpSettled, ProposalChanged
from p2pnode_protocols.steps.writes import SaveFate, SaveOp, SaveText
from p2pnode_protocols.wire.errors import UsageError


@pytest.fixture
def parts() -> Parts:
    return Parts(4)


def say(parts: Parts, *, urgent: bool = False) -> Op:
    body, blob = parts.proposal()
    return parts.speaker.submit(Submit(body, (blob,), urgent=urgent))


def without_node(place: int = 0) -> Parts:
    """Return the parts of a device whose seat has its node elsewhere."""
    charter = Parts(4).charter
    members = list(charter.members)
    members[place] = replace(members[place], node_key=None)
    return Parts(4, place, replace(charter, members=tuple(members)))


def test_what_is_said_is_kept_shown_and_sent(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    op = say(parts)
    assert parts.wrote(SaveOp) == [SaveOp(op, own=True)]
    assert len(parts.wrote(SaveText)) == 1
    assert [one.ops for one in parts.told(Push, peer.device)] == [(op,)]
    assert parts.provisional.preview.proposal(op.id) is not None
    assert parts.noticed(ProposalChanged) == [ProposalChanged(op.id)]
    assert parts.own_ops.nonce == op.nonce == 1
    assert op.id in parts.own_ops.fates


def test_a_device_that_has_to_learn_says_nothing() -> None:
    parts = Parts(4, must_learn=True)
    with pytest.raises(UsageError, match="signs nothing"):
        say(parts)
    assert (parts.out.writes, len(parts.pool)) == ([], 0)


def test_what_no_block_carries_is_offered_again_later_each_time(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    op = say(parts)
    (first,) = parts.speaker.wake_times()
    assert first == OWN_PUSH_FIRST_MS
    parts.speaker.push_again()
    assert len(parts.told(Push)) == 1, "not yet"
    parts.wait(OWN_PUSH_FIRST_MS)
    parts.speaker.push_again()
    assert [one.ops for one in parts.told(Push, peer.device)] == [(op,), (op,)]
    (second,) = parts.speaker.wake_times()
    assert second - first > OWN_PUSH_FIRST_MS


def test_what_a_block_carries_is_not_offered_again(parts: Parts) -> None:
    parts.meet(parts.devices[1])
    op = say(parts)
    entry = parts.pool.get(op.id)
    assert entry is not None
    entry.carried = parts.ledger.epoch.made
    parts.wait(OWN_PUSH_FIRST_MS)
    parts.speaker.push_again()
    assert len(parts.told(Push)) == 1
    assert list(parts.speaker.wake_times()) == []


def test_nothing_to_accuse_anybody_of_says_nothing(parts: Parts) -> None:
    parts.speaker.accuse()
    assert parts.pool.of_kind(Evidence) == ()


def test_an_op_is_settled_once_and_what_counted_in_the_end_is_taken_back(parts: Parts) -> None:
    op = say(parts)
    parts.out.clear()
    parts.own_ops.tell_fate(op.id, "ok", 7, parts.now.wall_ms)
    assert parts.noticed(OwnOpSettled) == [], "it waited, and has an entry: that tells it"
    parts.own_ops.tell_fate(op.id, "ok", 7, parts.now.wall_ms)
    assert parts.noticed(OwnOpSettled) == [OwnOpSettled(op.id, "ok", 7)]
    assert len(parts.wrote(SaveFate)) == 1


def test_an_op_that_the_pool_lost_is_put_back(parts: Parts) -> None:
    op = say(parts)
    parts.pool.drop(op.id)
    parts.own_ops.review()
    assert op.id in parts.pool


def test_when_more_than_may_lie_keep_it_out_all_that_waits_is_told_as_lost(parts: Parts) -> None:
    op = say(parts)
    parts.out.clear()
    for seat in parts.members[1:3]:
        parts.own_seat.refusals.note(seat, "not_a_member", parts.now.mono_ms)
    parts.own_seat.tell_shut_out()
    assert parts.own_seat.may_have_lost_seat
    assert not parts.noticed(OwnOpSettled), "they may be behind"
    parts.wait(SURE_MS)
    for seat in parts.members[1:3]:
        parts.own_seat.refusals.note(seat, "not_a_member", parts.now.mono_ms)
    assert parts.own_seat.shut_out() == "not_a_member"
    parts.own_seat.tell_shut_out()
    assert [one.op for one in parts.noticed(OwnOpSettled)] == [op.id]
    with pytest.raises(UsageError):
        say(parts)


def test_one_honest_member_who_lets_it_in_is_enough_to_know_better(parts: Parts) -> None:
    for place in (1, 2):
        parts.meet(parts.devices[place], parts.status())
    assert not parts.own_seat.may_have_lost_seat
    assert parts.own_seat.surely_has_seat


def test_a_node_that_makes_blocks_asks_nobody_to_hurry(parts: Parts) -> None:
    parts.meet(parts.devices[1])
    say(parts, urgent=True)
    assert parts.told(Hurry) == []


def test_a_device_without_a_node_asks_all_but_who_asked_it() -> None:
    parts = without_node()
    for place in (1, 2):
        parts.meet(parts.devices[place])
    op = say(parts, urgent=True)
    assert [one.ops for one in parts.told(Hurry)] == [(op.id,)] * 2
    parts.out.clear()
    parts.hurrying.ask([op.id], parts.devices[1])
    assert parts.told(Hurry, parts.devices[1]) == []
    assert len(parts.told(Hurry, parts.devices[2])) == 1


def test_who_asks_to_hurry_too_often_waits_and_is_not_to_blame(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    ops = []
    for number in range(200):
        body, _blob = parts.proposal(f"no. {number}")
        op = parts.op(1, body, number + 1)
        parts.pool.add(op, op.author, parts.now.mono_ms)
        ops.append(op.id)
    parts.hurrying.on_hurry(peer, ops)
    hurried = [op for op in ops if parts.pool.is_urgent(op)]
    assert 0 < len(hurried) < len(ops)
    assert hurried == ops[: len(hurried)]


def test_what_is_ready_is_shown_once_a_commit_has_made_the_preview_stale(parts: Parts) -> None:
    body, _blob = parts.proposal()
    op = parts.op(1, body)
    parts.provisional.is_stale = True
    parts.pool.add(op, op.author, parts.now.mono_ms)
    parts.provisional.add(op)
    assert parts.provisional.preview.proposal(op.id) is None, "it is put together anew anyway"
    parts.provisional.refresh()
    assert parts.provisional.preview.proposal(op.id) is not None
    before = parts.provisional.preview
    parts.provisional.refresh()
    assert parts.provisional.preview is before


def test_a_preview_that_was_stale_at_a_start_is_put_together_anew_in_the_first_step(
    parts: Parts,
) -> None:
    parts.provisional.is_stale = True
    parts.provisional.renew()
    before = parts.provisional.preview
    parts.provisional.refresh()
    assert parts.provisional.preview is not before
    assert not parts.provisional.is_stale


def test_a_clock_that_is_set_back_is_looked_at_anew(parts: Parts) -> None:
    before = parts.provisional.preview
    assert parts.provisional.look(parts.now.wall_ms) == ()
    assert parts.provisional.preview is before
    parts.wait(1_000)
    parts.provisional.look(parts.now.wall_ms)
    parts.wait(-500)
    parts.provisional.look(parts.now.wall_ms)
    assert parts.provisional.preview is not before


def test_the_same_words_make_the_same_text() -> None:
    assert text("words") == text("words") != text("other words")
