"""A store that is damaged, or older than what was signed: seen without a daemon, and kept."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import trio
from support.hosts.asking import Answer, Asker, asked, founder
from support.hosts.homes import only_community

from p2pnode.community.links import JoinLink
from p2pnode.home.errors import StoreError
from p2pnode.home.paths import find_paths
from p2pnode.store import inspecting
from p2pnode.store.inspecting import READ_AT_START_BYTES, find_troubles
from p2pnode.store.store import Store

BODY = {"tier": "tactical", "title": "Tea", "vote": "yes"}


def with_node(
    open_it: Callable[[Path], object], home: Path, do: Callable[[Asker], Awaitable[object]]
) -> object:
    async def run() -> object:
        async with open_it(home) as asker:  # type: ignore[attr-defined]
            return await do(asker)

    return trio.run(run)


async def decide(alice: Asker) -> None:
    answer = await alice.ask("POST", "proposals?wait=final", BODY)
    assert answer.status == 200, answer.body


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A home that has signed, its store of before that, and one that holds nothing."""
    directory = tmp_path_factory.mktemp("made")
    home, older, empty = directory / "home", directory / "older.db", directory / "empty.db"
    with_node(founder, home, decide)
    shutil.copy2(store_of(home), older)
    with_node(asked, home, decide)
    Store.create(empty).close()
    return {"home": home, "older": older, "empty": empty}


def store_of(home: Path) -> Path:
    return only_community(home).store_file


@pytest.fixture
def here(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made["home"], tmp_path / "here"))


def critical(cli, home: Path) -> list[dict[str, object]]:
    found = cli("doctor", "--home", str(home), "--json")
    wrong = [one for one in found.json["checks"] if one["severity"] == "critical"]
    (daemon,) = [one for one in found.json["checks"] if one["name"] == "daemon"]
    assert bool(daemon["next"]) is not bool(wrong), "no daemon goes on from such a store"
    assert found.code == (1 if wrong else 0)
    return wrong


def overwrite(store: Path) -> None:
    data = bytearray(store.read_bytes())
    data[4096 : 4096 * 4] = b"\xa5" * (4096 * 3)
    store.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "pages overwritten": overwrite,
    "cut short": lambda store: store.write_bytes(store.read_bytes()[:20_000]),
    "something else": lambda store: store.write_bytes(b"no database at all" * 1000),
}


def test_doctor_says_that_a_sound_store_is_sound(cli, here):
    assert critical(cli, here) == []
    checks = {
        one["name"]: one for one in cli("doctor", "--home", str(here), "--json").json["checks"]
    }
    assert checks["store"]["severity"] == "ok"


@pytest.mark.parametrize("kind", DAMAGES)
def test_doctor_finds_a_damaged_store_without_a_daemon(cli, here, kind):
    DAMAGES[kind](store_of(here))
    (wrong,) = critical(cli, here)
    assert wrong["name"] == "store"
    assert "store.db" in wrong["detail"]
    step = " ".join(wrong["next"])
    if kind == "something else":
        return
    for words in ("if others have nodes", "join LINK", "if nobody has", "restore FILE"):
        assert words in step
    refused = cli("run", "--home", str(here))
    assert refused.code == 8
    assert "if nobody has" in " ".join(refused.err.split()), "a community of one has no others"


@pytest.mark.parametrize("part", range(4))
def test_start_refuses_a_flipped_store_where_doctor_calls_it_critical(made, tmp_path, part):
    """Of a store this small all is read; each flip of a byte anywhere is seen by both or none."""
    whole = store_of(made["home"]).read_bytes()
    assert len(whole) < READ_AT_START_BYTES
    home = Path(shutil.copytree(made["home"], tmp_path / "here"))
    flips, store = random.Random(part), store_of(home)
    found = 0
    for _ in range(80):
        place = flips.randrange(100, len(whole))
        data = bytearray(whole)
        data[place] ^= 1 << flips.randrange(8)
        for one in store.parent.glob("store.db-*"):
            one.unlink()
        store.write_bytes(data)
        troubles = list(find_troubles(find_paths(home)).values())
        if not troubles:
            continue  # in what the file does not use, or what may be any value
        (trouble,) = troubles
        found += 1
        store.write_bytes(data)
        with pytest.raises(StoreError) as caught:
            with_node(asked, home, nothing)
        assert (caught.value.detail, caught.value.steps) == (trouble.detail, trouble.steps), place
    assert found >= 5


