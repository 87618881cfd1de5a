"""How many forks come in beyond what they may be needed for (docs/protocol.md R2.19).

Few blocks can be many bytes, so forks count in bytes. Each seat has so many an epoch for its own,
and so many for those of others that its blocks name. What is more comes in one a second: so what
honest nodes stand on comes in the end, and a flood does not.
"""

from __future__ import annotations

from enum import Enum, auto

from ...wire.ids import MemberId, MonoMs
from ...wire.limits import FORK_BYTES_PER_SEAT

FORK_EVERY_MS = 1_000


class Sake(Enum):
    """Why a fork may come in. Each has a pace of its own, so that none can use up another's."""

    OWN = auto()  # of its author, as its first two of a slot, or as it decides something
    WANTED = auto()  # of its author, as later blocks of its wait for it
    NAMER = auto()  # of another, whose blocks wait for it


_POTS = {Sake.OWN: Sake.OWN, Sake.WANTED: Sake.OWN, Sake.NAMER: Sake.NAMER}


class ForkPaces:
    """What came in for whose sake, in one epoch."""

    def __init__(self) -> None:
        self._bytes: dict[tuple[Sake, MemberId], int] = {}
        self._exceeded_at: dict[tuple[Sake, MemberId], MonoMs] = {}

    def held(self) -> dict[MemberId, int]:
        """Return the bytes that came in for each seat: its forks, and those that it names."""
        found: dict[MemberId, int] = {}
        for (_pot, seat), size in self._bytes.items():
            found[seat] = found.get(seat, 0) + size
        return found

    def has_bytes(self, seat: MemberId, sake: Sake, size: int) -> bool:
        """Return whether a fork of so many bytes fits into what a seat has; count it if so."""
        key = _POTS[sake], seat
        if self._bytes.get(key, 0) + size > FORK_BYTES_PER_SEAT:
            return False
        self._bytes[key] = self._bytes.get(key, 0) + size
        return True

    def may_exceed(self, seat: MemberId, sake: Sake, size: int, now: MonoMs) -> bool:
        """Return whether one more may come all the same: one in `FORK_EVERY_MS`; count it if so."""
        at = self._exceeded_at.get((sake, seat))
        if at is not None and now - at < FORK_EVERY_MS:
            return False
        self._exceeded_at[sake, seat] = now
        key = _POTS[sake], seat
        self._bytes[key] = self._bytes.get(key, 0) + size
        return True
