"""Lists by pages: whatever happens between two pages, no row that was there throughout is
left out or told twice; and a cursor is of its list or refused.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hosts.asking import Asker, founder

from p2pnode.answers.lists import Key, cut_sorted, read_cursor, write_cursor
from p2pnode.answers.proposals import Filter
from p2pnode.community.community import Community
from p2pnode.community.verbs.submitting import How
from p2pnode.errors import RequestError
from p2pnode_protocols.steps.writes import SaveFate
from p2pnode_protocols.wire.ids import WallMs, to_text

FINAL = How(wait="final")
LINGER_MS = 600_000  # nothing that is not urgent gets its number

LISTS = (
    "proposals",
    "decisions",
    "invites",
    "members",
    "peers",
    "commits",
    "epochs",
    "rebuilds",
)


# --- any list -----------------------------------------------------------------------------

keys = st.tuples(st.integers(-3, 3), st.binary(max_size=2))


@given(st.lists(st.sets(keys), min_size=1), st.integers(1, 4))
def test_rows_that_were_there_throughout_are_told_once(
    moments: list[set[tuple[int, bytes]]], limit: int
) -> None:
    told: list[Key] = []
    seen: list[set[tuple[int, bytes]]] = []
    cursor = None
    for rows in [*moments, *[moments[-1]] * 60]:  # no more pages than there are keys
        seen.append(rows)
        page, cursor = cut_sorted("x", rows, lambda one: one, (int, bytes), cursor, limit)
        told += page
        if cursor is None:
            break
    assert cursor is None
    assert len(set(told)) == len(told)
    assert set.intersection(*seen) <= set(told)


@given(st.text(), st.lists(st.integers(-(2**63), 2**63 - 1) | st.text() | st.binary(max_size=40)))
def test_cursor_reads_back_in_its_own_list_only(kind: str, cells: list[int | str | bytes]) -> None:
    try:
        cursor = write_cursor(kind, tuple(cells))
    except UnicodeEncodeError:  # half a character: no name has one
        return
    shape = tuple(map(type, cells))
    if len(cursor) <= 1000:
        assert read_cursor(kind, cursor, (str,) * 9, shape) == tuple(cells)
    for other_kind, other_shape in ((kind + "x", shape), (kind, (*shape, int))):
        with pytest.raises(RequestError, match="bad_cursor"):
            read_cursor(other_kind, cursor, other_shape)


@given(st.text() | st.binary().map(bytes.hex), st.data())
def test_cursor_that_no_list_gave_is_refused(text: str, data: st.DataObject) -> None:
    good = write_cursor("x", (7, b"seven"))
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.sampled_from(sorted({*"AZaz09-_=+/ "} - {good[place]})))
    damaged = good[:place] + other + good[place + 1 :]
    for cursor in (text, damaged, good[:-1], good + "A", good + "=", f" {good}", good * 9):
        with pytest.raises(RequestError, match="bad_cursor"):
            read_cursor("x", cursor, (int, bytes))


def test_page_without_a_row_is_refused() -> None:
    for limit in (0, -1):
        with pytest.raises(RequestError, match="at least one row"):
            cut_sorted("x", [], lambda one: one, (int,), None, limit)


# --- a node's -----------------------------------------------------------------------------


async def walk(
    alice: Asker, target: str, between: Callable[[list[dict[str, Any]]], Any] | None = None
) -> list[dict[str, Any]]:
    """Return all rows of a list, asked for page by page; `between` is awaited after each."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = await alice.ask("GET", target + cursor)
        assert answer.status == 200, answer.body
        rows += answer["items"]
        if between is not None:
            await between(answer["items"])
        if answer["next_cursor"] is None:
            return rows
        cursor = f"&cursor={answer['next_cursor']}"


async def populate(node: Community) -> None:
    for number in range(5):
        vote = "yes" if number % 2 else None
        await node.propose("tactical", f"Tea {number}", vote=vote, how=FINAL)  # type: ignore[arg-type]
    for name in ("Bo", "Ci", "Di"):
        await node.invite(name, how=FINAL)
    await node.amend({"name": "Works"}, how=FINAL)  # a new epoch


