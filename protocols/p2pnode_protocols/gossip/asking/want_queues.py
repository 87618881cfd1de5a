"""What is asked for by its hash, and when next: blocks and texts that are not here (R7.8)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...wire.ids import DeviceKey, MonoMs
from ...wire.limits import WANT_HASHES

WANT_RETRY_MS = 500  # after the sender the next peer is asked, then the next …
WANT_EVERY_MS = 50  # one want to a peer in this time: half of what it allows, whoever floods us
SPARE = 1_024  # places in a queue of what has come meanwhile, before it is made anew


@dataclass(slots=True)
class Wanted:
    """One hash: whom to ask for it, and how far that has come."""

    number: int  # in order of coming
    peers: list[DeviceKey]  # connected, in the order to be asked; the sender first
    next_at: MonoMs
    seat: bytes  # for whose sake
    delay_ms: int = WANT_RETRY_MS
    turn: int = 0


class WantQueues:
    """A queue for each seat for whose sake something is asked for.

    So that looking for what is due costs no more than a want of each seat, however much of it one
    makes this node miss.
    """

    def __init__(self) -> None:
        self._wanted: dict[bytes, Wanted] = {}
        self._queues: dict[bytes, list[tuple[MonoMs, int, bytes]]] = {}  # heaps, by seat
        self._turns: dict[bytes, tuple[MonoMs, int]] = {}  # by seat: since when, how many are left
        self._count = 0

    def __len__(self) -> int:
        return len(self._wanted)

    def __getitem__(self, one: bytes) -> Wanted:
        return self._wanted[one]

    def get(self, one: bytes) -> Wanted | None:
        return self._wanted.get(one)

    def add(self, one: bytes, peers: list[DeviceKey], at: MonoMs, seat: bytes) -> None:
        """Ask for something new."""
        self._count += 1
        self._wanted[one] = Wanted(self._count, peers, at, seat)
        self._queue(one, self._wanted[one])

    def forget(self, one: bytes) -> None:
        """Ask for something no more."""
        self._wanted.pop(one, None)

    def keep(self, is_kept: Callable[[bytes], bool]) -> None:
        """Forget all but what is kept."""
        self._wanted = {one: wanted for one, wanted in self._wanted.items() if is_kept(one)}
        self._queue_all()

    def hurry(self, at: MonoMs) -> None:
        """Let everything be due at a time, unless it is earlier."""
        for wanted in self._wanted.values():
            wanted.next_at = min(wanted.next_at, at)
        self._queue_all()

    def lost(self, device: DeviceKey) -> None:
        """Ask who has gone no more."""
        for wanted in self._wanted.values():
            if device in wanted.peers:
                wanted.peers.remove(device)

    def take_due(self, now: MonoMs) -> list[bytes]:
        """Return what is due, first come first, of each seat what fits into one want.

        No more in `WANT_EVERY_MS`, however often it is looked. Each must be given another time,
        or be forgotten.
        """
        self._turns = {
            seat: turn for seat, turn in self._turns.items() if now - turn[0] < WANT_EVERY_MS
        }
        due: list[tuple[int, bytes]] = []
        for seat in list(self._queues):
            queue = self._queues[seat]
            since, left = self._turns.get(seat, (now, WANT_HASHES))
            while queue and queue[0][0] <= now and left:
                entry = heapq.heappop(queue)
                if self._is_current(entry):
                    due.append((entry[1], entry[2]))
                    left -= 1
            self._turns[seat] = since, left
            if not queue:
                del self._queues[seat]
        return [one for _number, one in sorted(due)]

    def wait(self, one: bytes, at: MonoMs) -> None:
        """Give what was due another time."""
        wanted = self._wanted[one]
        wanted.next_at = at
        self._queue(one, wanted)

    def times(self) -> Iterator[MonoMs]:
        """Yield when the first of each seat is due and may be looked at."""
        for seat, queue in self._queues.items():
            while queue and not self._is_current(queue[0]):
                heapq.heappop(queue)
            if queue:
                since, left = self._turns.get(seat, (MonoMs(0), WANT_HASHES))
                yield queue[0][0] if left else max(queue[0][0], MonoMs(since + WANT_EVERY_MS))

    def _is_current(self, entry: tuple[MonoMs, int, bytes]) -> bool:
        at, number, one = entry
        wanted = self._wanted.get(one)
        return wanted is not None and wanted.number == number and wanted.next_at == at

    def _queue(self, one: bytes, wanted: Wanted) -> None:
        queue = self._queues.setdefault(wanted.seat, [])
        heapq.heappush(queue, (wanted.next_at, wanted.number, one))
        if len(queue) > 2 * len(self._wanted) + SPARE:
            queue[:] = filter(self._is_current, queue)
            heapq.heapify(queue)

    def _queue_all(self) -> None:
        self._queues = {}
        for one, wanted in self._wanted.items():
            queue = self._queues.setdefault(wanted.seat, [])
            queue.append((wanted.next_at, wanted.number, one))
        for queue in self._queues.values():
            heapq.heapify(queue)
