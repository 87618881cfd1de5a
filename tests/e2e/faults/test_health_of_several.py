"""What checks and probes say where one of several communities is unwell."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import trio
from support.hosts.asking import Asker
from support.hosts.hosting import CHANGES, LANE, MILL, SETTINGS, decide, make_home

from p2pnode import Host
from p2pnode.answers import Check
from p2pnode.api.app import make_asgi
from p2pnode.home.errors import unusable
from p2pnode.home.paths import find_paths
from p2pnode.store.inspecting import find_troubles


async def test_one_that_is_halted_is_named_and_the_process_lives(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with Host.open(make_home(tmp_path / "alice"), settings=SETTINGS) as alice:
            asker = Asker(alice, make_asgi(alice, ()))
            assert (await probe(asker, "livez")) == (200, "ok\n")
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
            mill, lane = alice.community(MILL), alice.community(LANE)
            told = [one for one in alice.quick_checks() if one.name == "store_writable"]
            assert [(one.community, one.severity) for one in told] == [
                (mill.id, "ok"),
                (lane.id, "ok"),
            ]
            full = unusable(mill.paths.store_file, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
            await mill.break_off(full)
            assert [(one.name, one.community) for one in critical(alice)] == [
                ("store_writable", mill.id)
            ]
            for name in ("livez", "readyz"):
                status, text = await probe(asker, name)
                assert status == 200
                assert text.startswith(f"store_writable: critical: {MILL}: ")
            await decide([lane], "Decided meanwhile")
            health = (await asker.ask("GET", "/api/v1/node/health?deep=true")).document
            assert health["status"] == "critical"
            integrity = [one for one in health["checks"] if one["name"] == "store_integrity"]
            assert [one["severity"] for one in integrity] == ["ok", "ok"]
            assert [one["detail"].partition(":")[0] for one in integrity] == [MILL, LANE]
            await lane.break_off(full)
            for name in ("livez", "readyz"):
                assert (await probe(asker, name))[0] == 503


async def test_a_directory_that_is_gone_is_said_and_breaks_no_check(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with Host.open(make_home(tmp_path / "alice"), settings=SETTINGS) as alice:
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
            asker = Asker(alice, make_asgi(alice, ()))
            mill = alice.community(MILL)
            mill.paths.data_dir.rename(tmp_path / "aside")
            (told,) = critical(alice)
            assert (told.name, told.community) == ("store_writable", mill.id)
            assert "it is gone" in told.detail
            assert (await probe(asker, "livez"))[0] == 200
            (tmp_path / "aside").rename(mill.paths.data_dir)
            assert not critical(alice)


async def test_who_is_not_in_the_last_backup_is_named(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with Host.open(make_home(tmp_path / "alice"), settings=SETTINGS) as alice:
            await alice.found(MILL, "alice", changes=CHANGES)
            await alice.back_up(tmp_path / "backup")
            assert of(alice, "backup").severity == "ok"
            await alice.found(LANE, "alice", changes=CHANGES)
            told = of(alice, "backup")
            assert told.severity == "info"
            assert told.detail.endswith(f"; not in it: {LANE}")
            await alice.back_up(tmp_path / "backup", replace=True)
            assert of(alice, "backup").severity == "ok"


async def test_without_a_daemon_all_stores_are_looked_at(tmp_path: Path) -> None:
    home = make_home(tmp_path / "alice")
    with trio.fail_after(60):
        async with Host.open(home, settings=SETTINGS) as alice:
            for name in (MILL, LANE, "Choir"):
                await alice.found(name, "alice", changes=CHANGES)
            places = [alice.community(name).paths for name in (MILL, LANE)]
    for place in places:
        place.store_file.write_bytes(b"no store at all" * 100)
    found = find_troubles(find_paths(home))
    assert set(found) == set(places)
    assert {one.code for one in found.values()} == {"store_damaged"}


def critical(host: Host) -> list[Check]:
    return [one for one in host.quick_checks() if one.severity == "critical"]


def of(host: Host, name: str) -> Check:
    (found,) = [one for one in host.quick_checks() if one.name == name]
    return found


async def probe(asker: Asker, name: str) -> tuple[int, str]:
    answer = await asker.ask("GET", f"/{name}")
    return answer.status, answer.body.decode()
