"""The seam (R2.27 f., R6.21 f., R10.26 f.), with a made-up practice that uses all of it."""

from __future__ import annotations

from support.garden import OLDER, Bed, Plant, Water, say
from support.town import HOUR, Town, text_of

from p2pnode_protocols.record.ops import Op


def plant(town: Town, name: str, lasts_ms: int = HOUR, label: str = "") -> Op:
    texts = (text_of(label),) if label else ()
    return town.say(name, say(Plant(texts, lasts_ms)))


def beds(town: Town) -> list[Bed]:
    return town.state.records("garden")


def test_a_practice_keeps_what_its_verbs_make() -> None:
    town = Town(4, OLDER)
    first = plant(town, "alice", label="tomatoes")
    result = town.commit(first, plant(town, "bob"))
    assert [code for _, code in result.entries] == ["ok", "ok"]
    assert [one.name for one in result.facts] == ["bed.planted"] * 2
    bed = town.state.record("garden", first.id)
    assert (bed.owner, bed.label) == (town.id_of("alice"), text_of("tomatoes"))
    assert town.enter(town.say("carol", say(Water((), first.id, 2 * HOUR)))) == "ok"
    assert town.state.record("garden", first.id).dies_ms == town.now + 2 * HOUR
    assert len(beds(town)) == 2
