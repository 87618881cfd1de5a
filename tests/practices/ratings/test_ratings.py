"""Ratings (docs/practices/ratings.md): what counts, how it fades, and what goes."""

from __future__ import annotations

from random import Random

import pytest
from practices.kit import say
from support.cores.town import DAY, HOUR, NAMES, Town, found, propose

from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.practices.ratings.bodies import Rate
from p2pnode_protocols.practices.ratings.record import (
    HALVINGS,
    ITEMS,
    Rated,
    Settings,
    Trend,
    weigh,
)
from p2pnode_protocols.practices.ratings.words import find_trends
from p2pnode_protocols.record.actions import AmendAction
from p2pnode_protocols.record.bodies import Leave, Withdraw
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.seam.practice import Fact
from p2pnode_protocols.wire.ids import OpId

WEEK = 7 * DAY
FRESH = 1 << HALVINGS


def make_town() -> Town:
    return Town(found(5, PRACTICES.versions), PRACTICES)


def rate(town: Town, name: str, item: OpId, *, on: bool = True) -> Op:
    return town.say(name, say(Rate((), item, on)))


def trends(town: Town) -> tuple[Trend, ...]:
    return find_trends(town.state.base("ratings"), town.now)


def weights(town: Town) -> dict[bytes, int]:
    return {one.item: one.weight for one in trends(town)}


def rated_by(town: Town, name: str) -> Rated | None:
    record: Rated | None = town.state.record("ratings", town.id_of(name))
    return record


# --- what counts ----------------------------------------------------------------------------------


def test_each_member_rates_an_item_once() -> None:
    town = make_town()
    item = town.propose("alice", "tactical")
    assert town.enter(rate(town, "bob", item)) == "ok"
    assert town.enter(rate(town, "bob", item)) == "already_said"
    assert town.enter(rate(town, "carol", item)) == "ok"
    (trend,) = trends(town)
    assert [member for member, _ in trend.raters] == [town.id_of("bob"), town.id_of("carol")]
    assert town.enter(rate(town, "bob", item, on=False)) == "ok"
    assert town.enter(rate(town, "bob", item, on=False)) == "already_said"
    assert town.enter(rate(town, "dave", item, on=False)) == "already_said"
    assert len(trends(town)[0].raters) == 1


def test_decisions_are_rated_like_proposals_and_nothing_else_is() -> None:
    town = make_town()
    item = town.propose("alice", "tactical")
    town.commit(town.say("alice", Withdraw(item, None)))
    assert town.outcome(item) == "withdrawn"
    assert town.enter(rate(town, "bob", item)) == "ok"
    assert town.refusal("bob", say(Rate((), b"n" * 32, True)))[0] == "unknown_item"


def test_a_rating_in_the_round_of_its_item_is_not_lost() -> None:
    """R10.18, P0.10."""
    town = make_town()
    opened = town.say("alice", propose("tactical"))
    early = rate(town, "bob", opened.id)
    assert not town.commit(early).entries
    assert town.codes(opened) == ["ok", "ok"]
    assert weights(town) == {opened.id: FRESH}


def test_so_many_items_are_rated_by_one_member() -> None:
    town = make_town()
    items = []
    for number in range(ITEMS + 1):
        item = town.propose(NAMES[number % 5], "tactical")
        town.commit(town.say(NAMES[number % 5], Withdraw(item, None)))
        items.append(item)
    for item in items[:ITEMS]:
        assert town.enter(rate(town, "alice", item)) == "ok"
    assert town.enter(rate(town, "alice", items[ITEMS])) == "too_many"
    assert town.enter(rate(town, "alice", items[0], on=False)) == "ok"
    assert town.enter(rate(town, "alice", items[ITEMS])) == "ok"
    record = rated_by(town, "alice")
    assert record is not None
    assert len(record.rows) == ITEMS + 1


# --- how it fades ---------------------------------------------------------------------------------


