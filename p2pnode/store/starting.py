"""What a start reads back: all that a core must know to go on where it was."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from p2pnode_protocols.agreement.blocks import Block, Header
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.agreement.roots import compute_state_hash
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.writes import SaveEpoch
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, MemberId, OpId, Round, TextId, WallMs
from p2pnode_protocols.wire.limits import PENDING_PER_MEMBER

from .database import Database, damaged
from .interface import RECENT_ROOTS
from .records import Records

PENDING_PER_DEVICE = 2 * PENDING_PER_MEMBER  # read at a start; a core keeps half of them
PENDING_OF_ENDED_EPOCHS = 16 * PENDING_PER_MEMBER  # … that stand in their blocks alone
_PENDING = """WITH
    pending AS (
        SELECT saved, block IS NULL OR block >= (
            SELECT coalesce(min(saved), 1 << 62) FROM blocks WHERE epoch_number = ?1
        ) AS is_near, row_number() OVER (PARTITION BY device ORDER BY saved DESC) AS place
        FROM ops INDEXED BY ops_pending  -- else SQLite reads all ops there ever were, by device
        WHERE commit_number IS NULL AND NOT EXISTS (SELECT 1 FROM fates WHERE fates.op = ops.id)
    ),
    far AS (
        SELECT saved FROM pending WHERE place <= ?2 AND NOT is_near ORDER BY saved DESC LIMIT ?3
    )
    SELECT saved FROM pending WHERE place <= ?2 AND is_near UNION ALL SELECT saved FROM far"""

_ABOVE_ALL = b"\xff" * 33  # any id of 32 bytes


class Starting:
    """Read what one community's store holds at the moment."""

    def __init__(self, database: Database, records: Records) -> None:
        self._database = database
        self._records = records

    def restore(self, device: DeviceKey) -> Restored | None:
        row = self._database.row(
            "SELECT number, id, genesis_index, genesis_root, genesis_time_ms, round, author, "
            "charter, snapshot, state_hash, rebuild FROM epochs ORDER BY number DESC LIMIT 1"
        )
        if row is None:
            return None
        epoch = SaveEpoch(
            row.integer(0),
            EpochId(row.blob(1)),
            row.integer(2),
            row.blob(3),
            WallMs(row.integer(4)),
            Round(row.integer(5)),
            MemberId(row.blob(6)),
            row.blob(7),
            row.blob(8),
            None if row.is_null(10) else self._records.open_rebuild(row.blob(10)),
        )
        if compute_state_hash(epoch.snapshot) != row.blob(9):
            raise damaged(self._database.path, f"the snapshot of epoch {epoch.number}")
        missing = list(self._missing_texts())
        return Restored(
            epoch=epoch,
            blocks=tuple(self._blocks_of(epoch.number)),
            pending=tuple(self._pending(epoch.number)),
            missing_texts=tuple(ref for ref, is_taken in missing if is_taken),
            unsure_texts=tuple(ref for ref, is_taken in missing if not is_taken),
            recent_roots=self._recent_roots(),
            own_nonce=self._highest_nonce(device),
            closed=tuple(self._records.closed()),
            unproven=tuple(self._records.unproven()),
            forks=self.forks(),
            vow=self._vow(),
            rebuilds=self.rebuilds(),
            contradictions=tuple(self._records.contradictions(epoch.genesis_index)),
            given_up=self._given_up(),
            own=frozenset(self._own_without_entry()),
        )

    def _pending(self, epoch_number: int) -> Iterator[Op]:
        """Yield the ops that no commit holds, as they were saved, of which a core keeps some.

        A liar's blocks may hold any number that no log takes, each of which is read out of its
        block. So of a device only the last ones are, and of ended epochs only the last of all.
        """
        for one in self._records.ops(
            f"WHERE ops.saved IN ({_PENDING}) ORDER BY ops.saved",
            epoch_number,
            PENDING_PER_DEVICE,
            PENDING_OF_ENDED_EPOCHS,
        ):
            yield one.op

    def _own_without_entry(self) -> Iterator[OpId]:
        for row in self._database.rows(
            "SELECT id FROM ops WHERE own = 1 AND commit_number IS NULL"
        ):
            yield OpId(row.blob(0))

    def missing_texts(self, after: TextId, most: int) -> tuple[tuple[TextRef, ...], TextId | None]:
        """Return those of the next `most` missing texts that the log refers to, and the last id.

        None for that: there are no more.
        """
        ids = self._database.rows(
            "SELECT id FROM texts WHERE blob IS NULL AND erased = 0 AND id > ? ORDER BY id LIMIT ?",
            after,
            most,
        )
        page = [TextId(row.blob(0)) for row in ids]
        if not page:
            return (), None
        taken = [ref for ref, is_taken in self._missing_texts(after, page[-1]) if is_taken]
        return tuple(taken), None if len(page) < most else page[-1]

    def _missing_texts(
        self, after: bytes = b"", until: bytes = _ABOVE_ALL
    ) -> Iterator[tuple[TextRef, bool]]:
        """Yield the texts that lack here; and whether the log took an op that refers to one.

        What a leap brought is referred to by ops that are not here.
        """
        for row in self._database.rows(
            "SELECT texts.id, mentions.size, "
            "max(ops.id IS NULL OR ops.taken = 1 OR ops.commit_number IS NOT NULL) "
            "FROM texts JOIN mentions ON mentions.text = texts.id "
            "LEFT JOIN ops ON ops.id = mentions.op "
            "WHERE texts.blob IS NULL AND texts.erased = 0 AND texts.id > ? "
            "AND texts.id <= ? GROUP BY 1, 2 ORDER BY 1, 2",
            after,
            until,
        ):
            yield TextRef(TextId(row.blob(0)), row.integer(1)), row.integer(2) == 1

    def _given_up(self) -> tuple[Op, ...]:
        ops = self._records.ops(
            "WHERE commit_number IS NULL AND ops.id IN "
            "(SELECT op FROM fates WHERE commit_number IS NULL AND code <> 'ok')"
        )
        return tuple(sorted((one.op for one in ops), key=lambda op: (op.device, op.nonce)))

    def _vow(self) -> Rebuild | None:
        row = self._database.row("SELECT rebuild FROM vow")
        return None if row is None else self._records.open_rebuild(row.blob(0))

    def _blocks_of(self, epoch_number: int) -> Generator[Block]:
        # The inner query is answered by an index and yields row ids: no block is sorted.
        return self._records.blocks(
            "WHERE saved IN (SELECT saved FROM blocks WHERE epoch_number = ?) ORDER BY saved",
            epoch_number,
        )

    def _recent_roots(self) -> tuple[tuple[int, bytes], ...]:
        rows = self._database.rows(
            "SELECT number, root FROM commits ORDER BY number DESC LIMIT ?", RECENT_ROOTS
        )
        return tuple((row.integer(0), row.blob(1)) for row in rows)[::-1]

    def _highest_nonce(self, device: DeviceKey) -> int:
        row = self._database.row("SELECT max(nonce) FROM ops WHERE device = ?", device)
        return 0 if row is None or row.is_null(0) else row.integer(0)

    def forks(self) -> tuple[tuple[Header, Header], ...]:
        read = self._records.read_header
        return tuple(
            (read(row.blob(0)), read(row.blob(1)))
            for row in self._database.rows("SELECT first, second FROM forks ORDER BY rowid")
        )

    def rebuilds(self) -> tuple[tuple[int, Rebuild], ...]:
        return tuple(
            (row.integer(0), self._records.open_rebuild(row.blob(1)))
            for row in self._database.rows(
                "SELECT number, rebuild FROM epochs WHERE rebuild IS NOT NULL ORDER BY number"
            )
        )