async def test_every_list_by_pages_of_one_is_the_whole_list(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        await populate(alice.community)
        for name in LISTS:
            whole = (await alice.ask("GET", f"{name}?limit=200")).document
            assert whole["next_cursor"] is None
            assert len(whole["items"]) > 1 or name in ("members", "peers", "rebuilds"), name
            assert await walk(alice, f"{name}?limit=1") == whole["items"]


async def test_cursor_of_another_list_is_refused(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        await populate(alice.community)
        given = {}
        for name in LISTS:
            cursor = (await alice.ask("GET", f"{name}?limit=1"))["next_cursor"]
            if cursor is not None:
                given[name] = cursor
        assert set(given) == set(LISTS) - {"members", "peers", "rebuilds"}
        for name in LISTS:
            for origin, cursor in given.items():
                answer = await alice.ask("GET", f"{name}?cursor={cursor}")
                if origin == name:
                    assert answer.status == 200
                else:
                    assert (answer.status, answer["code"]) == (422, "bad_cursor")
                    assert "cursor" in answer["next"][0]


async def test_log_is_begun_in_one_place(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        await populate(alice.community)
        cursor = (await alice.ask("GET", "commits?limit=1"))["next_cursor"]
        answer = await alice.ask("GET", f"commits?after=1&cursor={cursor}")
        assert (answer.status, answer["code"]) == (422, "invalid_request")


async def test_voting_on_each_page_of_what_needs_a_vote_shows_all_of_it(tmp_path: Path) -> None:
    async with founder(tmp_path) as alice:
        opened = {(await alice.community.propose("tactical", f"Tea {one}")).op for one in range(7)}

        async def vote(page: Iterable[dict[str, Any]]) -> None:
            for one in page:
                await alice.community.vote(one["id"], "aside")

        shown = await walk(alice, "proposals?needs_my_vote=true&limit=2", vote)
        assert len(shown) == len({one["id"] for one in shown}) == len(opened)
        assert alice.community.proposals(Filter(needs_my_vote=True)).items == ()


async def test_proposal_that_gets_its_number_between_pages_is_shown_once(tmp_path: Path) -> None:
    async with founder(tmp_path, LINGER_MS) as alice:
        node = alice.community
        for number in range(4):
            await node.propose("tactical", f"Tea {number}", how=FINAL if number == 1 else How())
        young = [one.id for one in node.proposals().items if one.number is None]
        assert len(young) > 1

        async def number_all(_page: object) -> None:
            await node.propose("tactical", "Coffee", how=FINAL)

        shown = await walk(alice, "proposals?limit=1", number_all)
        ids = [one["id"] for one in shown]
        assert len(set(ids)) == len(ids)
        assert all(one.number is not None for one in node.proposals().items)
        titles = {one["title"] for one in shown}
        assert titles >= {"Tea 0", "Tea 1", "Tea 2", "Tea 3"}


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_between_pages_nothing_is_left_out_or_told_twice(
    tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    queries = (
        "proposals?",
        "proposals?state=open",
        "proposals?needs_my_vote=true",
        "proposals?state=decided",
        "decisions?",
        "decisions?outcome=passed",
        "proposals?query=tea",
        "invites?",
        "commits?",
    )
    async with founder(tmp_path, LINGER_MS) as alice:
        node = alice.community

        async def act() -> None:
            how = draw.choice((How(), How(), FINAL))
            open_ids = [one.id for one in node.proposals(Filter("open")).items]
            match draw.randrange(5):
                case 0 | 1:
                    await node.propose("tactical", draw.choice(("Tea", "Coffee")), how=how)
                case 2 if open_ids:
                    await node.vote(draw.choice(open_ids), draw.choice(("yes", "no")), how=how)
                case 3 if open_ids:
                    mine = draw.choice(open_ids)
                    await node.withdraw(mine, how=how)
                case _:
                    await node.invite("Bo", vote=draw.choice(("yes", None)), how=how)

        def key(row: dict[str, Any]) -> object:
            return row.get("index", row.get("id"))

        async def rows(query: str) -> set[object]:
            return {key(one) for one in (await alice.ask("GET", f"{query}&limit=200"))["items"]}

        for _ in range(12):
            await act()
        for query in queries:
            there = [await rows(query)]

            async def change(_page: object, query: str = query, there: Any = there) -> None:
                if len(there) < 12:
                    await act()
                    there.append(await rows(query))

            told = [key(one) for one in await walk(alice, f"{query}&limit=2", change)]
            assert len(set(told)) == len(told), f"{query}: told twice"
            assert set.intersection(*there) <= set(told), f"{query}: left out"


async def test_refused_ops_by_pages_are_all_shown_once_though_each_page_is_seen(
    tmp_path: Path,
) -> None:
    async with founder(tmp_path) as alice:
        ops = [
            (await alice.community.propose("individual", f"X {one}", how=FINAL)).op
            for one in "abcde"
        ]
        session = alice.community.session
        assert session is not None
        lost = [SaveFate(one, "closed", None, WallMs(7)) for one in ops if one is not None]
        session.store.apply(lost, durable=True)
        told: list[str] = []
        target, cursor = "ops?limit=2", ""
        while True:
            page = await alice.ask("GET", target + cursor)
            assert page["refused_total"] == len(ops) - len(told)
            shown = [one["op"] for one in page["refused"]]
            told += shown
            await alice.ask("POST", "ops/seen", {"ops": shown})
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert [one.removeprefix("op_") for one in told] == [
            to_text("op", one).removeprefix("op_") for one in reversed(ops) if one is not None
        ]
        assert (await alice.ask("GET", "ops?all=true"))["refused_total"] == len(ops)
        assert (await alice.ask("GET", "ops?cursor=AAAA")).status == 422
