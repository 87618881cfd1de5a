"""The owner of a key that forked is told: most are honest, and their home runs twice (R6.9)."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from support.cores.town import Town, key_of

from p2pnode.answers import Check
from p2pnode.answers.checks import copy_checks, fork_checks
from p2pnode_protocols.wire.ids import DeviceKey

ALICE, LAPTOP = key_of("alice"), key_of("laptop")


def checks(
    device: DeviceKey,
    node_key: DeviceKey | None,
    *,
    final: DeviceKey | None,
    seen: DeviceKey | None,
) -> list[Check]:
    """Return what alice is told on `device`; the fork is final, or only seen here so far."""
    town = Town(2)
    roster = town.state.roster
    seat = next(one for one in roster.charter.members if one.name == "alice")
    others = [one for one in roster.charter.members if one is not seat]
    mine = replace(seat, devices=tuple(sorted((ALICE, LAPTOP))), node_key=node_key)
    roster = replace(
        roster,
        charter=roster.charter.with_members([mine, *others]),
        forked={} if final is None else {final: town.now},
    )
    core: Any = SimpleNamespace(device=device, member=seat.id, state=SimpleNamespace(roster=roster))
    header = SimpleNamespace(device=seen)
    forks = () if seen is None else ((header, header),)
    return fork_checks(core, forks)  # type: ignore[arg-type]


@pytest.mark.parametrize(("final", "seen"), [(ALICE, None), (None, ALICE), (ALICE, ALICE)])
@pytest.mark.parametrize("node_key", [None, ALICE])
def test_owner_is_told_as_soon_as_a_fork_is_seen(
    final: DeviceKey | None, seen: DeviceKey | None, node_key: DeviceKey | None
) -> None:
    (told,) = checks(ALICE, node_key, final=final, seen=seen)
    assert (told.name, told.severity) == ("fork", "critical")
    assert "this device's key signed two blocks" in told.detail
    assert "devices renew" in str(told.next)


def test_another_device_of_the_seat_is_told_to_take_over() -> None:
    (told,) = checks(LAPTOP, None, final=ALICE, seen=None)
    assert "devices use" in str(told.next)


@pytest.mark.parametrize("device", [ALICE, LAPTOP])
def test_nothing_is_said_once_another_key_is_the_node(device: DeviceKey) -> None:
    assert checks(device, LAPTOP, final=ALICE, seen=ALICE) == []


def test_nobody_else_is_told() -> None:
    assert checks(ALICE, ALICE, final=key_of("bob"), seen=key_of("bob")) == []


@pytest.mark.parametrize("codes", [["conflicting_nonce"], ["conflicting_nonce"] * 2 + ["closed"]])
def test_owner_is_told_of_a_copy_whose_blocks_never_forked(codes: list[str]) -> None:
    """Two copies that never made a block of the same round still take each other's numbers."""
    fates: Any = [SimpleNamespace(code=one) for one in codes]
    (told,) = copy_checks(fates)
    assert (told.name, told.severity) == ("copy", "critical")
    assert "another copy of this home" in told.detail
    assert str(codes.count("conflicting_nonce")) in told.detail


def test_what_was_refused_otherwise_is_no_copy() -> None:
    fates: Any = [SimpleNamespace(code="closed"), SimpleNamespace(code="leapt_over")]
    assert copy_checks(fates) == []
