"""Which seats do not let this device in, and since when: all that it hears of a lost seat.

Rule: docs/protocol.md R5.9. Whose seat or key went while it was cut off gets no log any more that
would say so. One member may lie, or be behind and not know the seat yet; so more than may lie
have to say it, for longer than it takes to catch up.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from ...wire.ids import MemberId, MonoMs

# What a hello is refused for when no seat here, or no invite, has the key (R7.9).
SHUT_OUT = frozenset({"not_a_member", "bad_invite", "invite_over"})
SURE_MS = 60_000  # who is behind catches up in this time, and lets a new key in


@dataclass(slots=True)
class _Refusal:
    code: str
    first_at: MonoMs
    last_at: MonoMs


class Refusals:
    """What seats last answered to this device's hello, if it was no."""

    def __init__(self) -> None:
        self._by_seat: dict[MemberId, _Refusal] = {}

    def note(self, seat: MemberId, code: str, now: MonoMs) -> None:
        """A device of this seat refused the hello of this one; other codes are passed over."""
        if code not in SHUT_OUT:
            return
        if code == "invite_over":  # who is behind says that the same invite is not decided
            code = "bad_invite"
        held = self._by_seat.get(seat)
        if held is None or held.code != code:
            self._by_seat[seat] = _Refusal(code, now, now)
        else:
            held.last_at = now

    def let_in(self, seat: MemberId | None) -> None:
        """A device of this seat said hello: what it said before holds no more."""
        if seat is not None:
            self._by_seat.pop(seat, None)

    def clear(self) -> None:
        self._by_seat.clear()

    def confirm(self, code: str, seats: Container[MemberId], open_to: int, faults: int) -> bool:
        """Return whether it is sure that nobody lets this device in any more, for this reason.

        Args:
            code: `not_a_member`, or `bad_invite` for all that is wrong with one.
            seats: whose word counts, the committee.
            open_to: how many of these let it in now.
            faults: how many of these may lie.
        """
        if open_to > faults:
            return False  # an honest one among them shows the log
        sure = [
            seat
            for seat, one in self._by_seat.items()
            if seat in seats and one.code == code and one.last_at - one.first_at >= SURE_MS
        ]
        return len(sure) > faults

    def any_of(self, seats: Container[MemberId]) -> bool:
        """Return whether any of these seats does not let this device in."""
        return any(seat in seats for seat in self._by_seat)
