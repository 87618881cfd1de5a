"""The commit rule on every DAG of a small scope (`support.cores.small_scope`), against the oracle.

Of each DAG every view is taken that a node may have had after round 3: the history of any
honest blocks of round 3 with any of the liar's. No view may decide anything otherwise than the
whole does later; as all views are parts of one whole, no two contradict each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from support.cores.dag import Reader
from support.cores.oracle import Oracle
from support.cores.small_scope import Story, close, every_round, is_first_of_its_kind

from p2pnode_protocols.agreement.blocks import Block

SECONDS = [one for one in every_round(2) if is_first_of_its_kind(one)]
# A prime, so that what is left out in the ordinary run is not always the same choice.
ONE_IN = 17


@pytest.fixture
def one_in(request: pytest.FixtureRequest) -> int:
    return 1 if request.config.getoption("--whole-scope", False) else ONE_IN


@pytest.mark.parametrize("number", range(len(SECONDS)))
def test_every_view_of_a_forked_slot_decides_alike(number: int, one_in: int) -> None:
    story = Story(SECONDS[number])
    for third in itertools.islice(every_round(3), number % one_in, None, one_in):
        honest, liars = story.third(third)
        after_three = list(story.dag.blocks)
        story.go_on(honest)
        whole = Reader(story.dag.committee)
        whole.add_all(story.dag.blocks)
        fates = whole.fates()
        assert fates == Oracle(story.dag.committee, story.dag.blocks).fates(), third
        assert len(fates) >= 2 * 4, "the anchors leave nothing open of what a view may decide"
        for tips in views(honest, liars):
            part = Reader(story.dag.committee)
            part.add_all(close(after_three, tips))
            early = part.fates()
            assert fates[: len(early)] == early, (third, len(tips))
            assert [one.id for one in whole.log][: len(part.log)] == [one.id for one in part.log]


def views(honest: list[Block], liars: list[Block]) -> Iterator[list[Block]]:
    """Yield the blocks of round 3 that a node may hold: any honest ones, any one of the liar's."""
    for size in (2, 3):
        for some in itertools.combinations(honest, size):
            for lie in (None, *liars):
                yield [*some, *([] if lie is None else [lie])]
