"""A tier on small numbers that a reader can check by hand: R10.1, R10.2, R10.4, R10.5."""

from __future__ import annotations

import pytest

from p2pnode_protocols.record.questions.tally import (
    Rule,
    Tally,
    compute_base,
    compute_needed,
    is_hopeless,
    is_sure,
    passes,
)
from p2pnode_protocols.record.seats.charter import Ratio

NO_FLOOR = Ratio(0, 1)
FOUR_FIFTHS = Rule(Ratio(4, 5), False, "electorate", NO_FLOOR)
MAJORITY = Rule(Ratio(1, 2), True, "electorate", NO_FLOOR)
CAST = Rule(Ratio(3, 5), False, "cast", Ratio(1, 4))
UNANIMOUS_CAST = Rule(Ratio(1, 1), False, "cast", NO_FLOOR)


@pytest.mark.parametrize(
    ("rule", "yes", "no", "aside", "electorate", "expected"),
    [
        (FOUR_FIFTHS, 4, 1, 0, 5, True),
        (FOUR_FIFTHS, 3, 0, 0, 5, False),
        (FOUR_FIFTHS, 3, 0, 2, 5, True),  # those aside leave the base
        (FOUR_FIFTHS, 0, 0, 5, 5, False),  # nobody left: still one yes at least
        (MAJORITY, 2, 0, 0, 4, False),  # half is not more than half
        (MAJORITY, 3, 1, 0, 4, True),
        (CAST, 3, 2, 0, 10, True),
        (CAST, 2, 1, 0, 10, False),  # 2 of 3 cast, but below the floor of 3
        (CAST, 0, 0, 0, 10, False),  # 0 ≥ 3/5 · 0 must not pass
        (UNANIMOUS_CAST, 1, 0, 0, 9, True),
        (UNANIMOUS_CAST, 8, 1, 0, 9, False),
    ],
)
def test_passes(rule: Rule, yes: int, no: int, aside: int, electorate: int, expected: bool) -> None:
    assert passes(rule, Tally(yes, no, aside, electorate)) is expected


@pytest.mark.parametrize(
    ("rule", "tally", "needed"),
    [
        (FOUR_FIFTHS, Tally(0, 0, 0, 5), 4),
        (FOUR_FIFTHS, Tally(0, 0, 1, 5), 4),  # 16/5 rounds up
        (MAJORITY, Tally(0, 0, 0, 4), 3),
        (MAJORITY, Tally(0, 0, 0, 5), 3),
        (CAST, Tally(0, 4, 0, 10), 6),
        (CAST, Tally(0, 0, 0, 10), 3),  # the floor binds
        (UNANIMOUS_CAST, Tally(3, 0, 0, 5), 1),
        (UNANIMOUS_CAST, Tally(3, 1, 0, 5), None),
    ],
)
def test_needed_is_the_least_yes_that_passes(rule: Rule, tally: Tally, needed: int | None) -> None:
    assert compute_needed(rule, tally) == needed


def test_sure_and_hopeless_look_at_those_who_have_not_voted() -> None:
    assert is_sure(FOUR_FIFTHS, Tally(4, 0, 0, 5))
    assert not is_sure(CAST, Tally(6, 0, 0, 11)), "five no would make it 6 of 11"
    assert is_sure(CAST, Tally(6, 0, 0, 10))
    assert is_hopeless(FOUR_FIFTHS, Tally(3, 2, 0, 5))
    assert not is_hopeless(FOUR_FIFTHS, Tally(3, 1, 0, 5))
    assert is_hopeless(CAST, Tally(0, 5, 0, 10)), "five yes would make it 5 of 10"


def test_base_is_electorate_without_those_aside_or_votes_cast() -> None:
    tally = Tally(yes=3, no=1, aside=2, electorate=9)
    assert (compute_base(MAJORITY, tally), compute_base(CAST, tally)) == (7, 4)
    assert tally.missing == 3
