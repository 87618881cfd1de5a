"""Two communities in one process: nothing crosses, and what stops one stops no other."""

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from support.hosts.hosting import CHANGES, LANE, MILL, SETTINGS, decide, hosts, knows, make_home

from p2pnode import Host, LocalError, RequestError
from p2pnode.community import keeper
from p2pnode.community.driver import INBOX, Driver
from p2pnode.home.errors import unusable
from p2pnode.home.mark import Marks
from p2pnode.home.paths import find_paths
from p2pnode.host.health import is_well
from p2pnode.store.store import Store
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, to_text


async def test_two_communities_decide_on_three_hosts_over_one_connection_each(
    tmp_path: Path,
) -> None:
    with trio.fail_after(180):
        async with hosts(tmp_path, 3) as opened:
            for name in (MILL, LANE):
                await decide([one.community(name) for one in opened], f"Tea of {name}")
            for host in opened:
                assert len(host.communities) == 2
                titles = [[one.title for one in c.decisions("tea").items] for c in host.communities]
                assert sorted(titles) == [[f"Tea of {LANE}"], [f"Tea of {MILL}"]]
                session = host.community(MILL).session
                assert session is not None
                other = host.community(LANE).session
                assert other is not None
                assert session.net.addresses == other.net.addresses
                for remote in session.net._endpoint.book:
                    assert len(remote.links) == 1
                with pytest.raises(RequestError, match="this home has several communities"):
                    host.community()
                with pytest.raises(RequestError, match="no community here is called"):
                    host.community("Elsewhere")
                by_id = host.community(to_text("com", host.community(LANE).id))
                assert by_id is host.community(LANE)
        for name in ("alice", "bob", "carol"):  # and all of it is there again
            async with Host.open(tmp_path / name, settings=SETTINGS) as again:
                assert sorted(one.name or "" for one in again.communities) == [LANE, MILL]
                assert {one.stage for one in again.communities} == {"member"}


class Gate:
    """Stands before the inbox of some drivers: one that is shut takes nothing out of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._shut: dict[tuple[DeviceKey, CommunityId], trio.Event] = {}
        original = Driver.run

        async def run(driver: Any, inbox: Any, waiting: Any) -> None:
            core = driver._core
            gated: Any = Inbox(inbox, self, (core.device, core.community))
            await original(driver, gated, waiting)

        monkeypatch.setattr(Driver, "run", run)

    def shut(self, whose: tuple[DeviceKey, CommunityId]) -> None:
        self._shut[whose] = trio.Event()

    def is_shut(self, whose: tuple[DeviceKey, CommunityId]) -> bool:
        return whose in self._shut

    async def wait(self, whose: tuple[DeviceKey, CommunityId]) -> None:
        if whose in self._shut:
            await self._shut[whose].wait()

    def open(self, whose: tuple[DeviceKey, CommunityId]) -> None:
        self._shut.pop(whose).set()


class Inbox:
    def __init__(self, inbox: Any, gate: Gate, whose: tuple[DeviceKey, CommunityId]) -> None:
        self._inbox, self._gate, self._whose = inbox, gate, whose

    async def receive(self) -> Any:
        item = await self._inbox.receive()
        await self._gate.wait(self._whose)
        return item

    def receive_nowait(self) -> Any:
        if self._gate.is_shut(self._whose):
            raise trio.WouldBlock
        return self._inbox.receive_nowait()


async def test_a_member_that_floods_one_community_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bob votes without end in one, in which alice's driver is not done with what it has."""
    gate = Gate(monkeypatch)
    with trio.fail_after(180):
        async with hosts(tmp_path, 3) as opened:
            mills = [one.community(MILL) for one in opened]
            lanes = [one.community(LANE) for one in opened]
            asked = (await mills[0].propose("tactical", "Vote without end")).op
            assert asked is not None
            await mills[1].here.wait_until(partial(knows, mills[1], asked), 60)
            stuck, bobs = mills[0].session, mills[1].session
            assert stuck is not None
            assert bobs is not None
            sessions = lanes[0].session
            assert sessions is not None
            before = [one.sessions for one in sessions.net.statistics().peers]

            async def flood() -> None:
                while True:
                    await bobs.submit(Vote(asked, asked, "yes", None), urgent=True)

            async with trio.open_nursery() as nursery:
                gate.shut((stuck.device, stuck.community))
                for _ in range(8):
                    nursery.start_soon(flood)
                await (
                    opened[1]
                    .community(MILL)
                    .here.wait_until(
                        lambda: stuck._inbox.statistics().current_buffer_used == INBOX, 60
                    )
                )
                began_s = trio.current_time()
                for number in range(5):
                    await decide(lanes, f"Decided in time {number}")
                assert trio.current_time() - began_s < 30
                assert stuck._inbox.statistics().current_buffer_used == INBOX
                after = [one.sessions for one in sessions.net.statistics().peers]
                assert after == before, "nothing was cut where nothing was the matter"
                nursery.cancel_scope.cancel()
            gate.open((stuck.device, stuck.community))
            await decide(mills, "And it goes on")


