"""A seat's share of a core: R7.26."""

from __future__ import annotations

import math

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from p2pnode.net.seats.cpu import (
    AT_LEAST,
    BURST_S,
    FORGIVEN_S,
    PENALTY_MOST_S,
    PENALTY_S,
    SHORT_S,
    CpuClock,
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


class Hands:
    """A wall clock and the CPU time of one thread, as a test sets them."""

    def __init__(self) -> None:
        self.wall_s, self.cpu_s, self.reads = 100.0, 5.0, 0
        self.clock = CpuClock(self.read, lambda: self.wall_s)
        self.reads = 0

    def read(self) -> float:
        self.reads += 1
        return self.cpu_s

    def work(self, cpu_s: float, stands_s: float = 0.0) -> None:
        self.cpu_s += cpu_s
        self.wall_s += cpu_s + stands_s


def test_a_stopwatch_tells_what_passed_between_start_and_laps() -> None:
    hands = Hands()
    watch = Stopwatch(hands.clock)
    watch.start()
    hands.work(0.5)
    assert math.isclose(watch.lap(), 0.5)
    hands.work(2.0)
    assert math.isclose(watch.lap(), 2.0)
    hands.work(3.0)
    watch.start()
    hands.work(1.0)
    assert math.isclose(watch.lap(), 1.0)


def test_what_is_short_is_told_without_asking_the_system() -> None:
    hands = Hands()
    watch = Stopwatch(hands.clock)
    for _ in range(100):
        watch.start()
        hands.work(SHORT_S / 2)
        assert math.isclose(watch.lap(), SHORT_S / 2, rel_tol=1e-6)
    assert hands.reads == 0


def test_a_thread_that_stood_still_has_not_worked() -> None:
    hands = Hands()
    watch = Stopwatch(hands.clock)
    watch.start()
    hands.work(0.001, stands_s=30.0)
    assert math.isclose(watch.lap(), 0.001)


@given(
    st.lists(
        st.tuples(
            st.sampled_from((0.0001, 0.001, 0.5)), st.sampled_from((0.0, 0.01)), st.booleans()
        )
    )
)
def test_nothing_long_costs_less_than_it_took_and_all_no_more_than_the_thread_took(
    turns: list[tuple[float, float, bool]],
) -> None:
    hands = Hands()
    watches = [Stopwatch(hands.clock), Stopwatch(hands.clock).make_another()]
    long_s = 0.0
    for number, (cpu_s, stands_s, is_measured) in enumerate(turns):
        watch = watches[number % 2]
        watch.start()
        hands.work(cpu_s, stands_s)
        if is_measured:
            cost_s = watch.lap()
            assert cost_s >= cpu_s - 1e-9
            assert cost_s <= cpu_s + stands_s + 1e-9
            long_s += cost_s if cpu_s + stands_s >= SHORT_S else 0.0
    assert long_s <= hands.cpu_s - 5.0 + 1e-9
