"""What one seat makes others keep is charged by what it takes on their disks: R10.24.

State only, over every kind of op: what the log and the snapshot grow by, over what the seat was
charged. The store keeps what a commit takes: its ops, its entries, the records that close.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner
from support.cores.town import (
    DAY,
    Town,
    found,
    key_of,
    parts_of,
    propose,
    revise,
    text_of,
    withdraw,
)

from p2pnode_protocols.record.actions import AmendAction
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Away,
    Back,
    Body,
    Evidence,
    Join,
    Leave,
    Propose,
    RevokeDevice,
    SetNodeKey,
    Vote,
)
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.seats.terms import LEAST_BYTES_PER_DAY
from p2pnode_protocols.record.turn.budget import compute_bytes
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs
from p2pnode_protocols.wire.limits import OP_BYTES, WAITING_BYTES_PER_SEAT, WAITING_PER_DEVICE

SHARE = 2 * LEAST_BYTES_PER_DAY
SAID = 6 * SHARE  # bytes of ops
NOTHING = OpId(b"n" * 32)
JUNK = Evidence(b"e" * 10_000, bytes(64), b"f" * 10_000, bytes(64))


def small(charter_of: int = 10) -> Town:
    charter = found(charter_of)
    return Town(replace(charter, rules=replace(charter.rules, bytes_per_day=SHARE)))


class Growth:
    """What `bob` says, and what it makes of a town's log and snapshot."""

    def __init__(self) -> None:
        self.town = small()
        self.proposal = self.town.propose("alice", "strategic")
        self.logged = 0
        self.before = len(self.town.state.to_bytes())

    def commit(self, *ops: Op) -> None:
        """Commit ops at one time: nothing of a share fills up again."""
        result = self.town.commit(*ops, after_ms=0)
        self.logged += sum(len(op.wire) for op in result.ops)
        self.logged += len(encode([list(pair) for pair in result.entries]))
        self.logged += sum(len(one.record) for one in result.decided)

    @property
    def grown(self) -> int:
        return self.logged + len(self.town.state.to_bytes()) - self.before


def added(town: Town, device: str) -> AddDevice:
    content = crypto.signed_message(crypto.TAG_BIND, town.state.community, town.id_of("bob"))
    return AddDevice(key_of(device), FakeSigner(key_of(device)).sign(content))


def bodies(growth: Growth, number: int) -> dict[str, Body]:
    """Return one op of each kind and outcome, as a liar repeats it."""
    title = text_of("t")
    amend = AmendAction((("rules.none", "y" * 23_000),))
    return {
        "opened and lapsed at once": Propose(
            "implementation", title, (), propose("implementation").action, WallMs(1)
        ),
        "opened": propose("strategic"),
        "opening refused": Propose("none", title, (), amend, WallMs(0)),
        "vote": Vote(growth.proposal, growth.proposal, "no", None),
        "vote on nothing": Vote(NOTHING, NOTHING, "no", None),
        "revision refused": revise(growth.proposal),
        "withdrawal refused": withdraw(growth.proposal),
        "away or refused": Away(),
        "back or refused": Back(),
        "key bound and revoked": added(growth.town, "phone")
        if number % 2
        else RevokeDevice(key_of("phone")),
        "key bound at most": added(growth.town, f"phone {number}"),
        "revocation refused": RevokeDevice(key_of("nobody")),
        "node key or refused": SetNodeKey(None if number % 2 else key_of("bob")),
        "evidence refused": JUNK,
        "join of a member": Join("bob", key_of("no invite"), bytes(64)),
    }


KINDS = tuple(bodies(Growth(), 0))


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_op_makes_the_log_and_the_snapshot_grow_beyond_two_shares(kind: str) -> None:
    growth, number, said = Growth(), 0, 0
    while said < SAID:
        ops = []
        for _ in range(50):
            number += 1
            ops.append(growth.town.say("bob", bodies(growth, number)[kind]))
        said += sum(len(op.wire) for op in ops)
        growth.commit(*ops)
    assert growth.grown <= 2.5 * SHARE
    growth.town.state.begin_epoch()
    assert len(growth.town.state.to_bytes()) - growth.before <= 2 * SHARE


