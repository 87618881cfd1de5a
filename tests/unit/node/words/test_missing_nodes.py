"""A seat without a node, and nodes that are gone for long: what status and doctor say to do."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from support.cores.town import Town, key_of

from p2pnode.answers import CommitteeStatus, Missing
from p2pnode.answers.checks import ABSENT_MS, absence_checks, alone_checks, node_checks
from p2pnode.answers.words import some_of
from p2pnode_protocols.wire.ids import MemberId, WallMs

NOW = WallMs(10**12)
INTERVAL_MS = 600_000


def core_of(town: Town, **seat: object) -> Any:
    """Return as much of alice's core as the checks look at, with her seat changed so."""
    roster = town.state.roster
    mine = replace(roster.charter.by_device(key_of("alice")), **seat)  # type: ignore[type-var]
    others = [one for one in roster.charter.members if one.id != mine.id]
    roster = replace(roster, charter=roster.charter.with_members([mine, *others]))
    committee = SimpleNamespace(members=tuple(one.id for one in roster.charter.committee))
    return SimpleNamespace(
        device=key_of("alice"),
        member=mine.id,
        state=SimpleNamespace(roster=roster, charter=roster.charter),
        epoch=SimpleNamespace(committee=committee),
        rebuilds=SimpleNamespace(vow=None),
    )


def test_the_owner_of_a_seat_without_a_node_is_told_how_one_comes_to_be() -> None:
    core = core_of(Town(3), node_key=None)
    (told,) = node_checks(core, NOW)
    assert (told.name, told.severity) == ("node", "warning")
    assert "your vote counts" in told.detail
    assert told.next[0].startswith("p2pnode devices use dev_")


def test_who_changed_its_node_just_now_is_told_when_it_may_again() -> None:
    core = core_of(Town(3), node_key=None)
    core.state.roster = replace(
        core.state.roster, node_key_ms={core.member: WallMs(NOW - INTERVAL_MS + 90_000)}
    )
    (told,) = node_checks(core, NOW)
    assert "in 1 min 30 s" in told.detail


def test_nothing_is_said_of_a_seat_with_a_node_and_to_who_has_no_seat() -> None:
    core = core_of(Town(3))
    assert node_checks(core, NOW) == []
    core.member = None
    assert node_checks(core, NOW) == []


def test_friends_who_close_their_laptops_alarm_nobody() -> None:
    core = core_of(Town(3))
    others = tuple(one for one in core.epoch.committee.members if one != core.member)
    assert alone_checks(core, others, WallMs(NOW - 1_000), NOW) == []
    assert alone_checks(core, others, WallMs(NOW - ABSENT_MS + 1), NOW) == []
    (told,) = alone_checks(core, others, WallMs(NOW - 3 * ABSENT_MS), NOW)
    assert (told.name, told.severity) == ("peers", "info")
    assert told.detail.startswith(
        "no other node has been reached for 3 h: bob, carol; this goes on"
    )
    assert told.next[:2] == ("should they be online all the same:", "p2pnode peers")


def test_who_is_the_whole_committee_is_not_alone() -> None:
    assert alone_checks(core_of(Town(1)), (), WallMs(0), NOW) == []


def committee(size: int, quorum: int, gone: dict[str, int | None]) -> CommitteeStatus:
    """Return a committee of which these were last seen so many ms ago; None: never."""
    missing = tuple(
        Missing(MemberId(bytes(32)), name, None if ago is None else WallMs(NOW - ago))
        for name, ago in gone.items()
    )
    reachable = size - len(missing)
    return CommitteeStatus(
        size, quorum, 0, size - quorum, reachable, missing, reachable >= quorum, "a message"
    )


@pytest.mark.parametrize(
    ("gone", "is_lost"),
    [
        ({"bo": 1_000, "cy": INTERVAL_MS}, False),  # one of them was here just now
        ({"bo": INTERVAL_MS - 1, "cy": INTERVAL_MS - 1}, False),
        ({"bo": INTERVAL_MS, "cy": INTERVAL_MS}, True),
        ({"bo": None, "cy": INTERVAL_MS}, True),  # not since this node started, long ago
    ],
)
def test_with_the_quorum_gone_for_long_a_rebuild_is_named(
    gone: dict[str, int | None], is_lost: bool
) -> None:
    core = core_of(Town(4))
    started = WallMs(NOW - INTERVAL_MS)
    (told,) = absence_checks(committee(4, 3, gone), core, started, NOW)
    assert (told.name, told.severity, told.next[0]) == ("quorum", "warning", "p2pnode members")
    assert len(told.next) == 1 + 2 * is_lost
    if is_lost:
        command = "p2pnode rebuild propose --without bo --without cy --dry-run"
        assert command in told.next[2]


def test_who_is_connected_and_makes_no_blocks_is_not_to_be_rebuilt_without() -> None:
    core = core_of(Town(3))
    started = WallMs(NOW - INTERVAL_MS)
    here = replace(committee(3, 2, {"bo": None}).missing[0], connected=True)
    seen = replace(
        committee(3, 2, {"cy": INTERVAL_MS}),
        reachable=1,
        can_finalize=False,
        missing=(here, *committee(3, 2, {"cy": INTERVAL_MS}).missing),
    )
    (told,) = absence_checks(seen, core, started, NOW)
    assert told.next == ("ask bo why:", "p2pnode members")
    # Its own rebuild is what this is about, and has a check of its own.
    core.rebuilds.vow = object()
    assert absence_checks(seen, core, started, NOW)[0].next == ()


def test_who_has_no_node_on_the_committee_is_not_told_to_rebuild() -> None:
    core = core_of(Town(4), away=True)
    gone = dict.fromkeys(("bo", "cy"), INTERVAL_MS)
    (told,) = absence_checks(committee(3, 2, gone), core, NOW, NOW)
    assert told.next == ("p2pnode members",)


def test_a_node_that_is_gone_for_long_can_be_set_away_before_it_matters() -> None:
    core = core_of(Town(4))
    (told,) = absence_checks(committee(4, 3, {"Bo B": ABSENT_MS}), core, NOW, NOW)
    assert (told.name, told.severity) == ("absent", "info")
    command = "p2pnode propose 'Bo B is away' --tier constitutional --set-away 'Bo B'"
    assert command in told.next[1]
    assert absence_checks(committee(4, 3, {"bo": ABSENT_MS - 1}), core, NOW, NOW) == []
    assert absence_checks(committee(7, 5, {"bo": ABSENT_MS}), core, NOW, NOW) == []  # one to spare
    assert absence_checks(committee(4, 3, {}), core, NOW, NOW) == []


@pytest.mark.parametrize(
    ("names", "number", "said"),
    [
        (["Tom"], 1, "Tom"),
        (["Tom", "Una"], 2, "Tom and Una"),
        (["Tom", "Una", "Vi"], 3, "Tom, Una and Vi"),
        (["Tom", "Una"], 1, "one of Tom, Una"),
        (["Tom", "Una", "Vi"], 2, "2 of Tom, Una, Vi"),
        (list("abcdef"), 6, "6 of a, b, c, d and 2 others"),
        (list("abcdef"), 1, "one of a, b, c, d and 2 others"),
        ([], 0, "nobody"),
    ],
)
def test_who_has_to_come_is_said_as_people_say_it(names: list[str], number: int, said: str) -> None:
    assert some_of(names, number) == said
