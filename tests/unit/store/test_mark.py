"""The mark of what was signed: written in turn, torn without harm, and what it judges."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.record import COMMUNITY, block, epoch, signer, vote

from p2pnode.home.errors import StoreError
from p2pnode.home.mark import Mark, Marks
from p2pnode_protocols.steps.restored import NOTHING_SIGNED, Restored, Signed
from p2pnode_protocols.steps.writes import SaveBlock, SaveOp, Write
from p2pnode_protocols.wire.ids import CommunityId, Round, WallMs

ALICE = signer("alice").device
NOW = WallMs(1_763_800_000_000)
ONE = block("alice", 1)
TWO = block("alice", 2, [ONE, block("bob", 1), block("carol", 1)])
OTHERS = CommunityId(b"x" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "signed"


def own(*writes: Write) -> list[Write]:
    return list(writes)


def restored(number: int = 0, *blocks: object, nonce: int = 0) -> Restored:
    held = tuple(blocks)
    return Restored(epoch(number), held, (), (), (), nonce)  # type: ignore[arg-type]


def again(path: Path) -> Mark:
    return Marks.open(path, ALICE).of(COMMUNITY)


def create(path: Path) -> Mark:
    return Marks.create(path, ALICE).of(COMMUNITY)


def test_a_new_key_has_signed_nothing_and_may_sign(path: Path) -> None:
    create(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert not again(path).judge(restored(), path).must_learn


def test_it_moves_on_with_own_blocks_and_ops_only(path: Path) -> None:
    mark = create(path)
    mark.note([SaveBlock(ONE, 0, own=False), SaveOp(vote("bob", 5), own=False)], NOW)
    assert again(path).found is not None
    assert again(path).found == mark.found
    assert mark.found is not None
    assert (mark.found.count, mark.found.signed) == (0, NOTHING_SIGNED)
    mark.note([SaveOp(vote("alice", 3), own=True)], NOW)
    mark.note([SaveBlock(TWO, 4, own=True)], WallMs(NOW + 1))
    mark.note([SaveBlock(ONE, 4, own=True), SaveOp(vote("alice", 2), own=True)], NOW)
    found = again(path).found
    assert found is not None
    assert (found.signed, found.at_ms) == (Signed(4, Round(2), 3), NOW + 1)
    assert (found.community, found.device, found.learning) == (COMMUNITY, ALICE, False)
    mark.note([SaveBlock(ONE, 5, own=True)], NOW)
    assert again(path).found == mark.found
    assert mark.found.signed == Signed(5, Round(1), 3)


def test_nothing_is_written_when_nothing_was_signed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = create(path)
    written: list[int] = []
    monkeypatch.setattr(os, "pwrite", lambda *_: written.append(1))
    monkeypatch.setattr(os, "fdatasync", lambda _: None)
    mark.note([SaveOp(vote("bob", 1), own=False)], NOW)
    assert written == []
    mark.note([SaveOp(vote("alice", 1), own=True)], NOW)
    written.clear()  # the first of all made room
    mark.note([SaveOp(vote("alice", 2), own=True)], NOW)
    assert written == [1]


def test_it_is_forced_to_the_disk_once_a_second_and_when_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = create(path)
    forced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", forced.append)

    def sign(nonce: int, after_ms: int) -> int:
        forced.clear()
        mark.note([SaveOp(vote("alice", nonce), own=True)], WallMs(NOW + after_ms))
        assert again(path).found == mark.found  # a killed process loses nothing
        return len(forced)

    assert sign(1, 0) > 0
    assert [sign(2, 400), sign(3, 999), sign(4, 1_000), sign(5, 1_001)] == [0, 0, 1, 0]
    assert sign(6, -5_000) == 1  # the clock was set back
    forced.clear()
    mark.close()
    assert len(forced) == 1


@pytest.mark.parametrize("cut", [0, 1, 100, 144])
def test_a_torn_slot_leaves_the_one_before(path: Path, cut: int) -> None:
    mark = create(path)
    for nonce in (1, 2, 3):
        before = mark.found
        mark.note([SaveOp(vote("alice", nonce), own=True)], NOW)
        data = bytearray(path.read_bytes())
        place = 8192 + nonce % 2 * 4096  # behind the key's own pair
        data[place + cut] ^= 0xFF
        torn = path.with_name(f"torn-{nonce}")
        torn.write_bytes(data)
        found = again(torn).found
        assert found is not None
        assert found.signed == (NOTHING_SIGNED if before is None else before.signed)
        assert not found.learning
    path.write_bytes(bytes(8192))
    assert again(path).found is None


def test_a_damaged_pair_may_be_of_any_community(path: Path) -> None:
    """Where nothing is known of one, that it has not been signed in is not known either."""
    marks = Marks.create(path, ALICE)
    marks.of(COMMUNITY).note([SaveOp(vote("alice", 1), own=True)], NOW)
    marks.of(OTHERS).note([SaveOp(vote("alice", 4), own=True)], NOW)
    marks.close()
    data = bytearray(path.read_bytes())
    for at in (8192, 8192 + 4096):
        data[at + 20] ^= 0xFF
    path.write_bytes(data)
    for _ in range(2):  # what is written since does not hide it
        marks = Marks.open(path, ALICE)
        assert marks.find(COMMUNITY) is None
        assert marks.of(COMMUNITY).judge(restored(), path).must_learn
        known = marks.find(OTHERS)
        assert known is not None
        assert known.signed.nonce == 4
        marks.of(CommunityId(b"y" * 32)).set(NOTHING_SIGNED, NOW)
        marks.close()


def test_each_community_has_a_mark_of_its_own(path: Path) -> None:
    marks = Marks.create(path, ALICE)
    for nonce in range(1, 4):
        marks.of(COMMUNITY).note([SaveOp(vote("alice", nonce), own=True)], NOW)
        marks.of(OTHERS).note([SaveOp(vote("alice", 10 * nonce), own=True)], NOW)
    marks.of(CommunityId(b"y" * 32)).set(NOTHING_SIGNED, NOW)
    marks.close()
    marks = Marks.open(path, ALICE)
    assert marks.signed_in == tuple(sorted((COMMUNITY, OTHERS)))
    found = [marks.find(one) for one in (COMMUNITY, OTHERS)]
    assert [one and one.signed.nonce for one in found] == [3, 30]
    lost = marks.find_lost(OTHERS, Path("/n/store.db"))
    assert lost is not None
    assert (lost.code, "this device has signed in com_" in lost.detail) == ("store_behind", True)
    assert marks.find_lost(CommunityId(b"y" * 32), path) is None


def test_a_key_that_comes_from_a_backup_learns_in_every_community(path: Path) -> None:
    marks = Marks.open(path, ALICE)
    marks.of(COMMUNITY).set(Signed(3, Round(2), 7), NOW)
    marks.require_learning(NOW)
    marks.close()
    for community, least in ((COMMUNITY, Signed(3, Round(2), 7)), (OTHERS, NOTHING_SIGNED)):
        judged = Marks.open(path, ALICE).of(community).judge(restored(4, nonce=8), path)
        assert (judged.must_learn, judged.signed) == (True, least)


@pytest.mark.parametrize("data", [b"", b"p2pmark\x01", bytes(8192), b"\xff" * 8192, b"x" * 100])
def test_a_mark_that_says_nothing_means_learning(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert again(path).judge(restored(), path).must_learn
    path.unlink()
    assert again(path).judge(restored(), path).must_learn


def test_another_devices_mark_says_nothing(path: Path) -> None:
    Marks.create(path, signer("bob").device).close()
    assert again(path).judge(restored(), path).must_learn


@pytest.mark.parametrize(
    ("held", "is_behind"),
    [
        (restored(3, ONE, TWO, nonce=7), False),
        (restored(3, ONE, TWO, nonce=8), False),
        (restored(4, nonce=7), False),  # the epoch in which it was signed is over
        (restored(3, ONE, nonce=7), True),
        (restored(3, ONE, TWO, nonce=6), True),
        (restored(3, ONE, block("bob", 1), nonce=7), True),  # bob's round 2 is not alice's
        (restored(2, ONE, TWO, nonce=7), True),
        (restored(4, nonce=6), True),
        (restored(0), True),
    ],
)
def test_a_store_behind_the_mark_is_refused_with_what_to_do(
    path: Path, held: Restored, is_behind: bool
) -> None:
    mark = create(path)
    mark.note([SaveBlock(TWO, 3, own=True), SaveOp(vote("alice", 7), own=True)], NOW)
    if not is_behind:
        assert again(path).judge(held, Path("/n/store.db")) == held
        return
    with pytest.raises(StoreError) as caught:
        again(path).judge(held, Path("/n/store.db"))
    assert caught.value.code == "store_behind"
    assert "/n/store.db is older" in caught.value.detail
    assert "a block of round 2 in epoch 3 and 7 operations" in caught.value.detail
    assert "2025-11-22 08:26:40 UTC" in caught.value.detail
    assert "put the newer store.db back" in "; ".join(caught.value.steps)
    assert "p2pnode recover" in "; ".join(caught.value.steps)


def test_recovering_keeps_what_is_the_least_to_learn(path: Path) -> None:
    mark = create(path)
    mark.note([SaveBlock(TWO, 3, own=True), SaveOp(vote("alice", 7), own=True)], NOW)
    mark.require_learning(NOW)
    found = again(path).judge(restored(0), path)
    assert found == replace(restored(0), must_learn=True, signed=Signed(3, Round(2), 7))
    mark = again(path)
    mark.set(Signed(3, Round(2), 8), NOW)
    with pytest.raises(StoreError):
        again(path).judge(restored(0), path)
    assert again(path).judge(restored(4, nonce=8), path) == restored(4, nonce=8)


def test_a_mark_that_cannot_be_written_is_told(path: Path) -> None:
    mark = Marks.open(path / "nowhere", ALICE).of(COMMUNITY)
    with pytest.raises(StoreError) as caught:
        mark.note([SaveOp(vote("alice", 1), own=True)], NOW)
    assert caught.value.code == "store_unusable"
