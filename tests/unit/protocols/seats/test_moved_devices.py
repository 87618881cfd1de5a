"""Whatever a device signed before it came to a seat, it speaks there; all it said has an end.

It comes to one by `add_device`, by a decided `rekey` or by a join. What it had signed for another
seat, or to join, may have reached nobody, nodes that forgot it, or the log. What it says for its
seat waits for no nonce that lacks for ever.

Rules: R2.10, R2.23, R5.7, R10.14.
"""

from __future__ import annotations

import pytest
from support.cores.authors import Authors
from support.cores.cluster import START_WALL_MS
from support.cores.dag import FakeSigner

from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import (
    Action,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
)
from p2pnode_protocols.record.bodies import AddDevice, Join, Propose, RevokeDevice
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Received
from p2pnode_protocols.steps.writes import SaveCommit
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, OpId, WallMs

TITLE, BLOB = make_text(b"s" * 16, "a title")
SOMETHING = Propose("tactical", TITLE, (), NoAction(), WallMs(0))
MINUTE, DAY = 60_000, 86_400_000
PHONE, INVITE = DeviceKey(b"p" * 32), DeviceKey(b"i" * 32)
GIVER, TAKER = 3, 2  # whose seat the device had, and who gives it one


class World:
    """Five members, all there; and a device that has been, or tried to be, something else."""

    def __init__(self) -> None:
        self.town = Authors(5)
        self.town.connect()
        self.town.run(100)
        self.place = -1
        self.lost: list[OpId] = []

    def seat(self, place: int) -> MemberId:
        return crypto.compute_member_id(self.town.devices[place])

    @property
    def device(self) -> DeviceKey:
        return self.town.devices[self.place]

    def bound(self, device: DeviceKey, place: int) -> bytes:
        message = crypto.signed_message(
            crypto.TAG_BIND, self.town.charter.community_id, self.seat(place)
        )
        return FakeSigner(device).sign(message)

    def say(self, place: int, count: int) -> list[OpId]:
        said = [self.town.say(place, SOMETHING, (BLOB,), urgent=True) for _ in range(count)]
        return [op for op in said if op is not None]

    def decide(self, action: Action) -> None:
        proposal = self.town.propose_action(0, "constitutional", action)
        for place in set(range(5)) - self.town.isolated - {self.place}:
            self.town.vote(place, proposal, urgent=True)
        self.town.run(2_000)
        if isinstance(action, RekeyAction):
            self.town.sleep(3 * DAY)
            self.town.run(MINUTE)
        assert self.town.outcome(0, proposal) == "passed"

    def join(self, device: DeviceKey, key: DeviceKey = INVITE) -> Join:
        message = crypto.signed_message(crypto.TAG_JOIN, self.town.charter.community_id, device)
        return Join("Vera", key, FakeSigner(key).sign(message))

    def invite(self, key: DeviceKey, uses: int = 3) -> None:
        expires = WallMs(START_WALL_MS + self.town.now_ms + 20 * DAY)
        self.decide(InviteAction("x", key, expires, uses))

    # --- what the device was before -----------------------------------------------------

    def phone_heard(self, count: int) -> None:
        """A further device of a seat says something offline, and hears that it was revoked."""
        self.phone_unheard(count)
        self.town.heal(self.place)
        self.town.run(3 * MINUTE)
        self.town.isolate(self.place)

    def phone_unheard(self, count: int) -> None:
        self.place = self.town.add_device(PHONE)
        self.town.say(GIVER, AddDevice(PHONE, self.bound(PHONE, GIVER)))
        self.town.run(5_000)
        assert len(self.say(self.place, 1)) == 1
        self.town.run(3_000)
        self.town.isolate(self.place)
        self.lost = self.say(self.place, count)
        self.town.say(GIVER, RevokeDevice(PHONE))
        self.town.run(MINUTE)

    def phone_carried(self, count: int) -> None:
        """One node has heard what the phone said, and a member revokes it at once."""
        self.place = self.town.add_device(PHONE)
        self.town.say(GIVER, AddDevice(PHONE, self.bound(PHONE, GIVER)))
        self.town.run(5_000)
        self.town.isolate(self.place)
        self.lost = self.say(self.place, count)
        self.town.say(GIVER, RevokeDevice(PHONE))
        self.town.heal(self.place)
        self.town.run(MINUTE)

    def joiner(self, count: int) -> None:
        """A new device asks to join, again and again; nobody hears of it."""
        self.invite(INVITE)
        self.place = self.town.add_device(PHONE, invite=INVITE)
        self.town.run(2_000)
        self.town.isolate(self.place)
        said = [self.town.say(self.place, self.join(PHONE)) for _ in range(count)]
        self.lost = [op for op in said if op is not None]

    def removed(self, count: int) -> None:
        """A removed member's first device, which had said something offline."""
        self.place = GIVER
        self.town.isolate(GIVER)
        self.lost = self.say(GIVER, count)
        self.decide(RemoveAction(self.seat(GIVER)))
        self.town.heal(GIVER)
        self.town.run(3 * MINUTE)

    # --- how it comes to a seat -----------------------------------------------------------

    def add_device(self) -> MemberId:
        self.town.say(TAKER, AddDevice(self.device, self.bound(self.device, TAKER)))
        self.town.run(2_000)
        return self.seat(TAKER)

    def add_again(self) -> MemberId:
        """Added, taken off before it can say anything, and added again."""
        self.add_device()
        self.town.say(TAKER, RevokeDevice(self.device))
        self.town.run(2_000)
        return self.add_device()

    def add_to_two(self) -> MemberId:
        """Added to one seat, where it speaks offline, and then to another."""
        self.town.say(1, AddDevice(self.device, self.bound(self.device, 1)))
        self.town.run(2_000)
        self.town.heal(self.place)
        self.town.run(3 * MINUTE)
        self.town.isolate(self.place)
        self.lost += self.say(self.place, 2)
        self.town.say(1, RevokeDevice(self.device))
        self.town.run(2_000)
        return self.add_device()

    def rekey(self) -> MemberId:
        signature = self.bound(self.device, TAKER)
        self.decide(RekeyAction(self.seat(TAKER), self.device, signature))
        return self.seat(TAKER)

    def join_anew(self) -> MemberId:
        key = DeviceKey(b"j" * 32)
        self.invite(key)
        self.town.admit(self.place, key)
        self.town.restart(self.place)
        self.town.heal(self.place)
        self.town.run(5_000)
        said = self.town.say(self.place, self.join(self.device, key), urgent=True)
        assert said or self.town.node(self.place).core.member, "what it asked for first counted"
        self.town.run(5_000)
        return crypto.compute_member_id(self.device)

    def entries(self, op: OpId) -> list[str]:
        writes = self.town.node(0).writes
        commits = [one.commit for one in writes if isinstance(one, SaveCommit)]
        return [code for commit in commits for id_, code in commit.entries if id_ == op]


