"""What happens on this node, as a stream for programs: the bus and its event types.

Publishing never blocks and never fails: the driver must not wait for a reader. A reader
that falls behind loses its subscription, and is told so; what is final can be read again
from the store, what is provisional is only worth reading as it is.

What one step caused is published at once, and may be thousands of events: a node that was
away, or many ops under way. So no reader is cut off by the size of a step: only one who has
`BACKLOG` events unread from earlier ones.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import trio

from p2pnode_protocols.core.own.fates import LEAPT_OVER
from p2pnode_protocols.steps.notices import Committed, Notice, OpFinal, OpLeaptOver, OwnOpSettled
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, OpId, WallMs

from ..answers import Stage

BACKLOG = 1024  # events a reader may have left unread when the next step's come
REMEMBERED_OPS = 4096  # outcomes kept for those who wait for an op that is final already


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
    community: CommunityId | None = None  # in which; None: the bus is of none


class Lagged(Exception):
    """This reader left more than `BACKLOG` events unread while more came; subscribe again.

    Every event up to and with commit `after` was delivered: `Community.commits` has what is final
    after it.
    """

    def __init__(self, after: int) -> None:
        super().__init__(
            f"more than {BACKLOG} events behind; what is final after commit {after} is in the log"
        )
        self.after = after


class Subscription:
    """An async iterator over events from the moment of subscribing on.

    An event that is here is returned without a checkpoint, so that a reader takes a whole
    step's in one turn of the loop; only waiting for the next one is a checkpoint.
    """

    def __init__(self, after: int) -> None:
        self._events: deque[Event] = deque()
        self._waiting = trio.lowlevel.ParkingLot()
        self._after = after  # the last commit before the events that wait here
        self._ended = False
        self._lagged = False

    def offer(self, events: Sequence[Event]) -> None:
        if self._ended:
            return
        if len(self._events) > BACKLOG:
            self._lagged = True
            self.close()
            return
        self._events.extend(events)
        self._waiting.unpark_all()

    def close(self) -> None:
        """Let the reader finish what it has, then end."""
        self._ended = True
        self._waiting.unpark_all()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        """Return the next event.

        Raises:
            Lagged: after the last event that was kept for a reader too slow.
        """
        while not self._events:
            if self._lagged:
                raise Lagged(self._after)
            if self._ended:
                raise StopAsyncIteration
            await self._waiting.park()
        event = self._events.popleft()
        if isinstance(event.what, Committed):
            self._after = event.what.index
        return event


class Bus:
    """Hand each event to every subscriber, and wake those who wait for a condition.

    Args:
        above: of the process, which hears of this one's as well, and closes it.
        community: in which all of it happens; None: in several.
    """

    def __init__(self, above: Bus | None = None, community: CommunityId | None = None) -> None:
        self._above = above
        self._community = community
        self._below: list[Bus] = []
        if above is not None:
            above._below.append(self)
        self._subscriptions: list[Subscription] = []
        self._waiting = trio.lowlevel.ParkingLot()
        self._finals: OrderedDict[OpId, str | None] = OrderedDict()  # None: leapt over
        self._lost: OrderedDict[OpId, str] = OrderedDict()  # own ones: never final, and why
        self._closed = False

    @contextmanager
    def subscribe(self, after: int = 0) -> Iterator[Subscription]:
        """Subscribe to what happens from here on; `after` is the last commit before it."""
        subscription = Subscription(after)
        if self._closed:
            subscription.close()
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

    def publish(self, at_ms: WallMs, happenings: Iterable[Happening]) -> None:
        events = [Event(at_ms, what, self._community) for what in happenings]
        for event in events:
            what = event.what
            if isinstance(what, OpFinal | OpLeaptOver):
                self._finals[what.op] = what.code if isinstance(what, OpFinal) else None
                if len(self._finals) > REMEMBERED_OPS:
                    self._finals.popitem(last=False)
            if isinstance(what, OwnOpSettled):
                self._settle(what)
        self._pass_on(events)

    def _pass_on(self, events: Sequence[Event]) -> None:
        for subscription in self._subscriptions:
            subscription.offer(events)
        self._waiting.unpark_all()
        if self._above is not None:
            self._above._pass_on(events)

    def _settle(self, what: OwnOpSettled) -> None:
        if what.index is not None:
            self._lost.pop(what.op, None)
        elif what.code in ("ok", LEAPT_OVER):  # it is in the log, though not in what is here
            self._finals[what.op] = "ok" if what.code == "ok" else None
        else:
            self._lost[what.op] = what.code
            if len(self._lost) > REMEMBERED_OPS:
                self._lost.popitem(last=False)

    def lost_code(self, op: OpId) -> str | None:
        """Return why an own op was found, lately, never to become final; None: it was not."""
        return self._lost.get(op)

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
        if self._above is not None:
            self._above._below.remove(self)
            self._above = None
        for one in list(self._below):
            one.close()
