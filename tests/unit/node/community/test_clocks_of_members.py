"""What is said of this clock: by seats of the committee, as many as no liars alone can be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from support.cores.town import NAMES, Town, key_of

from p2pnode.answers.checks import CLOCK_OFF_MS, clock_checks
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.wire.ids import EpochId

DAYS_MS = 3 * 86_400_000
OFF_MS = 60_000


def core_of(size: int) -> Any:
    """Return as much of alice's core as the check looks at."""
    town = Town(size)
    alice = town.state.charter.by_device(key_of("alice"))
    assert alice is not None
    committee = Committee(EpochId(b"e" * 32), town.state.charter)
    return SimpleNamespace(
        member=alice.id, state=town.state, epoch=SimpleNamespace(committee=committee)
    )


def told(size: int, *offsets_ms: int) -> tuple[str, str]:
    """Return how severe it is, and in what words, when the others' clocks are so far ahead."""
    others = [key_of(name) for name in NAMES[1:size]]
    (one,) = clock_checks(core_of(size), dict(zip(others, offsets_ms, strict=False)))
    assert one.name == "clock"
    return one.severity, one.detail


def test_clocks_that_agree_are_well() -> None:
    severity, detail = told(4, 40, -1_200, CLOCK_OFF_MS)
    assert severity == "ok"
    assert "5 s" in detail


@pytest.mark.parametrize(("size", "liars"), [(4, 1), (7, 2), (10, 3)])
def test_liars_alone_never_make_an_honest_clock_wrong(size: int, liars: int) -> None:
    """However few of the honest can be reached."""
    for honest in range(size - liars):
        for lie in (DAYS_MS, -DAYS_MS, 2**60):
            severity, detail = told(size, *([lie] * liars), *([0] * honest))
            assert severity == "info"
            assert "this clock is" not in detail
            assert "bob" in detail


@pytest.mark.parametrize(("sign", "side"), [(1, "behind"), (-1, "ahead of")])
@pytest.mark.parametrize(("size", "faults"), [(3, 0), (4, 1), (5, 1), (7, 2)])
def test_a_clock_that_differs_from_most_is_the_wrong_one(
    size: int, faults: int, sign: int, side: str
) -> None:
    severity, detail = told(size, *([sign * OFF_MS] * max(2, faults + 1)))
    assert severity == "warning"
    assert f"this clock is 1 min {side}" in detail


def test_how_far_a_clock_is_off_is_not_for_liars_to_say() -> None:
    """By so much at least it is off, as one honest member says."""
    _severity, detail = told(4, DAYS_MS, OFF_MS, OFF_MS)
    assert "1 min behind" in detail


def test_who_cannot_be_told_apart_are_both_told_of() -> None:
    severity, detail = told(4, OFF_MS, OFF_MS, 0)
    assert severity == "info", "as many say so as do not, this clock being one"
    assert "bob" in detail
    assert "carol" in detail
    assert "dave" not in detail
    assert told(2, OFF_MS)[0] == "info"


def test_only_nodes_of_the_committee_are_asked() -> None:
    """Further devices of a seat and whoever has none say nothing of this clock."""
    strangers = {key_of(f"phone {n}"): DAYS_MS for n in range(9)}
    assert clock_checks(core_of(4), strangers) == []
    (one,) = clock_checks(core_of(4), {**strangers, key_of("bob"): 10})
    assert one.severity == "ok"


def test_a_further_device_does_not_ask_its_own_seat() -> None:
    assert clock_checks(core_of(4), {key_of("alice"): DAYS_MS}) == []
