"""The loud alarm: who reports another log than the one that is final here (R7.13)."""

from __future__ import annotations

from ...steps.notices import Diverged
from ...wire.ids import MemberId
from ...wire.limits import ALARMS_PER_SEAT
from ..log.ledger import Ledger
from ..outbox import Outbox


class Alarms:
    """Roots that contradict the log here, and whether the alarm was raised for them."""

    def __init__(self, ledger: Ledger, out: Outbox) -> None:
        self._ledger = ledger
        self._notices = out.notices
        self._raised: dict[MemberId, set[tuple[int, bytes]]] = {}  # by seat

    def compare(self, member: MemberId | None, index: int, root: bytes) -> None:
        ours = self._ledger.roots.get(index)
        if ours is not None and ours != root:
            self.diverged(member, index, root)

    def diverged(self, member: MemberId | None, index: int, theirs: bytes) -> bool:
        """Raise the alarm, once for each root that a seat reports; return whether it was new.

        Who signs ever new roots has been told of `ALARMS_PER_SEAT` times: that is enough. Who has
        no seat has no say: whoever holds an open invite could alarm everybody, with new keys.

        Args:
            member: whose word it is; None: of nobody who has a seat here.
        """
        if member is None:
            return False
        raised = self._raised.setdefault(member, set())
        if (index, theirs) in raised or len(raised) >= ALARMS_PER_SEAT:
            return False
        raised.add((index, theirs))
        ours = self._ledger.roots.get(index, self._ledger.final_root)  # R7.13: ours stands
        self._notices.append(Diverged(member, index, ours, theirs))
        return True
