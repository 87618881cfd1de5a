"""Jumps of the wall clock against the monotonic one."""

from __future__ import annotations

import pytest

from p2pnode.clock import JUMP_MS, Clock, Jump
from p2pnode_protocols.wire.ids import MonoMs, WallMs

HOUR_MS = 3_600_000


def jump_between(mono_ms: int, wall_ms: int) -> Jump | None:
    """Return the jump seen when the clocks went on by so much."""
    monos, walls = iter([1_000, 1_000 + mono_ms]), iter([HOUR_MS, HOUR_MS + wall_ms])
    clock = Clock(wall=lambda: WallMs(next(walls)), mono=lambda: MonoMs(next(monos)))
    assert clock.check()[1] is None
    return clock.check()[1]


@pytest.mark.parametrize(
    ("mono_ms", "wall_ms"), [(0, 0), (500, 500), (0, JUMP_MS), (HOUR_MS, HOUR_MS + 3_000)]
)
def test_small_differences_are_no_jump(mono_ms: int, wall_ms: int) -> None:
    assert jump_between(mono_ms, wall_ms) is None


@pytest.mark.parametrize(
    ("mono_ms", "wall_ms", "by_ms"),
    [(0, JUMP_MS + 1, JUMP_MS + 1), (100, 100 + HOUR_MS, HOUR_MS), (5_000, -5_000, -10_000)],
)
def test_jump_says_how_far(mono_ms: int, wall_ms: int, by_ms: int) -> None:
    assert jump_between(mono_ms, wall_ms) == Jump(by_ms)


def test_jump_is_told_once() -> None:
    walls = iter([0, HOUR_MS, HOUR_MS])
    clock = Clock(wall=lambda: WallMs(next(walls)), mono=lambda: MonoMs(0))
    assert [clock.check()[1] for _ in range(3)] == [None, Jump(HOUR_MS), None]


def test_words_say_direction_and_size() -> None:
    assert "60 s forward" in str(Jump(60_000))
    assert "60 s back" in str(Jump(-60_000))
