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
from typing import Any

from p2pnode_protocols.wire.errors import BugError

from ..home.errors import DAMAGED_STEPS, StoreError, unusable
from .schema import MIGRATIONS, Migration, is_as_made, migrate

Cell = bytes | int | str | None

_CACHE_KIB = 16 * 1024  # of pages: the recent part of a busy epoch
_OTHER_TABLES = "its tables are not as they were made"
_BUSY_S = 1.0  # a doctor or backup may hold the file for a moment; the lock bars other nodes


class Row:
    """One row of an answer. A cell of another type than was written means a damaged file.

    Raises:
        StoreError: `store_damaged`, from every method.
    """

    __slots__ = ("_cells", "_path")

    def __init__(self, cells: tuple[Cell, ...], path: Path) -> None:
        self._cells = cells
        self._path = path

    def blob(self, place: int) -> bytes:
        cell = self._cells[place]
        if not isinstance(cell, bytes):
            raise self._wrong(place)
        return cell

    def integer(self, place: int) -> int:
        cell = self._cells[place]
        if not isinstance(cell, int):
            raise self._wrong(place)
        return cell

    def text(self, place: int) -> str:
        cell = self._cells[place]
        if not isinstance(cell, str):
            raise self._wrong(place)
        return cell

    def cells(self, types: tuple[type, ...]) -> tuple[Any, ...]:
        """Return all cells, which are of these types."""
        if tuple(map(type, self._cells)) != types:
            wrong = (at for at, cell in enumerate(self._cells) if type(cell) is not types[at])
            raise self._wrong(next(wrong))
        return self._cells

    def is_null(self, place: int) -> bool:
        return self._cells[place] is None

    def _wrong(self, place: int) -> StoreError:
        found = type(self._cells[place]).__name__
        return damaged(self._path, f"column {place + 1} of a row holds a value of type {found}")


