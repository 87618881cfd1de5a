"""What others say of where a device is: a tip, which is tried at the cost of who gives it (R7.16).

A member may lie, and anybody on the local network. So what one of them says has places of its
own, never those of what the device says itself, and the connections it causes are counted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

import trio

PLACES_OF_ONE = 8  # addresses of one device that one teller has dialled: its newest
# Connections that are tried for the words of one teller, about all devices together. Who is new
# hears of all others by one word, so at first there are PLACES_OF_ONE for each of them.
TRIES_PER_MINUTE = 32
AGAIN_S = 5.0  # between two dials of a device for the sake of news alone
TELLERS = 256  # remembered, of a device and with tries; a community has 100 seats
LOCAL: Final = b"local network"  # teller of what mDNS finds


class Tips:
    """Where others say that one device is."""

    def __init__(self) -> None:
        self._by_teller: dict[bytes, tuple[str, ...]] = {}  # newest first
        self._untried: dict[str, None] = {}
        self._again_s = 0.0

    def __contains__(self, address: str) -> bool:
        return any(address in told for told in self._by_teller.values())

    @property
    def addresses(self) -> list[str]:
        """Return all of them, each once."""
        return list(dict.fromkeys(one for told in self._by_teller.values() for one in told))

    @property
    def due_s(self) -> float | None:
        """When to dial for its sake; None: all of it has been tried."""
        return self._again_s if self._untried else None

    def tell(self, teller: bytes, addresses: Sequence[str]) -> None:
        """Note what `teller` says. The oldest of its words give way, nobody else's do."""
        before = self._by_teller.get(teller, ())
        said = tuple(dict.fromkeys([*addresses[:PLACES_OF_ONE], *before]))[:PLACES_OF_ONE]
        if not said:
            return
        fresh = [one for one in said if one not in self]
        self._by_teller[teller] = said
        if len(self._by_teller) > TELLERS:  # most of these have no seat any more
            del self._by_teller[next(iter(self._by_teller))]
        self._untried.update(dict.fromkeys(fresh))
        for address in [one for one in self._untried if one not in self]:
            del self._untried[address]

    def pick(
        self, known: Sequence[str], may_try: Callable[[bytes], bool], *, is_round: bool
    ) -> list[str]:
        """Return what to dial of it, as far as its tellers have tries left; in any order.

        Args:
            known: where the device is known to be by itself: no teller pays for these.
            is_round: all is due, not only what has not been tried yet.
        """
        self._again_s = trio.current_time() + AGAIN_S
        for address in known:
            self._untried.pop(address, None)
        wanted = self.addresses if is_round else list(self._untried)
        random.shuffle(wanted)  # where tries lack, each has its turn
        picked: list[str] = []
        for address in wanted:
            tellers = [one for one, told in self._by_teller.items() if address in told]
            if address not in known and any(may_try(one) for one in tellers):
                picked.append(address)
                self._untried.pop(address, None)
        return picked


class Tries:
    """How many connections the words of each teller may still cost; they come back with time."""

    def __init__(self) -> None:
        self._left: dict[bytes, tuple[float, float]] = {}  # how many, and when that was

    def __len__(self) -> int:
        return len(self._left)

    def take(self, teller: bytes, most: int) -> bool:
        """Use one up; False: there is none. `most`: that there can be at once."""
        now_s = trio.current_time()
        left, at_s = self._left.get(teller, (float(most), now_s))
        left = min(float(most), left + (now_s - at_s) * TRIES_PER_MINUTE / 60)
        if left < 1:
            return False
        self._left[teller] = left - 1, now_s
        if len(self._left) > TELLERS:
            self._forget(most)
        return True

    def _forget(self, most: int) -> None:
        """Forget who would have all of them again by now."""
        now_s = trio.current_time()
        for teller, (left, at_s) in list(self._left.items()):
            if left + (now_s - at_s) * TRIES_PER_MINUTE / 60 >= most:
                del self._left[teller]
