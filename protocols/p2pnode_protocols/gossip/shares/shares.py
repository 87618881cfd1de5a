"""What others make this node keep for a while: a share for each seat, and a limit in all (R7.19).

One seat's misbehaviour must not cost the others. So everything kept counts for one seat, with
all its devices; when all is full the seat that holds most gives way, its last in rank first.
That happens to nobody's blame: a total may be full by the doing of somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...wire.ids import DeviceKey

K = TypeVar("K")  # a key
V = TypeVar("V")  # what is kept


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts, and bytes of memory: of one seat, and of all together."""

    each: int
    each_bytes: int
    all: int
    all_bytes: int


@dataclass(slots=True)
class _Kept(Generic[V]):
    value: V
    seat: bytes
    size: int
    rank: int
    carriers: set[DeviceKey]


class Shares(Generic[K, V]):
    """Values by key, each counted for one seat.

    A value is kept while somebody who brought it is connected (`lost`).
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept: dict[K, _Kept[V]] = {}
        self._by_seat: dict[bytes, dict[K, None]] = {}
        self._sizes: dict[bytes, int] = {}
        self._size = 0

    def __contains__(self, key: K) -> bool:
        return key in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[K]:
        return iter(self._kept)

    @property
    def size(self) -> int:
        """Bytes of memory that all of it takes."""
        return self._size

    def held(self) -> dict[bytes, tuple[int, int]]:
        """Return how many values and bytes of memory count for each seat."""
        return {seat: (len(keys), self._sizes[seat]) for seat, keys in self._by_seat.items()}

    def get(self, key: K) -> V | None:
        kept = self._kept.get(key)
        return None if kept is None else kept.value

    def carriers(self, key: K) -> list[DeviceKey]:
        """Return who brought a value and is connected, in order of key."""
        return sorted(self._kept[key].carriers)

    def put(
        self, key: K, value: V, *, seat: bytes, size: int, rank: int, carrier: DeviceKey
    ) -> list[K]:
        """Keep a value; return what had to give way, which may be the value itself.

        Args:
            rank: of a seat's values the highest gives way first, of equals the newest.
            size: bytes of memory.
        """
        if key in self._kept:
            self._kept[key].carriers.add(carrier)
            return []
        self._kept[key] = _Kept(value, seat, size, rank, {carrier})
        self._by_seat.setdefault(seat, {})[key] = None
        self._sizes[seat] = self._sizes.get(seat, 0) + size
        self._size += size
        limits, gone = self._limits, []
        while len(self._by_seat.get(seat, ())) > limits.each or (
            self._sizes.get(seat, 0) > limits.each_bytes
        ):
            gone.append(self._evict(seat))
        while len(self._kept) > limits.all or self._size > limits.all_bytes:
            gone.append(self._evict(self._largest()))
        return gone

    def _largest(self) -> bytes:
        """Return the seat that holds most of what is scarce."""
        if len(self._kept) > self._limits.all:
            return max(sorted(self._by_seat), key=lambda seat: len(self._by_seat[seat]))
        return max(sorted(self._sizes), key=lambda seat: self._sizes[seat])

    def _evict(self, seat: bytes) -> K:
        # Of equal ranks `max` takes the first it meets: the newest, read backwards.
        last = max(reversed(self._by_seat[seat]), key=lambda key: self._kept[key].rank)
        self.remove(last)
        return last

    def remove(self, key: K) -> V:
        """Forget a value, and return it."""
        kept = self._kept.pop(key)
        del self._by_seat[kept.seat][key]
        self._size -= kept.size
        self._sizes[kept.seat] -= kept.size
        if not self._by_seat[kept.seat]:
            del self._by_seat[kept.seat], self._sizes[kept.seat]
        return kept.value

    def lost(self, device: DeviceKey) -> list[K]:
        """A peer has gone; return what only it had brought, highest rank first. All stays."""
        alone: list[K] = []
        for key, kept in self._kept.items():
            if device in kept.carriers:
                kept.carriers.discard(device)
                if not kept.carriers:
                    alone.append(key)
        return sorted(alone, key=lambda key: self._kept[key].rank, reverse=True)

    def clear(self) -> list[tuple[V, list[DeviceKey]]]:
        """Forget everything; return it in the order it came, with who brought it."""
        kept = [(one.value, sorted(one.carriers)) for one in self._kept.values()]
        self._kept.clear()
        self._by_seat.clear()
        self._sizes.clear()
        self._size = 0
        return kept
