"""What peers cause is told once a minute, as a number, and in plain text (R7.25)."""

from __future__ import annotations

import io
import json
import logging

import pytest

from p2pnode.community.events import Happening, PeerConnected, PeerLost
from p2pnode.community.reporting import SeldomTold, log_happenings
from p2pnode.logs import MESSAGE_CHARS, Format, set_up_logs
from p2pnode.net.seldom import EVERY_MS, KEYS, Seldom
from p2pnode_protocols.steps.notices import (
    Committed,
    Diverged,
    ForkFound,
    PeerGreeted,
    PeerRefused,
    RefusedByPeer,
)
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, MemberId, Round, WallMs

BOB, CAROL = DeviceKey(b"b" * 32), DeviceKey(b"c" * 32)
SEATS = {BOB, CAROL}
MEMBER = MemberId(b"m" * 32)
ESCAPES = "a\x1b[2Jb\rc\x9bd\u202ee\u2028f\x00\x7f\ng"


@pytest.fixture
def told() -> SeldomTold:
    return SeldomTold(SEATS.__contains__)


def stranger(number: int) -> DeviceKey:
    return DeviceKey(number.to_bytes(32, "big"))


@pytest.mark.parametrize(
    "one",
    [
        PeerRefused(BOB, "not_a_member", "words"),
        RefusedByPeer(BOB, "not_a_member", "words"),
        Diverged(MEMBER, 1, b"o" * 32, b"t" * 32),
        ForkFound(MEMBER, Round(1), BlockId(b"1" * 32), BlockId(b"2" * 32)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_same_of_a_peer_is_told_once_a_minute_with_how_often(
    told: SeldomTold, one: PeerRefused | RefusedByPeer | Diverged | ForkFound
) -> None:
    assert told.pass_on(WallMs(0), [one] * 1_000) == [one]
    assert told.pass_on(WallMs(EVERY_MS - 1), [one]) == []
    (again,) = told.pass_on(WallMs(EVERY_MS), [])
    assert type(again) is type(one)
    assert again.times == 1_000  # type: ignore[union-attr]
    assert told.pass_on(WallMs(2 * EVERY_MS), []) == [], "none since"
    assert told.pass_on(WallMs(2 * EVERY_MS), [one]) == [one]


def test_another_code_or_peer_is_told_at_once(told: SeldomTold) -> None:
    several = [
        PeerRefused(BOB, "not_a_member", ""),
        PeerRefused(BOB, "limit_rate", ""),
        PeerRefused(CAROL, "limit_rate", ""),
        RefusedByPeer(CAROL, "limit_rate", ""),
        Diverged(MEMBER, 1, b"o" * 32, b"t" * 32),
    ]
    assert told.pass_on(WallMs(0), several) == several


def test_strangers_pass_for_one_whatever_their_keys(told: SeldomTold) -> None:
    several: list[Happening] = []
    for number in range(500):
        device = stranger(number)
        several += [PeerConnected(device), PeerRefused(device, "not_a_member", "")]
        several += [RefusedByPeer(device, "invite_over", ""), PeerLost(device)]
        several += [PeerGreeted(device, None, "x", ())]
    assert len(told.pass_on(WallMs(0), several)) == 5


def test_who_of_the_members_comes_and_goes_is_always_told(told: SeldomTold) -> None:
    several: list[Happening] = [PeerConnected(BOB), PeerLost(BOB)] * 10
    several.append(Committed(1, 1, WallMs(1)))
    assert told.pass_on(WallMs(0), several) == several


def test_that_a_members_device_has_greeted_is_told_once_a_minute(told: SeldomTold) -> None:
    """It may hang up and come again 576 times a minute, each a line in the log."""
    hellos = [PeerGreeted(one, MEMBER, "p2pnode/1", ()) for one in (BOB, CAROL)]
    assert told.pass_on(WallMs(0), hellos * 100) == hellos
    assert told.pass_on(WallMs(EVERY_MS), []) == [], "how often it was is no news"
    assert told.pass_on(WallMs(2 * EVERY_MS), hellos) == hellos


def test_a_clock_that_is_set_back_silences_nothing(told: SeldomTold) -> None:
    one = PeerRefused(BOB, "limit_rate", "")
    assert told.pass_on(WallMs(10**9), [one]) == [one]
    assert told.pass_on(WallMs(5), [one]) == [one]


def test_what_is_remembered_is_bounded() -> None:
    seldom = Seldom()
    for number in range(3 * KEYS):
        assert seldom.count(number, 1) == 1
    assert len(seldom._told) <= KEYS


# --- text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["console", "json", "logfmt"])
def test_nothing_in_a_line_of_the_log_acts_on_a_terminal(
    format_: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        set_up_logs(format_, "info")
        log_happenings([PeerRefused(BOB, "bad_field", ESCAPES + "x" * 9_999)])
        log_happenings([PeerGreeted(BOB, None, ESCAPES, ())])
    finally:
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
    lines = out.getvalue().split("\n")
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert len(lines[0]) < MESSAGE_CHARS + 500
    if format_ == "json":
        assert json.loads(lines[1])["agent"] == ESCAPES, "what is a field is quoted, not changed"
