"""A seat or key that went while its node was cut off: nobody lets it in, so its log says nothing.

Rules: R5.7, R5.9. More than may lie have to say it for a minute, and no honest one may let it in.
"""

from __future__ import annotations

import hashlib

import pytest
from support.cores.authors import Authors
from support.cores.cluster import START_WALL_MS
from support.cores.dag import FakeSigner
from unit.protocols.own.test_fates import BLOB, MINUTE_MS, PHONE, TITLE, VICTIM, World

from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.messages.greeting import Refused
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import InviteAction, NoAction, RemoveAction
from p2pnode_protocols.record.bodies import AddDevice, Away, Join, Propose, Vote
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received, Submit
from p2pnode_protocols.steps.notices import OwnOpSettled
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs

LATER = Propose("tactical", TITLE, (), NoAction(), WallMs(0))


class Alone:
    """A node that is cut off, and whose op waits; peers answer its hello as a test says."""

    def __init__(self, n: int) -> None:
        self.town = Authors(n)
        self.town.connect()
        self.town.run(100)
        self.me = n - 1
        self.town.isolate(self.me)
        op = self.town.say(self.me, LATER, (BLOB,))
        assert op is not None
        self.op: OpId = op

    def refused_by(self, places: range, code: str = "not_a_member") -> None:
        device = self.town.devices[self.me]
        for place in places:
            other = self.town.devices[place]
            self.town.give(device, PeerUp(other))
            self.town.give(device, Received(other, Refused(code, "no seat has this key")))
            self.town.give(device, PeerDown(other))

    @property
    def fate(self) -> str:
        return self.town.fate(self.op)


@pytest.mark.parametrize(("n", "faults"), [(2, 0), (3, 0), (4, 1), (7, 2), (10, 3)])
def test_more_than_may_lie_have_to_say_so_for_a_minute(n: int, faults: int) -> None:
    alone = Alone(n)
    for _ in range(5):
        alone.refused_by(range(faults))
        alone.town.run(MINUTE_MS)
    assert alone.fate == "waits", "all of these may lie"
    alone.refused_by(range(faults, faults + 1))
    alone.town.run(MINUTE_MS - 1)
    alone.refused_by(range(faults + 1))
    assert alone.fate == "waits", "who is behind may say so for a while"
    alone.town.run(1)
    alone.refused_by(range(faults, faults + 1))
    assert alone.fate == "shut out and told"
    (told,) = alone.town.node(alone.me).noticed(OwnOpSettled)
    assert isinstance(told, OwnOpSettled)
    assert (told.op, told.code, told.index) == (alone.op, "shut_out", None)
    # It holds on, and nothing more is taken that would be lost like this.
    with pytest.raises(UsageError, match="do not let this device in") as caught:
        alone.town.give(alone.town.devices[alone.me], Submit(Away(), ()))
    assert caught.value.code == "not_a_member"
    alone.town.restart(alone.me)
    assert alone.fate == "shut out and told"


@pytest.mark.parametrize("code", ["not_a_member", "bad_invite", "invite_over"])
def test_whatever_is_wrong_with_its_hello_a_member_is_told(code: str) -> None:
    # Who has not been started since it joined still shows the invite it came by.
    alone = Alone(4)
    for _ in range(3):
        alone.refused_by(range(3), code)
        alone.town.run(MINUTE_MS)
    assert alone.fate == "shut out and told"


@pytest.mark.parametrize("code", ["bad_frame", "limit_rate", "wrong_community", "bad_signature"])
def test_refusals_for_anything_else_say_nothing_of_the_seat(code: str) -> None:
    alone = Alone(4)
    for _ in range(3):
        alone.refused_by(range(3), code)
        alone.town.run(MINUTE_MS)
    assert alone.fate == "waits"


@pytest.mark.parametrize("code", ["not_a_member", "bad_invite", "invite_over"])
def test_a_seat_is_doubted_at_one_word_until_honest_members_let_the_node_in(code: str) -> None:
    alone = Alone(4)
    core = alone.town.node(alone.me).core
    assert (core.own_seat.may_have_lost_seat, core.own_seat.surely_has_seat) == (False, False)
    alone.refused_by(range(1), code)
    assert (core.own_seat.may_have_lost_seat, core.own_seat.surely_has_seat) == (True, False)
    alone.town.heal(alone.me)
    alone.town.run(3 * MINUTE_MS)
    assert alone.fate == "counted"
    core = alone.town.node(alone.me).core
    assert (core.own_seat.may_have_lost_seat, core.own_seat.surely_has_seat) == (False, True)


