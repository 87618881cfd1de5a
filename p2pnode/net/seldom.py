"""What peers cause again and again is told once a minute, with how often it was (R7.25).

A peer can be refused, or refuse, as often as its budget lets it. Logs and events are for people.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

import trio

from p2pnode_protocols.wire.ids import DeviceKey

EVERY_MS = 60_000
KEYS = 1024  # remembered; more than a hundred peers give in a bad minute


class Seldom:
    """Count what happens again by key. All that has no seat should share one."""

    def __init__(self) -> None:
        self._told: dict[Hashable, tuple[int, int]] = {}  # when last, and how often since

    def count(self, key: Hashable, now_ms: int) -> int:
        """Count one; return how many to tell of now, 0 for none: not yet."""
        at_ms, times = self._told.get(key, (now_ms - EVERY_MS, 0))
        if 0 <= now_ms - at_ms < EVERY_MS:  # a wall clock may be set back
            self._told[key] = at_ms, times + 1
            return 0
        self._told.pop(key, None)
        self._told[key] = now_ms, 0
        if len(self._told) > KEYS:
            del self._told[next(iter(self._told))]
        return times + 1

    def due(self, now_ms: int) -> list[tuple[Hashable, int]]:
        """Return what has happened since it was told last, more than a minute ago."""
        found = [
            (key, times)
            for key, (at_ms, times) in self._told.items()
            if times and not 0 <= now_ms - at_ms < EVERY_MS
        ]
        for key, _times in found:
            self._told.pop(key)
            self._told[key] = now_ms, 0
        return found


class PeerLog:
    """What of peers goes into the log.

    Who comes with ever new keys does not fill it: those of no seat pass for one.
    """

    def __init__(self, is_known: Callable[[DeviceKey], bool]) -> None:
        """Args: `is_known`: whether a device belongs to a member, or is wanted."""
        self._is_known = is_known
        self._seldom = Seldom()

    def count(self, device: DeviceKey, what: str) -> int:
        """Count one; return how many to tell of now (R7.25)."""
        whose = device if self._is_known(device) else b""
        return self._seldom.count((whose, what), round(trio.current_time() * 1000))
