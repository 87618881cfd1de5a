"""The bus: every subscriber gets every event, and none can hold up the others."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from p2pnode.community.events import BACKLOG, REMEMBERED_OPS, Bus, Lagged, PeerConnected
from p2pnode_protocols.steps.notices import Committed, OpFinal, OpLeaptOver
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs

BOB = PeerConnected(DeviceKey(b"b" * 32))
NOW = WallMs(1)


async def test_subscriber_gets_what_happens_after_it_subscribed() -> None:
    bus = Bus()
    bus.publish(NOW, [BOB])
    with bus.subscribe() as events:
        bus.publish(WallMs(2), [BOB, BOB])
        assert [(await anext(events)).at_ms for _ in range(2)] == [2, 2]
        bus.close()
        assert [event async for event in events] == []


async def test_slow_subscriber_is_told_and_the_other_is_not_harmed() -> None:
    bus = Bus()
    with bus.subscribe() as slow, bus.subscribe() as quick:
        for _ in range(BACKLOG + 1):
            bus.publish(NOW, [BOB])
            await anext(quick)
        bus.publish(NOW, [BOB])  # that is one too many
        for _ in range(BACKLOG + 1):
            await anext(slow)
        with pytest.raises(Lagged):
            await anext(slow)
        bus.publish(NOW, [BOB])
        assert [(await anext(quick)).what for _ in range(2)] == [BOB, BOB]


async def test_reader_that_lagged_is_told_after_which_commit_to_go_on() -> None:
    bus = Bus()
    with bus.subscribe() as events:
        bus.publish(NOW, [Committed(17, 1, NOW), *[BOB] * BACKLOG])
        bus.publish(NOW, [Committed(18, 1, NOW)])
        for _ in range(BACKLOG + 1):
            await anext(events)
        with pytest.raises(Lagged) as caught:
            await anext(events)
        assert caught.value.after == 17


async def test_reader_that_keeps_up_gets_bursts_however_large() -> None:
    """A step may bring thousands: a node that was away, or many ops under way at once."""
    bus = Bus()
    bursts = [3 * BACKLOG, *[BACKLOG // 2] * 20, 3 * BACKLOG]
    read = 0

    async def read_all() -> None:
        nonlocal read
        with bus.subscribe() as events:
            async for _event in events:
                read += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read_all)
        await trio.testing.wait_all_tasks_blocked()
        for burst in bursts:
            bus.publish(NOW, [BOB] * burst)
            for _ in range(2):  # as the driver between two steps: to receive, and for company
                await trio.lowlevel.checkpoint()
        bus.close()
    assert read == sum(bursts)


async def test_cancelled_reader_loses_no_event() -> None:
    bus = Bus()
    with bus.subscribe() as events:
        with trio.move_on_after(0):
            await anext(events)
        bus.publish(NOW, [BOB])
        with trio.move_on_after(0):
            assert (await anext(events)).what == BOB
            return
    raise AssertionError("an event that is here needs no waiting")


async def test_wait_ends_when_the_condition_holds_or_the_bus_closes() -> None:
    bus = Bus()
    count = 0
    answers: list[bool] = []

    async def wait(target: int) -> None:
        answers.append(await bus.wait_until(lambda: count >= target))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait, 2)
        nursery.start_soon(wait, 99)
        for count in (1, 2):
            bus.publish(NOW, [BOB])
            await trio.testing.wait_all_tasks_blocked()
            assert answers == [True][: count - 1]
        bus.close()
    assert answers == [True, False]


async def test_subscribing_to_a_closed_bus_ends_at_once() -> None:
    bus = Bus()
    bus.close()
    with bus.subscribe() as events:
        assert [event async for event in events] == []


def test_outcome_of_an_op_is_remembered_but_not_for_ever() -> None:
    bus = Bus()
    ops = [OpId(number.to_bytes(32, "big")) for number in range(REMEMBERED_OPS + 1)]
    bus.publish(NOW, [OpFinal(op, "ok") for op in ops])
    assert bus.final_code(ops[0]) is None
    assert bus.final_code(ops[-1]) == "ok"


async def test_who_waits_for_an_op_is_woken_when_a_leap_led_over_it() -> None:
    bus = Bus()
    op = OpId(bytes(32))
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bus.wait_until, lambda: bus.is_final(op))
            await trio.testing.wait_all_tasks_blocked()
            bus.publish(NOW, [OpLeaptOver(op)])
    assert bus.final_code(op) is None
