"""Routes of a home with several communities: which one is meant, and what is told of all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trio
from support.hosts.asking import Asker, asked
from support.hosts.openapi import described

from p2pnode.community import session as sessions
from p2pnode.home.errors import StoreError
from p2pnode.home.paths import find_paths
from p2pnode.host import coming
from p2pnode_protocols.wire.ids import CommunityId, to_text

QUICK = {"timing.linger_ms": 0}
TEA = {"tier": "tactical", "title": "Tea", "vote": "yes"}


@asynccontextmanager
async def home_of(home: Path, *names: str) -> AsyncIterator[tuple[Asker, list[str]]]:
    """Yield a home that founded these communities, and their ids."""
    async with asked(home) as alice:
        ids = []
        for name in names:
            body = {"name": name, "member_name": "alice", "changes": QUICK}
            founded = await alice.ask("POST", "communities", body)
            assert founded.status == 201, founded.body
            ids.append(founded["id"])
        yield alice, ids


async def tell(asker: Asker, reference: str, target: str, body: object = None) -> Any:
    """Ask one community something; the answer is as the API describes it."""
    method = "GET" if body is None else "POST"
    path = f"/api/v1/communities/{reference}/{target}"
    answer = await asker.ask(method, path, body)
    content = answer.document
    described().check(method, path.partition("?")[0], answer.status, answer.media_type, content)
    return answer


@pytest.mark.parametrize("name", ["Lane 7", "Café ☕ 茶", "50% & more?", "#1", "..", "a+b"])
async def test_a_community_is_asked_by_its_name_as_it_is_spelled_in_a_path(
    tmp_path: Path, name: str
) -> None:
    async with home_of(tmp_path, "Paper Mill", name) as (alice, ids):
        for reference in (quote(name, safe=""), ids[1], ids[1][:9], ids[1].upper()[:12]):
            assert (await tell(alice, reference, "status"))["id"] == ids[1], reference
        assert (await tell(alice, "paper%20mill", "charter"))["community"] == ids[0]


async def test_what_is_said_to_one_is_not_said_to_the_other(tmp_path: Path) -> None:
    async with home_of(tmp_path, "Mill", "Lane") as (alice, _ids):
        assert (await tell(alice, "Lane", "proposals?wait=final", TEA)).status == 200
        assert len((await tell(alice, "Lane", "proposals"))["items"]) == 1
        assert (await tell(alice, "Mill", "proposals"))["items"] == []


async def test_who_is_not_told_which_one_is_meant_says_which_there_are(tmp_path: Path) -> None:
    async with home_of(tmp_path, "Mill", "Lane", "Mill") as (alice, ids):
        for reference in ("only", "Mill", "mill"):
            answer = await tell(alice, reference, "charter")
            assert (answer.status, answer["code"]) == (409, "which_community")
            assert ids[0][:16] in answer["detail"]
            assert ids[2][:16] in answer["detail"]
            assert (ids[1][:16] in answer["detail"]) is (reference == "only")
        for one in ids:
            assert (await tell(alice, one, "charter"))["community"] == one


async def test_the_only_one_need_not_be_named(tmp_path: Path) -> None:
    async with home_of(tmp_path, "Mill") as (alice, ids):
        assert (await tell(alice, "only", "status"))["id"] == ids[0]


@pytest.mark.parametrize("reference", ["Elsewhere", "com_", "com_aaaaaaaa", "me", "%00", "Mil"])
async def test_one_that_is_not_here_is_refused_before_anything_is_signed(
    tmp_path: Path, reference: str
) -> None:
    async with home_of(tmp_path, "Mill", "Lane") as (alice, _ids):
        for target, body in (("charter", None), ("proposals", TEA)):
            answer = await tell(alice, reference, target, body)
            assert (answer.status, answer["code"]) == (404, "unknown_community"), reference
            assert answer["next"] == ["p2pnode communities"]


async def test_one_without_any_community_says_how_to_come_to_one(tmp_path: Path) -> None:
    async with asked(tmp_path) as alone:
        answer = await tell(alone, "only", "charter")
        assert (answer.status, answer["code"]) == (409, "no_community")
        assert (await alone.ask("GET", "node"))["communities"] == []
        assert (await alone.ask("GET", "communities"))["items"] == []


async def test_one_that_is_broken_is_told_where_it_is_asked_and_holds_up_no_other(
    tmp_path: Path,
) -> None:
    async with home_of(tmp_path, "Mill", "Lane") as (alice, ids):
        broken = alice.host.community("Mill").paths.store_file
    broken.write_bytes(b"no database at all" * 1000)
    async with asked(tmp_path) as alice:
        assert (await tell(alice, "Lane", "proposals?wait=final", TEA)).status == 200
        for target, body in (("charter", None), ("status", None), ("proposals", TEA)):
            answer = await tell(alice, ids[0], target, body)
            assert (answer.status, answer["code"]) == (503, "store_damaged"), answer.body
        assert (await tell(alice, "only", "charter"))["code"] == "which_community"
        lines = (await alice.ask("GET", "communities"))["items"]
        assert [(one["name"], one["state"]) for one in lines] == [
            (None, "halted"),
            ("Lane", "member"),
        ]
        assert str(broken) in lines[0]["trouble"]
        warnings = (await alice.ask("GET", "node"))["warnings"]
        assert any(one["severity"] == "critical" for one in warnings)
        assert (await tell(alice, "Lane", "status"))["warnings"] == []


async def test_communities_are_listed_by_name_page_by_page(tmp_path: Path) -> None:
    async with home_of(tmp_path, "b", "C", "a") as (alice, _ids):
        seen: list[str] = []
        target = "communities?limit=1"
        while target:
            page = (await alice.ask("GET", target)).document
            seen += [one["name"] for one in page["items"]]
            cursor = page["next_cursor"]
            target = f"communities?limit=1&cursor={cursor}" if cursor else ""
        assert seen == ["a", "b", "C"]
        of_node = (await alice.ask("GET", "node"))["communities"]
        assert [one["name"] for one in of_node] == seen


async def test_a_line_counts_what_needs_its_member(tmp_path: Path) -> None:
    async with home_of(tmp_path, "Mill", "Lane") as (alice, _ids):
        await tell(alice, "Lane", "proposals?wait=final", TEA | {"vote": None})
        lines = (await alice.ask("GET", "communities"))["items"]
        assert {one["name"]: one["needs_my_vote"] for one in lines} == {"Lane": 1, "Mill": 0}
        assert {one["member"]["name"] for one in lines} == {"alice"}
        assert {one["members"] for one in lines} == {1}


def events_in(body: bytes) -> list[tuple[str | None, dict[str, Any]]]:
    """Return the id and the data of each event."""
    found = []
    for block in body.decode().split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines())
        if "data" in fields:
            found.append((fields.get("id"), json.loads(fields["data"])))
    return found


async def test_events_say_of_which_community_they_are_and_only_one_has_ids(tmp_path: Path) -> None:
    async with home_of(tmp_path, "Mill", "Lane") as (alice, ids):
        heard: dict[str, bytes] = {}

        async def follow(target: str, parts: int) -> None:
            heard[target] = (await alice.ask("GET", target, parts=parts)).body

        of_lane = "/api/v1/communities/Lane/events?types=committed"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(follow, "node/events?types=committed", 3)
            nursery.start_soon(follow, of_lane, 2)
            await trio.testing.wait_all_tasks_blocked()
            await tell(alice, "Mill", "proposals?wait=final", TEA)
            await tell(alice, "Lane", "proposals?wait=final", TEA)
        hello, *of_all = events_in(heard["node/events?types=committed"])
        assert {one["id"] for one in hello[1]["communities"]} == set(ids)
        assert {data["community"] for _, data in of_all} >= {ids[0]}
        assert {event_id for event_id, _ in of_all} == {None}, "an index counts in one community"
        first, committed = events_in(heard[of_lane])
        assert first[1]["community"] == committed[1]["community"] == ids[1]
        assert committed[0] == str(committed[1]["index"])


async def test_a_join_that_is_given_up_drops_that_community_alone(tmp_path: Path) -> None:
    async with (
        home_of(tmp_path / "bob", "Mill") as (bob, mills),
        home_of(tmp_path / "carol", "Shed") as (carol, sheds),
        home_of(tmp_path / "alice", "Lane") as (alice, lanes),
    ):
        for other in (bob, carol):
            link = (await other.ask("GET", "link"))["link"]
            begun = await alice.ask("POST", "node/joins", {"link": link})
            assert begun.status == 202, begun.body
        lines = (await alice.ask("GET", "communities"))["items"]
        assert {one["id"] for one in lines} == {*mills, *sheds, *lanes}
        path = f"/api/v1/communities/{mills[0]}/join"
        assert (await alice.ask("GET", path))["community"] == mills[0]
        assert (await alice.ask("DELETE", path)).status == 204
        lines = (await alice.ask("GET", "communities"))["items"]
        assert {one["id"] for one in lines} == {*sheds, *lanes}
        own = (await tell(alice, lanes[0], "link"))["link"]
        again = await alice.ask("POST", "node/joins", {"link": own})
        assert (again.status, again["code"]) == (409, "already_in_community")
        refused = await alice.ask("DELETE", f"/api/v1/communities/{lanes[0]}/join")
        assert (refused.status, refused["code"]) == (409, "already_in_community")


async def test_a_founding_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> CommunityId:
        raise StoreError("disk_full", "there is no room")

    async with home_of(tmp_path, "Lane") as (alice, _ids):
        monkeypatch.setattr(coming, "adopt", fail)
        body = {"name": "Mill", "member_name": "alice"}
        answer = await alice.ask("POST", "communities", body)
        assert (answer.status, answer["code"]) == (503, "disk_full")
        monkeypatch.setattr(coming, "adopt", sessions.adopt)
        assert [one.name for one in alice.host.communities] == ["Lane"]
        assert len(find_paths(tmp_path).communities()) == 1
        assert (await alice.ask("POST", "communities", body)).status == 201


async def test_a_founding_that_was_broken_off_leaves_nothing_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with home_of(tmp_path, "Lane") as (alice, _ids):
        place = alice.host.paths.of(CommunityId(b"x" * 32))
        alice.host._communities.open(place.community)  # as it is before the charter is in it
        assert place.store_file.exists()
    async with asked(tmp_path) as alice:
        assert [one.name for one in alice.host.communities] == ["Lane"]
        assert not place.data_dir.exists()
        assert to_text("com", place.community) not in (await alice.ask("GET", "node")).body.decode()
