"""How many bytes each member may have put on everybody's disk: a share a day (R10.24).

Only the log and the charter enter, so all nodes refuse the same ops. A share that was used
fills up again evenly, over a day of commit time (virtual scheduling, as in GCRA): there is no
midnight at which two shares can be used at once.
"""

from __future__ import annotations

from ..codec import Fields, Value
from ..crypto import SALT_BYTES
from ..ids import MemberId, WallMs
from ..ops import MAX_MS, Op, Propose, Revise, Vote, Withdraw, texts_of
from ..terms import DAY_MS

MOST_OWED_MS = 3 * DAY_MS


def compute_bytes(op: Op) -> int:
    """Return what an op and its texts need of its author's share; 0: it needs none.

    What changes one's own seat and keys is never refused for it, and owed: who used all up, or was
    robbed of a key that did, can still revoke it and leave.
    """
    if not isinstance(op.body, Propose | Revise | Withdraw | Vote):
        return 0
    return len(op.wire) + sum(ref.size + SALT_BYTES for ref in texts_of(op.body))


def compute_weight(op: Op) -> int:
    """Return what an op puts on everybody's disk: itself, and the texts that it says to have."""
    return compute_bytes(op) or len(op.wire)


class Budget:
    """When each member's share will be whole again, by commit time."""

    def __init__(self) -> None:
        self._whole_at: dict[MemberId, WallMs] = {}

    def left(self, member: MemberId, per_day: int, now_ms: WallMs) -> int:
        """Return how many bytes are left of a member's share; below 0: so many are owed."""
        owed_ms = max(self._whole_at.get(member, now_ms) - now_ms, 0)
        return per_day - -(-owed_ms * per_day // DAY_MS)

    def take(self, member: MemberId, size: int, per_day: int, now_ms: WallMs) -> bool:
        """Take `size` bytes of a member's share; False: they are not left, and none is taken."""
        if size > self.left(member, per_day, now_ms):
            return False
        self._take(member, size, per_day, now_ms)
        return True

    def owe(self, member: MemberId, size: int, per_day: int, now_ms: WallMs) -> None:
        """Take `size` bytes, whatever is left: up to `MOST_OWED_MS` to fill up again.

        There is an end to it: a key that was stolen must not cost its seat more than some days.
        """
        self._take(member, size, per_day, now_ms)
        most = min(now_ms + MOST_OWED_MS, MAX_MS)
        self._whole_at[member] = WallMs(min(self._whole_at[member], most))

    def _take(self, member: MemberId, size: int, per_day: int, now_ms: WallMs) -> None:
        begin = max(self._whole_at.get(member, now_ms), now_ms)
        self._whole_at[member] = WallMs(min(begin + -(-size * DAY_MS // per_day), MAX_MS))

    def without_whole(self, now_ms: WallMs) -> Budget:
        """Return the shares that are not whole: an epoch begins with those."""
        budget = Budget()
        budget._whole_at = {one: at for one, at in self._whole_at.items() if at > now_ms}
        return budget

    def to_wire(self) -> Value:
        return [[member, self._whole_at[member]] for member in sorted(self._whole_at)]

    @classmethod
    def read(cls, value: Value) -> Budget:
        """Return the shares in a decoded snapshot. Raises `PeerFault` for anything else."""
        budget = cls()
        outer = Fields([value], "budget")
        for item in outer.items(MAX_MS):
            pair = Fields(item, "share")
            member = MemberId(pair.hash())
            budget._whole_at[member] = WallMs(pair.integer(0, MAX_MS))
            pair.end()
        outer.end()
        return budget
