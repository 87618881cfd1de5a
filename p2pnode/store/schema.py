"""The store's tables and how an older file becomes a current one.

`PRAGMA user_version` counts the migrations a file has been through, and
`PRAGMA application_id` says that it is ours. A migration is never edited once released:
the next one corrects it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence

from ..home.errors import StoreError

APPLICATION_ID = 0x70327064  # "p2pd"; file(1) and `restore` tell our files by it

# Every wire is stored once: an op that some block holds is read out of that block.
FIRST = (
    # community: id and charter bytes, one row once known
    "CREATE TABLE community (id BLOB PRIMARY KEY, charter BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE epochs (
        number INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        genesis_index INTEGER NOT NULL,
        genesis_root BLOB NOT NULL,
        genesis_time_ms INTEGER NOT NULL,
        pruned INTEGER NOT NULL DEFAULT 0,  -- 1: its blocks are going, 2: gone, 3: never here
        round INTEGER NOT NULL,  -- the slot of the commit before it
        author BLOB NOT NULL,
        charter BLOB NOT NULL,
        state_hash BLOB NOT NULL,  -- of the snapshot
        closed INTEGER,  -- proposals that were closed before it
        landed INTEGER NOT NULL DEFAULT 0,  -- 1: a leap led here, so its first state stays
        snapshot BLOB,  -- NULL: pruned, with the blocks, or leapt over
        rebuild BLOB  -- by which it began, with all signatures; NULL: by a commit
    )""",
    # what this node has signed and not applied: one row at most
    "CREATE TABLE vow (rebuild BLOB NOT NULL)",
    "CREATE INDEX epochs_with_blocks ON epochs (number) WHERE pruned < 2",
    "CREATE INDEX epochs_rebuilt ON epochs (number) WHERE rebuild IS NOT NULL",
    """CREATE TABLE blocks (
        saved INTEGER PRIMARY KEY,  -- order of saving: parents first
        id BLOB NOT NULL UNIQUE,
        epoch_number INTEGER NOT NULL,
        author BLOB NOT NULL,
        round INTEGER NOT NULL,
        wire BLOB NOT NULL
    )""",
    # for serve_pull: one author's chain beyond a round, parents first
    "CREATE INDEX blocks_by_author ON blocks (epoch_number, author, round)",
    """CREATE TABLE ops (
        saved INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        device BLOB NOT NULL,
        nonce INTEGER NOT NULL,
        wire BLOB,  -- NULL: bytes place+1 … place+size of the block's wire
        block INTEGER REFERENCES blocks (saved),
        place INTEGER,
        size INTEGER NOT NULL,
        commit_number INTEGER,  -- of the entry; NULL: none has it
        taken INTEGER NOT NULL DEFAULT 0,  -- 1: no entry yet, but the log took it, or a leap
            -- led over where it may have
        own INTEGER NOT NULL DEFAULT 0  -- 1: acknowledged to this node's user
    )""",
    "CREATE INDEX ops_own ON ops (saved) WHERE own = 1 AND commit_number IS NULL",
    "CREATE INDEX ops_by_device ON ops (device, nonce)",
    "CREATE INDEX ops_pending ON ops (saved) WHERE commit_number IS NULL",
    # for the sweep: not those in blocks, of which a liar's hold any number that no log takes
    """CREATE INDEX ops_alone ON ops (saved)
        WHERE block IS NULL AND commit_number IS NULL AND taken = 0""",
    """CREATE TABLE texts (
        id BLOB PRIMARY KEY,
        blob BLOB,  -- NULL: referred to by a saved op, not held
        erased INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID""",
    # which ops refer to a text: it is forgotten when the last one needs it no more
    """CREATE TABLE mentions (
        text BLOB NOT NULL,
        op BLOB NOT NULL,
        size INTEGER NOT NULL,  -- as the op says: a text of another length is not that text
        PRIMARY KEY (text, op, size)
    ) WITHOUT ROWID""",
    "CREATE INDEX texts_missing ON texts (id) WHERE blob IS NULL AND erased = 0",
    """CREATE TABLE commits (
        number INTEGER PRIMARY KEY,
        epoch_number INTEGER NOT NULL,
        round INTEGER NOT NULL,
        author BLOB NOT NULL,
        block BLOB NOT NULL,
        time_ms INTEGER NOT NULL,
        root BLOB NOT NULL,
        outcomes BLOB NOT NULL  -- canonical: `records.Outcomes`
    )""",
    # closed proposals, which snapshots count and do not hold
    """CREATE TABLE closed (
        place INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        number INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        decided_ms INTEGER NOT NULL,
        close_ms INTEGER NOT NULL,
        record BLOB NOT NULL,
        chain BLOB NOT NULL,  -- of hashes, over all up to this one
        said BLOB NOT NULL  -- hash of what it says to outsiders; empty: nothing
    )""",
    # commits that have to be provable, and the receipts for them
    """CREATE TABLE proofs (
        number INTEGER PRIMARY KEY,  -- of the commit
        next_epoch BLOB,  -- NULL: it ends none
        proven INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX proofs_open ON proofs (number) WHERE proven = 0",
    """CREATE TABLE receipts (
        number INTEGER NOT NULL,
        device BLOB NOT NULL,
        wire BLOB NOT NULL,
        PRIMARY KEY (number, device)
    ) WITHOUT ROWID""",
    # receipts for another log than ours
    """CREATE TABLE contradictions (
        number INTEGER NOT NULL,
        device BLOB NOT NULL,
        wire BLOB NOT NULL,
        PRIMARY KEY (number, device)
    ) WITHOUT ROWID""",
    # own ops that changed nothing, or that no commit here holds and none ever will
    """CREATE TABLE fates (
        op BLOB PRIMARY KEY,
        code TEXT NOT NULL,  -- ok: after a leap the state shows that it counts
        commit_number INTEGER,  -- NULL: no commit here has an entry for it
        at_ms INTEGER NOT NULL,
        seen INTEGER NOT NULL DEFAULT 0  -- 1: its author knows
    ) WITHOUT ROWID""",
    "CREATE INDEX fates_unseen ON fates (at_ms) WHERE seen = 0",
    # of each member the last vote on a proposal that is in the log and came too late to count
    """CREATE TABLE late_votes (
        proposal BLOB NOT NULL,
        author BLOB NOT NULL,
        op BLOB NOT NULL,
        PRIMARY KEY (proposal, author)
    ) WITHOUT ROWID""",
    "CREATE TABLE forks (first BLOB NOT NULL, second BLOB NOT NULL, PRIMARY KEY (first, second))",
    """CREATE TABLE addresses (
        device BLOB NOT NULL,
        address TEXT NOT NULL,
        told_ms INTEGER NOT NULL,
        reached_ms INTEGER,  -- NULL: never yet
        PRIMARY KEY (device, address)
    ) WITHOUT ROWID""",
    # what others say of where a device listens, apart from its own word and where it was reached
    """CREATE TABLE hearsay (
        device BLOB NOT NULL,
        teller BLOB NOT NULL,  -- a seat; empty: somebody without one
        address TEXT NOT NULL,
        told_ms INTEGER NOT NULL,
        PRIMARY KEY (device, teller, address)
    ) WITHOUT ROWID""",
    # By which invite each seat came, of the commits that are here: people invite by name, and the
    # joiner chooses its own. The state keeps no such thing.
    "CREATE TABLE joins (member BLOB PRIMARY KEY, invite BLOB NOT NULL) WITHOUT ROWID",
    # notes (R2.26) of the commits that are here, in the order of the log
    """CREATE TABLE notes (
        place INTEGER PRIMARY KEY,
        namespace TEXT NOT NULL,
        op BLOB NOT NULL UNIQUE
    )""",
    "CREATE INDEX notes_by_namespace ON notes (namespace, place)",
)

Migration = Sequence[str]

# In place of one whose layout was never released: no migration leads on from a file up to there.
UNRELEASED: Migration = ()

MIGRATIONS: tuple[Migration, ...] = (*[UNRELEASED] * 4, FIRST)


def migrate(db: sqlite3.Connection, path: str, migrations: Sequence[Migration]) -> None:
    """Bring the file to version len(migrations), in one transaction; an empty one too.

    Args:
        db: in autocommit mode, with no transaction open.
        path: of the file, for messages.

    Raises:
        StoreError: `store_foreign`, `store_too_new`, `store_too_old`; the file is as it was.
        sqlite3.Error: a statement failed; the file is as it was.
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    owner = int(db.execute("PRAGMA application_id").fetchone()[0])
    has_tables = db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None
    if owner != APPLICATION_ID and (has_tables or version != 0 or owner != 0):
        raise StoreError(
            "store_foreign", f"{path} is another program's database", "choose another --home"
        )
    if version > len(migrations):
        raise StoreError(
            "store_too_new",
            f"{path} has version {version}, this program reads up to {len(migrations)}",
            "upgrade p2pnode; an older program never changes a newer store",
        )
    unreleased = max((at for at, one in enumerate(migrations, 1) if not one), default=0)
    if 0 < version <= unreleased:
        raise StoreError(
            "store_too_old",
            f"{path} has version {version}, of a program from before the first release; "
            f"this one reads {unreleased + 1} to {len(migrations)}",
            "keep its home aside, and found or join the community anew in another --home",
        )
    if version == len(migrations):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for migration in migrations[version:]:
            for statement in migration:
                db.execute(statement)
        # Neither pragma takes a parameter; both are part of the transaction.
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {len(migrations)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def is_as_made(db: sqlite3.Connection, migrations: Sequence[Migration]) -> bool:
    """Return whether the tables are those that `migrations` make; about 2 ms.

    Raises:
        sqlite3.Error: they cannot be read.
    """
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        migrate(made, ":memory:", migrations)
        wanted = made.execute(_TABLES).fetchall()
    return db.execute(_TABLES).fetchall() == wanted


_TABLES = "SELECT type, name, tbl_name, CAST(sql AS BLOB) FROM sqlite_schema ORDER BY type, name"
