"""What people type for a proposal, member, device or peer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.cores.town import found, key_of
from support.hosts.asking import founder

from p2pnode.community.references import (
    find_device,
    find_member,
    find_peer,
    find_proposal,
    find_revision,
)
from p2pnode.errors import RequestError
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, OpId, to_text

FIRST, SECOND, LOOSE = (OpId(bytes([one]) * 32) for one in (1, 2, 3))
TWIN = OpId(bytes([1]) * 20 + bytes(12))  # begins as FIRST does
NUMBERED = [FIRST, SECOND]
TOWN = found(3)
ALICE, BOB, CAROL = (key_of(name) for name in ("alice", "bob", "carol"))


def text(data: bytes, kind: str = "pro") -> str:
    return to_text(kind, data)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1", FIRST),
        ("#2", SECOND),
        (" 2 ", SECOND),
        (text(SECOND), SECOND),
        (text(SECOND).upper(), SECOND),
        (text(LOOSE)[:12], LOOSE),
        (text(LOOSE)[4:12], LOOSE),
    ],
)
def test_proposal_is_found(typed: str, meant: OpId) -> None:
    assert find_proposal(typed, NUMBERED, [LOOSE]) == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0", "unknown_proposal"),
        ("3", "unknown_proposal"),
        ("999999", "unknown_proposal"),
        (text(TWIN), "unknown_proposal"),
        ("pro_zzzzzzzz", "unknown_proposal"),
        ("pro_ab", "bad_id"),
        ("Tea", "unknown_proposal"),  # a title is none of the ways to name it
        ("no", "unknown_proposal"),
        ("Teatime", "unknown_proposal"),
        ("#x", "unknown_proposal"),
        ("", "bad_id"),
        (text(FIRST)[:-1] + "7", "bad_id"),
        (text(FIRST, "mem"), "bad_id"),
    ],
)
def test_proposal_is_not_found(typed: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_proposal(typed, NUMBERED, [LOOSE])
    assert caught.value.code == code


@pytest.mark.parametrize("typed", ["Tea", "no", "Teatime", "é"])
def test_who_typed_no_id_is_not_told_of_an_ids_length(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_proposal(typed, NUMBERED, [LOOSE])
    assert "all 58" not in caught.value.detail
    assert typed in caught.value.detail


@pytest.mark.parametrize("typed", ["Kim", "Bob2", "Zoë", "é", "R", "Robert", "Robert the second"])
def test_who_typed_an_unknown_name_is_told_that_it_is_unknown(typed: str) -> None:
    with pytest.raises(UsageError) as member:
        find_member(typed, TOWN, ALICE)
    with pytest.raises(RequestError) as peer:
        find_peer(typed, TOWN, [ALICE, BOB])
    assert (member.value.code, peer.value.code) == ("unknown_member", "unknown_peer")
    for detail in (member.value.detail, peer.value.detail):
        assert f"no member is called {typed!r}" in detail
        assert "characters" not in detail


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1", FIRST),
        ("#2", SECOND),
        (" 2", SECOND),
        (text(SECOND), SECOND),
        (text(FIRST)[:12], FIRST),
    ],
)
def test_revision_is_found(typed: str, meant: OpId) -> None:
    assert find_revision(typed, [FIRST, SECOND]) == meant


@pytest.mark.parametrize(
    "typed", ["3", "0", "#7", "999999", "two", "pro_zzzzzzzz", text(LOOSE), ""]
)
def test_unknown_revision_is_refused_with_the_latest(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_revision(typed, [FIRST, SECOND])
    assert caught.value.code == "bad_id"
    assert "the latest is 2, pro_" in caught.value.detail


def test_beginning_of_two_ids_is_ambiguous_and_one_listed_twice_is_not() -> None:
    with pytest.raises(UsageError) as caught:
        find_proposal(text(FIRST)[:14], [*NUMBERED, TWIN], [])
    assert caught.value.code == "ambiguous_id"
    assert find_proposal(text(FIRST), NUMBERED, [FIRST, LOOSE]) == FIRST


@pytest.mark.parametrize("typed", ["bob", "BOB ", text(TOWN.by_device(BOB).id, "mem")[:12]])  # type: ignore[union-attr]
def test_member_is_found(typed: str) -> None:
    assert find_member(typed, TOWN, ALICE) == TOWN.by_device(BOB)


def _town_with(*names: str) -> Charter:
    """Return a charter whose seats have these names; none of them needs to be allowed."""
    charter = found(len(names))
    seats = sorted(charter.members, key=lambda one: one.id)
    return charter.with_members(
        replace(seat, name=name) for seat, name in zip(seats, names, strict=True)
    )


def _look_ups(charter: Charter, typed: str) -> list[Callable[[], set[DeviceKey]]]:
    """Return every way to name a member: all of them must agree."""
    devices = [key for one in charter.members for key in one.devices]
    return [
        lambda: set(find_member(typed, charter, ALICE).devices),
        lambda: set(find_peer(typed, charter, [])),
        lambda: set(find_peer(typed, charter, devices)),
    ]


@pytest.mark.parametrize("typed", ["Äsa", "äsa", "ÄSA", "Asa", "A\u0308sa"])
def test_of_names_that_look_alike_it_is_asked_which_even_where_one_is_exact(typed: str) -> None:
    """A log of before the rule, or of more liars than it bears, may have both.

    Who types or copies one of them cannot see which it is: nothing is guessed.
    """
    charter = _town_with("Äsa", "äsa", "Mia")
    for look_up in _look_ups(charter, typed):
        with pytest.raises((UsageError, RequestError)) as caught:
            look_up()
        unknown = {"unknown_member", "bad_id", "unknown_peer"}
        assert caught.value.code in (unknown if typed == "Asa" else {"ambiguous_id"})
        if typed != "Asa":
            for one in charter.members:
                shown = text(one.id, "mem")[:16] in caught.value.detail
                assert shown is (one.name != "Mia")


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Äsa", "äsa"),
        ("Ana", "АNA"),
        ("Straße", "strasse"),
        ("Mia", "Ｍｉａ"),
        ("نیک‌نام", "نیکنام"),
    ],
)
def test_only_seat_that_could_be_meant_is_found(name: str, typed: str) -> None:
    charter = _town_with(name, "bob")
    (meant,) = [one for one in charter.members if one.name == name]
    for look_up in _look_ups(charter, typed):
        assert look_up() == set(meant.devices)


def test_name_that_is_the_beginning_of_anothers_id_is_ambiguous() -> None:
    charter = _town_with("Mia", "x")
    mia, other = (next(one for one in charter.members if one.name == name) for name in ("Mia", "x"))
    start = text(mia.id, "mem")[4:12]
    charter = charter.with_members([mia, replace(other, name=start)])
    for look_up in _look_ups(charter, start):
        with pytest.raises(UsageError) as caught:
            look_up()
        assert caught.value.code == "ambiguous_id"
    for look_up in _look_ups(charter, text(mia.id, "mem")[:12]):
        assert look_up() == set(mia.devices)


def test_me_is_the_seat_of_this_device() -> None:
    assert find_member("me", TOWN, CAROL) == TOWN.by_device(CAROL)
    with pytest.raises(UsageError) as caught:
        find_member("me", TOWN, key_of("mallory"))
    assert caught.value.code == "not_a_member"


def test_device_is_found_or_unknown() -> None:
    assert find_device(text(BOB, "dev")[:12], [ALICE, BOB]) == BOB
    with pytest.raises(RequestError) as caught:
        find_device(text(CAROL, "dev"), [ALICE, BOB])
    assert caught.value.code == "unknown_device"


@pytest.mark.parametrize(
    "typed",
    ["bob", text(TOWN.by_device(BOB).id, "mem"), text(BOB, "dev")[:14]],  # type: ignore[union-attr]
)
def test_peer_is_found_by_member_or_device(typed: str) -> None:
    assert find_peer(typed, TOWN, [ALICE, BOB]) == [BOB]


def test_device_without_a_seat_is_a_peer_too() -> None:
    stranger = DeviceKey(b"z" * 32)
    assert find_peer(text(stranger, "dev"), None, [stranger]) == [stranger]
    for typed in ("zoe1", text(stranger, "mem")):
        with pytest.raises(RequestError) as caught:
            find_peer(typed, TOWN, [stranger])
        assert caught.value.code == "unknown_peer"


@pytest.mark.parametrize("given", [2, 2.0, None, ("2",)])
async def test_proposal_that_is_neither_text_nor_id_is_refused_in_words(
    tmp_path: Path, given: Any
) -> None:
    async with founder(tmp_path) as alice:
        node = alice.community
        for ask in (node.proposal, node.explain, node.certificate):
            with pytest.raises(TypeError, match="names no proposal: give a text, such as '2'"):
                ask(given)
        for say in (node.vote(given, "no"), node.wait(given), node.withdraw(given)):
            with pytest.raises(TypeError, match="names no proposal: give a text, such as '2'"):
                await say
