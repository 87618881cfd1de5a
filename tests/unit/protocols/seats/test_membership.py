"""Seats in the finalized state: invites, joins, away and back, leaving, device keys.

Rules: R2.5, R2.6, R6.1, R6.5, R10.13, R10.14, R10.15, R10.19.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner
from support.cores.town import DAY, HOUR, MINUTE, ROOT, SECOND, Town, bind, found, key_of, propose

from p2pnode_protocols.record.actions import InviteAction, RemoveAction, SetAwayAction
from p2pnode_protocols.record.bodies import Away, Back, Leave, RevokeDevice, SetNodeKey
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.seats.charter import Member
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import MAX_NONCE, DeviceKey, MemberId, WallMs
from p2pnode_protocols.wire.limits import DEVICES, WAITING_PER_DEVICE


def names(town: Town) -> list[str]:
    return sorted(seat.name for seat in town.state.charter.members)


def seat_of(town: Town, name: str) -> Member:
    seat = town.state.charter.member(town.id_of(name))
    assert seat is not None
    return seat


# --- invites and joins --------------------------------------------------------------------


def test_invite_lets_its_holder_take_a_seat() -> None:
    town = Town(2)
    proposal = town.invite("secret")
    assert proposal.effect == "done"
    result = town.commit(town.join("zoe", "secret"))
    assert [code for _, code in result.entries] == ["ok"]
    assert (result.charter_changed, result.ends_epoch) == (True, True)
    zoe = seat_of(town, "zoe")
    assert zoe.id == crypto.compute_member_id(key_of("zoe"))
    assert (zoe.devices, zoe.node_key, zoe.away) == ((key_of("zoe"),), key_of("zoe"), False)


def test_invite_ends_with_its_uses() -> None:
    town = Town(1)
    town.invite("secret", uses=2)
    assert town.codes(town.join("yan", "secret"), town.join("zoe", "secret")) == ["ok", "ok"]
    late = town.join("xia", "secret")
    assert town.commit(late).taken == ()
    assert town.state.may_author(late) == "invite_over"
    assert names(town) == ["alice", "yan", "zoe"]


def test_invite_ends_with_its_expiry() -> None:
    town = Town(1)
    town.invite("secret", lasts_ms=HOUR)
    op = town.join("zoe", "secret")
    assert town.state.may_author(op) == "ok"
    assert town.commit(op, after_ms=HOUR).taken == ()
    assert town.state.may_author(op) == "invite_over"


def test_joiner_who_came_too_late_joins_with_a_new_invite() -> None:
    town = Town(1)
    town.invite("first", lasts_ms=MINUTE)
    late = town.join("zoe", "first")
    assert town.commit(late, after_ms=HOUR).entries == ()
    assert town.state.next_nonce(key_of("zoe")) == 1, "nothing is kept of it"
    town.invite("second")
    assert town.codes(town.join("zoe", "second")) == ["ok"]
    assert names(town) == ["alice", "zoe"]


def test_invite_signature_must_name_the_joining_key() -> None:
    town = Town(1)
    town.invite("secret")
    good = town.join("zoe", "secret").body
    stolen = town.say("mallory", good)
    assert town.state.may_author(stolen) == "bad_signature"
    assert town.codes(stolen) == [], "anybody can name an invite"
    assert names(town) == ["alice"]


def test_joiner_takes_a_seat_of_the_own_key_only() -> None:
    town = Town(1)
    town.invite("secret")
    good = town.join("zoe", "secret")
    alice = town.id_of("alice")
    op = sign_op(town.state.community, alice, FakeSigner(good.device), 1, town.now, good.body)
    assert town.state.may_author(op) == "not_a_member"
    assert town.commit(op).taken == ()


@pytest.mark.parametrize("name", ["", "zo\u202ee"])
def test_invite_is_named_readably(name: str) -> None:
    town = Town(1)
    action = InviteAction(name, key_of("secret"), WallMs(town.now + DAY), 1)
    assert town.codes(town.say("alice", propose("constitutional", action))) == ["bad_field"]


@pytest.mark.parametrize(("lasts_ms", "code"), [(HOUR, "bad_field"), (HOUR + 1, "ok")])
def test_invite_that_ends_before_it_can_be_decided_is_refused(lasts_ms: int, code: str) -> None:
    tier = replace(found().tier("constitutional"), min_open_ms=HOUR)
    town = Town(found(2, constitutional=tier))
    ends = WallMs(town.now + SECOND + lasts_ms)
    action = InviteAction("zoe", key_of("secret"), ends, 1)
    assert town.enter(town.say("alice", propose("constitutional", action))) == code


def test_stranger_without_an_invite_is_not_even_an_entry() -> None:
    town = Town(1)
    op = town.join("zoe", "never decided")
    assert town.commit(op, town.say("mallory", propose("tactical"))).entries == ()
    assert town.state.may_author(op) == "bad_invite"
    assert not town.state.knows(op), "it may come again once the invite is decided"


def test_member_does_not_join_twice() -> None:
    town = Town(1)
    town.invite("secret", uses=3)
    town.commit(town.join("zoe", "secret"))
    assert town.codes(town.join("zoe", "secret")) == ["already_member"]
    assert town.state.invites[0].uses_left == 2


@pytest.mark.parametrize(
    ("calls", "becomes"),
    [("ALICE", "ALICE 2"), ("zoe", "zoe"), ("a" * 80, "a" * 80), ("Álice", "Álice")],
)
def test_joiner_whose_name_is_taken_gets_a_number(calls: str, becomes: str) -> None:
    town = Town(1)
    town.invite("secret")
    assert town.codes(town.join("zoe", "secret", calls=calls)) == ["ok"]
    assert becomes in names(town)


def test_numbered_names_stay_within_the_limit_and_distinct() -> None:
    town = Town(1)
    town.invite("secret", uses=3)
    town.commit(*(town.join(who, "secret", calls="z" * 80) for who in ("x", "y", "q")))
    assert names(town) == ["alice", "z" * 78 + " 2", "z" * 78 + " 3", "z" * 80]


@pytest.mark.parametrize("calls", ["", " zoe", "zo\u202ee", "zoe\n"])
def test_name_that_hides_something_is_refused_and_the_invite_kept(calls: str) -> None:
    town = Town(1)
    town.invite("secret")
    good = town.join("zoe", "secret")
    body = replace(good.body, name=calls)  # type: ignore[type-var]
    hiding = town.say("zoe", body, nonce=9)
    assert town.state.may_author(hiding) == "bad_field"
    assert town.commit(hiding).taken == ()
    assert town.codes(town.join("zoe", "secret", nonce=10)) == ["ok"]


@pytest.mark.parametrize(("lasts_ms", "code"), [(-SECOND, "invite_over"), (31 * DAY, "bad_field")])
def test_invite_must_last_a_sensible_time(lasts_ms: int, code: str) -> None:
    town = Town(1)
    action = InviteAction("zoe", key_of("secret"), WallMs(town.now + lasts_ms), 1)
    assert town.codes(town.say("alice", propose("constitutional", action))) == [code]


def test_two_invites_with_one_key_open_one() -> None:
    town = Town(1)
    action = InviteAction("zoe", key_of("secret"), WallMs(town.now + DAY), 1)
    first = town.propose("alice", "constitutional", action)
    second = town.propose("alice", "constitutional", action)
    town.commit_votes(first, alice="yes")
    town.commit_votes(second, alice="yes")
    assert (town.proposal(first).effect, town.proposal(second).effect) == ("done", "bad_invite")
    assert len(town.state.invites) == 1


def test_join_needs_no_particular_first_nonce() -> None:
    town = Town(1)
    town.invite("secret")
    assert town.codes(town.join("zoe", "secret", nonce=7)) == ["ok"]
    assert town.state.next_nonce(key_of("zoe")) == 8


# --- away and back ------------------------------------------------------------------------


def test_away_takes_the_node_off_the_committee_and_keeps_the_vote() -> None:
    town = Town(3)
    result = town.commit(town.say("carol", Away()))
    assert result.ends_epoch
    assert len(town.state.charter.committee) == 2
    proposal = town.propose("alice", "strategic")
    town.commit_votes(proposal, alice="yes", bob="yes", carol="yes")
    assert town.outcome(proposal) == "passed"


def test_away_is_rate_limited_and_back_never() -> None:
    town = Town(3)
    interval_ms = town.state.charter.rules.away_interval_ms  # 10 min
    assert town.codes(town.say("carol", Away())) == ["ok"]
    assert town.codes(town.say("carol", Back())) == ["ok"]
    code, words = town.refusal("carol", Away())
    assert code == "away_too_often"
    assert "has gone away 1 s ago; once in 10 min is allowed" in words
    assert words.endswith("again in 9 min 59 s")
    assert town.codes(town.say("carol", Away())) == ["away_too_often"]
    assert town.codes(town.say("carol", Away()), after_ms=interval_ms) == ["ok"]


def test_away_twice_and_back_from_nowhere_are_refused() -> None:
    town = Town(3)
    assert town.codes(town.say("carol", Back())) == ["not_allowed"]
    assert town.codes(town.say("carol", Away()), town.say("carol", Away())) == [
        "ok",
        "not_allowed",
    ]


def test_last_node_cannot_go_away() -> None:
    town = Town(2)
    ops = [town.say("alice", Away()), town.say("bob", Away())]
    assert town.codes(*ops) == ["ok", "not_allowed"]
    assert len(town.state.charter.committee) == 1


def test_decision_sends_a_silent_node_away_and_it_comes_back() -> None:
    town = Town(3)
    town.decide("constitutional", SetAwayAction(town.id_of("carol"), away=True))
    assert seat_of(town, "carol").away
    assert town.codes(town.say("carol", Back())) == ["ok"]
    assert town.codes(town.say("carol", Away())) == ["away_too_often"]


def test_decision_brings_a_node_back() -> None:
    town = Town(3)
    town.commit(town.say("carol", Away()))
    town.decide("constitutional", SetAwayAction(town.id_of("carol"), away=False))
    assert not seat_of(town, "carol").away


def test_decision_to_empty_the_committee_passes_without_effect() -> None:
    town = Town(3)
    bob = town.propose("alice", "constitutional", SetAwayAction(town.id_of("bob"), away=True))
    town.commit(town.say("alice", Away()), town.say("carol", Away()))
    town.commit_votes(bob, alice="yes", carol="yes")
    assert (town.outcome(bob), town.proposal(bob).effect) == ("passed", "not_allowed")
    assert not seat_of(town, "bob").away


# --- leaving and removal ------------------------------------------------------------------


def test_leave_gives_up_the_seat_and_keeps_the_name_for_the_record() -> None:
    town = Town(3)
    carol = town.id_of("carol")
    assert town.commit(town.say("carol", Leave())).ends_epoch
    assert names(town) == ["alice", "bob"]
    assert town.state.roster.name_of(carol) == "carol"
    assert town.codes(town.say("carol", propose("tactical"))) == ["not_a_member"]


def test_last_member_cannot_leave() -> None:
    town = Town(1)
    assert town.codes(town.say("alice", Leave())) == ["not_allowed"]


def test_last_node_cannot_leave() -> None:
    town = Town(2)
    town.commit(town.say("bob", Away()))
    assert town.codes(town.say("alice", Leave())) == ["not_allowed"]


def test_member_who_left_comes_back_by_an_invite() -> None:
    town = Town(2)
    town.commit(town.say("bob", Leave()))
    town.invite("secret")
    assert town.codes(town.join("bob", "secret", nonce=2)) == ["ok"]
    assert names(town) == ["alice", "bob"]


@pytest.mark.parametrize("lost", [1, 2, WAITING_PER_DEVICE, WAITING_PER_DEVICE + 9])
def test_join_of_who_comes_back_does_not_wait_for_what_the_log_never_got(lost: int) -> None:
    town = Town(3)
    town.decide("constitutional", RemoveAction(town.id_of("carol")))
    unsent = [town.say("carol", propose("tactical")) for _ in range(lost)]
    join = town.join("carol", "secret")
    assert not town.state.is_new(join), "nobody decided that invite"
    assert town.commit(join).taken == ()
    town.invite("secret")
    assert town.state.is_new(join)
    assert town.codes(join) == ["ok"]
    assert names(town) == ["alice", "bob", "carol"]
    assert town.commit(*unsent).taken == (), "their nonces have gone"
    assert town.codes(town.say("carol", propose("tactical"))) == ["ok"]


def test_ops_from_before_leaving_do_not_count_again() -> None:
    town = Town(2)
    old = town.say("bob", propose("tactical"))
    town.commit(old)
    town.commit(town.say("bob", Leave()))
    town.invite("secret")
    town.commit(town.join("bob", "secret", nonce=3))
    assert town.commit(old).entries == ()


def test_removal_of_nobody_is_refused() -> None:
    town = Town(2)
    nobody = RemoveAction(MemberId(b"n" * 32))
    assert town.codes(town.say("alice", propose("constitutional", nobody))) == ["unknown_member"]


def test_removal_of_one_who_left_meanwhile_passes_without_effect() -> None:
    town = Town(3)
    proposal = town.propose("alice", "constitutional", RemoveAction(town.id_of("carol")))
    town.commit(town.say("carol", Leave()))
    town.commit_votes(proposal, alice="yes", bob="yes")
    assert (town.outcome(proposal), town.proposal(proposal).effect) == ("passed", "unknown_member")


# --- device keys --------------------------------------------------------------------------


def test_second_device_votes_for_the_same_seat_and_ends_no_epoch() -> None:
    town = Town(3)
    result = town.commit(town.say("carol", bind(town, "carol", "phone")))
    assert (result.charter_changed, result.ends_epoch) == (True, False)
    proposal = town.propose("carol", "strategic")
    town.commit_votes(proposal, carol="yes")
    phone = town.vote("carol", proposal, "no").body
    assert town.codes(town.say("carol", phone, device="phone")) == ["ok"]
    assert town.proposal(proposal).tally.no == 1, "one seat, one vote: the later one"


def test_new_device_must_agree() -> None:
    town = Town(3)
    for_bob = bind(town, "bob", "phone")
    assert town.codes(town.say("carol", for_bob)) == ["bad_signature"]


def test_device_belongs_to_one_seat() -> None:
    town = Town(3)
    town.commit(town.say("carol", bind(town, "carol", "phone")))
    assert town.codes(town.say("bob", bind(town, "bob", "phone"))) == ["already_member"]
    assert town.codes(town.say("bob", bind(town, "bob", "carol"))) == ["already_member"]


def test_device_does_not_sign_for_another_seat() -> None:
    town = Town(3)
    assert town.codes(town.say("bob", propose("tactical"), device="carol")) == ["not_a_member"]


def test_devices_of_a_seat_are_bounded() -> None:
    town = Town(1)
    ops = [town.say("alice", bind(town, "alice", f"d{i}")) for i in range(DEVICES)]
    assert town.codes(*ops) == ["ok"] * (DEVICES - 1) + ["not_allowed"]


def test_revoked_device_says_nothing_more_and_its_old_ops_stay_old() -> None:
    town = Town(2)
    town.commit(town.say("bob", bind(town, "bob", "phone")))
    old = town.say("bob", propose("tactical"), device="phone")
    town.commit(old)
    result = town.commit(town.say("bob", RevokeDevice(key_of("phone"))))
    assert not result.ends_epoch
    assert town.codes(town.say("bob", propose("tactical"), device="phone")) == []
    town.commit(town.say("bob", bind(town, "bob", "phone")))
    assert town.commit(old).entries == ()


def test_devices_added_and_revoked_leave_nothing_behind() -> None:
    """A member can bind and revoke any number of keys, one after the other."""
    town = Town(2)
    sizes = []
    for number in range(40):
        town.commit(town.say("bob", bind(town, "bob", f"phone {number}")))
        assert town.codes(town.say("bob", RevokeDevice(key_of(f"phone {number}")))) == ["ok"]
        sizes.append(len(town.state.to_bytes()))
    assert sizes[-1] - sizes[2] < 8, "but for counters that grow"


def test_device_that_comes_back_counts_on_where_no_revoked_device_has_been() -> None:
    town = Town(2)
    old = []
    for number in range(3):
        town.commit(town.say("bob", bind(town, "bob", f"phone {number}")))
        for _ in range(number + 1):
            nonce = town.state.next_nonce(key_of(f"phone {number}"))
            body = RevokeDevice(key_of("nobody"))
            old.append(town.say("bob", body, device=f"phone {number}", nonce=nonce))
            assert town.codes(old[-1]) == ["not_allowed"]
        town.commit(town.say("bob", RevokeDevice(key_of(f"phone {number}"))))
    assert [one.nonce for one in old] == [1, 2, 3, 4, 5, 6]
    for number in range(3):
        town.commit(town.say("bob", bind(town, "bob", f"phone {number}")))
        assert town.state.next_nonce(key_of(f"phone {number}")) == 7
    assert town.commit(*old).entries == ()


def test_key_that_joined_is_remembered_when_it_has_left() -> None:
    town = Town(3)
    town.invite("secret", uses=2)
    join = town.join("guest", "secret")
    assert town.codes(join) == ["ok"]
    assert town.codes(town.say("guest", Leave())) == ["ok"]
    assert town.codes(join) == [], "the invite has a seat left, and is not taken anew"
    assert town.codes(town.join("guest", "secret")) == ["ok"]


def test_late_join_of_any_nonce_leaves_other_devices_room_to_count() -> None:
    town = Town(3)
    town.invite("secret")
    assert town.codes(town.join("guest", "secret")) == ["ok"]
    assert town.commit(town.join("phone 0", "secret", nonce=MAX_NONCE)).taken == ()
    town.commit(town.say("bob", bind(town, "bob", "phone 0")))
    town.commit(town.say("bob", RevokeDevice(key_of("phone 0"))))
    town.commit(town.say("bob", bind(town, "bob", "phone 1")))
    assert town.codes(town.say("bob", propose("tactical"), device="phone 1")) == ["ok"]


def test_revoking_the_node_key_takes_the_node_off_the_committee() -> None:
    town = Town(2)
    town.commit(town.say("bob", bind(town, "bob", "phone")))
    result = town.commit(town.say("bob", RevokeDevice(key_of("bob")), device="phone"))
    assert result.ends_epoch
    assert seat_of(town, "bob").node_key is None
    assert len(town.state.charter.committee) == 1
    new = town.commit(town.say("bob", SetNodeKey(key_of("phone")), device="phone"))
    assert new.ends_epoch
    assert len(town.state.charter.committee) == 2


def test_last_device_and_foreign_keys_cannot_be_revoked() -> None:
    town = Town(2)
    assert town.codes(
        town.say("bob", RevokeDevice(key_of("bob"))), town.say("bob", RevokeDevice(key_of("alice")))
    ) == ["not_allowed", "not_allowed"]


@pytest.mark.parametrize("device", ["bob", "alice", "unknown"])
def test_node_key_is_another_of_the_own_devices(device: str) -> None:
    town = Town(2)
    assert town.codes(town.say("bob", SetNodeKey(key_of(device)))) == ["not_allowed"]


def test_node_key_changes_are_rate_limited() -> None:
    town = Town(2)
    town.commit(town.say("bob", bind(town, "bob", "phone")))
    assert town.codes(town.say("bob", SetNodeKey(key_of("phone")))) == ["ok"]
    assert town.codes(town.say("bob", SetNodeKey(key_of("bob")))) == ["away_too_often"]


def test_only_node_cannot_be_switched_off() -> None:
    town = Town(1)
    assert town.codes(town.say("alice", SetNodeKey(None))) == ["not_allowed"]


def test_gate_lets_devices_of_members_speak_and_nobody_else() -> None:
    town = Town(2)
    assert town.state.may_author(town.say("bob", propose("tactical"))) == "ok"
    assert town.state.may_author(town.say("bob", propose("tactical"), device="zoe")) == (
        "not_a_member"
    )
    assert town.state.may_author(town.say("mallory", propose("tactical"))) == "not_a_member"


def test_charter_of_the_epoch_changes_only_when_an_epoch_begins() -> None:
    town = Town(found(2))
    town.state.commit([town.say("bob", Away())], WallMs(town.now + SECOND), ROOT)
    assert len(town.state.epoch_charter.committee) == 2
    town.state.begin_epoch()
    assert len(town.state.epoch_charter.committee) == 1
    assert town.state.epoch == 1
    assert town.state.epoch_charter.by_device(DeviceKey(bytes(32))) is None
