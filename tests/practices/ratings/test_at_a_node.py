"""What is rated, as a node shows it: what the record has, and what is only said so far."""

from __future__ import annotations

from pathlib import Path

from support.hosts.asking import founder

from p2pnode import How
from p2pnode.practices.ratings.values import Trends
from p2pnode.practices.ratings.verbs import Ratings

LATER_MS = 3_600_000  # ops linger so long: nothing is final unless it is waited for
FINAL = How(wait="final", timeout_s=60)


def states(trends: Trends) -> list[tuple[int, str]]:
    return [(item.weight, rater.state) for item in trends.items for rater in item.raters]


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
