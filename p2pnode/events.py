"""What happens on this node, as a stream for programs: the bus and its event types.

Publishing never blocks and never fails: the driver must not wait for a reader. A reader
that falls behind loses its subscription, and is told so; what is final can be read again
from the store, what is provisional is only worth reading as it is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import trio

from p2pnode_protocols.ids import DeviceKey, OpId, WallMs
from p2pnode_protocols.steps import Notice, OpFinal, OpLeaptOver

BACKLOG = 1024  # events one reader may be behind: a burst of 500 ops, both kinds of event
REMEMBERED_OPS = 4096  # outcomes kept for those who wait for an op that is final already

Stage = Literal["idle", "joining", "member", "observer", "removed", "halted"]


@dataclass(frozen=True, slots=True)
class PeerConnected:
    device: DeviceKey


@dataclass(frozen=True, slots=True)
class PeerLost:
    device: DeviceKey


@dataclass(frozen=True, slots=True)
class StageChanged:
    """What this home is to its community has changed."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person should look at: fork, diverged, clock_jump, store_unwritable."""

    code: str
    detail: str


Happening = Notice | PeerConnected | PeerLost | StageChanged | Alarm


@dataclass(frozen=True, slots=True)
class Event:
    at_ms: WallMs
    what: Happening


class Lagged(Exception):
    """This reader fell more than `BACKLOG` events behind; subscribe again."""


class Subscription:
    """An async iterator over events from the moment of subscribing on."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[Event](BACKLOG)
        self._lagged = False

    def offer(self, event: Event) -> None:
        try:
            self._send.send_nowait(event)
        except trio.WouldBlock:
            self._lagged = True
            self._send.close()
        except trio.ClosedResourceError:
            pass  # lagged before, and not yet unsubscribed

    def close(self) -> None:
        """Let the reader finish what it has, then end."""
        self._send.close()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        """Return the next event.

        Raises:
            Lagged: after the last event that was kept for a reader too slow.
        """
        try:
            return await self._receive.receive()
        except trio.EndOfChannel:
            if self._lagged:
                raise Lagged(f"more than {BACKLOG} events behind") from None
            raise StopAsyncIteration from None


class Bus:
    """Hand each event to every subscriber, and wake those who wait for a condition."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._waiting = trio.lowlevel.ParkingLot()
        self._finals: OrderedDict[OpId, str | None] = OrderedDict()  # None: leapt over
        self._closed = False

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        subscription = Subscription()
        if self._closed:
            subscription.close()
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

    def publish(self, at_ms: WallMs, happenings: Iterable[Happening]) -> None:
        for what in happenings:
            if isinstance(what, OpFinal | OpLeaptOver):
                self._finals[what.op] = what.code if isinstance(what, OpFinal) else None
                if len(self._finals) > REMEMBERED_OPS:
                    self._finals.popitem(last=False)
            event = Event(at_ms, what)
            for subscription in self._subscriptions:
                subscription.offer(event)
        self._waiting.unpark_all()

    def is_final(self, op: OpId) -> bool:
        """Return whether an op became final lately, or was found to be after a leap."""
        return op in self._finals

    def final_code(self, op: OpId) -> str | None:
        """Return the outcome of an op that became final lately; None: it did not, or is unknown.

        What the log said of an op in a part that this node leapt over is not here.
        """
        return self._finals.get(op)

    async def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Return True once `condition` holds, looked at after each publish; False at shutdown."""
        while not condition():
            if self._closed:
                return False
            await self._waiting.park()
        return True

    def close(self) -> None:
        """End every subscription and every wait; what is published later reaches nobody."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()
        self._waiting.unpark_all()
