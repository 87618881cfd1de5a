"""What only the SQLite store has: the disk, damage, the address book, what is kept twice."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.record import (
    CHARTER,
    COMMUNITY,
    block,
    commit,
    epoch,
    rounds,
    save_all,
    signer,
    text,
    vote,
)

import p2pnode.store.starting
from p2pnode.home.errors import StoreError
from p2pnode.store.addresses import HEARSAY_KEPT, PeerAddress
from p2pnode.store.store import Store
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.steps.writes import SaveBlock, SaveMissing, SaveOp, SaveText
from p2pnode_protocols.wire.errors import BugError
from p2pnode_protocols.wire.ids import OpId, TextId, WallMs
from p2pnode_protocols.wire.limits import ADDRESSES

ALICE, BOB = signer("alice").device, signer("bob").device


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.create(path) as made:
        made.adopt(CHARTER)
        made.apply([epoch(0)], durable=True)
        yield made


def edit(path: Path, statement: str, *values: object) -> None:
    """Change the closed file behind the store's back."""
    db = sqlite3.connect(path)
    db.execute(statement, values)
    db.commit()
    db.close()


def flip(path: Path, content: bytes) -> None:
    """Flip one bit in the middle of `content` where it stands in the file."""
    data = bytearray(path.read_bytes())
    at = data.index(content) + len(content) // 2
    data[at] ^= 1
    path.write_bytes(data)


# --- reopening ---------------------------------------------------------------------------


def test_everything_is_there_after_reopening(store: Store, path: Path) -> None:
    ref, blob = text("why")
    op = vote("alice", 1, ref)
    one = block("alice", 1, ops=[op])
    store.apply(
        [SaveOp(op, own=True), SaveText(ref.id, blob), *save_all([one]), commit(1, one, [op])],
        durable=False,
    )
    before = store.restore(ALICE)
    store.close()
    with Store.open(path) as again:
        assert (again.community, again.charter) == (COMMUNITY, CHARTER)
        assert again.restore(ALICE) == before
        assert again.text(ref.id) == blob
        assert again.find_damage() == ()


def test_nothing_is_saved_before_a_community_is_adopted(path: Path) -> None:
    with Store.create(path) as empty:
        assert (empty.community, empty.charter) == (None, None)
        with pytest.raises(BugError):
            empty.apply([epoch(0)], durable=True)


def test_op_is_kept_once_when_a_block_holds_it(store: Store, path: Path) -> None:
    ops = [vote("alice", nonce) for nonce in range(1, 4)]
    store.apply([SaveOp(op, own=True) for op in ops], durable=True)
    store.apply(save_all([block("alice", 1, ops=ops)]), durable=True)
    for op in ops:
        found = store.op(op.id)
        assert found is not None
        assert found.op == op
    store.close()
    db = sqlite3.connect(path)
    kept = db.execute("SELECT count(*), count(wire) FROM ops").fetchone()
    db.close()
    assert kept == (3, 0)


def test_use_from_another_thread_is_a_mistake_of_ours(store: Store) -> None:
    raised: list[Exception] = []

    def use() -> None:
        try:
            store.commits(1, 2)
        except BugError as error:
            raised.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(raised) == 1


def test_write_lock_of_another_program_is_waited_for_and_then_told(
    store: Store, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught:
        store.apply([SaveOp(vote("alice", 1), own=True)], durable=True)
    assert caught.value.code == "store_unusable"
    assert "locked" in caught.value.detail
    other.execute("ROLLBACK")
    other.close()
    store.apply([SaveOp(vote("alice", 1), own=True)], durable=True)


# --- durability --------------------------------------------------------------------------


def test_durable_commits_are_fsynced_and_others_are_not(store: Store) -> None:
    """2 is FULL: fsync in each commit; 1 is NORMAL: only when the log is copied."""

    def mode() -> int:
        row = store._database.row("PRAGMA synchronous")
        assert row is not None
        return row.integer(0)

    store.apply([SaveOp(vote("alice", 1), own=False)], durable=False)
    assert mode() == 1
    store.apply([SaveOp(vote("alice", 2), own=True)], durable=True)
    assert mode() == 2
    store.apply([SaveOp(vote("alice", 3), own=False)], durable=False)
    assert mode() == 1


def test_what_is_held_is_saved_with_the_next_writes_and_not_before(
    store: Store, path: Path
) -> None:
    first, own = rounds(["alice"], 2)
    store.hold([SaveBlock(first, 0, own=False)])
    with Store.open(path) as other:
        assert other.block(first.id) is None
    store.apply([SaveBlock(own, 0, own=True)], durable=True)
    with Store.open(path) as other:
        assert [other.block(one.id) for one in (first, own)] == [first, own]


def test_what_is_held_is_kept_when_saving_fails(store: Store, path: Path) -> None:
    held = vote("alice", 1)
    store.hold([SaveOp(held, own=False)])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError):
        store.apply([SaveOp(vote("alice", 2), own=True)], durable=True)
    other.execute("ROLLBACK")
    other.close()
    found = store.op(held.id)
    assert found is not None
    assert found.op == held


