"""How long a verb waits for its op: until it is final, or can never be."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from p2pnode.errors import RequestError
from p2pnode.events import Bus
from p2pnode.speaking import How, Speaker
from p2pnode_protocols.ids import OpId, WallMs
from p2pnode_protocols.ops import Away
from p2pnode_protocols.steps import Committed, OpFinal


class Op:
    id = OpId(b"o" * 32)
    body = Away()
    created_ms = WallMs(5)


class Session:
    stage = "member"


class Waiting(Speaker):
    """A speaker whose session loses its seat when it is told to."""

    now_ms = WallMs(7)  # type: ignore[assignment]

    def __init__(self) -> None:
        self.bus = Bus()
        self.seat = Session()

    def _running(self) -> Any:
        return self.seat, None


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


async def test_wait_ends_when_the_op_is_final(waiting: Waiting, nursery: trio.Nursery) -> None:
    async def decide() -> None:
        waiting.seat.stage = "removed"  # by the op itself: it is final all the same
        waiting.bus.publish(WallMs(6), [OpFinal(Op.id, "ok")])

    nursery.start_soon(decide)
    receipt = await waiting._follow(Op, How("final", 1_000))  # type: ignore[arg-type]
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
        await waiting._follow(Op, How("final", 1_000))  # type: ignore[arg-type]
    assert caught.value.code == "removed"
