"""Backups of several communities put back: whole, or not at all, wherever it is broken off."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from p2pnode.community.session import adopt
from p2pnode.home import keystore
from p2pnode.home.errors import BackupError, LocalError
from p2pnode.home.identity import create_identity
from p2pnode.home.keystore import load_key, read_device
from p2pnode.home.mark import Marks
from p2pnode.home.paths import Paths, find_paths
from p2pnode.home.pending import load_binding
from p2pnode.host import backup, restoring
from p2pnode.host.backup import About, open_backup, write_backup
from p2pnode.host.manifest import Manifest, Seat
from p2pnode.host.restoring import recover, restore_backup
from p2pnode.store.store import Store
from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.record.seats.charter import default_charter, founder_seat
from p2pnode_protocols.steps.restored import NOTHING_SIGNED, Signed
from p2pnode_protocols.wire.ids import CommunityId, Round, WallMs, to_text

NOW = WallMs(1_763_800_000_000)
NAMES = ("Paper Mill", "Lane 7", "Choir")


def make_home(root: Path, names: tuple[str, ...] = NAMES) -> tuple[Paths, list[About]]:
    """Return a home with so many communities, and what a node would know of them."""
    paths = find_paths(root)
    paths.prepare()
    device = create_identity(paths).device
    told: list[About] = []
    for name in names:
        seat = founder_seat("alice", device)
        charter = default_charter(name, seat, NOW)
        place = paths.of(charter.community_id)
        place.prepare()
        with Store.create(place.store_file) as store:
            adopt(store, charter.to_bytes(), PRACTICES)
        told.append(About(charter.community_id, name, Seat(seat.id, seat.name)))
    return paths, told


def write(paths: Paths, told: list[About], target: Path, *, with_key: bool = False) -> Manifest:
    return write_backup(
        paths,
        target,
        told,
        software="p2pnode test",
        device=read_device(paths.key_file),
        now_ms=NOW,
        with_key=with_key,
        replace=True,
    )


@pytest.fixture
def made(tmp_path: Path) -> tuple[Paths, list[About]]:
    return make_home(tmp_path / "alice")


def require_whole(paths: Paths, told: list[About]) -> None:
    """Assert that a home has all of these communities, and a key of its own."""
    assert load_key(paths.key_file)
    assert {one.community for one in paths.communities()} == {one.community for one in told}
    for one in paths.communities():
        with Store.open(one.store_file) as store:
            assert store.community == one.community
            assert not store.find_damage()
    assert not (paths.data_dir / "restoring").exists()


def require_as_it_was(paths: Paths) -> None:
    assert not paths.key_file.exists()
    assert not paths.communities_dir.exists()
    assert not (paths.data_dir / "restoring").exists()


def test_every_community_has_its_part_and_comes_back(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    manifest = write(paths, told, file)
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["manifest.json", *(one.part for one in manifest.communities)]
    again = find_paths(tmp_path / "again")
    done = restore_backup(file, again, NOW)
    require_whole(again, told)
    assert [one.name for one in done.manifest.communities] == list(NAMES)
    assert done.device != read_device(paths.key_file)
    for one in told:
        kept = load_binding(again.of(one.community).data_dir)
        assert kept is not None
        assert (kept.code, kept.member_name) == (done.bindings[one.community], "alice")
    with closing(Marks.open(again.mark_file(done.device), done.device)) as marks:
        for one in told:  # a new key has signed nothing anywhere
            found = marks.find(one.community)
            assert found is not None
            assert (found.signed, found.learning) == (NOTHING_SIGNED, False)


def test_with_the_key_the_device_learns_in_each_before_it_signs(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    write(paths, told, file, with_key=True)
    again = find_paths(tmp_path / "again")
    done = restore_backup(file, again, NOW)
    require_whole(again, told)
    assert not done.bindings
    assert done.device == read_device(paths.key_file)
    elsewhere = CommunityId(b"e" * 32)
    with closing(Marks.open(again.mark_file(done.device), done.device)) as marks:
        for community in (*(one.community for one in told), elsewhere):
            found = marks.find(community)
            assert found is not None
            assert found.learning


def test_a_backup_may_be_of_some_communities(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    write(paths, told[1:2], file)
    again = find_paths(tmp_path / "again")
    restore_backup(file, again, NOW)
    require_whole(again, told[1:2])


# --- broken off ------------------------------------------------------------------------------

STEPS = (
    (restoring, "_extract"),
    (restoring, "_check_store"),
    (restoring, "request_binding"),
    (restoring, "_sync"),
    (restoring, "_remove"),
    (keystore, "_write_new"),
    (Marks, "write"),
    (os, "link"),
    (Path, "rename"),
)
BACKUP_STEPS = ((backup, "_copy_store"), (backup, "_part"), (backup, "_pack"), (backup, "_name"))


@contextmanager
def stopped_before(
    number: int, steps: tuple[tuple[Any, str], ...], stop: Callable[[], None]
) -> Iterator[list[str]]:
    """Call `stop` before the step of this number; yields the names of all that were begun."""
    begun: list[str] = []

    def counted(original: Callable[..., Any], name: str) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            begun.append(name)
            if len(begun) == number:
                stop()
            return original(*given, **named)

        return step

    with pytest.MonkeyPatch.context() as patched:
        for owner, name in steps:
            original = getattr(owner, name)

            def step(
                *given: Any, _original: Any = original, _name: str = name, **named: Any
            ) -> Any:
                begun.append(_name)
                if len(begun) == number:
                    stop()
                return _original(*given, **named)

            patched.setattr(owner, name, step)
        yield begun


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def have_no_room() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def in_a_process_that_is_killed(
    number: int, steps: tuple[tuple[Any, str], ...], work: Callable[[], object]
) -> bool:
    """Do the work in a process that is killed before a step; return whether it was."""
    child = os.fork()
    if child == 0:
        with stopped_before(number, steps, die):
            work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("with_key", [False, True])
def test_killed_at_any_step_a_restore_leaves_no_home_or_a_whole_one(
    made: tuple[Paths, list[About]], tmp_path: Path, with_key: bool
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    write(paths, told, file, with_key=with_key)
    number, was_killed = 0, True
    while was_killed:
        number += 1
        again = find_paths(tmp_path / f"again{number}")
        was_killed = in_a_process_that_is_killed(
            number,
            STEPS,
            lambda again=again: restore_backup(file, again, NOW),  # type: ignore[misc]
        )
        if not again.key_file.exists():
            restore_backup(file, again, NOW)
        else:
            restoring.forget_restoring(again)  # as a start does
        require_whole(again, told)
        if with_key:
            device = read_device(again.key_file)
            with closing(Marks.open(again.mark_file(device), device)) as marks:
                for one in told:
                    found = marks.find(one.community)
                    assert found is not None
                    assert found.learning
    assert number > 3 * len(told)


@pytest.mark.parametrize("with_key", [False, True])
def test_without_room_at_any_step_a_restore_leaves_the_home_as_it_was(
    made: tuple[Paths, list[About]], tmp_path: Path, with_key: bool
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    write(paths, told, file, with_key=with_key)
    again = find_paths(tmp_path / "again")
    steps = tuple(one for one in STEPS if one[1] not in ("_write_new", "_remove"))
    for number in range(1, 100):
        with stopped_before(number, steps, have_no_room) as begun:
            if (refused := try_to(lambda: restore_backup(file, again, NOW))) is None:
                assert len(begun) < number
                break
        assert refused.code == "disk_full"
        if again.key_file.exists():  # the last step only makes sure that it stays
            require_whole(again, told)
            restoring._remove(again.communities_dir)
            again.key_file.unlink()
        require_as_it_was(again)
    require_whole(again, told)
    assert number > 3 * len(told)


def try_to(work: Callable[[], object]) -> LocalError | None:
    """Return why it was refused."""
    try:
        work()
    except LocalError as error:
        return error
    return None


def test_killed_at_any_step_a_backup_is_whole_or_not_there(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    number, was_killed = 0, True
    while was_killed:
        number += 1
        was_killed = in_a_process_that_is_killed(
            number, BACKUP_STEPS, lambda: write(paths, told, file)
        )
        assert file.exists() is not was_killed
    with open_backup(file) as opened:
        opened.verify()
    assert number == 3 + 3 + 1 + 1 + 1


def test_without_room_at_any_step_a_backup_leaves_nothing(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    paths, told = made
    place = tmp_path / "backups"
    place.mkdir()
    for number in range(1, 9):
        with (
            stopped_before(number, BACKUP_STEPS, have_no_room),
            pytest.raises(LocalError) as refused,
        ):
            write(paths, told, place / "alice")
        assert refused.value.code == "disk_full"
        assert os.listdir(place) == []


# --- what does not fit -------------------------------------------------------------------------


def repack(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Write a backup anew with another manifest."""
    with tarfile.open(file) as tar:
        parts = [(one, tar.extractfile(one)) for one in tar.getmembers()]
        content = {one.name: b"" if part is None else part.read() for one, part in parts}
    manifest = json.loads(content["manifest.json"])
    change(manifest)
    content["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(file, "w") as tar:
        for name, data in content.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def swap_stores(manifest: dict[str, Any]) -> None:
    first, second = manifest["communities"][:2]
    first["store"], second["store"] = second["store"], first["store"]


def swap_contents(manifest: dict[str, Any]) -> None:
    """Say that the store of one is that of the other."""
    first, second = manifest["communities"][:2]
    for field in ("id", "store"):
        first[field], second[field] = second[field], first[field]


def name_a_part_elsewhere(manifest: dict[str, Any]) -> None:
    manifest["communities"][0]["store"] = "../../store.db"
    manifest["parts"][0]["name"] = "../../store.db"


def repeat(manifest: dict[str, Any]) -> None:
    manifest["communities"].append(manifest["communities"][0])


def repeat_with_its_part(manifest: dict[str, Any]) -> None:
    repeat(manifest)
    manifest["parts"].append(manifest["parts"][0])


UNFIT: dict[str, Callable[[dict[str, Any]], None]] = {
    "no part of a community": lambda manifest: manifest["parts"].pop(0),
    "no community of a part": lambda manifest: manifest["communities"].pop(0),
    "no community": lambda manifest: manifest.update(communities=[], parts=[]),
    "a community twice": repeat,
    "a community and its part twice": repeat_with_its_part,
    "stores of each other": swap_stores,
    "a part elsewhere": name_a_part_elsewhere,
    "a key that is not there": lambda manifest: manifest.update(key="open"),
    "a longer log": lambda manifest: manifest["communities"][0]["log"].update(index=7),
    "another root": lambda manifest: manifest["communities"][0]["log"].update(root="00" * 32),
    "communities that are a text": lambda manifest: manifest.update(communities="Lane 7"),
    "a version that is a text": lambda manifest: manifest.update(version="2"),
}


@pytest.mark.parametrize("how", UNFIT)
def test_a_manifest_that_does_not_fit_is_refused_and_leaves_no_home(
    made: tuple[Paths, list[About]], tmp_path: Path, how: str
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    write(paths, told, file)
    repack(file, UNFIT[how])
    again = find_paths(tmp_path / "again")
    with pytest.raises(BackupError) as refused:
        restore_backup(file, again, NOW)
    assert refused.value.code == "backup_damaged"
    require_as_it_was(again)


def test_a_store_under_the_name_of_another_is_refused(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    """All sizes and hashes fit, and the id does not."""
    paths, told = made
    first, second = (paths.of(one.community).store_file for one in told[:2])
    first.unlink()
    first.write_bytes(second.read_bytes())
    file = tmp_path / "alice.p2pbackup"
    write(paths, told, file)
    with pytest.raises(BackupError, match="is not the one that the manifest speaks of"):
        restore_backup(file, find_paths(tmp_path / "again"), NOW)


def test_a_key_of_another_device_is_refused(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    write(paths, told, file, with_key=True)
    other, _ = make_home(tmp_path / "bob", ())
    device = to_text("dev", read_device(other.key_file))
    repack(file, lambda manifest: manifest.update(device=device))
    again = find_paths(tmp_path / "again")
    with pytest.raises(BackupError, match="another device's"):
        restore_backup(file, again, NOW)
    require_as_it_was(again)


def test_a_backup_of_before_the_first_release_is_refused_by_name(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    write(paths, told, file)
    for version, code in ((1, "backup_too_old"), (3, "backup_too_new")):
        repack(file, lambda manifest, version=version: manifest.update(version=version))  # type: ignore[misc]
        with pytest.raises(BackupError) as refused:
            restore_backup(file, find_paths(tmp_path / "again"), NOW)
        assert refused.value.code == code


def test_a_home_with_anything_of_a_community_in_it_is_not_empty(
    made: tuple[Paths, list[About]], tmp_path: Path
) -> None:
    paths, told = made
    file = tmp_path / "alice.p2pbackup"
    write(paths, told, file)
    again = find_paths(tmp_path / "again")
    again.prepare()
    place = again.of(told[0].community)
    place.prepare()
    (place.data_dir / "joining.json").write_text("{}")
    with pytest.raises(LocalError) as refused:
        restore_backup(file, again, NOW)
    assert refused.value.code == "home_not_empty"
    assert (place.data_dir / "joining.json").read_text() == "{}"


# --- recovering --------------------------------------------------------------------------------


def test_recovering_goes_over_all_communities_and_past_those_that_are_of_no_use(
    made: tuple[Paths, list[About]],
) -> None:
    paths, told = made
    device = read_device(paths.key_file)
    far = Signed(3, Round(9), 7)
    with closing(Marks.open(paths.mark_file(device), device)) as marks:
        marks.of(told[0].community).set(far, NOW)
    paths.of(told[1].community).store_file.write_bytes(b"no store at all" * 100)
    joining = paths.of(CommunityId(b"j" * 32))
    joining.prepare()
    Store.create(joining.store_file).close()  # a join that has no record yet
    done = recover(paths, NOW)
    found = {one.community: one for one in done.communities}
    assert set(found) == {one.community for one in told}
    assert [found[one.community].was_behind for one in told] == [True, False, False]
    trouble = found[told[1].community].trouble
    assert trouble is not None
    assert trouble.code == "store_damaged"
    with closing(Marks.open(paths.mark_file(device), device)) as marks:
        for one in told:
            seen = marks.find(one.community)
            assert seen is not None
            assert seen.learning
        first = marks.find(told[0].community)
        assert first is not None
        assert first.signed == far, "what is known stays the least to be learned"


def test_recovering_what_is_all_of_no_use_says_why(made: tuple[Paths, list[About]]) -> None:
    paths, told = made
    for one in told:
        paths.of(one.community).store_file.write_bytes(b"no store at all" * 100)
    with pytest.raises(LocalError) as refused:
        recover(paths, NOW)
    assert refused.value.code == "store_damaged"
