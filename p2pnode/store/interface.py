"""What a node needs of its store, and the values a store answers with.

`Store` keeps them in SQLite; the simulator's fake keeps them in memory. One contract suite
(tests/unit/store/test_store_contract.py) runs on both.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from p2pnode_protocols.agreement.blocks import Block, Header
from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.agreement.receipts import Receipt
from p2pnode_protocols.messages.frames import Sendable
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.writes import Write
from p2pnode_protocols.wire.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    Round,
    TextId,
    WallMs,
)

RECENT_ROOTS = 4096  # commits whose roots a restart brings back: as many as the core keeps
# Of votes that the log has and does not count, as they came after the decision, or another text.
LATE_CODES = frozenset({"already_decided", "closed", "superseded_revision"})
LIST_ITEMS = 4096  # blocks or texts in one message: what `messages` reads of one list


@dataclass(frozen=True, slots=True)
class StoredOp:
    """An op and where it stands: `commit_index` and `code` are None while it is pending."""

    op: Op
    commit_index: int | None
    code: str | None


@dataclass(frozen=True, slots=True)
class StoredEpoch:
    """How an epoch began; its first state only where the log before it is not here."""

    number: int
    id: EpochId
    genesis_index: int  # commits before it
    genesis_root: bytes
    round: Round  # the slot of the commit before it
    author: MemberId
    charter: bytes
    state_hash: bytes
    is_pruned: bool = False  # its blocks are no longer kept
    is_leapt_over: bool = False  # its blocks and its log were never here
    landing: bytes | None = None  # its first state, if a leap led here
    rebuild: Rebuild | None = None  # by which it began; None: by a commit, or the founding


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note in the log."""

    place: int  # 1, 2, … of all that are here, in the order of the log
    op: StoredOp


@dataclass(frozen=True, slots=True)
class StoredFate:
    """What became of an own op: in which commit, or that none here has it."""

    op: Op
    code: str
    commit_index: int | None
    at_ms: WallMs
    is_seen: bool
    place: int  # ascending as these were first saved here, and the same for ever


WhichFates = Literal["all", "refused", "unseen"]