# --- ops that no log takes -----------------------------------------------------------------


def test_a_start_reads_only_some_of_what_no_log_takes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A liar's blocks hold any number of ops; each is read out of its block, which takes long."""
    monkeypatch.setattr(p2pnode.store.starting, "PENDING_PER_DEVICE", 3)
    monkeypatch.setattr(p2pnode.store.starting, "PENDING_OF_ENDED_EPOCHS", 4)
    alone, mine = vote("alice", 1), vote("alice", 2)
    flood = [vote("bob", nonce) for nonce in range(1, 9)]
    strange = [vote(f"stranger {number}", 1) for number in range(6)]
    old = block("bob", 1, ops=[mine, *strange, *flood[:4]])
    now = block("bob", 1, ops=[*flood[4:], vote("carol", 1)], number=1)
    store.apply([epoch(0), SaveOp(alone, own=False), SaveBlock(old, 0, own=False)], durable=True)

    def pending() -> list[Op]:
        restored = store.restore(ALICE)
        assert restored is not None
        return list(restored.pending)

    assert pending() == [alone, mine, *strange, *flood[1:4]]
    store.apply([epoch(1)], durable=True)
    assert pending() == [alone, *strange[-1:], *flood[1:4]]
    store.apply([SaveBlock(now, 1, own=False)], durable=True)
    assert pending() == [alone, *strange[-4:], *flood[5:], now.ops[-1]]


def test_a_start_goes_through_no_table_of_all_that_there_ever_was(store: Store) -> None:
    """What it takes must not grow with ops and blocks that the log has long taken."""
    asked: list[str] = []
    store._database._db.set_trace_callback(asked.append)
    store.restore(ALICE)
    store._database._db.set_trace_callback(None)
    plans = [
        step
        for query in asked
        for (*_, step) in store._database._db.execute(f"EXPLAIN QUERY PLAN {query}")
    ]
    assert any("SCAN ops USING INDEX ops_pending" in step for step in plans)
    allowed = re.compile("SCAN (ops|blocks|commits) USING (COVERING )?INDEX ops_(pending|own)")
    scans = [step for step in plans if re.match("SCAN (ops|blocks|commits)", step)]
    newest_first = "SCAN commits"  # ORDER BY number DESC LIMIT: it stops
    assert [one for one in scans if not allowed.match(one) and one != newest_first] == []


# --- a full disk -------------------------------------------------------------------------


def test_full_disk_says_so_and_leaves_nothing_half_written(store: Store) -> None:
    row = store._database.row("PRAGMA page_count")
    assert row is not None
    # SQLite gives the same error here as for ENOSPC; tests/e2e has a real full disk.
    store._database.row(f"PRAGMA max_page_count = {row.integer(0) + 2}")
    kept = vote("alice", 1)
    store.apply([SaveOp(kept, own=True)], durable=True)
    blobs = [text(f"{number} " + "x" * 30_000) for number in range(5)]
    lost = vote("alice", 2)
    with pytest.raises(StoreError) as caught:
        store.apply(
            [
                SaveOp(lost, own=True),
                *(SaveMissing(ref, OpId(bytes(32))) for ref, _ in blobs),
                *(SaveText(ref.id, blob) for ref, blob in blobs),
            ],
            durable=True,
        )
    assert caught.value.code == "disk_full"
    assert "make room" in "; ".join(caught.value.steps)
    assert store.op(lost.id) is None
    found = store.restore(ALICE)
    assert found is not None
    assert found.pending == (kept,)
    store._database.row("PRAGMA max_page_count = 1000000")
    store.apply([SaveOp(lost, own=True)], durable=True)
    assert store.op(lost.id) is not None


