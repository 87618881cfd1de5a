"""Who waits is not kept waiting, from whichever device, and nobody can keep the others busy.

Rules: R5.2, R5.3, R5.8.
"""

from __future__ import annotations

import pytest
from support.cores.authors import Authors
from support.cores.dag import FakeSigner

from p2pnode_protocols.gossip.peers.hurries import Hurries
from p2pnode_protocols.messages.spreading import Hurry
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Body,
    Propose,
    Revise,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import HurryUp, Received
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, MonoMs, OpId, WallMs
from p2pnode_protocols.wire.limits import HURRIES_PER_MINUTE, MEMBERS

TITLE, BLOB = make_text(b"s" * 16, "a title")
PHONE = DeviceKey(b"p" * 32)
LINGER_MS = 60_000
SOON_MS = 1_500  # patience (R5.5) and some rounds


class World:
    """Four nodes, and a phone of the last one's seat, which makes no blocks."""

    def __init__(self) -> None:
        self.town = Authors(4)
        self.town.connect()
        self.town.run(100)
        seat = self.town.node(3).core.member
        assert seat is not None
        message = crypto.signed_message(crypto.TAG_BIND, self.town.charter.community_id, seat)
        self.town.say(3, AddDevice(PHONE, FakeSigner(PHONE).sign(message)))
        self.town.run(1_000)
        self.phone = self.town.add_device(PHONE)
        self.town.run(1_000)
        assert self.town.node(self.phone).core.member == seat
        self.asked = self.open(0)
        self.own = self.open(3)
        self.town.run(2 * LINGER_MS)

    def open(self, place: int) -> OpId:
        op = self.town.say(place, Propose("tactical", TITLE, (), NoAction(), WallMs(0)), (BLOB,))
        assert op is not None
        return op

    def bodies(self) -> dict[str, Body]:
        """Return what would linger."""
        return {
            "propose": Propose("tactical", TITLE, (), NoAction(), WallMs(0)),
            "vote": Vote(self.asked, self.asked, "no", None),
            "revise": Revise(self.own, TITLE, (), WallMs(0)),
            "withdraw": Withdraw(self.own, None),
        }

    def is_final(self, op: OpId | None) -> bool:
        assert op is not None
        return self.town.fate(op) == "counted"


KINDS = ("propose", "vote", "revise", "withdraw")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [3, 4], ids=["node", "phone"])
def test_what_is_waited_for_is_final_at_once_from_any_device(kind: str, place: int) -> None:
    world = World()
    op = world.town.say(place, world.bodies()[kind], (BLOB,), urgent=True)
    world.town.run(SOON_MS)
    assert world.is_final(op)


@pytest.mark.parametrize("place", [3, 4], ids=["node", "phone"])
def test_what_lingers_says_until_when_and_is_final_then(place: int) -> None:
    world = World()
    # A vote for yes by one of four decides nothing.
    op = world.town.say(place, Vote(world.asked, world.asked, "yes", None))
    assert op is not None
    core = world.town.node(place).core
    now = world.town.now(world.town.node(place)).wall_ms
    assert core.due_at(op) == now + LINGER_MS
    world.town.run(LINGER_MS - 10)
    assert not world.is_final(op)
    world.town.run(10 + SOON_MS)
    assert world.is_final(op)
    assert core.due_at(op) is None


@pytest.mark.parametrize("place", [3, 4], ids=["node", "phone"])
def test_hurrying_later_makes_all_final_that_was_said_here(place: int) -> None:
    world = World()
    said = [
        world.town.say(place, Vote(world.asked, world.asked, "yes", None)),
        world.open(place),
    ]
    world.town.run(1_000)
    world.town.give(world.town.devices[place], HurryUp())
    world.town.run(SOON_MS)
    assert [world.is_final(op) for op in said] == [True, True]


def away_from_all_but_node(world: World) -> None:
    """The phone reaches its seat's other device only, which has given its node key up."""
    world.town.say(3, SetNodeKey(None), urgent=True)
    world.town.run(SOON_MS)
    phone = world.town.devices[world.phone]
    world.town.isolate(world.phone)
    world.town.isolated.clear()
    for other in (0, 1, 2):
        world.town.isolated.add(other)
    world.town.heal(world.phone)
    world.town.isolated.clear()
    assert phone not in world.town.node(0).core.sync.peers.connected


def test_request_passes_through_devices_that_make_no_blocks() -> None:
    world = World()
    away_from_all_but_node(world)
    op = world.town.say(world.phone, Vote(world.asked, world.asked, "yes", None), urgent=True)
    world.town.run(SOON_MS)
    assert world.is_final(op)


def test_who_is_cut_off_when_it_asks_is_heard_when_it_is_back() -> None:
    world = World()
    world.town.isolate(world.phone)
    op = world.town.say(world.phone, Vote(world.asked, world.asked, "yes", None), urgent=True)
    world.town.run(SOON_MS)
    world.town.heal(world.phone)
    world.town.run(SOON_MS)
    assert world.is_final(op)


# --- bounds -----------------------------------------------------------------------------------


def hurried(world: World, place: int) -> int:
    return sum(1 for entry in world.town.node(place).core.pool if entry.urgent)


def ask(world: World, sender: DeviceKey, ops: list[OpId]) -> None:
    for start in range(0, len(ops), 64):
        world.town.give(
            world.town.devices[0], Received(sender, Hurry(tuple(ops[start : start + 64])))
        )


def test_budget_of_a_seat_is_used_up_and_comes_back_by_and_by() -> None:
    hurries, one, other = Hurries(), MemberId(b"a" * 32), MemberId(b"b" * 32)

    def take(member: MemberId, at_ms: int) -> int:
        return sum(hurries.take(member, MonoMs(at_ms)) for _ in range(10 * HURRIES_PER_MINUTE))

    assert take(one, 5) == HURRIES_PER_MINUTE
    assert take(one, 5) == 0
    assert take(other, 5) == HURRIES_PER_MINUTE
    assert take(one, 10_005) == HURRIES_PER_MINUTE // 6
    assert take(one, 3_600_000) == HURRIES_PER_MINUTE


def test_many_seats_that_came_and_went_take_no_room() -> None:
    hurries = Hurries()
    for number in range(4 * MEMBERS):
        assert hurries.take(MemberId(number.to_bytes(32)), MonoMs(number * 60_000))
    assert len(hurries) <= 2 * MEMBERS


def test_both_devices_of_a_seat_share_one_budget_and_nobody_else_pays() -> None:
    world = World()
    said = [
        world.town.say(1, Vote(world.asked, world.asked, "yes", None))
        for _ in range(3 * HURRIES_PER_MINUTE)
    ]
    world.town.run(2)
    ops = [one for one in said if one is not None]
    first, second = world.town.devices[3], PHONE
    half = HURRIES_PER_MINUTE // 2
    for sender, some in ((first, ops[:half]), (second, ops[half : 3 * half + 20])):
        ask(world, sender, some)
    assert hurried(world, 0) == HURRIES_PER_MINUTE
    ask(world, world.town.devices[2], ops[-3:])
    assert hurried(world, 0) == HURRIES_PER_MINUTE + 3, "another seat has its own"


def test_stranger_and_what_is_not_here_cost_nothing() -> None:
    world = World()
    core = world.town.node(0).core
    ask(world, world.town.devices[3], [OpId(bytes([n]) * 32) for n in range(200)])
    seat = world.town.node(3).core.member
    assert seat is not None
    now = world.town.now().mono_ms
    assert sum(core.hurrying._hurries.take(seat, now) for _ in range(99)) == HURRIES_PER_MINUTE
