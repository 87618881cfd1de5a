"""A seat gets a new key by decision, texts are erased by decision: R10.21, R10.22."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner
from support.cores.town import DAY, HOUR, Town, key_of, propose, reread, text_of

from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import EraseAction, RekeyAction
from p2pnode_protocols.record.bodies import AddDevice, RevokeDevice, Vote
from p2pnode_protocols.record.seats.charter import Member
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.steps.writes import SaveErased, SaveText
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import MemberId, OpId, TextId

OBJECTION_MS = 3 * DAY


def rekey(town: Town, name: str, device: str = "new laptop", *, by: str = "") -> RekeyAction:
    message = crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of(name))
    signature = FakeSigner(key_of(by or device)).sign(message)
    return RekeyAction(town.id_of(name), key_of(device), signature)


def seat_of(town: Town, name: str) -> Member:
    seat = town.state.charter.member(town.id_of(name))
    assert seat is not None
    return seat


def propose_rekey(town: Town) -> OpId:
    """Open the question of a new key for alice; everybody else agrees at once."""
    proposal = town.propose("bob", "constitutional", rekey(town, "alice"))
    town.commit(*(town.vote(name, proposal, "yes") for name in ("bob", "carol", "dave", "erin")))
    return proposal


def test_seat_gets_the_new_key_after_the_time_for_objections() -> None:
    town = Town(5)
    proposal = propose_rekey(town)
    town.commit(after_ms=OBJECTION_MS - HOUR)
    assert town.outcome(proposal) == "open"
    result = town.commit(after_ms=2 * HOUR)
    assert town.outcome(proposal) == "passed"
    assert result.ends_epoch
    seat = seat_of(town, "alice")
    assert (seat.devices, seat.node_key) == ((key_of("new laptop"),), key_of("new laptop"))
    assert town.enter(town.say("alice", propose("tactical"))) == "not_a_member"
    assert town.enter(town.say("alice", propose("tactical"), device="new laptop")) == "ok"


def test_old_key_objects_and_the_seat_stays_as_it_was() -> None:
    town = Town(5)
    proposal = propose_rekey(town)
    town.commit(town.vote("alice", proposal, "no"))
    assert town.outcome(proposal) == "rejected"
    assert seat_of(town, "alice").devices == (key_of("alice"),)
    again = reread(town.state).proposal(proposal)
    assert again is not None
    assert again.outcome == "rejected"


def test_objection_shows_at_once_in_the_provisional_view() -> None:
    town = Town(5)
    proposal = propose_rekey(town)
    view = town.view(proposal, town.vote("alice", proposal, "no"))
    assert (view.outcome, view.grade) == ("rejected", "provisional")


def test_no_of_somebody_else_is_one_vote_like_any() -> None:
    town = Town(6)
    proposal = town.propose("bob", "constitutional", rekey(town, "alice"))
    votes = [town.vote(name, proposal, "yes") for name in ("bob", "carol", "dave", "frank")]
    town.commit(town.vote("erin", proposal, "no"), *votes)
    town.commit(after_ms=OBJECTION_MS)
    assert town.outcome(proposal) == "passed"


def test_four_can_give_one_of_them_a_new_key_though_its_old_one_says_nothing() -> None:
    town = Town(4)
    proposal = town.propose("bob", "constitutional", rekey(town, "alice"))
    town.commit(*(town.vote(name, proposal, "yes") for name in ("bob", "carol", "dave")))
    town.commit(after_ms=OBJECTION_MS)
    assert town.outcome(proposal) == "passed"


def test_time_for_objections_cannot_be_cut_short_by_an_early_close() -> None:
    town = Town(5)
    proposal = town.propose("bob", "constitutional", rekey(town, "alice"), close_ms=town.now + HOUR)
    assert town.proposal(proposal).close_ms >= town.proposal(proposal).opened_ms + OBJECTION_MS


@pytest.mark.parametrize(
    ("name", "device", "by", "code"),
    [
        ("alice", "bob", "", "already_member"),
        ("alice", "new laptop", "mallory", "bad_signature"),
    ],
)
def test_key_must_be_new_and_agree(name: str, device: str, by: str, code: str) -> None:
    town = Town(5)
    action = rekey(town, name, device, by=by)
    assert town.refusal("bob", propose("constitutional", action))[0] == code


def test_seat_must_exist() -> None:
    town = Town(5)
    action = replace(rekey(town, "alice"), member=MemberId(b"n" * 32))
    assert town.refusal("bob", propose("constitutional", action))[0] == "unknown_member"


def test_rekey_belongs_to_the_tier_that_decides_on_members() -> None:
    town = Town(5)
    assert town.refusal("bob", propose("tactical", rekey(town, "alice")))[0] == "not_allowed"


def test_key_that_found_a_seat_meanwhile_changes_nothing() -> None:
    town = Town(5)
    proposal = propose_rekey(town)
    message = crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of("alice"))
    signature = FakeSigner(key_of("new laptop")).sign(message)
    town.commit(town.say("alice", AddDevice(key_of("new laptop"), signature)))
    town.commit(after_ms=OBJECTION_MS)
    assert town.proposal(proposal).effect == "already_member"
    assert seat_of(town, "alice").node_key == key_of("alice")
    assert town.enter(town.say("alice", RevokeDevice(key_of("new laptop")))) == "ok"


# --- erasing --------------------------------------------------------------------------------


def test_erased_texts_are_remembered_with_the_decision() -> None:
    town = Town(5)
    private = text_of("private").id
    result_texts = (private, text_of("more").id)
    decided = town.decide("constitutional", EraseAction(result_texts))
    assert (decided.outcome, decided.effect) == ("passed", "done")
    assert town.state.erased_by(private) == decided.id
    assert town.state.erased_by(text_of("kept").id) is None
    assert reread(town.state).erased_by(private) == decided.id


def test_a_text_erased_twice_was_erased_by_the_first_decision() -> None:
    town = Town(5)
    private = text_of("private").id
    first = town.decide("constitutional", EraseAction((private,)))
    town.decide("constitutional", EraseAction((private,)))
    assert town.state.erased_by(private) == first.id


def erase(cluster: Cluster, text: TextId) -> None:
    proposal = cluster.propose_action(0, "constitutional", EraseAction((text,)))
    for place in range(len(cluster.devices)):
        cluster.vote(place, proposal, urgent=True)
    cluster.run(3_000)
    assert cluster.outcome(0, proposal) == "passed"


def test_every_node_forgets_an_erased_text_and_takes_it_from_nobody() -> None:
    four = Cluster(4)
    four.connect()
    proposal = four.propose(0)
    reason, blob = make_text(b"s" * 16, "private")
    step = four.give(four.devices[0], Submit(Vote(proposal, proposal, "yes", reason), (blob,)))
    assert step.accepted is not None
    four.run(1_000)
    erase(four, reason.id)
    for place in range(4):
        assert SaveErased(reason.id) in four.node(place).writes
    writes = len(four.node(1).writes)
    four.tell(1, four.devices[0], Push(ops=(step.accepted,), texts=(blob,)))
    assert not [one for one in four.node(1).writes[writes:] if isinstance(one, SaveText)]


def test_a_text_that_never_came_is_not_asked_for_once_it_is_erased() -> None:
    four = Cluster(4)
    four.connect()
    proposal = four.propose(0)
    reason, _blob = make_text(b"s" * 16, "private")
    four.give(four.devices[0], Submit(Vote(proposal, proposal, "yes", reason)))
    four.run(1_000)
    assert reason.id in four.node(1).core.sync.texts.missing
    erase(four, reason.id)
    for place in range(4):
        assert reason.id not in four.node(place).core.sync.texts.missing