BEFORE = ("phone_heard", "phone_unheard", "phone_carried", "joiner", "removed")
ROUTES = ("add_device", "add_again", "add_to_two", "rekey", "join_anew")


@pytest.mark.parametrize(
    ("count", "restarts"), [(1, False), (3, True)], ids=["one runs on", "three restarts"]
)
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("before", BEFORE)
def test_a_device_speaks_for_its_seat_whatever_it_signed_before(
    before: str, route: str, count: int, restarts: bool
) -> None:
    world = World()
    town = world.town
    getattr(world, before)(count)
    assert len(world.lost) == count
    seat = getattr(world, route)()
    town.heal(world.place)
    town.run(3 * MINUTE)
    assert town.node(world.place).core.member == seat
    if restarts:
        town.restart(world.place)
        town.run(MINUTE)
    later = world.say(world.place, 2)
    town.run(10 * MINUTE)
    assert [world.entries(op) for op in later] == [["ok"], ["ok"]]
    assert [town.fate(op) for op in later] == ["counted", "counted"]
    town.restart(world.place)
    town.run(MINUTE)
    for op in world.lost:
        assert town.fate(op) != "waits"
        assert world.entries(op) in ([], ["not_a_member"], ["already_member"]) or (
            town.fate(op) == "counted"  # it reached them before the key was taken off
        )


@pytest.mark.parametrize("restarts", [False, True], ids=["runs on", "restarts"])
def test_a_join_that_came_too_late_is_told_and_holds_nothing_up(restarts: bool) -> None:
    """Two race for one place, in one commit: of the loser's join the log keeps nothing."""
    world = World()
    town = world.town
    world.invite(INVITE, uses=1)
    devices = [DeviceKey(letter * 32) for letter in (b"f", b"p")]
    places = [town.add_device(one, invite=INVITE) for one in devices]
    town.run(2_000)
    town.muted.update(devices)
    joins = [
        town.say(place, world.join(device), urgent=True)
        for place, device in zip(places, devices, strict=True)
    ]
    ops = tuple(town.said[op].op for op in joins if op is not None)
    town.give(town.devices[0], Received(town.devices[1], Push((), ops, ())))
    town.run(5_000)
    town.muted.clear()
    ends = [world.entries(op.id) for op in ops]
    assert sorted(ends) == [[], ["ok"]], "one seat for two"
    loser = ends.index([])
    world.place = places[loser]
    assert town.fate(ops[loser].id) == "refused and told"
    if restarts:
        town.restart(world.place)
    assert town.fate(ops[loser].id) == "refused and told"
    world.add_device()
    town.run(2 * MINUTE)
    (later,) = world.say(world.place, 1)
    town.run(5 * MINUTE)
    assert town.fate(later) == "counted"