async def nothing(_node: Asker) -> None: ...


def test_of_a_large_store_the_pages_are_checked_beside_the_running_node(
    monkeypatch, made, here, cli
):
    """A start does not wait for that; broken pages end the node all the same."""
    monkeypatch.setattr(inspecting, "CHECKED_AT_START_BYTES", 0)
    sound = with_node(asked, here, lambda alice: alice.ask("GET", "status"))
    assert sound.status == 200
    store = store_of(here)
    with closing(sqlite3.connect(store)) as db:
        (root,) = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'late_votes'"
        ).fetchone()
    data = bytearray(store.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    data[(root - 1) * size] = 0  # the page's kind
    store.write_bytes(data)
    (wrong,) = critical(cli, here)

    async def stay(_node: Asker) -> None:
        await trio.sleep(60)

    with pytest.raises(StoreError) as caught:
        with_node(asked, here, stay)
    assert caught.value.code == "store_damaged"
    assert caught.value.detail.partition(" (")[0] == wrong["detail"].partition(" (")[0]


def test_doctor_finds_a_store_that_is_older_than_what_was_signed(cli, made, here):
    shutil.copy2(made["older"], store_of(here))
    (wrong,) = critical(cli, here)
    assert wrong["name"] == "store_behind"
    assert "is older than what this device has signed" in wrong["detail"]
    assert "recover" in " ".join(wrong["next"])


@pytest.mark.parametrize("how", ["without its -wal", "of no bytes", "moved away"])
def test_store_that_holds_nothing_of_what_was_signed_is_told_and_nothing_written_over(
    cli, made, here, caplog, how
):
    store = store_of(here)
    if how == "without its -wal":
        shutil.copy2(made["empty"], store)
    elif how == "of no bytes":
        store.write_bytes(b"")
    else:
        store.unlink()
    (marked,) = here.rglob("signed-*")
    before = marked.read_bytes()
    (wrong,) = critical(cli, here)
    assert wrong["name"] == "store_behind"
    assert "p2pnode --home" in " ".join(wrong["next"])

    async def try_all(alice: Asker) -> list[Answer]:
        status = await alice.ask("GET", "status")
        assert [one["name"] for one in status["warnings"]] == ["store_behind"]
        (line,) = (await alice.ask("GET", "communities"))["items"]
        assert "has signed in" in line["trouble"]
        asks = [("GET", one) for one in ("proposals", "decisions", "ops", "members", "charter")]
        return [await alice.ask(*one) for one in [*asks, ("POST", "proposals", BODY)]]

    for answer in with_node(
        asked, here, try_all
    ):  # not that it has no community, and should found one
        assert (answer.status, answer["code"]) == (503, "store_behind")
    assert any("has signed in com_" in one.getMessage() for one in caplog.records)
    assert not any("found one, or join one" in one.getMessage() for one in caplog.records)
    assert marked.read_bytes() == before
    assert store.exists()
    assert critical(cli, here)[0]["name"] == "store_behind"


def test_such_a_home_joins_its_own_community_and_another_beside_it(here, tmp_path):
    links: list[str] = []

    async def tell_link(bob: Asker) -> None:
        links.append((await bob.ask("GET", "link"))["link"])

    with_node(asked, here, tell_link)
    with_node(founder, tmp_path / "bob", tell_link)
    store_of(here).unlink()
    (marked,) = here.rglob("signed-*")
    before = marked.read_bytes()
    own, other = links

    async def join(link: str, alice: Asker) -> Answer:
        return await alice.ask("POST", "node/joins", {"link": link, "member_name": "alice"})

    begun = with_node(asked, here, partial(join, other))
    assert begun.status < 300, begun.body
    assert marked.read_bytes() == before  # what was signed in its own stays noted
    assert find_paths(here).of(JoinLink.from_text(other).community).data_dir.exists()
    taken = with_node(asked, here, partial(join, own))
    assert taken.status < 300, taken.body
