"""What is final here: the state that the log has made, the epoch it is in, and the log's roots."""

from __future__ import annotations

from ...record.ops import Op
from ...record.state import State
from ...steps.restored import Restored
from ...steps.writes import SaveEpoch
from ...wire.codec import decode
from ...wire.errors import UsageError
from ...wire.ids import EpochId, MemberId
from ..identity import Identity
from .epoch import Epoch

ROOTS_KEPT = 4096  # commits whose roots peers' claims are compared with
EPOCHS_KEPT = 64  # past epoch ids whose late blocks are ignored without blame


class Ledger:
    """The one place of what is final.

    `Finalizer`, `Epochs`, `Lander` and `Rebuilder` write it, all others read.
    """

    def __init__(self, me: Identity, restored: Restored) -> None:
        self._device = me.device
        record = restored.epoch
        self.state: State = State.read(
            decode(record.snapshot, len(record.snapshot)),
            restored.closed,
            me.verify,
            me.practices,
        )
        self.epoch = Epoch(record, self.state, me.device)
        # What came into force and this program does not have: from there on the log is not for it,
        # and this node only serves what it has (R6.20).
        self.lacking: tuple[str, int] | None = None
        self.final_index = record.genesis_index
        self.final_root = record.genesis_root
        self.roots = dict(restored.recent_roots)  # of the last commits
        self.roots[record.genesis_index] = record.genesis_root
        self.past: dict[EpochId, None] = {
            rebuild.statement.epoch: None for _number, rebuild in restored.rebuilds
        }

    def require_versions(self) -> None:
        """Raise `UsageError` `update_needed` when this program lacks what is in force."""
        if self.lacking is not None:
            name, version = self.lacking
            raise UsageError(
                "update_needed",
                f"{name} {version} is in force in this community, and this program does not have "
                "it: the node shows what was so until then, and says nothing more; update it",
            )

    @property
    def member(self) -> MemberId | None:
        """The seat this device belongs to in the finalized state, or None."""
        seat = self.state.charter.by_device(self._device)
        return None if seat is None else seat.id

    def seat_of(self, op: Op) -> MemberId:
        """Return for whose sake the texts of an op are kept and asked for: its key's seat.

        Not whom it names: anybody can name another's seat. But a key without one names its last.
        """
        seat = self.state.charter.by_device(op.device)
        return op.author if seat is None else seat.id

    def append(self, root: bytes) -> None:
        """The log has one commit more."""
        self.final_index += 1
        self.final_root = root
        self.roots[self.final_index] = root
        self.roots.pop(self.final_index - ROOTS_KEPT, None)

    def leap(self, state: State, record: SaveEpoch) -> None:
        """Go on from a state that a leap has proved; the epoch is entered after that."""
        self.state = state
        self.final_index, self.final_root = record.genesis_index, record.genesis_root
        lowest = record.genesis_index - ROOTS_KEPT
        self.roots = {index: root for index, root in self.roots.items() if index > lowest}
        self.roots[record.genesis_index] = record.genesis_root

    def leave(self) -> None:
        """The epoch has ended: late blocks of it are nobody's fault."""
        self.past[self.epoch.id] = None
        if len(self.past) > EPOCHS_KEPT:
            del self.past[next(iter(self.past))]

    def enter(self, record: SaveEpoch) -> None:
        """Begin an epoch, with which the state has begun already."""
        self.epoch = Epoch(record, self.state, self._device)
