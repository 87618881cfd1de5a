"""Backups: two at once, what is left of one that was killed, and names of every kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.record import CHARTER, COMMUNITY, signer

from p2pnode.home.errors import BackupError, LocalError
from p2pnode.home.paths import Paths, find_paths
from p2pnode.host import backup
from p2pnode.host.backup import About, open_backup, write_backup
from p2pnode.host.manifest import Manifest
from p2pnode.store.store import Store
from p2pnode_protocols.wire.ids import WallMs

ABOUT = About(COMMUNITY, "Paper Mill", None)
NOW = WallMs(1_763_800_000_000)
LONGEST = 255  # bytes of a name, in the file systems of Linux


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = find_paths(str(tmp_path / "home"))
    paths.prepare()
    place = paths.of(ABOUT.community)
    place.prepare()
    with Store.create(place.store_file) as store:
        store.adopt(CHARTER)
    return paths


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "backups"
    place.mkdir()
    return place


def make(paths: Paths, target: Path, *, replace: bool = False) -> Manifest:
    return write_backup(
        paths,
        target,
        [ABOUT],
        software="p2pnode test",
        device=signer("alice").device,
        now_ms=NOW,
        with_key=False,
        replace=replace,
    )


def require_whole(target: Path) -> None:
    with open_backup(target) as opened:
        opened.verify()


@pytest.mark.parametrize("step", ["_copy_store", "_pack", "_name"])
@pytest.mark.parametrize("replaces", [(False, False), (False, True), (True, False), (True, True)])
def test_two_backups_at_once_do_not_meet_before_the_end(
    paths: Paths,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    replaces: tuple[bool, bool],
) -> None:
    """The second is made whole while the first is before one of its steps."""
    target, original = place / "mill.p2pbackup", getattr(backup, step)
    begun: list[str] = []

    def interrupted(*given: object, **named: object) -> object:
        if not begun:
            begun.append(step)
            make(paths, target, replace=replaces[1])
        return original(*given, **named)

    monkeypatch.setattr(backup, step, interrupted)
    if replaces[0]:
        make(paths, target, replace=True)
    else:
        with pytest.raises(BackupError, match="was made meanwhile") as caught:
            make(paths, target)
        assert caught.value.code == "backup_exists"
    require_whole(target)
    assert os.listdir(place) == [target.name]


@pytest.mark.parametrize("tail", [".db", ".tar", ".db-wal", ".new", ""])
def test_what_a_killed_backup_left_is_in_nobodys_way(paths: Paths, place: Path, tail: str) -> None:
    target = place / "mill"
    (place / f".{target.name}{tail}").write_bytes(b"left over")
    make(paths, target)
    require_whole(target)
    assert (place / f".{target.name}{tail}").read_bytes() == b"left over"


@pytest.mark.parametrize("name", ["a" * LONGEST, "ä" * (LONGEST // 2), ".db", "a.tar.db", " ", "…"])
def test_every_name_that_a_file_can_have_is_one_for_a_backup(
    paths: Paths, place: Path, name: str
) -> None:
    make(paths, place / name)
    make(paths, place / name, replace=True)
    require_whole(place / name)
    assert os.listdir(place) == [name]


Bad = Callable[[Path], Path]


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (lambda place: place / ("a" * (LONGEST + 1)), "backup_unwritable"),
        (lambda place: place.joinpath(*["a" * 200] * 30), "backup_unwritable"),
        (lambda place: place / "missing" / "mill", "backup_unwritable"),
        (lambda place: place / "file" / "mill", "backup_unwritable"),
        (lambda place: place / "loop", "backup_exists"),
        (lambda place: place, "backup_exists"),
        (lambda _: Path("/"), "backup_exists"),
        (lambda place: place / "file", "backup_exists"),
    ],
)
def test_what_can_be_no_backup_is_refused_in_our_words(
    paths: Paths, place: Path, bad: Bad, code: str, replace: bool
) -> None:
    (place / "file").write_bytes(b"dear diary")
    (place / "loop").symlink_to("loop")
    before = sorted(os.listdir(place))
    with pytest.raises(LocalError) as caught:
        make(paths, bad(place), replace=replace)
    assert caught.value.code == code
    assert sorted(os.listdir(place)) == before
    assert (place / "file").read_bytes() == b"dear diary"


def test_a_name_too_long_is_no_backup_to_restore_from(place: Path) -> None:
    with pytest.raises(BackupError, match="too long"), open_backup(place / ("a" * 256)):
        raise AssertionError("it was opened")
