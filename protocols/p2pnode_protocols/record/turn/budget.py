"""How many bytes each seat may have put on everybody's disk: a share a day (R10.24).

Only the log and the charter enter, so all nodes refuse the same ops. A share that was used
fills up again evenly, over a day of commit time (virtual scheduling, as in GCRA): there is no
midnight at which two shares can be used at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...wire.crypto import SALT_BYTES
from ...wire.ids import MAX_MS, WallMs
from ..bodies import (
    Away,
    Back,
    Evidence,
    Join,
    Leave,
    Propose,
    Revise,
    RevokeDevice,
    SetNodeKey,
    texts_of,
)
from ..ops import Op
from ..seats.terms import DAY_MS

# Free when they take effect, as each can do so only as often as something else lets it: an
# interval, a key bound before, a seat opened, a key that makes blocks. Who used all up, or was
# robbed of a key that did, can still revoke it and leave; and what a liar did is always shown.
FREE = (Away, Back, Evidence, Join, Leave, RevokeDevice, SetNodeKey)
ENTRY_BYTES = 256  # of an op on the disk besides its own: rows, indexes, its place in the commit
PART_BYTES = 192  # of a part of a text: rows and indexes, as pages are seldom full
SEAT_BYTES = 34  # of an electorate, in the record of a proposal
OPENING_BYTES = 512  # of a record: tier, times, how it was decided
MOST_SHARES = 2  # that refused ops may take: beyond, the log does not take them


def compute_bytes(op: Op, electorate: int) -> int:
    """Return what an op, its texts and what a record keeps of it take on a disk, at most.

    Args:
        electorate: members whom a proposal asks that is opened now: its record lists them.
    """
    # Twice: a record says again what an op said, a ballot, a revision, an action.
    size = 2 * len(op.wire) + ENTRY_BYTES
    for ref in texts_of(op.body):
        size += ref.size + SALT_BYTES
    if isinstance(op.body, Propose | Revise):
        size += PART_BYTES * len(op.body.parts)
    if isinstance(op.body, Propose):
        size += OPENING_BYTES + SEAT_BYTES * electorate
    return size


def compute_refused_bytes(op: Op) -> int:
    """Return what an op takes on a disk that changes nothing, and whose texts are dropped."""
    return len(op.wire) + ENTRY_BYTES


class Budget:
    """When each share will be whole again, by commit time: by who pays (`State.payer_of`)."""

    def __init__(self, whole_at: Mapping[bytes, WallMs] | None = None) -> None:
        self._whole_at: dict[bytes, WallMs] = dict(whole_at or {})

    @property
    def whole_at(self) -> Mapping[bytes, WallMs]:
        """All that was used of and is not known to be whole: what a snapshot says."""
        return self._whole_at

    def left(self, payer: bytes, per_day: int, now_ms: WallMs) -> int:
        """Return how many bytes are left of a share of `per_day`; below 0: so many are owed."""
        owed_ms = max(self._whole_at.get(payer, now_ms) - now_ms, 0)
        return per_day - -(-owed_ms * per_day // DAY_MS)

    def take(self, payer: bytes, size: int, per_day: int, now_ms: WallMs) -> bool:
        """Take `size` bytes of a share; False: they are not left, and none is taken."""
        if size > self.left(payer, per_day, now_ms):
            return False
        self._charge(payer, size, per_day, now_ms)
        return True

    def owe(self, payer: bytes, size: int, per_day: int, now_ms: WallMs) -> bool:
        """Take what is not left; False: with it more than `MOST_SHARES` would be taken."""
        owed_ms = max(self._whole_at.get(payer, now_ms) - now_ms, 0)
        if owed_ms * per_day + size * DAY_MS > MOST_SHARES * per_day * DAY_MS:
            return False
        self._charge(payer, size, per_day, now_ms)
        return True

    def _charge(self, payer: bytes, size: int, per_day: int, now_ms: WallMs) -> None:
        begin = max(self._whole_at.get(payer, now_ms), now_ms)
        self._whole_at[payer] = WallMs(min(begin + -(-size * DAY_MS // per_day), MAX_MS))

    def twin(self) -> Budget:
        """Return an equal one: what changes one does not change the other."""
        return Budget(self._whole_at)

    def without_whole(self, now_ms: WallMs) -> Budget:
        """Return the shares that are not whole: an epoch begins with those."""
        return Budget({one: at for one, at in self._whole_at.items() if at > now_ms})