async def test_one_that_is_halted_by_a_full_disk_halts_alone_and_goes_on_with_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full: set[Path] = set()
    apply, open_store = Store.apply, Store.open

    def require_room(path: Path) -> None:
        if path in full:
            raise unusable(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def apply_if_room(store: Store, writes: Any, durable: bool) -> None:
        require_room(store._db.path)
        apply(store, writes, durable)

    def open_if_room(path: Path) -> Store:
        require_room(path)
        return open_store(path)

    monkeypatch.setattr(Store, "apply", apply_if_room)
    monkeypatch.setattr(Store, "open", open_if_room)
    monkeypatch.setattr(keeper, "RETRY_S", 0.2)
    with trio.fail_after(180):
        async with hosts(tmp_path, 3) as opened:
            mills = [one.community(MILL) for one in opened]
            lanes = [one.community(LANE) for one in opened]
            full.add(mills[0].paths.store_file)
            with pytest.raises(RequestError) as refused:
                await mills[0].propose("tactical", "Nothing of this is kept")
            assert refused.value.code == "store_unwritable"
            await mills[0].here.wait_until(lambda: mills[0].stage == "halted", 30)
            for number in range(3):
                await decide(lanes, f"Decided meanwhile {number}")
                assert (mills[0].stage, lanes[0].stage) == ("halted", "member")
            told = [one for one in opened[0].quick_checks() if one.name == "store_writable"]
            of = {one.community: one for one in told}
            assert of[mills[0].id].severity == "critical"
            assert of[mills[0].id].detail.startswith(f"{MILL}: ")
            assert of[lanes[0].id].severity == "ok"
            assert is_well(told), "others decide, so the process is not to be ended"
            assert opened[0].community(MILL) is mills[0], "it keeps its name"
            full.clear()
            await mills[0].here.wait_until(lambda: mills[0].stage == "member", 30)
            await decide(mills, "With room again")


async def test_a_store_that_is_damaged_keeps_no_other_from_running(tmp_path: Path) -> None:
    home = make_home(tmp_path / "alice")
    with trio.fail_after(60):
        async with Host.open(home, settings=SETTINGS) as alice:
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
            ids = {one.name: one.id for one in alice.communities}
            broken = alice.community(MILL).paths.store_file
        whole = broken.read_bytes()
        for damaged in (b"no database at all" * 1000, whole[:20_000]):
            broken.write_bytes(damaged)
            async with Host.open(home, settings=SETTINGS) as alice:
                await decide([alice.community(LANE)], "Decided all the same")
                with pytest.raises((LocalError, RequestError)) as told:
                    alice.community(to_text("com", ids[MILL])).charter()
                assert isinstance(told.value, LocalError | RequestError)
                assert told.value.code in ("store_damaged", "store_foreign", "store_unwritable")
                critical = [one for one in alice.quick_checks() if one.severity == "critical"]
                assert any(str(broken) in one.detail for one in critical)
        broken.write_bytes(whole)
        async with Host.open(home, settings=SETTINGS) as alice:
            await decide([alice.community(MILL)], "Put back")


@pytest.mark.parametrize("how", ["moved away", "of no bytes"])
async def test_what_was_signed_in_a_community_without_a_record_stays_noted(
    tmp_path: Path, how: str
) -> None:
    """Another may be founded beside it: it has a mark of its own, and that one stays as it was."""
    home = make_home(tmp_path / "alice")
    paths = find_paths(home)
    with trio.fail_after(60):
        async with Host.open(home, settings=SETTINGS) as alice:
            await alice.found(MILL, "alice", changes=CHANGES)
            await decide([alice.community()], "Tea")
            mill, device = alice.community().paths, alice.device
        for file in mill.data_dir.iterdir():
            file.unlink()
        if how == "moved away":
            mill.data_dir.rmdir()
        else:
            mill.store_file.touch(mode=0o600)
        noted = Marks.open(paths.mark_file(device), device).find(mill.community)
        assert noted is not None
        assert noted.signed.nonce > 0
        for _ in range(2):
            async with Host.open(home, settings=SETTINGS) as alice:
                lost = alice.community(to_text("com", mill.community))
                for ask in (lost.charter, lost.proposals):
                    with pytest.raises(LocalError) as told:
                        ask()
                    assert told.value.code == "store_behind"
                if len(alice.communities) == 1:
                    await alice.found(LANE, "alice", changes=CHANGES)
                await decide([alice.community(LANE)], "Coffee")
                told_of = {one.name: one.severity for one in alice.quick_checks()}
                assert told_of["store_behind"] == "critical"
            assert Marks.open(paths.mark_file(device), device).find(mill.community) == noted


async def test_a_join_that_is_given_up_leaves_the_other_community_as_it_is(tmp_path: Path) -> None:
    homes = [make_home(tmp_path / name) for name in ("alice", "bob")]
    with trio.fail_after(60):
        async with Host.open(homes[0], settings=SETTINGS) as alice:
            await alice.found(MILL, "alice", changes=CHANGES)
            link = alice.community(MILL).link()
            async with Host.open(homes[1], settings=SETTINGS) as bob:
                await bob.found(LANE, "bob", changes=CHANGES)
                joining = await bob.join(link)
                community = bob.community(to_text("com", joining.community))
                assert community.stage == "joining"
                await community.give_up_joining()
                assert [one.name for one in bob.communities] == [LANE]
                assert not community.paths.data_dir.exists()
                with pytest.raises(RequestError) as twice:
                    await bob.join(bob.community(LANE).link())
                assert twice.value.code == "already_in_community"
                await decide([bob.community(LANE)], "Tea")


async def test_events_of_one_community_are_not_told_in_another(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with Host.open(make_home(tmp_path / "a"), settings=SETTINGS) as alice:
            for name in (MILL, LANE):
                await alice.found(name, "alice", changes=CHANGES)
            mill, lane = alice.community(MILL), alice.community(LANE)
            with mill.events() as of_mill, lane.events() as of_lane:
                await decide([lane], "Tea")
                heard = [type((await anext(of_lane)).what) for _ in range(3)]
                assert heard
                with trio.move_on_after(0.1):
                    pytest.fail(f"{await anext(of_mill)} is nothing of the mill's")
