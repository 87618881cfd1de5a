"""How a store's file gets to the program's version, and which files are refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from p2pnode.home.errors import StoreError
from p2pnode.store.database import Database
from p2pnode.store.schema import APPLICATION_ID, MIGRATIONS, UNRELEASED
from p2pnode.store.store import Store
from p2pnode_protocols.wire.errors import BugError

ONE = ("CREATE TABLE words (word TEXT)", "INSERT INTO words VALUES ('kept')")
TWO = ("ALTER TABLE words ADD COLUMN length INTEGER", "UPDATE words SET length = length(word)")
BROKEN = ("DELETE FROM words", "INSERT INTO nowhere VALUES (1)")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def refusal(path: Path) -> StoreError:
    with pytest.raises(StoreError) as caught:
        Store.open(path)
    assert str(path) in caught.value.detail
    return caught.value


def test_older_file_is_brought_up_with_its_content(path: Path) -> None:
    Database.open(path, create=True, migrations=(ONE,)).close()
    database = Database.open(path, create=False, migrations=(ONE, TWO))
    row = database.row("SELECT word, length FROM words")
    assert row is not None
    assert (row.text(0), row.integer(1)) == ("kept", 4)
    database.close()


def test_migration_runs_once(path: Path) -> None:
    for _ in range(2):
        database = Database.open(path, create=True, migrations=(ONE,))
        row = database.row("SELECT count(*) FROM words")
        assert row is not None
        assert row.integer(0) == 1
        database.close()


def test_failed_migration_leaves_the_file_as_it_was(path: Path) -> None:
    Database.open(path, create=True, migrations=(ONE,)).close()
    with pytest.raises(BugError):
        Database.open(path, create=False, migrations=(ONE, TWO, BROKEN))
    database = Database.open(path, create=False, migrations=(ONE,))
    assert database.row("SELECT word FROM words") is not None
    database.close()


def test_store_of_a_newer_version_is_refused_and_not_touched(path: Path) -> None:
    Store.create(path).close()
    db = sqlite3.connect(path)
    newer = len(MIGRATIONS) + 1
    db.execute(f"PRAGMA user_version = {newer}")
    db.commit()
    db.close()
    before = path.read_bytes()
    error = refusal(path)
    assert error.code == "store_too_new"
    assert f"version {newer}" in error.detail
    assert f"up to {len(MIGRATIONS)}" in error.detail
    assert path.read_bytes() == before


@pytest.mark.parametrize("older", range(1, len(MIGRATIONS)))
def test_store_of_a_layout_that_was_never_released_is_refused_and_not_touched(
    path: Path, older: int
) -> None:
    """Its records have other fields: read as ours they would be damaged, or worse, not."""
    Store.create(path).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {older}")
    db.commit()
    db.close()
    before = path.read_bytes()
    error = refusal(path)
    assert error.code == "store_too_old"
    assert f"version {older}" in error.detail
    assert path.read_bytes() == before


def test_no_migration_leads_on_from_a_layout_that_was_never_released(path: Path) -> None:
    Database.open(path, create=True, migrations=(ONE,)).close()
    with pytest.raises(StoreError, match="reads 3 to 4") as caught:
        Database.open(path, create=False, migrations=(UNRELEASED, UNRELEASED, ONE, TWO))
    assert caught.value.code == "store_too_old"


def test_other_programs_database_is_refused(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE theirs (x)")
    db.commit()
    db.close()
    assert refusal(path).code == "store_foreign"


def test_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be looked into " * 30)
    assert refusal(path).code == "store_damaged"


def test_missing_store_is_not_created_by_open(path: Path) -> None:
    assert refusal(path).code == "store_missing"
    assert not path.exists()


def test_half_created_store_is_completed(path: Path) -> None:
    """The process died between making the file and making its tables."""
    path.touch(mode=0o600)
    Store.open(path).close()
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    db.close()


def test_store_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere") as caught:
        Store.create(tmp_path / "nowhere" / "store.db")
    assert caught.value.code == "store_unusable"


def test_store_files_are_private(path: Path) -> None:
    store = Store.create(path)
    store.adopt(b"charter")
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    store.close()
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
