"""What is rated, as a node shows it: what the record has, and what is only said so far."""

from __future__ import annotations

import json
from contextlib import aclosing
from pathlib import Path

from support.cores.garden import GARDEN_1, HOUR_MS, Plant
from support.hosts.asking import asked, founder

from p2pnode import How
from p2pnode.api.stream import EventStream
from p2pnode.community.verbs.submitting import Texts
from p2pnode.practices.ratings.values import Trends
from p2pnode.practices.ratings.verbs import Ratings
from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.practices.ratings.bodies import Rate
from p2pnode_protocols.record.seam.in_force import Practices
from p2pnode_protocols.record.seam.practice import said_of

LATER_MS = 3_600_000  # ops linger so long: nothing is final unless it is waited for
FINAL = How(wait="final", timeout_s=60)


def states(trends: Trends) -> list[tuple[int, str]]:
    return [(item.weight, rater.state) for item in trends.items for rater in item.raters]


async def test_one_rating_of_something_else_takes_the_list_from_nobody(tmp_path: Path) -> None:
    """An id is all that a rating names; which practice it is of, others' programs know."""
    async with asked(tmp_path / "home", Practices(GARDEN_1, *PRACTICES)) as asker:
        await asker.host.found("Ops", "alice", changes={"timing.linger_ms": 0})
        community = asker.host.community()
        ratings = Ratings(community)
        planted = await community.say(said_of(Plant.KIND, Plant((), HOUR_MS)), Texts(), FINAL)
        assert planted.op is not None
        opened = await community.propose("tactical", "Tea", how=FINAL)
        assert opened.op is not None
        for item in (planted.op, opened.op):
            await community.say(said_of(Rate.KIND, Rate((), item, True)), Texts(), FINAL)
        found = {one.item: one for one in ratings.trends().items}
        assert (found[planted.op.hex()].kind, found[planted.op.hex()].proposal) == ("record", None)
        assert found[opened.op.hex()].kind == "proposal"


async def test_a_rating_and_what_comes_of_it_are_told_as_events(tmp_path: Path) -> None:
    changes = {"ratings.rose_at": 1}
    async with founder(tmp_path / "home") as asker:
        community = asker.host.community()
        await community.amend(changes, vote="yes", how=FINAL)
        opened = await community.propose("tactical", "Tea", how=FINAL)
        assert opened.op is not None
        assert opened.proposal is not None
        member = opened.proposal.author.id
        stream = EventStream(community, None, frozenset({"record_changed", "fact"}))
        async with aclosing(stream.lines()) as lines:
            await anext(lines)  # hello
            await Ratings(community).rate("2", how=FINAL)
            told: dict[str, dict[str, object]] = {}
            async for text in lines:
                if text.startswith("event: "):
                    kind, data = text.removeprefix("event: ").split("\ndata: ")
                    told[kind] = json.loads(data)
                if "fact" in told:
                    break
    assert told["record_changed"]["practice"] == "ratings"
    assert told["record_changed"]["key"] == member.hex()
    assert told["fact"]["name"] == "rating.rose"
    assert told["fact"]["subject"] == opened.op.hex()
    assert told["fact"]["fields"] == {"raters": 1}


async def test_what_is_said_and_not_final_is_told_from_what_is(tmp_path: Path) -> None:
    async with founder(tmp_path / "home", LATER_MS) as asker:
        community = asker.host.community()
        ratings = Ratings(community)
        opened = await community.propose("tactical", "Tea", vote="yes", how=FINAL)
        assert opened.op is not None
        assert ratings.trends().items == ()

        await ratings.rate("1")
        [said] = ratings.trends().items
        assert (said.final_weight, said.rated_by_me) == (0, True)
        assert states(ratings.trends()) == [(1 << 20, "queued")]

        await community.hurry(how=FINAL)
        [final] = ratings.trends().items
        assert final.weight == final.final_weight > 0
        assert [rater.state for rater in final.raters] == ["final"]

        await ratings.rate("1", on=False)
        [leaving] = ratings.trends().items
        assert leaving.weight == 0 < leaving.final_weight
        assert not leaving.rated_by_me
        assert [rater.state for rater in leaving.raters] == ["leaving"]

        await community.hurry(how=FINAL)
        assert ratings.trends().items == ()