def test_whose_key_went_is_never_sure_of_its_seat() -> None:
    world = World()
    world.town.isolate(VICTIM)
    world.key_taken_off()
    core = world.town.node(VICTIM).core
    assert core.member is not None
    assert not core.own_seat.surely_has_seat
    world.town.heal(VICTIM)
    for _ in range(3):
        world.town.run(MINUTE_MS)
        assert not core.own_seat.surely_has_seat
    assert core.own_seat.may_have_lost_seat


def test_words_about_a_carried_op_are_not_about_this_device() -> None:
    alone = Alone(4)
    alone.town.heal(alone.me)
    alone.town.run(100)
    device = alone.town.devices[alone.me]
    for _ in range(3):
        for other in alone.town.devices[:3]:
            alone.town.give(device, Received(other, Refused("not_a_member", "op vote by …")))
        alone.town.run(MINUTE_MS)
    alone.town.run(MINUTE_MS)
    assert alone.fate == "counted"


def test_who_is_let_in_by_an_honest_one_is_not_told_that_its_seat_is_gone() -> None:
    """Two liars and one who slept say no; the others let it in, and are no quorum for a while."""
    town = Authors(7)
    town.connect()
    town.run(100)
    device = town.devices[6]
    for place in range(3):
        town.isolate(place)
    op = town.say(6, LATER, (BLOB,))
    assert op is not None
    for _ in range(3):
        for other in town.devices[:3]:
            town.give(device, PeerUp(other))
            town.give(device, Received(other, Refused("not_a_member", "no")))
            town.give(device, PeerDown(other))
        town.run(40_000)
    assert town.fate(op) == "waits"
    for place in range(3):
        town.heal(place)
    town.run(MINUTE_MS)
    assert town.fate(op) == "counted"


def test_what_was_told_too_early_is_taken_back_and_told() -> None:
    alone = Alone(4)
    for _ in range(2):
        alone.refused_by(range(3))
        alone.town.run(MINUTE_MS)
    assert alone.fate == "shut out and told"
    alone.town.restart(alone.me)
    alone.town.heal(alone.me)
    alone.town.run(2 * MINUTE_MS)
    assert alone.fate == "counted"
    assert [one.code for one in alone.town.node(alone.me).noticed(OwnOpSettled)][-1] == "ok"
    later = alone.town.say(alone.me, LATER, (BLOB,), urgent=True)
    assert later is not None
    alone.town.run(1_000)
    assert alone.town.fate(later) == "counted"


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("hears", ["at once", "of both", "first of the one"])
def test_ops_said_while_the_key_was_off_its_seat_hold_up_none_after_it(
    hears: str, restarts: bool
) -> None:
    """A key is revoked and bound again; what it said in between has one end, what it says later
    is not stuck behind those nonces."""
    world = World()
    town = world.town
    town.isolate(VICTIM)
    said = world.say_all([LATER, Vote(world.asked, world.asked, "yes", None)])
    assert len(said) == 2
    world.key_taken_off()
    if hears != "of both":
        town.heal(VICTIM)
        town.run(3 * MINUTE_MS)
        assert [town.fate(one) for one in said] == ["shut out and told"] * 2
        if hears == "first of the one":
            town.isolate(VICTIM)
    if restarts:
        town.restart(VICTIM)
    device = town.devices[VICTIM]
    world.give_phone([AddDevice(device, world.bound(device))])
    town.heal(VICTIM)
    town.run(3 * MINUTE_MS)
    assert town.node(VICTIM).core.member == world.seat
    later = town.say(VICTIM, LATER, (BLOB,), urgent=True)
    assert later is not None
    town.run(2 * MINUTE_MS)
    assert town.fate(later) == "counted"
    fates = [town.fate(one) for one in said]
    assert "waits" not in fates
    assert device != PHONE


