"""A seat's share of a core: R7.26."""

from __future__ import annotations

import math

import pytest
import trio

from p2pnode.net.seats.cpu import (
    AT_LEAST,
    BURST_S,
    FORGIVEN_S,
    PENALTY_MOST_S,
    PENALTY_S,
    CpuShare,
    Stopwatch,
)


@pytest.fixture
async def share() -> CpuShare:
    return CpuShare(lambda: AT_LEAST)


async def test_a_seat_has_its_burst_at_once_and_then_its_part(
    share: CpuShare, autojump_clock: trio.abc.Clock
) -> None:
    share.spend(BURST_S)
    assert not share.is_over
    began_s = trio.current_time()
    for cost_s in (4.0, 0.5, 2.0):
        share.spend(cost_s)
        assert share.is_over
        await share.wait()
        assert not share.is_over
    took_s = trio.current_time() - began_s
    assert took_s == pytest.approx(6.5 / AT_LEAST, abs=0.1)


async def test_what_a_seat_saves_up_is_bounded(
    share: CpuShare, autojump_clock: trio.abc.Clock
) -> None:
    await trio.sleep(100 * BURST_S / AT_LEAST)
    share.spend(BURST_S + 0.01)
    assert share.is_over


async def test_a_seat_gets_more_while_few_are_connected(autojump_clock: trio.abc.Clock) -> None:
    share = CpuShare(lambda: 0.5)
    share.spend(BURST_S + 5.0)
    began_s = trio.current_time()
    await share.wait()
    assert trio.current_time() - began_s == pytest.approx(10.0, abs=0.1)


async def test_strikes_add_up_until_there_were_none_for_a_day(
    share: CpuShare, autojump_clock: trio.abc.Clock
) -> None:
    assert [share.strike() for _ in range(4)] == [1, 2, 3, 4]
    await trio.sleep(FORGIVEN_S / 2)
    assert share.strike() == 5
    await trio.sleep(FORGIVEN_S)
    assert share.strike() == 1


async def test_absence_doubles_up_to_an_hour_until_there_was_none_for_a_day(
    share: CpuShare, autojump_clock: trio.abc.Clock
) -> None:
    found = [share.find_penalty_s() for _ in range(9)]
    assert found == [min(PENALTY_S * 2**n, PENALTY_MOST_S) for n in range(9)]
    await trio.sleep(FORGIVEN_S)
    assert share.find_penalty_s() == PENALTY_S


async def test_a_share_is_as_new_when_all_is_paid_and_forgiven(
    share: CpuShare, autojump_clock: trio.abc.Clock
) -> None:
    assert share.is_as_new
    share.spend(0.1)
    assert not share.is_as_new
    await trio.sleep(1.1)
    assert share.is_as_new
    share.strike()
    assert not share.is_as_new
    await trio.sleep(FORGIVEN_S)
    assert share.is_as_new


def test_a_stopwatch_tells_what_passed_between_start_and_laps() -> None:
    times = iter([1.0, 1.5, 3.5, 10.0, 11.0])
    watch = Stopwatch(lambda: next(times))
    watch.start()
    assert math.isclose(watch.lap(), 0.5)
    assert math.isclose(watch.lap(), 2.0)
    watch.start()
    assert math.isclose(watch.lap(), 1.0)
