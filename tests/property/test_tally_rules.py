"""The tally against an oracle written with fractions, and its monotony: R10.1 to R10.5."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cores.town import found

from p2pnode_protocols.record.questions.tally import (
    Rule,
    Tally,
    compute_needed,
    is_hopeless,
    is_sure,
    passes,
)
from p2pnode_protocols.record.seats.charter import Ratio

LARGEST = 40
DEFAULTS = [
    Rule(tier.threshold, tier.strict, base, tier.floor)
    for tier in found().tiers
    for base in ("electorate", "cast")
]
ODD = [
    Rule(Ratio(1, 1), False, "electorate", Ratio(0, 1)),
    Rule(Ratio(1, 1), False, "cast", Ratio(1, 3)),
    Rule(Ratio(2, 3), True, "electorate", Ratio(0, 1)),
    Rule(Ratio(667, 1000), False, "cast", Ratio(0, 1)),
    Rule(Ratio(1, 1000), False, "electorate", Ratio(1, 1)),
]


def oracle(rule: Rule, tally: Tally) -> bool:
    """The sentence of docs/protocol.md, word by word."""
    base = tally.electorate - tally.aside
    if rule.base == "cast":
        base = tally.yes + tally.no
    bar = Fraction(rule.threshold.num, rule.threshold.den) * base
    enough = tally.yes > bar if rule.strict else tally.yes >= bar
    floor = Fraction(rule.floor.num, rule.floor.den) * tally.electorate
    return enough and tally.yes >= floor and tally.yes >= 1


@pytest.mark.parametrize("rule", DEFAULTS + ODD, ids=str)
def test_thresholds_at_every_electorate_up_to_forty(rule: Rule) -> None:
    for electorate in range(1, LARGEST + 1):
        for aside in range(0, electorate + 1, max(1, electorate // 8)):
            for yes in range(electorate - aside + 1):
                for no in {0, (electorate - aside - yes) // 2, electorate - aside - yes}:
                    tally = Tally(yes, no, aside, electorate)
                    assert passes(rule, tally) == oracle(rule, tally), tally


@pytest.mark.parametrize("rule", DEFAULTS + ODD, ids=str)
def test_boundary_is_one_vote_wide_at_every_electorate_up_to_forty(rule: Rule) -> None:
    for electorate in range(1, LARGEST + 1):
        for others in range(electorate + 1):
            for tally in (Tally(0, others, 0, electorate), Tally(0, 0, others, electorate)):
                needed = compute_needed(rule, tally)
                if needed is None:
                    assert not any(
                        oracle(rule, replace(tally, yes=yes)) for yes in range(electorate + 1)
                    )
                    continue
                assert oracle(rule, replace(tally, yes=needed)), (tally, needed)
                assert not oracle(rule, replace(tally, yes=needed - 1)), (tally, needed)


@pytest.mark.parametrize("rule", DEFAULTS + ODD, ids=str)
def test_sure_and_hopeless_agree_with_every_way_the_rest_could_vote(rule: Rule) -> None:
    electorate = 7
    for yes in range(electorate + 1):
        for no in range(electorate + 1 - yes):
            for aside in range(electorate + 1 - yes - no):
                tally = Tally(yes, no, aside, electorate)
                ends = [
                    oracle(rule, Tally(yes + y, no + n, aside + tally.missing - y - n, electorate))
                    for y in range(tally.missing + 1)
                    for n in range(tally.missing + 1 - y)
                ]
                assert is_sure(rule, tally) == all(ends), tally
                assert is_hopeless(rule, tally) == (not any(ends)), tally


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    den = draw(st.integers(1, 60))
    threshold = Ratio(draw(st.integers(1, den)), den)
    strict = draw(st.booleans()) and threshold.num < threshold.den
    floor_den = draw(st.integers(1, 60))
    floor = Ratio(draw(st.integers(0, floor_den)), floor_den)
    return Rule(threshold, strict, draw(st.sampled_from(["electorate", "cast"])), floor)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    electorate = draw(st.integers(1, 256))
    yes = draw(st.integers(0, electorate))
    no = draw(st.integers(0, electorate - yes))
    return Tally(yes, no, draw(st.integers(0, electorate - yes - no)), electorate)


@given(rules(), tallies())
def test_one_more_yes_never_turns_pass_into_fail(rule: Rule, tally: Tally) -> None:
    more = []
    if tally.missing:
        more.append(replace(tally, yes=tally.yes + 1))
    if tally.no:
        more.append(replace(tally, yes=tally.yes + 1, no=tally.no - 1))
    if tally.aside:
        more.append(replace(tally, yes=tally.yes + 1, aside=tally.aside - 1))
    for after in more:
        assert passes(rule, after) or not passes(rule, tally), after


@given(rules(), tallies())
def test_one_more_no_never_turns_fail_into_pass(rule: Rule, tally: Tally) -> None:
    more = []
    if tally.missing:
        more.append(replace(tally, no=tally.no + 1))
    if tally.yes:
        more.append(replace(tally, no=tally.no + 1, yes=tally.yes - 1))
    if tally.aside:
        more.append(replace(tally, no=tally.no + 1, aside=tally.aside - 1))
    for after in more:
        assert passes(rule, tally) or not passes(rule, after), after


@given(rules(), tallies())
def test_rule_agrees_with_the_oracle(rule: Rule, tally: Tally) -> None:
    assert passes(rule, tally) == oracle(rule, tally)


@given(rules(), tallies())
def test_standing_aside_changes_nothing_among_votes_cast(rule: Rule, tally: Tally) -> None:
    if rule.base == "cast" and tally.missing:
        assert passes(rule, replace(tally, aside=tally.aside + 1)) == passes(rule, tally)
