"""Whoever was told "accepted" is told the end of it: all kinds of op, all ways to be refused.

One of five is cut off and says one op of each kind; meanwhile the others change what these
depend on, in each of the ways below. Rules: R5.7, R10.14.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.cores.authors import Authors, lively_charter
from support.cores.cluster import START_WALL_MS
from support.cores.dag import FakeSigner

from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Away,
    Back,
    Body,
    Leave,
    Propose,
    Revise,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Received
from p2pnode_protocols.steps.notices import LeaptOver
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs

TITLE, BLOB = make_text(b"s" * 16, "a title")
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
VICTIM = 4
PHONE = DeviceKey(b"p" * 32)
OTHER = DeviceKey(b"q" * 32)


class World:
    """Five nodes; what the victim's ops are about is final before it is cut off."""

    def __init__(self) -> None:
        charter = lively_charter(5)
        timing = replace(charter.timing, epoch_rounds=100)
        self.town = Authors(5, replace(charter, timing=timing))
        self.town.connect()
        self.town.run(100)
        self.seat = self.town.node(VICTIM).core.member
        assert self.seat is not None
        close_ms = WallMs(START_WALL_MS + self.town.now_ms + 10 * MINUTE_MS)
        self.asked = self.open(0, close_ms)
        self.own = self.open(VICTIM, close_ms)
        self.say_all([AddDevice(PHONE, self.bound(PHONE))])
        self.town.run(1_000)
        assert [self.town.fate(one) for one in self.town.said] == ["counted"] * 3

    def open(self, place: int, close_ms: int) -> OpId:
        body = Propose("tactical", TITLE, (), NoAction(), WallMs(close_ms))
        op = self.town.say(place, body, (BLOB,), urgent=True)
        assert op is not None
        self.town.run(1_000)
        return op

    def bound(self, device: DeviceKey) -> bytes:
        assert self.seat is not None
        message = crypto.signed_message(crypto.TAG_BIND, self.town.charter.community_id, self.seat)
        return FakeSigner(device).sign(message)

    def say_all(self, bodies: list[Body]) -> list[OpId]:
        said = [self.town.say(VICTIM, body, (BLOB,)) for body in bodies]
        return [one for one in said if one is not None]

    def bodies(self) -> dict[str, Body]:
        """Return one op of each kind that the victim's node accepts while it is cut off."""
        seat, other = self.seat, self.town.charter.members[1].id
        assert seat is not None
        soon = WallMs(START_WALL_MS + self.town.now_ms + 5 * MINUTE_MS)

        def ask(tier: str, action: Action, close_ms: int = 0) -> Propose:
            return Propose(tier, TITLE, (), action, WallMs(close_ms))

        return {
            "propose": ask("tactical", NoAction()),
            "propose for a while": ask("tactical", NoAction(), soon),
            "invite": ask("constitutional", InviteAction("x", OTHER, soon, 1)),
            "remove": ask("constitutional", RemoveAction(other)),
            "set_away": ask("constitutional", SetAwayAction(other, away=True)),
            "amend": ask("constitutional", AmendAction((("name", "renamed"),))),
            "rekey": ask("constitutional", RekeyAction(seat, OTHER, self.bound(OTHER))),
            "erase": ask("constitutional", EraseAction((TITLE.id,))),
            "vote": Vote(self.asked, self.asked, "yes", None),
            "revise": Revise(self.own, TITLE, (), WallMs(0)),
            "withdraw": Withdraw(self.own, None),
            "away": Away(),
            "back": Back(),
            "add_device": AddDevice(OTHER, self.bound(OTHER)),
            "revoke_device": RevokeDevice(PHONE),
            "set_node_key": SetNodeKey(PHONE),
            "leave": Leave(),
        }

    # --- what the others do meanwhile -----------------------------------------------------

    def decide(self, action: Action) -> None:
        proposal = self.town.propose_action(0, "constitutional", action)
        for place in range(4):
            self.town.vote(place, proposal, urgent=True)
        self.town.run(1_000)
        assert self.town.outcome(0, proposal) == "passed"

    def nothing(self) -> None:
        self.town.run(MINUTE_MS)

    def time_passes(self) -> None:
        self.town.run(MINUTE_MS)
        self.town.sleep(DAY_MS)
        self.town.run(MINUTE_MS)

    def decided(self) -> None:
        for proposal in (self.asked, self.own):
            for place in range(4):
                self.town.vote(place, proposal, urgent=True)
        self.town.run(1_000)

    def revised(self) -> None:
        self.town.say(0, Revise(self.asked, TITLE, (), WallMs(0)), (BLOB,), urgent=True)
        self.town.run(1_000)

    def removed(self) -> None:
        assert self.seat is not None
        self.decide(RemoveAction(self.seat))

    def amended(self) -> None:
        self.decide(AmendAction((("rules.max_open_per_member", 1),)))

    def shortened(self) -> None:
        self.decide(AmendAction((("rules.invite_max_ms", 60_000),)))

    def key_taken_off(self) -> None:
        self.give_phone([RevokeDevice(self.town.devices[VICTIM])])

    def said_elsewhere(self) -> None:
        """A copy of the victim's home signs as many ops with the same nonces."""
        device = self.town.devices[VICTIM]
        nonce = self.town.node(0).core.state.next_nonce(device)
        self.give_ops(device, nonce, [Vote(self.own, self.own, "no", None)] * 30)

    def give_phone(self, bodies: list[Body]) -> None:
        self.give_ops(PHONE, self.town.node(0).core.state.next_nonce(PHONE), bodies)

    def give_ops(self, device: DeviceKey, nonce: int, bodies: list[Body]) -> None:
        """Let the first node hear ops of a device of the victim's that is somewhere else."""
        assert self.seat is not None
        now = WallMs(START_WALL_MS + self.town.now_ms)
        community, signer = self.town.charter.community_id, FakeSigner(device)
        ops = tuple(
            sign_op(community, self.seat, signer, nonce + place, now, body)
            for place, body in enumerate(bodies)
        )
        self.town.give(self.town.devices[0], Received(self.town.devices[1], Push((), ops, ())))
        self.town.run(2 * MINUTE_MS)

    def epochs_pass(self) -> None:
        """So many epochs that the victim has to leap: their blocks are not kept."""
        self.town.keep_epochs = 1
        for turn in range(4):
            body = Away() if turn % 2 == 0 else Back()
            assert self.town.say(1, body) is not None
            self.town.run(MINUTE_MS)