def test_what_is_said_in_the_name_of_another_takes_of_the_own_share() -> None:
    """Else whoever makes blocks could use up everybody's share."""
    town = small()
    alice, bob = town.id_of("alice"), key_of("bob")
    before = town.state.bytes_left(alice, town.now)
    for nonce in range(1, 60):
        body = Vote(NOTHING, NOTHING, "no", text_of("r" * 30_000))
        op = sign_op(town.state.community, alice, FakeSigner(bob), nonce, town.now, body)
        town.commit(op, after_ms=0)
    assert town.state.bytes_left(alice, town.now) == before
    assert town.state.bytes_left(town.id_of("bob"), town.now) < LEAST_BYTES_PER_DAY


def for_alice(town: Town, name: str) -> Op:
    good = town.join(name, "secret")
    alice = town.id_of("alice")
    return sign_op(
        town.state.community, alice, FakeSigner(good.device), good.nonce, town.now, good.body
    )


SECRETS: dict[str, Callable[[Town], object]] = {
    "open": lambda town: town.invite("secret", uses=2, lasts_ms=20 * DAY),
    "used up": lambda town: (
        town.invite("secret", lasts_ms=20 * DAY),
        town.enter(town.join("eve", "secret")),
    ),
    "expired": lambda town: (town.invite("secret", lasts_ms=DAY), town.commit(after_ms=2 * DAY)),
}
JOINERS: dict[str, Callable[[Town, int], Op]] = {
    "a fresh key": lambda town, number: town.join(f"guest {number}", "secret"),
    "a fresh key with a bad name": lambda town, number: town.join(
        f"guest {number}", "secret", calls="zo\u202ee"
    ),
    "a fresh key for another seat": lambda town, number: for_alice(town, f"guest {number}"),
    "one key, with each nonce": lambda town, number: town.join("frank", "secret"),
    "one key, with a bad name": lambda town, number: town.join("frank", "secret", calls=" "),
    "a key that had a seat": lambda town, number: town.join("carol", "secret", calls=" "),
    "a seat that was given away": lambda town, number: town.join("carol", "secret"),
}


@pytest.mark.parametrize("how", SECRETS)
@pytest.mark.parametrize("who", JOINERS)
def test_who_knows_the_secret_of_an_invite_puts_nothing_on_the_disk_but_its_seats(
    how: str, who: str
) -> None:
    """Open, used up or over: what the log keeps for it is a join for each seat, and no more."""
    town = small(3)
    SECRETS[how](town)
    town.enter(town.say("carol", Leave()))
    left = 0 if how != "open" else 2
    for _ in range(3):  # days
        before = len(town.state.to_bytes())
        ops = [JOINERS[who](town, number) for number in range(300)]
        result = town.commit(*ops, after_ms=DAY)
        joined = [one for one, code in result.entries if code == "ok"]
        left -= len(joined)
        assert left >= 0
        rest = [op for op in result.taken if op.id not in joined]
        seats = [town.state.charter.by_device(op.device) for op in rest]
        assert None not in seats, "it pays for itself what it says as a member"
        assert rest or len(town.state.to_bytes()) <= before + 1_000 * len(joined)
        passed_over = {op.id for op in ops} - {op.id for op in result.taken}
        assert not any(town.state.is_new(op) for op in ops if op.id in passed_over)


# --- what waits for an earlier nonce ----------------------------------------------------------


def early(town: Town, device: DeviceKey, ahead: int, size: int) -> Op:
    body = Propose("none", text_of("t"), (), AmendAction((("x", "y" * size),)), WallMs(0))
    bob, nonce = town.id_of("bob"), town.state.next_nonce(device) + ahead
    return sign_op(town.state.community, bob, FakeSigner(device), nonce, town.now, body)


