"""In which turn peers are asked for what only one of them is asked for at a time (R7.7).

Kept by seat, and over connections: a liar who is mute may hang up and call again, or have any
number of devices, and is asked after everybody else all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .ids import DeviceKey

REMEMBERED = 1_024  # seats and devices; of more, those that were asked longest ago are forgotten


class Asked(Protocol):
    """What there is to know of a peer here."""

    @property
    def device(self) -> DeviceKey: ...
    @property
    def seat(self) -> bytes: ...


@dataclass(slots=True)
class _Turn:
    failures: int = 0  # since it last brought something
    at: int = 0  # how manyeth question its last one was


_NEVER = _Turn()


class Turns:
    """Who failed least comes first; of those, whom nothing was asked for the longest time."""

    def __init__(self) -> None:
        self._turns: dict[bytes, _Turn] = {}
        self._count = 0

    def rank(self, peer: Asked) -> tuple[int, ...]:
        """Return what sorts peers in the order in which they should be asked."""
        seat, device = (self._turns.get(key, _NEVER) for key in (peer.seat, peer.device))
        return seat.failures, seat.at, device.failures, device.at

    def has_failed(self, peer: Asked) -> bool:
        return self._turns.get(peer.seat, _NEVER).failures > 0

    def ask(self, peer: Asked) -> None:
        self._count += 1
        for key in (peer.seat, peer.device):
            turn = self._turns.pop(key, None) or _Turn()
            turn.at = self._count
            self._turns[key] = turn
        while len(self._turns) > REMEMBERED:
            del self._turns[next(iter(self._turns))]

    def fail(self, peer: Asked) -> None:
        """It did not answer, or hung up instead."""
        for key in (peer.seat, peer.device):
            if key in self._turns:
                self._turns[key].failures += 1

    def bring(self, peer: Asked) -> None:
        """It answered with something new: that counts for it, whatever was before."""
        for key in (peer.seat, peer.device):
            if key in self._turns:
                self._turns[key].failures = 0