CAUSES: dict[str, Callable[[World], None]] = {
    name: getattr(World, name)
    for name in (
        "nothing",
        "time_passes",
        "decided",
        "revised",
        "removed",
        "amended",
        "shortened",
        "key_taken_off",
        "said_elsewhere",
        "epochs_pass",
    )
}
# Said in one go: none of a group decides whether another may be said.
GROUPS: dict[str, tuple[str, ...]] = {
    "proposals": (
        "propose",
        "propose for a while",
        "invite",
        "remove",
        "set_away",
        "amend",
        "rekey",
        "erase",
    ),
    "about one": ("vote", "revise"),
    "its end": ("vote", "withdraw"),
    "devices": ("add_device", "revoke_device"),
    "node key": ("set_node_key",),
    "absence": ("away", "back"),
    "leaving": ("leave",),
    "all": (
        *("propose", "vote", "revise", "invite", "amend", "away", "add_device", "remove"),
        *("withdraw", "revoke_device", "propose for a while", "rekey", "leave"),
    ),
}


@pytest.mark.parametrize("cause", ["removed", "key_taken_off"])
@pytest.mark.parametrize("group", GROUPS)
def test_who_hears_that_its_seat_goes_is_told_of_its_ops_at_once(group: str, cause: str) -> None:
    """Connected all the time; but what it says does not get through before it is too late."""
    world = World()
    town, bodies = world.town, world.bodies()
    town.muted.add(town.devices[VICTIM])
    said = world.say_all([bodies[kind] for kind in GROUPS[group]])
    begin_ms = town.now_ms
    CAUSES[cause](world)
    if cause == "removed":
        assert town.now_ms - begin_ms < MINUTE_MS
    assert town.node(VICTIM).core.member is None
    assert {town.fate(one) for one in said} == {"refused and told"}
    assert town.node(VICTIM).core.own_seat.shut_out() is None, "it heard so itself"


SHOWN = {"propose", "propose for a while", "invite", "amend", "vote", "revise", "withdraw"}


@pytest.mark.parametrize(
    "kind", [*sorted(SHOWN), "away", "add_device", "revoke_device", "set_node_key"]
)
@pytest.mark.parametrize("restarts", [False, True])
def test_what_became_of_an_op_in_epochs_leapt_over_is_told(kind: str, restarts: bool) -> None:
    """It gets through, its author is cut off before it is final, and leaps over that place."""
    world = World()
    town = world.town
    op = town.say(VICTIM, world.bodies()[kind], (BLOB,), urgent=True)
    assert op is not None
    town.run(3)  # the others have it
    town.isolate(VICTIM)
    if restarts:
        town.restart(VICTIM)
    town.run(MINUTE_MS)
    assert town.node(0).core.state.next_nonce(town.devices[VICTIM]) > town.said[op].op.nonce
    world.epochs_pass()
    town.heal(VICTIM)
    town.run(2 * MINUTE_MS)
    assert town.node(VICTIM).noticed(LeaptOver)
    assert town.fate(op) == ("counted" if kind in SHOWN else "leapt over and told")
    town.restart(VICTIM)
    assert town.fate(op) == ("counted" if kind in SHOWN else "leapt over and told")


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("group", GROUPS)
def test_each_op_has_one_end_and_its_author_is_told(group: str, cause: str) -> None:
    world = World()
    bodies = world.bodies()
    world.town.isolate(VICTIM)
    said = world.say_all([bodies[kind] for kind in GROUPS[group]])
    assert said
    if len(group) % 2:
        world.town.restart(VICTIM)
    CAUSES[cause](world)
    world.town.heal(VICTIM)
    world.town.run(2 * MINUTE_MS)
    world.town.sleep(2 * DAY_MS)
    world.town.run(2 * MINUTE_MS)
    fates = [world.town.fate(one) for one in said]
    if cause == "nothing" and group not in {"all", "absence"}:
        assert fates == ["counted"] * len(said)
    assert "waits" not in fates, [(k, f) for k, f in zip(GROUPS[group], fates, strict=False)]
    before = world.town._store(world.town.node(VICTIM)).fates()
    world.town.restart(VICTIM)
    assert world.town._store(world.town.node(VICTIM)).fates() == before
    assert [world.town.fate(one) for one in said] == fates
