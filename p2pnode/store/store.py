"""The store: everything a node must not forget, in one SQLite file.

Everything read back is checked by its id (blocks, ops, texts) or a hash kept beside it
(snapshots), so that a flipped bit is found where SQLite itself would not see it.
"""

from __future__ import annotations

import bisect
import contextlib
from collections.abc import Container, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from p2pnode_protocols.agreement.blocks import Block, Header
from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.agreement.receipts import Receipt
from p2pnode_protocols.agreement.roots import compute_state_hash
from p2pnode_protocols.messages.encoded import Encoded
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.writes import Write
from p2pnode_protocols.wire.crypto import TAG_CHARTER, digest
from p2pnode_protocols.wire.errors import BugError
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
from p2pnode_protocols.wire.limits import PULL_BYTES, RECALL_BYTES

from ..home.errors import StoreError
from . import serving
from .addresses import AddressBook
from .database import Database, damaged
from .interface import StoredEpoch, StoredFate, StoredNote, StoredOp, WhichFates
from .leaping import Leaping
from .pruning import is_pruned, prune_slice
from .records import Records
from .starting import Starting
from .writes import save


@dataclass(frozen=True, slots=True)
class EpochBeginning:
    """What people want to know of how an epoch began."""

    number: int
    id: EpochId
    genesis_index: int
    since_ms: WallMs | None  # None: leapt over, or begun by a rebuild and no commit here
    charter: bytes
    rebuild: Rebuild | None


_WHICH_FATES: dict[WhichFates, str] = {
    "all": "TRUE",
    "refused": "fates.code <> 'ok'",
    "unseen": "fates.code <> 'ok' AND fates.seen = 0",
}


