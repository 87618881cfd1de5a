"""The mark of what was signed: written in turn, torn without harm, and what it judges."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.record import COMMUNITY, block, epoch, signer, vote

from p2pnode.home.errors import StoreError
from p2pnode.home.mark import Mark
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
    return Mark.open(path, ALICE)


def test_a_new_key_has_signed_nothing_and_may_sign(path: Path) -> None:
    Mark.create(path, ALICE).close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert not again(path).judge(COMMUNITY, restored(), path).must_learn


def test_it_moves_on_with_own_blocks_and_ops_only(path: Path) -> None:
    mark = Mark.create(path, ALICE)
    mark.note(COMMUNITY, [SaveBlock(ONE, 0, own=False), SaveOp(vote("bob", 5), own=False)], NOW)
    assert again(path).found is not None
    assert again(path).found == mark.found
    assert mark.found is not None
    assert (mark.found.count, mark.found.signed) == (0, NOTHING_SIGNED)
    mark.note(COMMUNITY, [SaveOp(vote("alice", 3), own=True)], NOW)
    mark.note(COMMUNITY, [SaveBlock(TWO, 4, own=True)], WallMs(NOW + 1))
    mark.note(COMMUNITY, [SaveBlock(ONE, 4, own=True), SaveOp(vote("alice", 2), own=True)], NOW)
    found = again(path).found
    assert found is not None
    assert (found.signed, found.at_ms) == (Signed(4, Round(2), 3), NOW + 1)
    assert (found.community, found.device, found.learning) == (COMMUNITY, ALICE, False)
    mark.note(COMMUNITY, [SaveBlock(ONE, 5, own=True)], NOW)
    assert again(path).found == mark.found
    assert mark.found.signed == Signed(5, Round(1), 3)


def test_nothing_is_written_when_nothing_was_signed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = Mark.create(path, ALICE)
    written: list[int] = []
    monkeypatch.setattr(os, "pwrite", lambda *_: written.append(1))
    monkeypatch.setattr(os, "fdatasync", lambda _: None)
    mark.note(COMMUNITY, [SaveOp(vote("bob", 1), own=False)], NOW)
    assert written == []
    mark.note(COMMUNITY, [SaveOp(vote("alice", 1), own=True)], NOW)
    assert written == [1]


def test_it_is_forced_to_the_disk_once_a_second_and_when_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = Mark.create(path, ALICE)
    forced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", forced.append)

    def sign(nonce: int, after_ms: int) -> int:
        forced.clear()
        mark.note(COMMUNITY, [SaveOp(vote("alice", nonce), own=True)], WallMs(NOW + after_ms))
        assert again(path).found == mark.found  # a killed process loses nothing
        return len(forced)

    assert [sign(1, 0), sign(2, 400), sign(3, 999), sign(4, 1_000), sign(5, 1_001)] == [
        *(1, 0, 0, 1, 0)
    ]
    assert sign(6, -5_000) == 1  # the clock was set back
    forced.clear()
    mark.close()
    assert len(forced) == 1


@pytest.mark.parametrize("cut", [0, 1, 100, 144])
def test_a_torn_slot_leaves_the_one_before(path: Path, cut: int) -> None:
    mark = Mark.create(path, ALICE)
    for nonce in (1, 2, 3):
        before = mark.found
        mark.note(COMMUNITY, [SaveOp(vote("alice", nonce), own=True)], NOW)
        data = bytearray(path.read_bytes())
        place = nonce % 2 * 4096
        data[place + cut] ^= 0xFF
        torn = path.with_name(f"torn-{nonce}")
        torn.write_bytes(data)
        assert again(torn).found == before
    path.write_bytes(bytes(8192))
    assert again(path).found is None


@pytest.mark.parametrize("data", [b"", b"p2pmark\x01", bytes(8192), b"\xff" * 8192, b"x" * 100])
def test_a_mark_that_says_nothing_means_learning(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert again(path).judge(COMMUNITY, restored(), path).must_learn
    path.unlink()
    assert again(path).judge(COMMUNITY, restored(), path).must_learn


def test_another_devices_or_communitys_mark_says_nothing(path: Path) -> None:
    mark = Mark.create(path, signer("bob").device)
    assert again(path).judge(COMMUNITY, restored(), path).must_learn
    mark = Mark.create(path, ALICE)
    mark.note(OTHERS, [SaveOp(vote("alice", 1), own=True)], NOW)
    assert again(path).judge(COMMUNITY, restored(), path).must_learn


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
    mark = Mark.create(path, ALICE)
    mark.note(COMMUNITY, [SaveBlock(TWO, 3, own=True), SaveOp(vote("alice", 7), own=True)], NOW)
    if not is_behind:
        assert again(path).judge(COMMUNITY, held, Path("/n/store.db")) == held
        return
    with pytest.raises(StoreError) as caught:
        again(path).judge(COMMUNITY, held, Path("/n/store.db"))
    assert caught.value.code == "store_behind"
    assert "/n/store.db is older" in caught.value.detail
    assert "a block of round 2 in epoch 3 and 7 operations" in caught.value.detail
    assert "2025-11-22 08:26:40 UTC" in caught.value.detail
    assert "put the newer store.db back" in "; ".join(caught.value.steps)
    assert "p2pnode recover" in "; ".join(caught.value.steps)


def test_recovering_keeps_what_is_the_least_to_learn(path: Path) -> None:
    mark = Mark.create(path, ALICE)
    mark.note(COMMUNITY, [SaveBlock(TWO, 3, own=True), SaveOp(vote("alice", 7), own=True)], NOW)
    mark.require_learning(NOW)
    found = again(path).judge(COMMUNITY, restored(0), path)
    assert found == replace(restored(0), must_learn=True, signed=Signed(3, Round(2), 7))
    mark = again(path)
    mark.set(COMMUNITY, Signed(3, Round(2), 8), NOW)
    with pytest.raises(StoreError):
        again(path).judge(COMMUNITY, restored(0), path)
    assert again(path).judge(COMMUNITY, restored(4, nonce=8), path) == restored(4, nonce=8)


def test_a_mark_that_cannot_be_written_is_told(path: Path) -> None:
    mark = Mark.open(path / "nowhere", ALICE)
    with pytest.raises(StoreError) as caught:
        mark.note(COMMUNITY, [SaveOp(vote("alice", 1), own=True)], NOW)
    assert caught.value.code == "store_unusable"
