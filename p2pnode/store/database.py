"""One SQLite connection, its transactions, and its errors in our words.

WAL mode: a transaction is whole or absent after a crash, and they survive in order. With
`durable` the log is fsynced before `transaction` returns, and with it every earlier
transaction; otherwise power loss, but no crash of the process, may undo the latest ones.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator, Sequence
from pathlib import Path

from p2pnode_protocols.errors import BugError

from .errors import StoreError
from .schema import MIGRATIONS, Migration, migrate

Cell = bytes | int | str | None
Row = tuple[Cell, ...]

# Pages of 4 KiB in the log before a commit copies them into the file (16 MiB). Only the
# backstop for a node that never rests: `checkpoint` does it when there is time.
_LOG_PAGES = 4096
_CACHE_KIB = 16 * 1024  # of pages: the recent part of a busy epoch
_BUSY_S = 1.0  # a doctor or backup may hold the file for a moment; the lock bars other nodes


class Database:
    """The connection. Used by one thread only."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self.path = path
        self._full_sync = True

    @classmethod
    def open(
        cls, path: Path, create: bool, migrations: Sequence[Migration] = MIGRATIONS
    ) -> Database:
        """Return the open database, migrated.

        Args:
            path: of the file; SQLite keeps two more beside it (-wal, -shm).
            create: make an empty one, mode 0600, when there is none.
            migrations: the program's; tests pass others.

        Raises:
            StoreError: `store_missing`, `store_foreign`, `store_too_new`, `store_damaged`,
                `store_unusable`, `disk_full`.
        """
        _check_file(path, create)
        with translated(path):
            db = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)
        try:
            with translated(path):
                db.execute("PRAGMA trusted_schema = OFF")  # a foreign file must not run code
                migrate_mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                if migrate_mode != "wal":
                    raise StoreError(
                        "store_unusable",
                        f"{path}: SQLite cannot use a write-ahead log there",
                        "choose a home on a local disk: network file systems lack what it needs",
                    )
                db.execute("PRAGMA synchronous = FULL")
                db.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
                db.execute(f"PRAGMA cache_size = {-_CACHE_KIB}")
                db.execute("PRAGMA temp_store = MEMORY")
                migrate(db, str(path), migrations)
        except BaseException:
            db.close()
            raise
        return cls(db, path)

    @contextlib.contextmanager
    def transaction(self, durable: bool) -> Generator[sqlite3.Connection]:
        """Run the body in one transaction; undone when anything in it raises.

        Raises:
            StoreError: see `translated`. After one out of the commit itself, whether the
                transaction is on the disk is open until the store is read again.
        """
        with translated(self.path):
            if self._full_sync is not durable:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._full_sync = durable
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite undoes some failures by itself
                    self._db.execute("ROLLBACK")
                raise

    def rows(self, query: str, *values: Cell) -> Generator[Row]:
        """Yield the rows of a query; whoever stops early closes the generator."""
        with translated(self.path), contextlib.closing(self._db.cursor()) as cursor:
            yield from cursor.execute(query, values)

    def row(self, query: str, *values: Cell) -> Row | None:
        """Return the first row of a query, None when it has none."""
        with contextlib.closing(self.rows(query, *values)) as rows:
            return next(rows, None)

    def checkpoint(self) -> None:
        """Copy what the log holds into the file; cheap when there is nothing new.

        Raises:
            StoreError: see `translated`; the log keeps what could not be copied.
        """
        with translated(self.path):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close the file, its log copied into it; a second call does nothing."""
        with translated(self.path):
            self._db.close()


@contextlib.contextmanager
def translated(path: Path) -> Generator[None]:
    """Turn SQLite's errors into `StoreError` with what to do next.

    Raises:
        StoreError: `disk_full`, `store_damaged`, `store_unusable`.
        BugError: a statement of ours is wrong.
    """
    try:
        yield
    except sqlite3.Error as error:
        # Without a code it comes from the Python module: we used it wrongly.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)
        raise _as_ours(path, code & 0xFF, error) from error


def damaged(path: Path, problem: str) -> StoreError:
    """Return the error for content that cannot be what was written."""
    return StoreError(
        "store_damaged",
        f"{path} is damaged ({problem})",
        "check the disk, then move store.db, store.db-wal and store.db-shm away and start "
        "again: the node fetches everything from its peers (keep the device key)",
    )


def _as_ours(path: Path, code: int, error: sqlite3.Error) -> StoreError | BugError:
    match code:
        case sqlite3.SQLITE_FULL:
            return StoreError(
                "disk_full",
                f"{path} cannot grow, the disk is full",
                "make room on it, then start again: nothing was half-written",
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path, str(error))
        case (
            sqlite3.SQLITE_IOERR
            | sqlite3.SQLITE_CANTOPEN
            | sqlite3.SQLITE_READONLY
            | sqlite3.SQLITE_PERM
            | sqlite3.SQLITE_AUTH
            | sqlite3.SQLITE_BUSY
            | sqlite3.SQLITE_LOCKED
            | sqlite3.SQLITE_PROTOCOL
            | sqlite3.SQLITE_NOMEM
        ):
            return StoreError(
                "store_unusable",
                f"{path}: {error} ({getattr(error, 'sqlite_errorname', 'unknown')})",
                "check its owner and mode, the disk and its quota, and that no other "
                "program has the file open",
            )
        case _:
            return BugError(f"{path}: {error}")


def _check_file(path: Path, create: bool) -> None:
    try:
        if create:
            # SQLite would make it by umask; -wal and -shm take over the mode it has.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        elif not path.exists():
            raise StoreError(
                "store_missing",
                f"{path} does not exist",
                "run: p2pnode found, or p2pnode join with an invite link",
            )
    except OSError as error:
        raise StoreError(
            "store_unusable",
            f"{path} cannot be opened ({error.strerror})",
            "check its owner and mode, and those of the directories above it",
        ) from error