class Store:
    """One community's record (`interface.AnyStore` has the promises).

    Used by one thread. After a `StoreError` out of `apply`, close it, open it again and
    rebuild the core from what it restores.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._held: list[Write] = []
        self._charter: bytes | None = None
        self._community: CommunityId | None = None
        self._records_: Records | None = None
        self._leaping = Leaping()
        self.address_book = AddressBook(database)
        row = database.row("SELECT id, charter FROM community")
        if row is not None:
            self._bind(row.blob(1))
            if self._community != row.blob(0):
                raise damaged(database.path, "the charter is not the one that was adopted")

    @classmethod
    def open(cls, path: Path) -> Store:
        """Return the store in `path`, migrated.

        Raises:
            StoreError: `store_missing`, `store_foreign`, `store_too_new`, `store_too_old`,
                `store_damaged`, `store_unusable`, `disk_full`.
        """
        return cls(Database.open(path, create=False))

    @classmethod
    def create(cls, path: Path) -> Store:
        """Return the store in `path`, a new empty one when there is none.

        Raises:
            StoreError: as `open`, but for `store_missing`.
        """
        return cls(Database.open(path, create=True))

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    @property
    def _database(self) -> Database:
        """What everything is read from: nothing is held back from a reader."""
        if self._held:
            self.apply((), durable=False)
        return self._db

    @property
    def path(self) -> Path:
        return self._database.path

    def standstill(self) -> AbstractContextManager[None]:
        """Read one state of the store in the body, whatever another connection writes meanwhile."""
        return self._database.standstill()

    # --- the community -------------------------------------------------------------------

    @property
    def community(self) -> CommunityId | None:
        return self._community

    @property
    def charter(self) -> bytes | None:
        return self._charter

    def adopt(self, charter: bytes) -> CommunityId:
        community = compute_community(charter)
        if self._community is None:
            with self._database.transaction(durable=True) as db:
                db.execute(
                    "INSERT INTO community (id, charter) VALUES (?, ?)", (community, charter)
                )
            self._bind(charter)
        elif self._community != community:
            raise BugError(
                f"{self._database.path} belongs to community {self._community.hex()[:8]}, "
                f"not {community.hex()[:8]}"
            )
        return community

    def _bind(self, charter: bytes) -> None:
        self._charter = charter
        self._community = compute_community(charter)
        self._records_ = Records(self._db, self._community)

    @property
    def _records(self) -> Records:
        if self._records_ is None:
            raise BugError("the store belongs to no community: adopt a charter first")
        if self._held:
            self.apply((), durable=False)
        return self._records_

    # --- what the core orders ------------------------------------------------------------

    def apply(self, writes: Sequence[Write], durable: bool) -> None:
        if self._records_ is None:  # nothing could be read back
            raise BugError("the store belongs to no community: adopt a charter first")
        with self._db.transaction(durable) as db:
            for write in self._held:
                save(db, write)
            for write in writes:
                save(db, write)
        self._held.clear()

    def hold(self, writes: Sequence[Write]) -> None:
        self._held += writes

    def restore(self, device: DeviceKey) -> Restored | None:
        return None if self._records_ is None else self._starting.restore(device)

    def missing_texts(self, after: TextId, most: int) -> tuple[tuple[TextRef, ...], TextId | None]:
        return self._starting.missing_texts(after, most)

    @property
    def _starting(self) -> Starting:
        return Starting(self._database, self._records)

    def author_by(self, device: DeviceKey) -> MemberId | None:
        """Return the seat that this device last spoke for; None: nothing by it is here."""
        for one in self._records.ops("WHERE device = ? ORDER BY nonce DESC LIMIT 1", device):
            return one.op.author
        return None

    # --- what peers ask for --------------------------------------------------------------

    def serve_pull(self, pull: Pull) -> Encoded:
        return serving.serve_pull(self._database, self._records, pull)

    def serve_want(self, hashes: Sequence[bytes]) -> Encoded:
        return serving.serve_want(self._records, hashes)

    def serve_receipts(self, after: int) -> Encoded:
        return serving.serve_receipts(self._database, after)

    def serve_leap(self, leap: Leap) -> Leapt:
        row = self._database.row("SELECT max(number) FROM epochs")
        last = 0 if row is None or row.is_null(0) else row.integer(0)
        whole = self._leaping.answer(self._database, self._records, leap, last)
        part = whole.data[leap.offset : leap.offset + PULL_BYTES]
        return Leapt(leap.epoch_number, whole.digest, len(whole.data), leap.offset, part)

    def serve_recall(self, recall: Recall) -> Recalled:
        whole = self._leaping.recall(self._database, self._records, recall)
        part = whole[recall.offset : recall.offset + PULL_BYTES]
        return Recalled(recall.until, len(whole), recall.offset, part)

    # --- what people ask for -------------------------------------------------------------

    def block(self, block: BlockId) -> Block | None:
        return self._records.block(block)

    def all_blocks(self) -> Iterator[Block]:
        """Yield every block, of all epochs, parents first."""
        return self._records.blocks("ORDER BY saved")

    def op(self, op: OpId) -> StoredOp | None:
        found = list(self._records.ops("WHERE ops.id = ?", op))
        return found[0] if found else None

    def late_votes(self, proposal: OpId) -> tuple[StoredOp, ...]:
        return tuple(
            self._records.ops(
                "WHERE ops.id IN (SELECT op FROM late_votes WHERE proposal = ?) ORDER BY ops.saved",
                proposal,
            )
        )

    def joins(self) -> dict[MemberId, DeviceKey]:
        rows = self._database.rows("SELECT member, invite FROM joins")
        return {MemberId(row.blob(0)): DeviceKey(row.blob(1)) for row in rows}

    def notes(self, namespace: str | None, after: int, most: int) -> tuple[StoredNote, ...]:
        return tuple(self._records.notes(namespace, after, most))

    def text(self, text: TextId) -> bytes | None:
        return self._records.text(text)

    def erase_text(self, text: TextId) -> None:
        with self._database.transaction(durable=True) as db:
            db.execute(
                "INSERT INTO texts (id, erased) VALUES (?, 1) "
                "ON CONFLICT (id) DO UPDATE SET blob = NULL, erased = 1",
                (text,),
            )
        self._database.empty_log()  # it still holds the page with the text

    def commits(self, first: int, last: int) -> tuple[Commit, ...]:
        return tuple(
            self._records.commits("WHERE number BETWEEN ? AND ? ORDER BY number", first, last)
        )

    def commits_from(self, first: int, most: int) -> tuple[Commit, ...]:
        """Return up to `most` commits from this index on; what a leap passed over is not here."""
        return tuple(
            self._records.commits("WHERE number >= ? ORDER BY number LIMIT ?", first, most)
        )

    def taken_ops(self, index: int) -> tuple[Op, ...]:
        """Return what the log took of the ops that a commit's blocks brought, in log order.

        Raises:
            StoreError: `store_damaged`: one is missing, too.
        """
        return tuple(self._records.taken_ops(index))

    def epochs(self) -> tuple[StoredEpoch, ...]:
        """Return how each epoch began, ascending."""
        return tuple(self._epochs(""))

    def epochs_until(self, last: int) -> tuple[StoredEpoch, ...]:
        return tuple(self._epochs("WHERE number <= ?", last))

    def charter_of(self, epoch: int) -> bytes | None:
        row = self._database.row("SELECT charter FROM epochs WHERE number = ?", epoch)
        return None if row is None else row.blob(0)

    def _epochs(self, which: str, *values: int) -> Iterator[StoredEpoch]:
        for row in self._database.rows(
            "SELECT number, id, genesis_index, genesis_root, round, author, charter, state_hash, "
            f"pruned, iif(landed, snapshot, NULL), rebuild FROM epochs {which} ORDER BY number",
            *values,
        ):
            yield StoredEpoch(
                row.integer(0),
                EpochId(row.blob(1)),
                row.integer(2),
                row.blob(3),
                Round(row.integer(4)),
                MemberId(row.blob(5)),
                row.blob(6),
                row.blob(7),
                is_pruned=row.integer(8) > 0,
                is_leapt_over=row.integer(8) == 3,
                landing=None if row.is_null(9) else row.blob(9),
                rebuild=None if row.is_null(10) else self._records.open_rebuild(row.blob(10)),
            )

    def leap(self, first: int, last: int, closed: int) -> bytes:
        """Return what leads from one epoch to another to which a leap once led; empty: nothing."""
        data, _ = self._leaping.find(
            self._database, self._records, Leap(first, closed, None, 0), last
        )
        return data

    def closed_piece(self, held: int, last: int) -> bytes:
        """Return closed proposals up to the `last` one, without the first `held`; empty: none."""
        recall = Recall(held, last, RECALL_BYTES, 0)
        return self._leaping.recall(self._database, self._records, recall)

    def commit_that_closed(self, proposal: OpId, time_ms: WallMs) -> Commit | None:
        row = self._database.row("SELECT min(number), max(number) FROM commits")
        if row is None or row.is_null(0):
            return None
        # Commit times never run back, so a few looks find the first of this time.
        numbers = range(row.integer(0), row.integer(1) + 1)
        at = bisect.bisect_left(numbers, time_ms, key=self._commit_time)
        with contextlib.closing(
            self._records.commits("WHERE number >= ? ORDER BY number", numbers.start + at)
        ) as commits:
            for commit in commits:
                if commit.time_ms != time_ms:
                    return None
                if any(one == proposal for one, *_rest in commit.decided):
                    return commit
        return None

    def _commit_time(self, number: int) -> WallMs:
        """Return the time of this commit, or of the next that is here: a leap leaves some out."""
        row = self._database.row(
            "SELECT time_ms FROM commits WHERE number >= ? ORDER BY number LIMIT 1", number
        )
        assert row is not None, "the last one is here"
        return WallMs(row.integer(0))

    def provable(self, first: int, last: int) -> tuple[int, ...]:
        rows = self._database.rows(
            "SELECT number FROM proofs WHERE number BETWEEN ? AND ? ORDER BY number", first, last
        )
        return tuple(row.integer(0) for row in rows)

    def receipts_for(self, index: int) -> tuple[Receipt, ...]:
        return tuple(self._records.receipts(index))

    def fates(
        self,
        which: WhichFates = "all",
        *,
        before: int | None = None,
        limit: int | None = None,
    ) -> tuple[StoredFate, ...]:
        found = self._records.fates(
            f"WHERE {_WHICH_FATES[which]} AND ops.saved < coalesce(?1, ops.saved + 1) "
            "ORDER BY ops.saved DESC LIMIT coalesce(?2, -1)",
            before,
            limit,
        )
        return tuple(found)

    def count_fates(self, which: WhichFates = "all") -> int:
        row = self._database.row(f"SELECT count(*) FROM fates WHERE {_WHICH_FATES[which]}")
        return 0 if row is None else row.integer(0)

    def mark_seen(self, ops: Sequence[OpId]) -> None:
        with self._database.transaction(durable=True) as db:
            db.executemany("UPDATE fates SET seen = 1 WHERE op = ?", [(op,) for op in ops])

    def forks(self) -> tuple[tuple[Header, Header], ...]:
        return self._starting.forks()

    def epoch_beginnings(self, first: int, last: int) -> tuple[EpochBeginning, ...]:
        """Return how the epochs with first ≤ number ≤ last began, ascending.

        One that a rebuild began is shown since its first commit: it takes its time from the
        commit before, which is older than the rebuild.
        """
        rows = self._database.rows(
            "SELECT number, id, genesis_index, CASE WHEN rebuild IS NULL THEN genesis_time_ms "
            "ELSE (SELECT time_ms FROM commits AS first WHERE first.number = genesis_index + 1 "
            "AND first.epoch_number = epochs.number) END, charter, rebuild FROM epochs "
            "WHERE number BETWEEN ? AND ? ORDER BY number",
            first,
            last,
        )
        return tuple(
            EpochBeginning(
                row.integer(0),
                EpochId(row.blob(1)),
                row.integer(2),
                None if row.is_null(3) or not row.integer(3) else WallMs(row.integer(3)),
                row.blob(4),
                None if row.is_null(5) else self._records.open_rebuild(row.blob(5)),
            )
            for row in rows
        )

    def rebuilds(self) -> tuple[tuple[int, Rebuild], ...]:
        return self._starting.rebuilds()

    def last_commit(self) -> tuple[int, bytes]:
        """Return the index of the last commit and the log's root after it."""
        # A leap leads beyond the last commit that is here, to the one before its last epoch.
        row = self._database.row(
            "SELECT number, root, 1 AS is_here FROM commits UNION ALL "
            "SELECT genesis_index, genesis_root, 0 FROM epochs ORDER BY 1 DESC, 3 DESC LIMIT 1"
        )
        return (0, bytes(32)) if row is None else (row.integer(0), row.blob(1))

    # --- upkeep --------------------------------------------------------------------------

    def is_pruned(self, epoch_number: int) -> bool:
        """Return whether this epoch's blocks are no longer kept."""
        return is_pruned(self._database, epoch_number)

    def prune(self, keep_epochs: int, coming: Container[OpId]) -> bool:
        return prune_slice(self._database, self._records, keep_epochs, coming)

    def sync(self) -> None:
        """Bring all that was applied to the disk: power loss undoes none of it then.

        Raises:
            StoreError: `disk_full`, `store_unusable`.
        """
        self._database.empty_log()

    def find_damage(self) -> tuple[str, ...]:
        """Read the whole store and return what is wrong with it, empty when nothing is.

        SQLite's own check, then every object against its id: about 30 ms per MiB. A start does
        it for small stores only (`inspecting`): whatever is read is checked then, too.
        """
        found = self._database.find_faults("integrity_check(20)")
        if found:
            return found
        try:
            for _ in self._everything():
                pass
        except StoreError as error:
            return (error.detail,)
        return ()

    def find_broken_pages(self) -> tuple[str, ...]:
        """Return what is wrong with the pages of the file, whatever their cells hold.

        About 1 ms per MiB; indexes are not compared with their tables.
        """
        return self._database.find_faults("quick_check(20)")

    def _everything(self) -> Iterator[object]:
        if self._records_ is None:
            return
        yield from self._records.blocks("ORDER BY saved")
        yield from self._records.ops("ORDER BY ops.saved")
        yield from self._records.commits("ORDER BY number")
        for row in self._database.rows("SELECT id FROM texts"):
            yield self._records.text(row.blob(0))
        yield self.forks()
        for row in self._database.rows(
            "SELECT snapshot, state_hash FROM epochs WHERE snapshot IS NOT NULL"
        ):
            if compute_state_hash(row.blob(0)) != row.blob(1):
                raise damaged(self._database.path, "a snapshot")


def compute_community(charter: bytes) -> CommunityId:
    """Return the id of the community that a founding charter's bytes found."""
    return CommunityId(digest(TAG_CHARTER, charter))