class Database:
    """The connection. Used by one thread only."""

    def __init__(
        self, db: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS
    ) -> None:
        self._db = db
        self._migrations = migrations
        self.path = path
        self._full_sync = True
        self._file = _identify(path)

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
            StoreError: `store_missing`, `store_foreign`, `store_too_new`, `store_too_old`,
                `store_damaged`, `store_unusable`, `disk_full`.
        """
        _check_file(path, create)
        with translated(path):
            db = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)
        try:
            with translated(path):
                db.execute("PRAGMA trusted_schema = OFF")  # a foreign file must not run code
                mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                if mode != "wal":
                    raise StoreError(
                        "store_unusable",
                        f"{path}: SQLite cannot use a write-ahead log there",
                        "choose a home on a local disk: network file systems lack what it needs",
                    )
                db.execute("PRAGMA synchronous = FULL")
                db.execute(f"PRAGMA cache_size = {-_CACHE_KIB}")
                # Or an erased text stays in the pages that it leaves free.
                db.execute("PRAGMA secure_delete = ON")
                db.execute("PRAGMA temp_store = MEMORY")  # or a full /tmp would fail a read
                migrate(db, str(path), migrations)
        except BaseException:
            db.close()
            raise
        return cls(db, path, migrations)

    def find_faults(self, check: str) -> tuple[str, ...]:
        """Return what is wrong with the tables, and what the pragma `check` finds."""
        try:
            with self._translated():
                if not is_as_made(self._db, self._migrations):
                    raise damaged(self.path, _OTHER_TABLES)
            said = [row.text(0) for row in self.rows(f"PRAGMA {check}")]
        except StoreError as error:
            return (error.detail,)
        return tuple(
            damaged(self.path, " ".join(one.split())).detail for one in said if one != "ok"
        )

    @contextlib.contextmanager
    def _translated(self) -> Generator[None]:
        """As `translated`. A statement that is wrong for tables that are not ours is no bug."""
        try:
            with translated(self.path):
                yield
        except BugError as bug:
            code = getattr(bug.__cause__, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)
            if code != sqlite3.SQLITE_ERROR:
                raise
            try:
                is_ours = is_as_made(self._db, self._migrations)
            except sqlite3.Error:
                is_ours = False
            if is_ours:
                raise
            raise damaged(self.path, _OTHER_TABLES) from bug

    @contextlib.contextmanager
    def transaction(self, durable: bool) -> Generator[sqlite3.Connection]:
        """Run the body in one transaction; undone when anything in it raises.

        Raises:
            StoreError: see `translated`. After one out of the commit itself, whether the
                transaction is on the disk is open until the store is read again.
        """
        self._require_its_file()
        with self._translated():
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

    def _require_its_file(self) -> None:
        """Raise `StoreError` when the file was taken away, or another is in its place.

        SQLite would write on into a file without a name. This takes a hundredth of a transaction.
        """
        if _identify(self.path) != self._file:
            raise StoreError(
                "store_unusable",
                f"{self.path} was moved, removed or replaced while it was in use",
                "put it back as it was, with its -wal; where that cannot be, stop the node, and "
                "fetch the record from others with a link that a member prints (devices link):",
                "p2pnode join LINK",
            )

    @contextlib.contextmanager
    def standstill(self) -> Generator[None]:
        """Let all that is read in the body be as at its beginning, whatever others write meanwhile.

        Their log grows until it ends. Nothing may be written through this connection.

        Raises:
            StoreError: see `translated`.
        """
        with translated(self.path):
            self._db.execute("BEGIN")
            self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on
        try:
            yield
        finally:
            if self._db.in_transaction:
                with translated(self.path):
                    self._db.execute("ROLLBACK")

    def rows(self, query: str, *values: Cell) -> Generator[Row]:
        """Yield the rows of a query; whoever stops early closes the generator."""
        with self._translated(), contextlib.closing(self._db.cursor()) as cursor:
            for cells in cursor.execute(query, values):
                yield Row(cells, self.path)

    def row(self, query: str, *values: Cell) -> Row | None:
        """Return the first row of a query, None when it has none."""
        with contextlib.closing(self.rows(query, *values)) as rows:
            return next(rows, None)

    def empty_log(self) -> None:
        """Copy what the log holds into the file and cut the log to nothing.

        SQLite copies by itself every 1,000 pages: measured here, a longer log makes
        every commit slower (0.19 to 0.32 ms, the file grows instead of being overwritten).

        Raises:
            StoreError: see `translated`; the log keeps what could not be copied.
        """
        with self._translated():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close the file, its log copied into it; a second call does nothing."""
        with self._translated():
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
        # Without a code it comes from the Python module: a text is none, or we used it wrongly.
        if str(error).startswith("Could not decode to UTF-8"):
            raise damaged(path, "a text in it is none") from error
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)
        raise _as_ours(path, code & 0xFF, error) from error


def damaged(path: Path, problem: str) -> StoreError:
    """Return the error for content that cannot be what was written."""
    return StoreError(
        "store_damaged",
        f"{path} is damaged ({problem})",
        *DAMAGED_STEPS,
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
        ):
            return StoreError(
                "store_unusable",
                f"{path}: {error} ({getattr(error, 'sqlite_errorname', 'unknown')})",
                "check its owner and mode, the disk and its quota, and that no other "
                "program has the file open",
            )
        case _:
            return BugError(f"{path}: {error}")


def _identify(path: Path) -> tuple[int, int] | None:
    """Return which file a path leads to; None: to none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _check_file(path: Path, create: bool) -> None:
    try:
        if create:
            # SQLite would make it by umask; -wal and -shm take over the mode it has.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        elif not path.exists():
            raise StoreError(
                "store_missing",
                f"{path} does not exist",
                "p2pnode found NAME --name YOU",
                "p2pnode join LINK --name YOU",
            )
    except OSError as error:
        raise unusable(path, error) from error
