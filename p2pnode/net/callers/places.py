"""Who may be in the middle of a handshake, and who gives way when all places are taken.

A caller has proved nothing yet, and a new one costs a stranger a packet. So nobody is dropped for
having been here longest: a fast flood would push every honest caller out.
"""

from __future__ import annotations

import enum
import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Final, Generic, TypeVar

# What a caller sends before its first Noise message: libp2p's greeting and the name of Noise.
GREETING_BYTES: Final = len(b"\x13/multistream/1.0.0\n" + b"\x07/noise\n")


class Stage(enum.IntEnum):
    """How far a caller has come. Nobody is dropped for the sake of those who are less far."""

    SILENT = 0  # connected
    SPEAKING = 1  # has sent something
    PROVING = 2  # is past the greeting: its Noise message has begun
    MEMBER = 3  # its key is proved, and a member's


# Twice as many in all: sources that members are known at have as many for themselves. A place
# costs a file descriptor, and from SPEAKING on up to 64 KiB.
PLACES: Final[Mapping[Stage, int]] = {
    Stage.SILENT: 64,
    Stage.SPEAKING: 32,
    Stage.PROVING: 32,
    Stage.MEMBER: 16,
}

T = TypeVar("T", bound=Hashable)


def find_stage(bytes_in: int) -> Stage:
    """Return how far a caller is that has sent so many bytes and proved nothing."""
    if bytes_in == 0:
        return Stage.SILENT
    return Stage.SPEAKING if bytes_in <= GREETING_BYTES else Stage.PROVING


class Room(Generic[T]):
    """Places that some callers share.

    Full, it takes each new one all the same, and another gives way: one of the source that holds
    most, at random. So a source drives out only its own while others hold fewer. Among equals a
    flood of n spares a given one with the chance (1 - 1 / places)^n.
    """

    def __init__(self, places: int, pick: Callable[[int], int] = random.randrange) -> None:
        """Args: `pick`: returns any number from 0 to below its argument."""
        self._places = places
        self._pick = pick
        self._source_of: dict[T, str] = {}
        self._held: Counter[str] = Counter()  # by source

    def __len__(self) -> int:
        return len(self._source_of)

    @property
    def is_empty(self) -> bool:
        return not self._source_of

    def enter(self, new: T, source: str) -> T | None:
        """Give `new` a place; return who has lost its own for that."""
        self._source_of[new] = source
        self._held[source] += 1
        return self.drop(but=new) if len(self) > self._places else None

    def drop(self, *, but: T | None = None) -> T | None:
        """Take a place from somebody; return from whom. None: there is nobody else."""
        most = max(self._held.values(), default=0)
        found = [
            one
            for one, source in self._source_of.items()
            if one is not but and self._held[source] == most
        ]
        if not found:
            return None
        victim = found[self._pick(len(found))]
        self.leave(victim)
        return victim

    def leave(self, one: T) -> None:
        """Give a place back."""
        source = self._source_of.pop(one)
        self._held[source] -= 1
        if not self._held[source]:
            del self._held[source]


class Callers(Generic[T]):
    """All callers in the middle of a handshake: a room for each stage, and two of each kind.

    One is for sources that members are known at. A stranger with many addresses is no crowd
    there, however many of the others it fills.
    """

    def __init__(
        self,
        places: Mapping[Stage, int] = PLACES,
        pick: Callable[[int], int] = random.randrange,
    ) -> None:
        """Args: `places`: of one room for each stage, at least one."""
        self._rooms: dict[tuple[Stage, bool], Room[T]] = {
            (stage, is_known): Room(count, pick)
            for stage, count in places.items()
            for is_known in (False, True)
        }
        self._at: dict[T, tuple[Stage, bool]] = {}

    def __len__(self) -> int:
        return len(self._at)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._at))

    def enter(self, new: T, source: str, *, is_known: bool) -> T | None:
        """Take a caller in; return who has to go for it.

        Args:
            source: of `find_source`.
            is_known: whether members are known at this source.
        """
        return self._enter(new, source, (Stage.SILENT, is_known))

    def advance(self, one: T, stage: Stage, source: str) -> T | None:
        """Note how far a caller is, if it is further; return who has to go for it.

        One who has had to go itself, and has not yet, stays gone. For MEMBER the source is the
        seat: it has proved who it is, and where it calls from does not matter any more.
        """
        if one not in self._at:
            return None
        before, is_known = self._at[one]
        if stage <= before:
            return None
        self._rooms[before, is_known].leave(one)
        return self._enter(one, source, (stage, is_known))

    def drop(self) -> T | None:
        """Let one go, of those that are least far; return which. None: there is nobody."""
        for at in sorted(self._rooms):
            victim = self._rooms[at].drop()
            if victim is not None:
                del self._at[victim]
                return victim
        return None

    def leave(self, one: T) -> None:
        """Forget a caller. Idempotent."""
        at = self._at.pop(one, None)
        if at is not None:
            self._rooms[at].leave(one)

    def _enter(self, one: T, source: str, at: tuple[Stage, bool]) -> T | None:
        self._at[one] = at
        victim = self._rooms[at].enter(one, source)
        if victim is not None:
            del self._at[victim]
        return victim