def test_who_comes_back_by_an_invite_is_not_held_up_by_what_was_said_before() -> None:
    """Removed while connected; most still refuse it, one knows of the invite already."""
    world = World()
    town = world.town
    world.removed()
    town.run(3 * MINUTE_MS)
    core, device = town.node(VICTIM).core, town.devices[VICTIM]
    assert core.member is None
    assert core.own_seat.shut_out() is None, "it knows why it is refused"
    with pytest.raises(UsageError, match="no decision of this community opened such an invite"):
        town.give(device, Submit(Join("x", PHONE, bytes(64)), ()))


@pytest.mark.parametrize("lost", [0, 1, 2, 70])
def test_join_of_who_was_removed_with_ops_unsent_is_carried(lost: int) -> None:
    """Nobody takes the ops said before; the join stands above them, and is due all the same."""
    town = Authors(4)
    town.connect()
    town.run(100)
    device, seat = town.devices[3], town.charter.members[3].id
    invite = DeviceKey(b"i" * 32)
    expires = WallMs(START_WALL_MS + town.now_ms + 3_600_000)
    for action in (RemoveAction(seat), InviteAction("x", invite, expires, 1)):
        proposal = town.propose_action(0, "constitutional", action)
        for place in range(3):
            town.vote(place, proposal, urgent=True)
        town.run(1_000)
        assert town.outcome(0, proposal) == "passed"
    state = town.node(0).core.state
    message = crypto.signed_message(crypto.TAG_JOIN, town.charter.community_id, device)
    join = sign_op(
        town.charter.community_id,
        seat,
        FakeSigner(device),
        state.next_nonce(device) + lost,
        WallMs(START_WALL_MS + town.now_ms),
        Join("x", invite, FakeSigner(invite).sign(message)),
    )
    town.tell(0, town.devices[1], Push(ops=(join,)))
    town.run(2_000)
    assert town.node(1).core.state.charter.member(seat) is not None
    made = len(town.node(0).own_blocks())
    town.run(MINUTE_MS)
    assert len(town.node(0).own_blocks()) == made, "nothing is due any more"


@pytest.mark.parametrize("heard", ["connected", "cut off"])
def test_join_that_lost_its_place_is_told(heard: str) -> None:
    """An invite for one is used by another while a joiner is cut off with its own join."""
    town = Authors(4)
    town.connect()
    town.run(100)
    invite = DeviceKey(b"i" * 32)
    expires = WallMs(START_WALL_MS + town.now_ms + 3_600_000)
    proposal = town.propose_action(0, "constitutional", InviteAction("x", invite, expires, 1))
    for place in range(4):
        town.vote(place, proposal, urgent=True)
    town.run(1_000)
    assert town.outcome(0, proposal) == "passed"
    places = [town.add_device(DeviceKey(bytes([one]) * 32), invite=invite) for one in (88, 89)]
    town.run(1_000)
    for place in places:
        assert town.node(place).core.state.roster.invites

    def join(place: int) -> Join:
        message = crypto.signed_message(
            crypto.TAG_JOIN, town.charter.community_id, town.devices[place]
        )
        return Join("x", invite, FakeSigner(invite).sign(message))

    late, early = places
    town.isolate(late)
    lost = town.say(late, join(late))
    taken = town.say(early, join(early))
    assert lost is not None
    assert taken is not None
    town.run(2_000)
    assert town.fate(taken) == "counted"
    if heard == "connected":
        town.heal(early)
    town.restart(late)
    town.heal(late)
    town.run(3 * MINUTE_MS)
    assert town.fate(lost) in {"refused and told", "shut out and told"}


def test_what_was_refused_before_a_device_was_bound_does_not_shut_it_out_afterwards() -> None:
    """It asks to be added, and is refused for as long as that takes: its seat is not lost."""
    town = Authors(4)
    town.connect()
    device = DeviceKey(hashlib.sha256(b"a restored device").digest())
    core = town.start(device, Restored(found_epoch(town.charter), (), (), (), (), 0)).core
    for _ in range(2):
        for other in town.devices[1:]:
            town.give(device, PeerUp(other))
            town.give(device, Received(other, Refused("not_a_member", "no seat has this key")))
            town.give(device, PeerDown(other))
        town.now_ms += MINUTE_MS + 1
    assert core.member is None
    assert not core.own_seat.refusals.any_of(core.epoch.committee.index)
