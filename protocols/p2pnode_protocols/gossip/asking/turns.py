"""In which turn peers are asked for what only one of them is asked for at a time (R7.7).

While one is asked, the others wait; so what is shared out is that time. Each question costs a
seat the time that its answer took, and whoever has cost least is asked next: one that lets every
answer drip costs the others no more than its share. Kept by seat, and over connections: a liar
may hang up and call again, or have any number of devices, and gains nothing by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...wire.ids import DeviceKey, MonoMs

REMEMBERED = 1_024  # seats and devices; of more, those that were asked longest ago are forgotten


class Asked(Protocol):
    """What there is to know of a peer here."""

    @property
    def device(self) -> DeviceKey: ...
    @property
    def seat(self) -> bytes: ...


@dataclass(slots=True)
class _Turn:
    cost_ms: int = 0  # up to here it has used its share up; on the clock of `Turns`
    number: int = 0  # of its last question, counted over all
    has_failed: bool = False  # since it last brought something


_NEVER = _Turn()


class Turns:
    """Who has cost the others least comes first; of those, who was asked longest ago.

    This is fair queueing by start times: a seat that asks for nothing for long saves nothing
    up, as whoever is asked goes on from where the seat asked before it began.
    """

    def __init__(self) -> None:
        self._turns: dict[bytes, _Turn] = {}
        self._began_ms = 0  # where the last question began, on a clock that costs alone move
        self._count = 0
        self._asked_at: dict[DeviceKey, MonoMs] = {}  # questions that are open

    def rank(self, peer: Asked) -> tuple[int, ...]:
        """Return what sorts peers in the order in which they should be asked."""
        seat, device = (self._turns.get(key, _NEVER) for key in (peer.seat, peer.device))
        return self._start_of(seat), seat.number, self._start_of(device), device.number

    def _start_of(self, turn: _Turn) -> int:
        return max(turn.cost_ms, self._began_ms)

    def has_failed(self, peer: Asked) -> bool:
        """Return whether its seat has left a question open since it last brought something."""
        return self._turns.get(peer.seat, _NEVER).has_failed

    def ask(self, peer: Asked, now: MonoMs) -> None:
        """A question to it is open, until it is `answered` or has failed."""
        self._count += 1
        self._asked_at[peer.device] = now
        started = {key: self._start_of(self._turns.get(key, _NEVER)) for key in _keys(peer)}
        self._began_ms = started[peer.seat]
        for key, start in started.items():
            turn = self._turns.pop(key, None) or _Turn()
            turn.cost_ms, turn.number = start, self._count
            self._turns[key] = turn
        while len(self._turns) > REMEMBERED:
            del self._turns[next(iter(self._turns))]

    def answered(self, peer: Asked, now: MonoMs) -> None:
        """It said what was asked, whatever that is worth."""
        asked_at = self._asked_at.pop(peer.device, now)
        self._charge(peer, max(1, now - asked_at))

    def fail(self, peer: Asked, cost_ms: int) -> None:
        """It did not answer, or hung up instead: that costs as much as waiting in vain."""
        self._asked_at.pop(peer.device, None)
        self._charge(peer, cost_ms)
        for key in _keys(peer):
            if key in self._turns:
                self._turns[key].has_failed = True

    def _charge(self, peer: Asked, cost_ms: int) -> None:
        for key in _keys(peer):
            if key in self._turns:
                self._turns[key].cost_ms += cost_ms

    def bring(self, peer: Asked) -> None:
        """It answered with something new."""
        for key in _keys(peer):
            if key in self._turns:
                self._turns[key].has_failed = False


def _keys(peer: Asked) -> tuple[bytes, bytes]:
    return peer.seat, peer.device