def test_what_waits_for_a_nonce_is_charged_and_bounded_for_the_whole_seat() -> None:
    town = Town(10)
    keys = [key_of(f"phone {number}") for number in range(15)]
    for number in range(15):
        assert town.enter(town.say("bob", added(town, f"phone {number}"))) == "ok"
    before, left = len(town.state.to_bytes()), town.state.bytes_left(town.id_of("bob"), town.now)
    for ahead in range(1, WAITING_PER_DEVICE):
        town.commit(*(early(town, key, ahead, 23_000) for key in keys), after_ms=0)
    kept = list(town.state.waiting())
    assert OP_BYTES < sum(len(op.wire) for op in kept) <= WAITING_BYTES_PER_SEAT
    assert len(town.state.to_bytes()) - before <= WAITING_BYTES_PER_SEAT + 2_000
    charged = sum(compute_bytes(op, 10) for op in kept)
    assert left - town.state.bytes_left(town.id_of("bob"), town.now) - charged in range(-9, 9)


def test_what_has_waited_is_not_charged_again() -> None:
    town = small()
    bob = key_of("bob")
    second, first = early(town, bob, 1, 200), early(town, bob, 0, 200)
    town.commit(second, after_ms=0)
    left = town.state.bytes_left(town.id_of("bob"), town.now)
    result = town.commit(first, after_ms=0)
    assert [op.id for op in result.ops] == [first.id, second.id]
    charged = left - town.state.bytes_left(town.id_of("bob"), town.now)
    assert abs(charged - compute_bytes(first, 10)) <= 9


def test_what_cannot_be_paid_does_not_wait() -> None:
    town = small()
    while town.state.bytes_left(town.id_of("bob"), town.now) > 3 * OP_BYTES:
        assert town.codes(town.say("bob", propose("none", JUNK_ACTION)), after_ms=0)
    for ahead in range(1, 5):
        town.commit(early(town, key_of("bob"), ahead, 23_000), after_ms=0)
    assert len(list(town.state.waiting())) <= 1


JUNK_ACTION = AmendAction((("x", "y" * 20_000),))


# --- who is not hurt --------------------------------------------------------------------------


def use_up(town: Town, name: str) -> None:
    while town.enter(town.say(name, propose("none", JUNK_ACTION)), after_ms=0) != "limit_bytes":
        pass


def test_with_nothing_left_a_key_can_be_revoked_and_the_seat_given_up() -> None:
    town = small()
    assert town.enter(town.say("bob", added(town, "stolen"))) == "ok"
    use_up(town, "bob")
    assert town.enter(town.say("bob", RevokeDevice(key_of("stolen"))), after_ms=0) == "ok"
    assert town.enter(town.say("bob", Away()), after_ms=0) == "ok"
    assert town.enter(town.say("bob", Back()), after_ms=0) == "ok"
    assert town.enter(town.say("bob", SetNodeKey(None)), after_ms=0) == "ok"
    assert town.enter(town.say("bob", Leave()), after_ms=0) == "ok"


def test_beyond_two_shares_the_log_takes_nothing_and_a_day_later_it_does_again() -> None:
    town = small()
    use_up(town, "bob")
    while town.codes(town.say("bob", propose("none", JUNK_ACTION), nonce=0), after_ms=0):
        pass
    used = town.state.next_nonce(key_of("bob"))
    town.commit(after_ms=2 * DAY)
    again = sign_op(
        town.state.community,
        town.id_of("bob"),
        FakeSigner(key_of("bob")),
        used,
        town.now,
        propose("strategic"),
    )
    assert town.enter(again, after_ms=0) == "ok"


def test_an_ordinary_day_of_the_largest_community_is_far_from_a_share() -> None:
    """Ten questions with long texts, thirty votes with reasons of a page."""
    town = Town(10)
    ask = town.say("alice", replace(propose("strategic"), parts=parts_of("x" * 20_000)))
    vote = town.say("alice", Vote(NOTHING, NOTHING, "yes", text_of("y" * 3_000)))
    day = 10 * compute_bytes(ask, 256) + 30 * compute_bytes(vote, 256)
    assert day * 30 < town.state.charter.rules.bytes_per_day
