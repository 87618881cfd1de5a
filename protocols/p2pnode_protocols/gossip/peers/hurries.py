"""Asking to hurry: how often a seat may make others begin a round at once (R5.8).

A device that makes no blocks cannot begin a round for what its user waits for; those that
make them can. Asking is cheap and a round is not, so each seat has a budget.
"""

from __future__ import annotations

from ...wire.ids import MemberId, MonoMs
from ...wire.limits import HURRIES_PER_MINUTE, MEMBERS

_EVERY_MS = 60_000 // HURRIES_PER_MINUTE


class Hurries:
    """How much of its budget each seat has used up lately."""

    def __init__(self) -> None:
        self._whole_at: dict[MemberId, MonoMs] = {}  # when a seat's budget is whole again

    def __len__(self) -> int:
        return len(self._whole_at)

    def take(self, member: MemberId, now: MonoMs) -> bool:
        """Count one op that a seat asks to hurry; False: it has asked too often, so it waits.

        No fault: who waits for many ops at once is no liar.
        """
        whole_at = max(self._whole_at.get(member, now), now) + _EVERY_MS
        if whole_at - now > 60_000:
            return False
        if len(self._whole_at) >= 2 * MEMBERS:  # seats that are gone, above all
            self._whole_at = {one: at for one, at in self._whole_at.items() if at > now}
        self._whole_at[member] = MonoMs(whole_at)
        return True
