"""A backup of a home with several communities, made by the host that runs and put back."""

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path

import pytest
import trio
from support.hosts.hosting import CHANGES, LANE, MILL, SETTINGS, decide, hosts, make_home

from p2pnode import Host, RequestError
from p2pnode.community.community import Community
from p2pnode.home.errors import StoreError, unusable
from p2pnode.home.paths import find_paths
from p2pnode.host.restoring import restore_backup
from p2pnode_protocols.wire.ids import WallMs, to_text


async def test_all_that_have_a_record_are_in_it_and_a_join_is_named(tmp_path: Path) -> None:
    file = tmp_path / "alice.p2pbackup"
    with trio.fail_after(120):
        async with Host.open(make_home(tmp_path / "bob"), settings=SETTINGS) as bob:
            await bob.found("Choir", "bob", changes=CHANGES)
            link = bob.community().link()
        async with Host.open(make_home(tmp_path / "alice"), settings=SETTINGS) as alice:
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
                await decide([alice.community(name)], f"Tea of {name}")
            joining = (await alice.join(link)).community  # bob is off: nothing is here yet
            made = await alice.back_up(file)
            assert sorted(one.name for one in made.communities) == [LANE, MILL]
            assert made.left_out == (joining,)
            for one in made.communities:
                core = alice.community(one.name).core
                assert core is not None
                assert (one.index, one.member and one.member.name) == (core.final_index, "alice")
            some = await alice.back_up(file, replace=True, only=[LANE])
            assert [one.name for one in some.communities] == [LANE]
            with pytest.raises(RequestError) as refused:
                await alice.back_up(tmp_path / "none", only=[to_text("com", joining)])
            assert refused.value.code == "joining"
            with pytest.raises(RequestError) as unknown:
                await alice.back_up(tmp_path / "none", only=["Elsewhere"])
            assert unknown.value.code == "unknown_community"
            assert not (tmp_path / "none").exists()


async def test_one_that_is_halted_or_does_not_run_is_refused_and_the_others_can_be_named(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path / "alice")
    with trio.fail_after(120):
        async with Host.open(home, settings=SETTINGS) as alice:
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
            broken = alice.community(MILL).paths.store_file
            full = unusable(broken, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
            await alice.community(MILL).break_off(full)
            with pytest.raises(RequestError) as halted:
                await alice.back_up(tmp_path / "all")
            assert halted.value.code == "store_unwritable"
            assert str(broken) in halted.value.detail
            await alice.back_up(tmp_path / "halted", only=[LANE])
        broken.write_bytes(b"no store at all" * 100)
        async with Host.open(home, settings=SETTINGS) as alice:
            with pytest.raises(StoreError) as refused:
                await alice.back_up(tmp_path / "all")
            assert str(broken) in refused.value.detail
            made = await alice.back_up(tmp_path / "broken", only=[LANE])
            assert [one.name for one in made.communities] == [LANE]
        assert not (tmp_path / "all").exists()


async def test_put_back_with_its_key_it_learns_in_each_and_signs_on(tmp_path: Path) -> None:
    file = tmp_path / "carol.p2pbackup"
    with trio.fail_after(240):
        async with hosts(tmp_path, 3) as opened:
            await opened[2].back_up(file, with_key=True)
            for name in (MILL, LANE):  # what is signed after it is known to the others only
                await decide([one.community(name) for one in opened], f"Tea of {name}")
            await opened[2]._close()  # its key must not be in use twice
            again = find_paths(tmp_path / "again")
            restored = restore_backup(file, again, WallMs(opened[0].now_ms))
            assert not restored.bindings
            async with Host.open(tmp_path / "again", settings=SETTINGS) as carol:
                cores = [carol.community(name).core for name in (MILL, LANE)]
                assert all(core is not None and core.own_chain.must_learn for core in cores)
                for name in (MILL, LANE):
                    community, session = carol.community(name), opened[0].community(name).session
                    assert session is not None
                    community.dial(session.net.addresses[0])
                    await community.here.wait_until(partial(has_learned, community), 90)
                    three = [*(one.community(name) for one in opened[:2]), community]
                    await decide(three, f"Cake of {name}")


def has_learned(community: Community) -> bool:
    return community.core is not None and not community.core.own_chain.must_learn
