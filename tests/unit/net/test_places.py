"""Which caller gives way when all places are taken: nothing is timed, and chance is drawn."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pnode.net.addresses import find_source
from p2pnode.net.callers.places import GREETING_BYTES, Callers, Room, Stage, find_stage

SOURCES = st.sampled_from(["a", "b", "c", "d"])
SEEDS = st.randoms(use_true_random=False)
SMALL = {Stage.SILENT: 4, Stage.SPEAKING: 3, Stage.PROVING: 2, Stage.MEMBER: 1}


@dataclass
class Model:
    """All callers as a test follows them: what is said of each of them is what holds."""

    callers: Callers[int]
    at: dict[int, tuple[Stage, bool, str]] = field(default_factory=dict)

    def count(self, stage: Stage, is_known: bool) -> Counter[str]:
        return Counter(s for one, known, s in self.at.values() if (one, known) == (stage, is_known))

    def settle(self, one: int, stage: Stage, is_known: bool, source: str, gone: int | None) -> None:
        self.at[one] = stage, is_known, source
        held = self.count(stage, is_known)
        if held.total() <= SMALL[stage]:
            assert gone is None, "there was a place"
        else:
            assert gone is not None
            assert gone != one, "the new one has its place"
            was, known, its = self.at.pop(gone)
            assert (was, known) == (stage, is_known), "nobody of another stage or kind gives way"
            assert held[its] == max(held.values()), "nobody of a source that holds fewer"
        assert set(self.callers) == set(self.at)


@given(SEEDS, st.lists(st.tuples(st.integers(0, 30), SOURCES, st.booleans(), st.integers(0, 3))))
def test_who_gives_way_is_of_the_same_stage_and_of_the_source_that_holds_most(
    chance, steps
) -> None:
    model = Model(Callers(SMALL, chance.randrange))
    met: set[int] = set()
    gone_before: set[int] = set()
    for one, source, is_known, stage_number in steps:
        stage = Stage(stage_number)
        if one in gone_before:
            assert model.callers.advance(one, stage, source) is None, "it stays gone"
        elif one not in model.at:
            gone = model.callers.enter(one, source, is_known=is_known)
            model.settle(one, Stage.SILENT, is_known, source, gone)
        elif stage <= model.at[one][0]:
            assert model.callers.advance(one, stage, source) is None
        else:
            known = model.at[one][1]
            gone = model.callers.advance(one, stage, source)
            model.settle(one, stage, known, source, gone)
        met.add(one)
        gone_before = met - set(model.at)
    for one in list(model.at):
        model.callers.leave(one)
        model.callers.leave(one)
    assert len(model.callers) == 0


@given(SEEDS, st.integers(1, 8), st.integers(0, 100))
def test_source_that_holds_fewer_is_not_driven_out_by_any_number_of_callers(
    chance, places: int, count: int
) -> None:
    room: Room[int] = Room(places + 1, chance.randrange)
    room.enter(-1, "honest")
    assert all(room.enter(one, "flood") != -1 for one in range(count))


@given(SEEDS, st.integers(0, 300))
def test_source_of_members_is_not_driven_out_by_a_flood_from_everywhere(chance, count: int) -> None:
    callers: Callers[int] = Callers(SMALL, chance.randrange)
    callers.enter(-1, "home", is_known=True)
    for one in range(count):
        assert callers.enter(one, f"source {one}", is_known=False) != -1
        assert callers.advance(one, Stage(one % 3), f"source {one}") != -1


@given(SEEDS, st.integers(0, 300))
def test_who_has_come_further_is_not_driven_out_by_bare_connects(chance, count: int) -> None:
    callers: Callers[int] = Callers(SMALL, chance.randrange)
    for stage in list(Stage)[1:]:
        callers.enter(-stage, "nat", is_known=False)
        callers.advance(-stage, stage, "nat")
    for one in range(count):
        assert callers.enter(one, "nat", is_known=False) not in (-1, -2, -3)


def test_room_is_bounded_and_any_number_drawn_means_another_of_equals() -> None:
    for choice in range(5):
        room: Room[int] = Room(5, lambda count, choice=choice: choice)
        for one in range(5):
            room.enter(one, "nat")
        assert room.enter(5, "nat") == choice
        assert len(room) == 5


def test_whoever_is_least_far_goes_first_when_there_is_no_room_at_all() -> None:
    callers: Callers[str] = Callers(SMALL)
    assert callers.drop() is None
    for stage in reversed(Stage):
        callers.enter(stage.name, "a", is_known=stage is Stage.PROVING)
        callers.advance(stage.name, stage, "a")
    assert [callers.drop() for _ in Stage] == [stage.name for stage in Stage]
    assert callers.drop() is None


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::6", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
    ],
)
def test_source_is_an_ipv4_address_or_the_network_of_an_ipv6_one(host: str, source: str) -> None:
    assert find_source(host) == source


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_whoever_has_a_network_of_addresses_is_one_source(address, low: int) -> None:
    high = int(address) >> 64 << 64
    if high:
        assert find_source(str(type(address)(high | low))) == find_source(str(address))


def test_stage_follows_from_what_was_sent() -> None:
    assert find_stage(0) is Stage.SILENT
    assert find_stage(1) is find_stage(GREETING_BYTES) is Stage.SPEAKING
    assert find_stage(GREETING_BYTES + 1) is find_stage(10_000) is Stage.PROVING
