"""A community whose files are damaged, away, or of no use: it halts by itself, and says why."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from support.hosts.hosting import CHANGES, LANE, MILL, SETTINGS, decide, hosts, make_home

from p2pnode import Host, LocalError, RequestError
from p2pnode.community import keeper
from p2pnode.home.errors import StoreError, unusable
from p2pnode.home.mark import Mark
from p2pnode.home.paths import CommunityPaths, find_paths
from p2pnode.home.pending import PendingBinding, PendingJoin, save_binding, save_pending
from p2pnode.store.store import Store
from p2pnode_protocols.wire.ids import CommunityId, to_text

MADE_UP = CommunityId(b"m" * 32)


def say_nonsense(name: str) -> Callable[[CommunityPaths], None]:
    def write(place: CommunityPaths) -> None:
        place.prepare()
        (place.data_dir / name).write_text("{nonsense")

    return write


def be_a_file(place: CommunityPaths) -> None:
    place.data_dir.parent.mkdir(mode=0o700, exist_ok=True)
    place.data_dir.write_text("no directory")


def hold_a_directory(place: CommunityPaths) -> None:
    place.prepare()
    (place.data_dir / "joining.json").mkdir()


def keep_a_bad_link(place: CommunityPaths) -> None:
    place.prepare()
    save_pending(place.data_dir, PendingJoin("p2pnode:join:nonsense", "alice"))


def be_a_directory_of_a_store(place: CommunityPaths) -> None:
    place.prepare()
    place.store_file.mkdir()


BAD = {
    "a file in the directory's place": be_a_file,
    "a damaged join": say_nonsense("joining.json"),
    "a directory in the join's place": hold_a_directory,
    "a join by a bad link": keep_a_bad_link,
    "a store that is a directory": be_a_directory_of_a_store,
}


@pytest.mark.parametrize("what", BAD)
async def test_files_of_no_use_keep_no_other_community_from_running(
    tmp_path: Path, what: str
) -> None:
    home = make_home(tmp_path / "alice")
    place = find_paths(home).of(MADE_UP)
    with trio.fail_after(60):
        async with Host.open(home, settings=SETTINGS) as alice:
            await alice.found(LANE, "alice", changes=CHANGES)
        BAD[what](place)
        async with Host.open(home, settings=SETTINGS) as alice:
            await decide([alice.community(LANE)], "Decided all the same")
            await alice.take_up_kept_joins()
            critical = [one for one in alice.quick_checks() if one.severity == "critical"]
            assert any(str(place.data_dir) in one.detail for one in critical), critical
            with pytest.raises(LocalError):
                alice.community(to_text("com", MADE_UP))


async def test_a_damaged_request_to_be_bound_halts_its_community_only(tmp_path: Path) -> None:
    home = make_home(tmp_path / "alice")
    with trio.fail_after(60):
        async with Host.open(home, settings=SETTINGS) as alice:
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
            place = alice.community(MILL).paths
        save_binding(place.data_dir, PendingBinding("p2pnode:bind:1:x", "alice"))
        (place.data_dir / "binding.json").write_text("{nonsense")
        async with Host.open(home, settings=SETTINGS) as alice:
            await decide([alice.community(LANE)], "Decided all the same")
            critical = [one for one in alice.quick_checks() if one.severity == "critical"]
            assert any(str(place.data_dir) in one.detail for one in critical), critical


async def test_a_host_of_which_nothing_runs_any_more_ends(tmp_path: Path) -> None:
    """Else a supervisor sees a process that lives and does nothing."""
    home = make_home(tmp_path / "alice")
    with trio.fail_after(60):
        async with Host.open(home, settings=SETTINGS) as alice:
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
            stores = [one.paths.store_file for one in alice.communities]
        for store in stores:
            whole = bytearray(store.read_bytes())
            whole[whole.find(b"CREATE TABLE blocks") + 3] ^= 1
            store.write_bytes(whole)
        with pytest.raises(StoreError) as refused:
            async with Host.open(home, settings=SETTINGS):
                pass
        assert refused.value.code == "store_damaged"


@pytest.mark.parametrize("how", ["removed", "moved away", "another in its place"])
async def test_a_store_that_goes_while_it_runs_halts_its_community_until_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """SQLite would write on into a file without a name, and nothing of it would be there later."""
    monkeypatch.setattr(keeper, "RETRY_S", 0.1)
    with trio.fail_after(180):
        async with hosts(tmp_path, 3) as opened:
            mills = [one.community(MILL) for one in opened]
            lanes = [one.community(LANE) for one in opened]
            directory, aside = mills[0].paths.data_dir, tmp_path / "aside"
            if how == "removed":
                shutil.rmtree(directory)
            elif how == "moved away":
                directory.rename(aside)
            else:
                (directory / "store.db").rename(tmp_path / "store.db")
                shutil.copy2(tmp_path / "store.db", directory / "store.db")
            with pytest.raises(RequestError) as refused:
                await mills[0].propose("tactical", "Nothing of this is kept")
            assert refused.value.code == "store_unwritable"
            await mills[0].here.wait_until(lambda: mills[0].stage == "halted", 30)
            told = [one for one in opened[0].quick_checks() if one.severity == "critical"]
            assert [one.name for one in told] == ["store_writable"]
            assert str(mills[0].paths.store_file) in told[0].detail
            for number in range(2):
                await decide(lanes, f"Decided meanwhile {number}")
                assert (mills[0].stage, lanes[0].stage) != ("member", "halted")
            if how == "removed":
                return
            if how == "moved away":
                aside.rename(directory)
            await mills[0].here.wait_until(lambda: mills[0].stage == "member", 30)
            await decide(mills, "Put back")


async def test_a_founding_for_which_there_is_no_room_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trio.fail_after(60):
        async with Host.open(make_home(tmp_path / "alice"), settings=SETTINGS) as alice:
            await alice.found(LANE, "alice", changes=CHANGES)

            def have_no_room(_mark: Mark, *_given: object) -> None:
                raise unusable(tmp_path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

            with monkeypatch.context() as full:
                full.setattr(Mark, "set", have_no_room)
                with pytest.raises(LocalError) as refused:
                    await alice.found(MILL, "alice", changes=CHANGES)
                assert refused.value.code == "disk_full"
            assert [one.name for one in alice.communities] == [LANE]
            assert len(alice.paths.communities()) == 1
            await alice.found(MILL, "alice", changes=CHANGES)
            await decide([alice.community(MILL)], "With room")


async def test_a_store_that_cannot_be_closed_keeps_no_other_from_ending_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close, closed = Store.close, []

    def close_badly(store: Store) -> None:
        close(store)
        closed.append(store.path)
        if len(closed) == 1:
            raise unusable(store.path, OSError(errno.EIO, os.strerror(errno.EIO)))

    async def run() -> None:
        async with Host.open(make_home(tmp_path / "alice"), settings=SETTINGS) as alice:
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
            monkeypatch.setattr(Store, "close", close_badly)

    with trio.fail_after(60):
        with pytest.raises(StoreError):
            await run()
        assert len(set(closed)) == 2
