"""The state as bytes: everything comes back, and a damaged snapshot is refused, not misread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.cores.dag import fake_verify
from support.cores.town import (
    DAY,
    NAMES,
    ROOT,
    Town,
    found,
    key_of,
    propose,
    reread,
    revise,
    text_of,
    withdraw,
)

from p2pnode_protocols.record.actions import AmendAction
from p2pnode_protocols.record.bodies import Away, Leave, Vote, Withdraw
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.seats.charter import founder_seat
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.turn.parking import REFUSED_KEPT, Parking
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import OpId
from p2pnode_protocols.wire.limits import MEMBERS, OPEN_PROPOSALS

LIMIT = 1 << 26


def busy_town() -> Town:
    """Return a town in whose state every part of a snapshot holds something."""
    town = Town(4)
    town.invite("secret", uses=2)
    town.commit(town.join("zoe", "secret"))
    town.commit(town.say("dave", Away()))
    town.commit(town.say("carol", Leave()))
    town.commit(town.join("late", "secret"), town.join("later", "secret"))  # one is turned away
    town.decide("constitutional", AmendAction((("tiers.tactical.threshold", [2, 3]),)))
    proposal = town.propose("alice", "strategic")
    town.commit(town.say("bob", Vote(proposal, proposal, "no", text_of("because"))))
    town.commit(town.say("alice", revise(proposal)))
    ended = town.propose("alice", "tactical")
    town.commit(town.say("alice", Withdraw(ended, text_of("never mind"))))
    town.say("bob", propose("tactical"))  # never in the log, so the next one waits
    nothing = OpId(b"n" * 32)
    town.commit(town.say("bob", propose("tactical")), town.say("alice", withdraw(nothing)))
    return town


def test_snapshot_gives_back_an_equal_state() -> None:
    town = busy_town()
    again = reread(town.state)
    assert again.to_bytes() == town.state.to_bytes()
    assert again.charter == town.state.charter
    assert again.epoch_charter == town.state.epoch_charter
    assert (again.epoch, again.time_ms) == (town.state.epoch, town.state.time_ms)
    assert again.community == town.state.community != again.charter.community_id
    assert again.invites == town.state.invites
    assert again.open_proposals == town.state.open_proposals
    assert list(again.waiting()) == list(town.state.waiting()) != []
    assert list(again.parked()) == list(town.state.parked()) != []
    assert again.next_due_ms() == town.state.next_due_ms()
    for proposal in again.proposal_ids:
        assert again.proposal(proposal) == town.state.proposal(proposal)


def test_restored_state_goes_on_like_the_one_that_was_never_stopped() -> None:
    town = busy_town()
    again = reread(town.state)
    open_one = town.state.open_proposals[-1]
    ops = [town.vote(name, open_one.id, "yes") for name in ("alice", "zoe")]
    result = town.commit(*ops)
    assert again.commit(ops, town.now, ROOT) == result
    assert again.to_bytes() == town.state.to_bytes()
    result = town.commit(after_ms=9 * DAY)
    assert again.commit([], town.now, ROOT) == result
    assert again.to_bytes() == town.state.to_bytes()


@pytest.mark.parametrize("place", range(8))
def test_snapshot_with_a_part_missing_or_of_another_kind_is_refused(place: int) -> None:
    town = busy_town()
    wire = decode(town.state.to_bytes(), LIMIT)
    assert isinstance(wire, list)
    closed = town.state.closed_proposals
    for part in ("damaged", [7], [[7, 7]]):
        with pytest.raises(PeerFault):
            State.read([*wire[:place], part, *wire[place + 1 :]], closed, fake_verify)
    with pytest.raises(PeerFault):
        State.read([*wire[:place], *wire[place + 1 :]], closed, fake_verify)


def test_snapshot_goes_with_its_closed_proposals_and_no_others() -> None:
    town = busy_town()
    wire = decode(town.state.to_bytes(), LIMIT)
    closed = town.state.closed_proposals
    assert len(closed) > 2
    changed = replace(closed[0], record=closed[1].record)
    swapped = (closed[1], closed[0], *closed[2:])
    for wrong in (closed[:-1], (changed, *closed[1:]), swapped):
        with pytest.raises(PeerFault, match="closed proposals that it counts"):
            State.read(wire, wrong, fake_verify)
    again = State.read(wire, (*closed, closed[0]), fake_verify)  # a later one does no harm
    assert again.to_bytes() == town.state.to_bytes()


def test_snapshot_that_lost_an_open_proposal_is_refused() -> None:
    town = busy_town()
    wire = decode(town.state.to_bytes(), LIMIT)
    assert isinstance(wire, list)
    proposals = wire[-1]
    assert isinstance(proposals, list)
    still_open, *rest = proposals
    with pytest.raises(PeerFault, match="numbered"):
        State.read([*wire[:-1], [still_open[:-1], *rest]], town.state.closed_proposals, fake_verify)


@pytest.mark.parametrize(
    "damage",
    [
        lambda wire: [*wire[:7], [b"short"], *wire[8:]],  # electorate
        lambda wire: [*wire[:10], [], *wire[11:]],  # no revision
        lambda wire: [*wire[:11], "won", *wire[12:]],  # outcome
        lambda wire: [*wire[:13], [[1, 2], True, "moon", [1, 2]], *wire[14:]],  # rule's base
    ],
)
def test_damaged_proposal_record_is_refused(damage: Callable[[list[Value]], Value]) -> None:
    town = Town(2)
    record = town.proposal(town.propose("alice", "tactical")).to_bytes()
    wire = decode(record, LIMIT)
    assert isinstance(wire, list)
    with pytest.raises(PeerFault):
        Proposal.from_bytes(encode(damage(wire)))


def test_memory_of_refused_proposals_is_bounded() -> None:
    parking = Parking()
    named = [OpId(b"%032d" % i) for i in range(REFUSED_KEPT + 1)]
    for one in named:
        parking.refuse(one)
    assert [parking.is_refused(named[0]), parking.is_refused(named[1])] == [False, True]


def test_seats_are_bounded_and_the_invite_is_kept() -> None:
    seats = [founder_seat(f"m{i}", key_of(f"m{i}")) for i in range(MEMBERS - 1)]
    charter = found(1)
    town = Town(charter.with_members([*charter.members, *seats]))
    town.invite("secret", uses=2)
    joins = [town.join("zoe", "secret"), town.join("yan", "secret")]
    assert [town.state.may_author(one) for one in joins] == ["not_allowed", "not_allowed"]
    assert town.commit(*joins).taken == ()
    assert town.state.invites[0].uses_left == 2


def test_open_proposals_are_bounded_in_all() -> None:
    town = Town(found(2).amended([("rules.max_open_per_member", OPEN_PROPOSALS)]))
    ops = [town.say(NAMES[0], propose("tactical")) for _ in range(OPEN_PROPOSALS)]
    assert town.codes(*ops) == ["ok"] * OPEN_PROPOSALS
    assert town.codes(town.say(NAMES[1], propose("tactical"))) == ["too_many_open"]
