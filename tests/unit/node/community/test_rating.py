"""What is rated, as a node shows it: what the record has, and what is only said so far."""

from __future__ import annotations

from pathlib import Path

from support.asking import founder

from p2pnode import How
from p2pnode.answers import Trends

LATER_MS = 3_600_000  # ops linger so long: nothing is final unless it is waited for
FINAL = How(wait="final", timeout_s=60)


def states(trends: Trends) -> list[tuple[int, str]]:
    return [(item.weight, rater.state) for item in trends.items for rater in item.raters]


async def test_what_is_said_and_not_final_is_told_from_what_is(tmp_path: Path) -> None:
    async with founder(tmp_path / "home", LATER_MS) as asker:
        community = asker.host.community()
        opened = await community.propose("tactical", "Tea", vote="yes", how=FINAL)
        assert opened.op is not None
        assert community.trends().items == ()

        await community.rate("1")
        [said] = community.trends().items
        assert (said.final_weight, said.rated_by_me) == (0, True)
        assert states(community.trends()) == [(1 << 20, "queued")]

        await community.hurry(how=FINAL)
        [final] = community.trends().items
        assert final.weight == final.final_weight > 0
        assert [rater.state for rater in final.raters] == ["final"]

        await community.rate("1", on=False)
        [leaving] = community.trends().items
        assert leaving.weight == 0 < leaving.final_weight
        assert not leaving.rated_by_me
        assert [rater.state for rater in leaving.raters] == ["leaving"]

        await community.hurry(how=FINAL)
        assert community.trends().items == ()