class AnyStore(Protocol):
    """A community's record on this machine. Calls do not block but for the disk."""

    @property
    def community(self) -> CommunityId | None:
        """The community this store belongs to; None until `adopt`."""

    @property
    def charter(self) -> bytes | None:
        """The founding charter's bytes."""

    def adopt(self, charter: bytes) -> CommunityId:
        """Bind this store to the community that `charter` founds, durably; twice is once.

        Raises:
            BugError: the store belongs to another community.
        """

    def apply(self, writes: Sequence[Write], durable: bool) -> None:
        """Carry out `writes` in order, all or none.

        Args:
            writes: each may have been saved before; then it changes nothing.
            durable: power loss must not undo them (nor anything applied before) once this
                returns. Otherwise only a crash of the process is survived for certain.

        Raises:
            StoreError: `disk_full`, `store_damaged`, `store_unusable`.
            BugError: no community was adopted, or a commit or epoch contradicts a saved one.
        """

    def hold(self, writes: Sequence[Write]) -> None:
        """Carry out `writes` with the next `apply`, in its transaction, or when something is read.

        Until then the end of the process loses them: for what others signed and will send
        again, and nothing of which was told to anybody.
        """

    def author_by(self, device: DeviceKey) -> MemberId | None:
        """Return the seat that this device last spoke for; None: nothing by it is here."""

    def restore(self, device: DeviceKey) -> Restored | None:
        """Return what `device`'s core continues from; None before the first epoch.

        Raises:
            StoreError: `store_damaged` and others.
        """

    def serve_pull(self, pull: Pull) -> Sendable:
        """Return blocks beyond the frontier, parents first, and the texts of their ops.

        At least one block when there is any, then as many as fit into `most_bytes`.
        """

    def serve_want(self, hashes: Sequence[bytes]) -> Sendable:
        """Return those of the blocks and texts that are held, as many as fit one frame."""

    def serve_receipts(self, after: int) -> Sendable:
        """Return receipts for commits after this one, ascending, as many as fit one message."""

    def serve_leap(self, leap: Leap) -> Leapt:
        """Return a part of what leads from an epoch to the current one; total 0: nothing."""

    def missing_texts(self, after: TextId, most: int) -> tuple[tuple[TextRef, ...], TextId | None]:
        """Return those of the next `most` missing texts that the log refers to, and the last id.

        None for that: there are no more. So no step looks at more than it asks for.
        """

    def serve_recall(self, recall: Recall) -> Recalled:
        """Return a part of closed proposals, the last ones asked for; total 0: they lack here."""

    def block(self, block: BlockId) -> Block | None: ...

    def op(self, op: OpId) -> StoredOp | None: ...

    def late_votes(self, proposal: OpId) -> tuple[StoredOp, ...]:
        """Return each member's last vote on it that the log refused for one of `LATE_CODES`."""

    def joins(self) -> Mapping[MemberId, DeviceKey]:
        """Return by which invite each seat came last, of those that came in a commit held here."""

    def notes(self, namespace: str | None, after: int, most: int) -> tuple[StoredNote, ...]:
        """Return notes with a place above `after` in the order of the log, up to so many.

        Of all namespaces, where none is named. Those of a part that was leapt over are not here.
        """

    def text(self, text: TextId) -> bytes | None:
        """Return the blob (salt, then UTF-8); None when not held or erased."""

    def erase_text(self, text: TextId) -> None:
        """Forget a text for good: it is neither kept, served nor asked for again."""

    def commits(self, first: int, last: int) -> tuple[Commit, ...]:
        """Return the commits with first ≤ index ≤ last, ascending."""

    def commit_that_closed(self, proposal: OpId, time_ms: WallMs) -> Commit | None:
        """Return the commit of this time that decided the proposal; None when not held."""

    def epochs_until(self, last: int) -> tuple[StoredEpoch, ...]:
        """Return the epochs with number ≤ `last`, ascending."""

    def charter_of(self, epoch: int) -> bytes | None:
        """Return the charter's bytes whose committee finalizes this epoch; None when not held."""

    def provable(self, first: int, last: int) -> tuple[int, ...]:
        """Return the commits with first ≤ index ≤ last that want receipts, ascending."""

    def receipts_for(self, index: int) -> tuple[Receipt, ...]:
        """Return the receipts held for one commit, by device."""

    def fates(
        self,
        which: WhichFates = "all",
        *,
        before: int | None = None,
        limit: int | None = None,
    ) -> tuple[StoredFate, ...]:
        """Return what was saved of own ops' fates, the latest said first.

        Args:
            which: "refused": of those that changed nothing; "unseen": of those of them that
                `mark_seen` was not told of.
            before: only those with a lower place.
            limit: at most so many.
        """

    def count_fates(self, which: WhichFates = "all") -> int:
        """Return how many `fates` would return without a limit."""

    def mark_seen(self, ops: Sequence[OpId]) -> None:
        """Note, durably, that the author of these knows what became of them."""

    def forks(self) -> tuple[tuple[Header, Header], ...]:
        """Return the pairs that prove a fork, in the order they were saved."""

    def rebuilds(self) -> tuple[tuple[int, Rebuild], ...]:
        """Return the rebuilds by the number of the epoch that each began, ascending."""

    def prune(self, keep_epochs: int, coming: Container[OpId]) -> bool:
        """Forget some of what nothing needs; return whether there may be more.

        The blocks of old epochs whose ends are proved, and ops that no block here holds, no
        commit here took, and whose author is not this device.

        Args:
            keep_epochs: of how many epochs, the current one included, all blocks are kept.
            coming: the ops that may still get into the log (`Core.coming_ops`).
        """

    def close(self) -> None: ...