def test_a_rating_weighs_half_after_each_half_life() -> None:
    assert [weigh(k * WEEK, WEEK) for k in range(HALVINGS)] == [FRESH >> k for k in range(HALVINGS)]
    assert weigh(WEEK // 2, WEEK) == FRESH * 3 // 4
    assert weigh(HALVINGS * WEEK, WEEK) == weigh(10**15, WEEK) == 0


@pytest.mark.parametrize("half_life_ms", [60_000, 60_001, WEEK])
def test_no_rating_ever_rises(half_life_ms: int) -> None:
    rng = Random(half_life_ms)
    ages = sorted(rng.randint(0, 21 * half_life_ms) for _ in range(3_000))
    found_ones = [weigh(age, half_life_ms) for age in ages]
    assert found_ones == sorted(found_ones, reverse=True)
    assert min(weigh(HALVINGS * half_life_ms - 1, half_life_ms), found_ones[0]) >= 1


def test_off_and_on_again_within_a_half_life_keeps_the_first_time() -> None:
    town = make_town()
    item = town.propose("alice", "tactical")
    town.commit(rate(town, "bob", item))
    since = town.now
    town.commit(rate(town, "bob", item, on=False), after_ms=2 * DAY)
    assert not trends(town)
    town.commit(rate(town, "bob", item), after_ms=WEEK - 1)
    assert trends(town)[0].raters == ((town.id_of("bob"), since),)
    town.commit(rate(town, "bob", item, on=False))
    town.commit(after_ms=WEEK)  # it is forgotten
    assert rated_by(town, "bob") is None
    town.commit(rate(town, "bob", item))
    assert trends(town)[0].raters == ((town.id_of("bob"), town.now),)


def test_a_rating_leaves_the_state_after_twenty_half_lives_by_time_alone() -> None:
    town = make_town()
    item = town.propose("alice", "tactical")
    town.commit(rate(town, "bob", item))
    assert town.state.next_due_ms() is not None
    town.commit(after_ms=HALVINGS * WEEK - 1)
    assert weights(town) == {item: 2}  # rounded in its favour
    town.commit(after_ms=1)
    assert rated_by(town, "bob") is None


def test_the_half_life_is_the_charters() -> None:
    town = make_town()
    item = town.propose("alice", "tactical")
    town.commit(rate(town, "bob", item))
    since = town.now
    town.decide("constitutional", AmendAction((("ratings.half_life_ms", 60_000),)))
    assert town.state.base("ratings").settings == Settings(60_000)
    assert weights(town)[item] == weigh(town.now - since, 60_000)
    town.commit(after_ms=HALVINGS * 60_000)
    assert not trends(town)


def test_what_weighs_as_much_is_ranked_by_raters_then_by_who_came_first() -> None:
    town = make_town()
    first, second, third = (town.propose("alice", "tactical") for _ in range(3))
    town.commit(rate(town, "bob", second), rate(town, "carol", second))
    town.commit(rate(town, "bob", first), after_ms=0)
    town.commit(rate(town, "carol", third))  # a second later: too little to weigh more
    assert [one.item for one in trends(town)] == [second, first, third]
    assert len({one.weight for one in trends(town)[1:]}) == 1
    town.commit(after_ms=DAY)
    town.commit(rate(town, "dave", third), rate(town, "erin", first), after_ms=0)
    town.commit(rate(town, "dave", third, on=False))
    assert [one.item for one in trends(town)] == [first, second, third]


# --- what goes, what is told ----------------------------------------------------------------------


def test_ratings_go_with_the_seat() -> None:
    town = make_town()
    item = town.propose("alice", "tactical")
    town.commit(rate(town, "bob", item), rate(town, "carol", item))
    town.commit(town.say("bob", Leave()))
    (trend,) = trends(town)
    assert [member for member, _ in trend.raters] == [town.id_of("carol")]


def test_it_is_told_once_when_so_many_have_rated_an_item_in_a_half_life() -> None:
    town = make_town()
    item = town.propose("alice", "tactical")
    told: list[Fact] = []
    for name in ("alice", "bob", "carol", "dave"):
        told += town.commit(rate(town, name, item), after_ms=HOUR).facts
    ((name, subject, fields),) = [(one.name, one.subject, one.fields) for one in told]
    assert (name, subject, fields) == ("rating.rose", item, (("raters", 3),))
    for on in (False, True):  # no new voice
        assert not town.commit(rate(town, "carol", item, on=on)).facts


def test_old_raters_do_not_make_an_item_rise() -> None:
    town = make_town()
    item = town.propose(
        "alice",
        "tactical",
    )
    town.commit(rate(town, "alice", item), rate(town, "bob", item))
    result = town.commit(rate(town, "carol", item), after_ms=WEEK)
    assert "rating.rose" not in [one.name for one in result.facts]
