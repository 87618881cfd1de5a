"""What a joiner is told of those who do not let it in: by name, once names are known here."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from support.cores.dag import FakeSigner
from support.cores.town import DAY, Town, key_of

from p2pnode.community.events import Bus
from p2pnode.community.joining import Progress, other_name, take_seat
from p2pnode.community.links import JoinLink
from p2pnode.community.participation import trouble_at
from p2pnode.net import HUNG_UP
from p2pnode_protocols.record.actions import InviteAction
from p2pnode_protocols.record.bodies import Join
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.wire.crypto import TAG_JOIN, Ed25519Signer, signed_message
from p2pnode_protocols.wire.ids import CommunityId, WallMs

COMMUNITY = CommunityId(bytes(32))


@pytest.mark.parametrize(("name", "who"), [("Ana", "Ana"), (None, "dev_")])
def test_who_refuses_is_named_where_its_name_is_known(name: str | None, who: str) -> None:
    progress = Progress(frozenset({key_of("alice")}))
    progress.refused_by(key_of("alice"), "bad_invite", "no such invite", name)
    assert progress.step == "waiting_for_invite"
    assert progress.detail.startswith(who)
    assert progress.detail.endswith("says: no such invite")


# --- the name that was asked for ------------------------------------------------------------------


def core_of(town: Town, who: str) -> Any:
    """Return as much of a joiner's core as asking for a seat looks at."""
    seat = town.state.charter.by_device(key_of(who))
    return SimpleNamespace(
        device=key_of(who),
        member=None if seat is None else seat.id,
        state=town.state,
        pool=SimpleNamespace(of_kind=lambda _kind: []),
    )


async def ask(town: Town, who: str, name: str, secret: bytes | None) -> str | None:
    """Let `who` take a seat by a link, and return what it is told of its name in the end."""
    link = JoinLink(COMMUNITY, secret, WallMs(0), ())
    progress, bus, core = Progress(), Bus(), core_of(town, who)

    async def submit(join: Join) -> Op:
        message = signed_message(TAG_JOIN, town.state.community, key_of(who))
        signed = FakeSigner(join.invite_key).sign(message)  # as this town checks it
        op = town.say(who, replace(join, invite_signature=signed))
        assert town.enter(op) == "ok"
        core.member = core_of(town, who).member
        return op

    await take_seat(link, name, core, bus, submit, progress)
    return other_name(progress.asked_name, town.state.charter.by_device(key_of(who)), key_of(who))


async def test_only_who_asked_for_a_seat_is_told_that_it_has_another_name() -> None:
    town, secret = Town(3), hashlib.sha256(b"an invite").digest()
    signer = Ed25519Signer(secret)
    town.decide("constitutional", InviteAction("guest", signer.device, WallMs(town.now + DAY), 3))
    assert await ask(town, "dora", "Dora", secret) is None
    told = await ask(town, "erin", "Dora", secret)
    assert told == "somebody has a name that reads as Dora does: the others see you as Dora 2"


@pytest.mark.parametrize("secret", [None, b"s" * 32])
async def test_whose_seat_was_there_before_is_told_nothing_of_what_the_command_named(
    secret: bytes | None,
) -> None:
    """By a link for a further device, or by an invite that it did not need."""
    assert await ask(Town(3), "alice", "Whatever", secret) is None


def test_a_device_bound_to_a_seat_has_no_say_in_its_name() -> None:
    seat = Town(3).state.charter.by_device(key_of("alice"))
    assert seat is not None
    assert other_name("Phone", seat, key_of("alice's phone")) is None
    assert other_name(None, seat, key_of("alice")) is None
    assert other_name(seat.name, seat, key_of("alice")) is None


def test_why_a_node_refuses_is_told_instead_of_a_guess() -> None:
    guess = f"/ip4/192.0.2.1/tcp/1: {HUNG_UP}: not admitted there?"
    assert trouble_at(guess, "the invite is over [invite_over]") == (
        "the invite is over [invite_over]"
    )
    assert trouble_at(guess, None) == guess
    assert trouble_at("no answer", "the invite is over [invite_over]") == "no answer"
    assert trouble_at(None, None) is None