# --- damage ------------------------------------------------------------------------------


def damage(path: Path) -> str:
    """Return what `find_damage` says, which has to be something."""
    with Store.open(path) as store:
        found = store.find_damage()
    assert found
    return found[0]


def assert_restore_refuses(path: Path, says: str) -> None:
    with Store.open(path) as store, pytest.raises(StoreError, match=says) as caught:
        store.restore(ALICE)
    assert caught.value.code == "store_damaged"
    assert "store.db-wal" in "; ".join(caught.value.steps)


def test_flipped_bit_in_a_block_is_found(store: Store, path: Path) -> None:
    made = rounds(["alice", "bob"], 3)
    store.apply(save_all(made), durable=True)
    store.close()
    flip(path, made[3].wire)
    assert_restore_refuses(path, "block")
    with Store.open(path) as again, pytest.raises(StoreError, match="block"):
        again.serve_pull(Pull(0, (), 1 << 20))
    assert "block" in damage(path)


def test_flipped_bit_in_a_pending_op_is_found(store: Store, path: Path) -> None:
    op = vote("alice", 1)
    store.apply([SaveOp(op, own=True)], durable=True)
    store.close()
    flip(path, op.wire)
    assert_restore_refuses(path, "op")
    assert "op" in damage(path)


def test_flipped_bit_in_a_snapshot_is_found(store: Store, path: Path) -> None:
    snapshot = b"the state of the second epoch"
    store.apply([epoch(1, snapshot)], durable=True)
    store.close()
    flip(path, snapshot)
    assert_restore_refuses(path, "snapshot of epoch 1")
    assert "snapshot" in damage(path)


def test_flipped_bit_in_a_text_is_found_when_it_is_read(store: Store, path: Path) -> None:
    ref, blob = text("a reason that is long enough to be found")
    store.apply([SaveMissing(ref, OpId(bytes(32))), SaveText(ref.id, blob)], durable=True)
    store.close()
    flip(path, blob)
    with Store.open(path) as again, pytest.raises(StoreError, match="text"):
        again.text(ref.id)
    assert "text" in damage(path)


def test_flipped_bit_in_the_charter_is_found_at_once(store: Store, path: Path) -> None:
    store.close()
    flip(path, CHARTER)
    with pytest.raises(StoreError, match="charter"):
        Store.open(path)


def test_commit_that_does_not_decode_is_found(store: Store, path: Path) -> None:
    store.apply([commit(1, block("alice", 1))], durable=True)
    store.close()
    edit(path, "UPDATE commits SET outcomes = x'c1'")
    with Store.open(path) as again, pytest.raises(StoreError, match="commit 1"):
        again.commits(1, 1)
    assert "commit 1" in damage(path)


def test_op_whose_commit_is_gone_is_found(store: Store, path: Path) -> None:
    op = vote("alice", 1)
    store.apply([commit(1, block("alice", 1), [op])], durable=True)
    store.close()
    edit(path, "DELETE FROM commits")
    with Store.open(path) as again, pytest.raises(StoreError, match="commit 1"):
        again.op(op.id)


def test_cell_of_another_type_is_found(store: Store, path: Path) -> None:
    store.apply(save_all(rounds(["alice"], 1)), durable=True)
    store.close()
    edit(path, "UPDATE blocks SET wire = 7")
    assert_restore_refuses(path, "column 2")


def test_overwritten_pages_are_found_and_told(store: Store, path: Path) -> None:
    store.apply(save_all(rounds(["alice", "bob", "carol"], 60)), durable=True)
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)  # all but the first page, which has the tables
    path.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        Store.open(path).restore(ALICE)
    assert caught.value.code == "store_damaged"
    assert str(path) in caught.value.detail


# --- erasing -----------------------------------------------------------------------------


def test_erased_text_is_nowhere_in_the_files(store: Store, path: Path) -> None:
    words = "nobody shall ever read this again"
    texts = [text(words), text(words * 1_000)]  # in a page of its table, and on pages of its own
    for ref, blob in texts:
        store.apply([SaveMissing(ref, OpId(bytes(32))), SaveText(ref.id, blob)], durable=True)
    for ref, _ in texts:
        store.erase_text(ref.id)
    for file in path.parent.iterdir():
        assert words.encode() not in file.read_bytes(), file.name


# --- the address book --------------------------------------------------------------------


