"""How long a verb waits for its op: until it is final, or can never be."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import trio

from p2pnode.community.asked.questions import Questions
from p2pnode.community.events import Bus
from p2pnode.community.verbs.submitting import How, Submitting
from p2pnode.errors import RequestError
from p2pnode_protocols.record.bodies import Away
from p2pnode_protocols.steps.notices import Committed, OpFinal, OwnOpSettled
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import OpId, WallMs


class Op:
    id = OpId(b"o" * 32)
    body = Away()
    created_ms = WallMs(5)


class Session:
    stage = "member"


class Core:
    """A community of one, in which nothing is due."""

    def due_at(self, _op: OpId) -> None:
        return None

    def finality(self) -> Any:
        return SimpleNamespace(can_finalize=True)


class Standing:
    """A home whose session loses its seat when it is told to."""

    now_ms = WallMs(7)

    def __init__(self) -> None:
        self.bus = Bus()
        self.seat = Session()

    def running(self) -> Any:
        return self.seat, Core()

    async def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        with trio.move_on_after(timeout_s):
            return await self.bus.wait_until(condition)
        return False


class Waiting:
    """Who has said something there, and waits for it."""

    def __init__(self) -> None:
        here: Any = Standing()
        self.bus, self.seat = here.bus, here.seat
        self.follow = Submitting(here, Questions(here)).follow


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


async def test_wait_ends_when_the_op_is_final(waiting: Waiting, nursery: trio.Nursery) -> None:
    async def decide() -> None:
        waiting.seat.stage = "removed"  # by the op itself: it is final all the same
        waiting.bus.publish(WallMs(6), [OpFinal(Op.id, "ok")])

    nursery.start_soon(decide)
    receipt = await waiting.follow(Op, How("final", 1_000))  # type: ignore[arg-type]
    assert (receipt.state, receipt.timed_out) == ("final", False)


async def test_wait_ends_when_the_seat_is_lost_first(
    waiting: Waiting, nursery: trio.Nursery
) -> None:
    async def remove() -> None:
        waiting.bus.publish(WallMs(6), [Committed(1, 0, WallMs(6))])
        waiting.seat.stage = "removed"
        waiting.bus.publish(WallMs(6), [Committed(2, 0, WallMs(6))])

    nursery.start_soon(remove)
    with pytest.raises(RequestError, match="lost its seat before") as caught:
        await waiting.follow(Op, How("final", 1_000))  # type: ignore[arg-type]
    assert caught.value.code == "removed"


@pytest.mark.parametrize("code", ["conflicting_nonce", "not_a_member", "bad_invite", "closed"])
async def test_wait_ends_when_the_op_can_never_be_final(
    waiting: Waiting, nursery: trio.Nursery, code: str
) -> None:
    async def lose() -> None:
        waiting.bus.publish(WallMs(6), [OwnOpSettled(Op.id, code, None)])

    nursery.start_soon(lose)
    with pytest.raises(UsageError, match="accepted here, but it will not be counted") as caught:
        await waiting.follow(Op, How("final", 1_000))  # type: ignore[arg-type]
    assert caught.value.code == code


async def test_wait_ends_when_the_log_refuses_the_op(
    waiting: Waiting, nursery: trio.Nursery
) -> None:
    async def refuse() -> None:
        waiting.bus.publish(WallMs(6), [OpFinal(Op.id, "closed"), OwnOpSettled(Op.id, "closed", 3)])

    nursery.start_soon(refuse)
    with pytest.raises(UsageError, match="in the record and changed nothing") as caught:
        await waiting.follow(Op, How("final", 1_000))  # type: ignore[arg-type]
    assert caught.value.code == "closed"


@pytest.mark.parametrize(("code", "said"), [("ok", "ok"), ("leapt_over", None)])
async def test_wait_ends_when_a_leap_led_over_the_op(
    waiting: Waiting, nursery: trio.Nursery, code: str, said: str | None
) -> None:
    async def leap() -> None:
        waiting.bus.publish(WallMs(6), [OwnOpSettled(Op.id, code, None)])

    nursery.start_soon(leap)
    receipt = await waiting.follow(Op, How("final", 1_000))  # type: ignore[arg-type]
    assert (receipt.state, receipt.code, receipt.timed_out) == ("final", said, False)
