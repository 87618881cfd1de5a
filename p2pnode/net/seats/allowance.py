"""What all devices of one seat may make this node hold together (R7.19, R7.21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Holder(Protocol):
    """What holds something for one device."""

    @property
    def memory(self) -> int:
        """Bytes of it."""
        ...

    def overflow(self) -> None:
        """Let go of it: another device of the seat needs the room."""
        ...


class Allowance:
    """So many bytes of memory, for all that hold something for one seat."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._holders: list[Holder] = []

    def __len__(self) -> int:
        return len(self._holders)

    @property
    def used(self) -> int:
        return sum(one.memory for one in self._holders)

    def join(self, holder: Holder) -> None:
        self._holders.append(holder)

    def leave(self, holder: Holder) -> None:
        if holder in self._holders:
            self._holders.remove(holder)

    def make_room(self, holder: Holder, memory: int) -> bool:
        """Return whether `holder` may hold so much more; who holds most of all gives way.

        One thing may always be held, however large: nobody is to blame for its size.
        """
        while self.used + min(memory, self._most) > self._most:
            largest = max(self._holders, key=lambda one: one.memory)
            if largest is holder or not largest.memory:
                return False
            largest.overflow()
        return True


@dataclass(frozen=True, slots=True)
class SeatRoom:
    """What one seat's devices share."""

    waiting: Allowance  # messages that are to be written to them
    partial: Allowance  # frames of theirs that have not come whole yet