def test_addresses_are_kept_with_the_one_that_worked_first(store: Store, path: Path) -> None:
    store.address_book.note_addresses(
        ALICE, ["/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.2/tcp/1"], WallMs(5)
    )
    store.address_book.note_reached(ALICE, "/ip4/10.0.0.2/tcp/1", WallMs(6))
    store.address_book.note_addresses(ALICE, ["/ip4/10.0.0.1/tcp/1"], WallMs(7))
    store.close()
    with Store.open(path) as again:
        assert again.address_book.addresses() == (
            PeerAddress(ALICE, "/ip4/10.0.0.2/tcp/1", WallMs(5), WallMs(6)),
            PeerAddress(ALICE, "/ip4/10.0.0.1/tcp/1", WallMs(7), None),
        )


def test_peer_that_tells_ever_new_addresses_crowds_out_only_its_own(store: Store) -> None:
    store.address_book.note_reached(ALICE, "/ip4/10.0.0.1/tcp/1", WallMs(1))
    store.address_book.note_addresses(BOB, ["/ip4/10.0.0.9/tcp/1"], WallMs(1))
    for number in range(3 * ADDRESSES):
        store.address_book.note_addresses(
            ALICE, [f"/ip4/10.1.1.{number}/tcp/1"], WallMs(2 + number)
        )
    found = [one.address for one in store.address_book.addresses() if one.device == ALICE]
    assert len(found) == ADDRESSES
    assert found[0] == "/ip4/10.0.0.1/tcp/1"  # it worked once
    assert found[1] == f"/ip4/10.1.1.{3 * ADDRESSES - 1}/tcp/1"
    assert len(store.address_book.addresses()) == ADDRESSES + 1


def test_new_address_of_a_member_that_was_reached_in_many_places_is_kept(store: Store) -> None:
    """A laptop that moves: were only the reached ones kept, nobody would dial its new place."""
    for number in range(2 * ADDRESSES):
        store.address_book.note_reached(ALICE, f"/ip4/10.1.1.{number}/tcp/1", WallMs(1 + number))
    assert len(store.address_book.addresses()) == ADDRESSES
    for number in range(ADDRESSES):
        store.address_book.note_addresses(
            ALICE, [f"/ip4/10.2.2.{number}/tcp/1"], WallMs(100 + number)
        )
        found = [one.address for one in store.address_book.addresses()]
        assert f"/ip4/10.2.2.{number}/tcp/1" in found
        assert len(found) == ADDRESSES
        assert found[0] == f"/ip4/10.1.1.{2 * ADDRESSES - 1}/tcp/1"  # where it was last


def test_what_others_tell_crowds_out_only_what_the_same_one_told(store: Store, path: Path) -> None:
    book = store.address_book
    book.note_addresses(ALICE, ["/ip4/10.0.0.1/tcp/1"], WallMs(1))
    book.note_hearsay(ALICE, b"honest", ["/ip4/10.0.0.2/tcp/1"], WallMs(2))
    for number in range(100):
        lies = [f"/ip4/10.1.{number}.{n}/tcp/1" for n in range(ADDRESSES)]
        book.note_hearsay(ALICE, b"liar", lies, WallMs(3 + number))
    store.close()
    with Store.open(path) as again:
        book = again.address_book
        assert [one.address for one in book.addresses()] == ["/ip4/10.0.0.1/tcp/1"]
        told = book.hearsay()
        assert [one.address for one in told if one.teller == b"honest"] == ["/ip4/10.0.0.2/tcp/1"]
        lies = [one.address for one in told if one.teller == b"liar"]
        assert sorted(lies) == [f"/ip4/10.1.99.{n}/tcp/1" for n in range(HEARSAY_KEPT)]


def test_of_other_devices_no_address_is_kept(store: Store) -> None:
    book = store.address_book
    for device in (ALICE, BOB):
        book.note_addresses(device, ["/ip4/10.0.0.1/tcp/1"], WallMs(1))
        book.note_hearsay(device, b"teller", ["/ip4/10.0.0.2/tcp/1"], WallMs(1))
    book.forget_others({BOB})
    assert {one.device for one in book.addresses()} == {BOB}
    assert {one.device for one in book.hearsay()} == {BOB}


def test_unknown_text_can_be_erased_before_it_arrives(store: Store) -> None:
    ref, blob = text("early")
    store.erase_text(TextId(ref.id))
    store.apply([SaveText(ref.id, blob)], durable=True)
    assert store.text(ref.id) is None
