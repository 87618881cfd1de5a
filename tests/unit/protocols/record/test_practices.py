"""The seam (R2.27 f., R6.21 f., R10.26 f.), with a made-up practice that uses all of it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support.cores.dag import fake_verify
from support.cores.garden import (
    CORE_AND_GARDEN,
    DAY_MS,
    NEWER,
    OLDER,
    Bed,
    Plant,
    Settings,
    Sow,
    Uproot,
    Water,
    Weed,
    WeedyBed,
    clear,
    say,
)
from support.cores.town import DAY, HOUR, MINUTE, Town, found, outcomes, propose, reread, text_of

from p2pnode_protocols.record.actions import AmendAction, RemoveAction
from p2pnode_protocols.record.bodies import Leave, Note, Supports, Vote, texts_of
from p2pnode_protocols.record.opaque import OpaqueAction, OpaqueBody
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.seam.in_force import NO_PRACTICES
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.turn.parking import PARKED_MS
from p2pnode_protocols.record.views.items import explain_item, find_needs, view_item, view_items
from p2pnode_protocols.wire.codec import decode, encode
from p2pnode_protocols.wire.errors import PeerFault, UsageError
from p2pnode_protocols.wire.ids import OpId, WallMs
from p2pnode_protocols.wire.limits import FACT_LEVELS, FACTS_PER_COMMIT

NOTHING = OpId(b"n" * 32)


def plant(town: Town, name: str, lasts_ms: int = HOUR, label: str = "") -> Op:
    texts = (text_of(label),) if label else ()
    return town.say(name, say(Plant(texts, lasts_ms)))


def water(town: Town, name: str, bed: OpId, lasts_ms: int = 2 * HOUR) -> Op:
    return town.say(name, say(Water((), bed, lasts_ms)))


def beds(town: Town) -> list[Bed]:
    return town.state.records("garden")


def bed_of(town: Town, id: bytes) -> Bed:
    found_one = town.state.record("garden", id)
    assert isinstance(found_one, Bed)
    return found_one


def facts(result: Any) -> list[str]:
    return [one.name for one in result.facts]


# --- ops ------------------------------------------------------------------------------------------


def test_a_practice_keeps_what_its_verbs_make() -> None:
    town = Town(4, OLDER)
    first = plant(town, "alice", label="tomatoes")
    result = town.commit(first, plant(town, "bob"))
    assert [code for _, code in result.entries] == ["ok", "ok"]
    assert facts(result) == ["bed.planted"] * 2
    bed = bed_of(town, first.id)
    assert (bed.owner, bed.label) == (town.id_of("alice"), text_of("tomatoes"))
    assert town.enter(water(town, "carol", first.id)) == "ok"
    assert bed_of(town, first.id).dies_ms == town.now + 2 * HOUR
    assert len(beds(town)) == 2


@pytest.mark.parametrize(
    "fields", [[], [[]], [[], "x"], [[], -1], [[], 1, 1], None, 7, [[["no text"]], 1], [None, 1]]
)
def test_a_body_that_its_kind_does_not_take_is_an_entry_and_changes_nothing(fields: Any) -> None:
    town = Town(4, OLDER)
    before = town.state.to_wire()[-3:]
    assert town.enter(town.say("bob", OpaqueBody(Plant.KIND, encode(fields)))) == "bad_field"
    assert town.state.to_wire()[-3:] == before


@pytest.mark.parametrize(("lasts_ms", "code"), [(0, "bad_field"), (31 * DAY_MS, "bad_field")])
def test_what_a_verb_refuses_is_an_entry_with_its_code(lasts_ms: int, code: str) -> None:
    town = Town(4, OLDER)
    assert town.refusal("alice", say(Plant((), lasts_ms)))[0] == code
    assert town.enter(plant(town, "alice", lasts_ms)) == code


def test_a_slice_holds_so_many_records() -> None:
    town = Town(4, OLDER)
    town.commit(*(plant(town, "alice") for _ in range(300)))
    assert len(beds(town)) == 300
    assert town.enter(plant(town, "bob")) == "too_many"
    assert town.enter(water(town, "bob", beds(town)[0].id)) == "ok"


def test_a_text_goes_when_no_record_refers_to_it() -> None:
    """R10.26: that of a refused op, of one that nothing keeps, of a record that is gone."""
    town = Town(4, OLDER)
    kept, refused = plant(town, "alice", label="kept"), plant(town, "bob", 0, label="refused")
    (ref,) = texts_of(refused.body)
    result = town.commit(kept, refused)
    assert result.dropped == ((refused.id, ref.id),)
    assert list(town.state.texts_of_records()) == [(text_of("kept"), kept.id)]
    gone = town.commit(town.say("alice", say(Uproot((), kept.id, NOTHING))))
    assert gone.dropped == ((kept.id, text_of("kept").id),)
    assert not beds(town)


@pytest.mark.parametrize("value", [None, [], [7], [[b"x" * 32]], [[[b"x" * 31, 1]]], [[[1, 2]]]])
def test_what_has_no_list_of_texts_first_refers_to_none(value: Any) -> None:
    assert texts_of(OpaqueBody("garden.plant", encode(value))) == ()


def test_texts_of_a_kind_that_nobody_knows_are_found_all_the_same() -> None:
    body = OpaqueBody("meadow.mow", encode([[text_of("high").to_wire()], "whatever"]))
    assert texts_of(body) == (text_of("high"),)


# --- what waits -----------------------------------------------------------------------------------


def test_what_names_an_item_that_is_not_there_yet_waits_for_it() -> None:
    """R10.18: blocks of one round have an order that nobody chose."""
    town = Town(4, OLDER)
    planted = plant(town, "alice")
    result = town.commit(water(town, "bob", planted.id))
    assert not result.entries
    assert [op.author for op in town.state.parked()] == [town.id_of("bob")]
    result = town.commit(planted)
    assert [code for _, code in result.entries] == ["ok", "ok"]
    assert bed_of(town, planted.id).dies_ms == town.now + 2 * HOUR
    assert town.enter(water(town, "bob", planted.id, 3 * HOUR)) == "ok"


def test_what_never_comes_is_waited_for_for_a_day() -> None:
    town = Town(4, OLDER)
    assert not town.commit(water(town, "bob", NOTHING)).entries
    assert town.codes(after_ms=PARKED_MS) == ["unknown_item"]


def test_nobody_waits_for_what_is_gone() -> None:
    town = Town(4, OLDER)
    planted = plant(town, "alice")
    town.commit(planted)
    town.commit(town.say("alice", say(Uproot((), planted.id, NOTHING))))
    assert town.enter(water(town, "bob", planted.id)) == "unknown_item"


# --- time -----------------------------------------------------------------------------------------


def test_time_alone_changes_a_record_when_it_says_so() -> None:
    town = Town(4, OLDER)
    planted = plant(town, "alice", MINUTE)
    town.commit(planted)
    assert town.state.next_due_ms() == town.now + MINUTE
    result = town.commit(after_ms=MINUTE)
    assert facts(result) == ["bed.withered"]
    assert not beds(town)
    assert town.state.next_due_ms() is None


def test_what_is_due_is_gone_through_in_one_order() -> None:
    """R10.28: by time, then by practice, `core` before `garden`; then by key."""
    town = Town(4, OLDER)
    ops = [plant(town, "alice", HOUR), plant(town, "bob", HOUR - 1), plant(town, "carol", HOUR)]
    question = town.say("dave", propose("tactical", close_ms=town.now + 1_000 + HOUR))
    town.commit(*ops, question)
    result = town.commit(after_ms=2 * HOUR)
    subjects = [one.subject for one in result.facts]
    first, *rest = sorted((ops[0].id, ops[2].id))
    assert subjects == [ops[1].id, question.id, first, *rest]
    assert outcomes(result) == ((question.id, "lapsed"),)


def test_a_record_that_is_changed_before_its_time_is_due_at_its_new_one() -> None:
    town = Town(4, OLDER)
    planted = plant(town, "alice", HOUR)
    town.commit(planted)
    town.commit(water(town, "bob", planted.id, 2 * HOUR))
    assert not town.commit(after_ms=HOUR).facts
    assert facts(town.commit(after_ms=HOUR)) == ["bed.withered"]


# --- facts ----------------------------------------------------------------------------------------


def sow(town: Town, seeds: int, after: int) -> Op:
    return town.say("alice", say(Sow((), seeds, after)))


def test_facts_are_heard_in_the_commit_that_they_came_up_in() -> None:
    town = Town(4, OLDER)
    assert facts(town.commit(sow(town, 1, FACT_LEVELS - 1))) == ["seed.fell"] * FACT_LEVELS
    assert len(beds(town)) == FACT_LEVELS
    assert town.state.next_due_ms() == min(one.dies_ms for one in beds(town))


def test_what_follows_further_is_heard_in_the_next_commit_which_falls_due() -> None:
    """R10.29: else two practices that answer each other would never let a commit end."""
    town = Town(4, OLDER)
    town.commit(sow(town, 1, 2 * FACT_LEVELS))
    assert len(beds(town)) == FACT_LEVELS
    for count in (2 * FACT_LEVELS, 2 * FACT_LEVELS + 1):
        assert town.state.next_due_ms() == town.now
        again = reread(town.state, OLDER)
        town.commit()
        again.commit((), town.now, b"r" * 32)
        assert len(beds(town)) == count
        assert again.to_bytes() == town.state.to_bytes()
    assert town.state.next_due_ms() != town.now


def test_so_many_facts_are_heard_in_one_commit() -> None:
    town = Town(4, OLDER)
    assert len(town.commit(sow(town, FACTS_PER_COMMIT + 6, 0)).facts) == FACTS_PER_COMMIT + 6
    assert len(beds(town)) == FACTS_PER_COMMIT
    assert facts(town.commit()) == []
    assert len(beds(town)) == FACTS_PER_COMMIT + 6


def test_what_a_hearer_would_add_beyond_the_most_is_not_added() -> None:
    town = Town(4, OLDER)
    for seeds in (200, 101):
        town.commit(sow(town, seeds, 0))
    for _ in range(10):
        town.commit()
    assert len(beds(town)) == 300
    assert town.state.next_due_ms() == min(one.dies_ms for one in beds(town))


def test_who_leaves_is_told_and_what_goes_with_the_seat_goes() -> None:
    town = Town(4, OLDER)
    mine = plant(town, "alice")
    town.commit(plant(town, "bob"), plant(town, "bob"), mine)
    assert facts(town.commit(town.say("bob", Leave()))) == ["member.left"]
    assert [one.id for one in beds(town)] == [mine.id]


def test_a_removal_is_told_in_the_commit_that_decides_it() -> None:
    town = Town(4, OLDER)
    town.commit(plant(town, "bob"))
    town.decide("constitutional", RemoveAction(town.id_of("bob")))
    assert not beds(town)


def test_questions_are_told() -> None:
    town = Town(4, OLDER)
    opened = town.commit(town.say("alice", propose("implementation")))
    (fact,) = opened.facts
    assert (fact.name, dict(fact.fields)["tier"]) == ("proposal.opened", "implementation")
    votes = [town.vote(name, OpId(fact.subject), "yes") for name in ("alice", "bob", "carol")]
    (fact,) = town.commit(*votes).facts
    assert (fact.name, dict(fact.fields)["outcome"]) == ("proposal.decided", "passed")


# --- guards, orders, actions ----------------------------------------------------------------------


def test_a_guard_refuses_an_op_of_another_kind() -> None:
    town = Town(4, OLDER)
    assert town.refusal("alice", Note("keep.off", b"")) == ("not_allowed", "the grass")
    assert town.enter(town.say("alice", Note("keep.off", b""))) == "not_allowed"
    assert town.enter(town.say("alice", Note("keep.on", b""))) == "ok"


def test_an_order_ends_a_question_without_a_decision() -> None:
    town = Town(4, OLDER)
    planted = plant(town, "alice")
    town.commit(planted)
    question = town.propose("bob", "tactical")
    result = town.commit(town.say("alice", say(Uproot((), planted.id, question))))
    assert outcomes(result) == ((question, "withdrawn"),)
    assert facts(result) == ["proposal.decided"]
    assert reread(town.state, OLDER).to_bytes() == town.state.to_bytes()


def test_a_passed_question_changes_a_record() -> None:
    town = Town(4, OLDER)
    planted = plant(town, "alice")
    town.commit(planted)
    decided = town.decide("constitutional", clear(planted.id))
    assert decided.effect == "done"
    assert not beds(town)


def test_what_a_practice_refuses_is_not_opened_and_at_the_decision_has_no_effect() -> None:
    town = Town(4, OLDER)
    planted = plant(town, "alice")
    town.commit(planted)
    assert town.refusal("bob", propose("constitutional", clear(NOTHING)))[0] == "unknown_item"
    assert town.refusal("bob", propose("tactical", clear(planted.id)))[0] == "not_allowed"
    odd = OpaqueAction("garden.clear", encode([7]))
    assert town.refusal("bob", propose("constitutional", odd))[0] == "bad_field"
    question = town.propose("bob", "constitutional", clear(planted.id))
    town.commit(town.say("alice", say(Uproot((), planted.id, NOTHING))))
    for name in ("alice", "bob", "carol", "dave"):
        if town.outcome(question) == "open":
            town.commit(town.vote(name, question, "yes"))
    assert (town.outcome(question), town.proposal(question).effect) == ("passed", "unknown_item")


# --- settings -------------------------------------------------------------------------------------


def amend(path: str, value: Any) -> AmendAction:
    return AmendAction(((path, value),))


def test_a_setting_is_amended_while_its_practice_is_in_force() -> None:
    town = Town(4, OLDER)
    assert town.state.base("garden").settings == Settings()
    town.decide("constitutional", amend("garden.longest_ms", 2 * HOUR))
    assert town.state.base("garden").settings == Settings(2 * HOUR)
    assert town.enter(plant(town, "alice", 3 * HOUR)) == "bad_field"
    assert reread(town.state, OLDER).to_bytes() == town.state.to_bytes()
    town.decide("constitutional", amend("garden.longest_ms", 3 * HOUR))
    assert town.enter(plant(town, "alice", 3 * HOUR)) == "ok"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("garden.longest_ms", 1, "3600000…"),
        ("garden.longest_ms", "long", "whole number"),
        ("garden.width", 1, "garden.longest_ms"),
        ("meadow.longest_ms", 1, "<practice>.<setting>"),
        ("core.longest_ms", 1, "<practice>.<setting>"),
    ],
)
def test_a_setting_that_the_practice_does_not_take_is_refused(
    path: str, value: Any, says: str
) -> None:
    code, words = Town(4, OLDER).refusal("alice", propose("constitutional", amend(path, value)))
    assert code == "bad_charter"
    assert says in words


# --- versions -------------------------------------------------------------------------------------


def raised() -> tuple[Town, OpId]:
    """Return a town that has raised the practice to version 2, and a bed of before."""
    town = Town(found(4, CORE_AND_GARDEN), NEWER)
    planted = plant(town, "alice", label="roses")
    assert town.enter(planted) == "ok"
    assert town.enter(town.say("bob", say(Weed((), planted.id)))) == "unknown_kind"
    for seat in town.state.charter.members:
        town.commit(town.say(seat.name, supports()))
    town.decide("constitutional", AmendAction((("practices.garden", 2),)))
    return town, planted.id


def supports() -> Supports:
    return Supports(NEWER.versions)


def test_a_program_with_a_newer_version_behaves_as_the_one_in_force_until_that_is_raised() -> None:
    town, bed = raised()
    kept = town.state.record("garden", bed)
    assert isinstance(kept, WeedyBed)
    assert (kept.weeds, kept.label) == (0, text_of("roses"))
    assert town.enter(town.say("bob", say(Weed((), bed)))) == "ok"
    assert town.state.record("garden", bed).weeds == 1
    assert town.enter(sow(town, 1, 0)) == "unknown_kind"
    assert town.state.next_due_ms() == kept.dies_ms
    assert reread(town.state, NEWER).to_bytes() == town.state.to_bytes()


def test_a_practice_that_is_added_starts_empty() -> None:
    town = Town(found(4), NEWER)
    assert town.enter(plant(town, "alice")) == "not_active"
    for seat in town.state.charter.members:
        town.commit(town.say(seat.name, supports()))
    town.decide("constitutional", AmendAction((("practices.garden", 1),)))
    assert not beds(town)
    assert town.enter(plant(town, "alice")) == "ok"
    assert len(beds(town)) == 1


def test_a_state_of_which_this_program_lacks_something_is_not_read() -> None:
    town = Town(4, OLDER)
    wire = town.state.to_wire()
    with pytest.raises(UsageError) as refused:
        State.read(decode(encode(wire), 1 << 20), (), fake_verify, NO_PRACTICES)
    assert refused.value.code == "update_needed"
    with pytest.raises(UsageError):
        State.genesis(town.state.charter, fake_verify)


# --- the snapshot ---------------------------------------------------------------------------------


def test_a_slice_is_in_the_snapshot_in_an_order_that_nobody_chose() -> None:
    """Ops that do not touch each other leave the same state in any order."""
    wires = set()
    for order in itertools.permutations(range(3)):
        town = Town(4, OLDER)
        ops = [plant(town, name, label=name) for name in ("alice", "bob", "carol")]
        town.commit(*(ops[place] for place in order))
        wires.add(town.state.to_bytes())
        assert reread(town.state, OLDER).to_bytes() == town.state.to_bytes()
    assert len(wires) == 1


@pytest.mark.parametrize("damage", ["order", "twice", "name", "missing", "record"])
def test_a_damaged_slice_is_refused(damage: str) -> None:
    town = Town(4, OLDER)
    town.commit(plant(town, "alice"), plant(town, "bob"))
    wire = town.state.to_wire()
    (name, records) = decode(encode(wire[8]), 1 << 20)[0]  # type: ignore[index, misc]
    wire[8] = {
        "order": [[name, records[::-1]]],  # type: ignore[index]
        "twice": [[name, [records[0], records[0]]]],  # type: ignore[index]
        "name": [["meadow", records]],
        "missing": [],
        "record": [[name, [b"x"]]],
    }[damage]
    with pytest.raises(PeerFault):
        State.read(decode(encode(wire), 1 << 20), (), fake_verify, OLDER)


# --- what people see ------------------------------------------------------------------------------


def test_what_is_pending_shows_in_records_before_it_is_final() -> None:
    town = Town(4, OLDER)
    planted = plant(town, "alice", label="soon")
    watered = water(town, "bob", planted.id)
    preview = town.preview([watered, planted])
    assert [one.id for one in preview.records("garden")] == [planted.id]
    assert preview.record("garden", planted.id).dies_ms == town.now + 2 * HOUR
    assert not beds(town)
    assert not town.preview([watered]).records("garden")
    preview.check(town.id_of("bob"), watered.device, say(Water((), planted.id, HOUR)))
    with pytest.raises(UsageError):
        town.preview().check(town.id_of("bob"), watered.device, say(Water((), planted.id, HOUR)))


def test_what_time_will_do_shows_at_once() -> None:
    town = Town(4, OLDER)
    town.commit(plant(town, "alice", MINUTE))
    assert not town.preview(now_ms=town.now + MINUTE).records("garden")


def test_a_vote_that_a_guard_refuses_does_not_count_in_the_preview() -> None:
    town = Town(4, OLDER)
    question = town.propose("alice", "tactical")
    town.commit(plant(town, "bob"))
    body = Vote(question, question, "aside", None)
    pending = [town.say(name, body) for name in ("bob", "carol")]
    shown = town.preview(pending).proposal(question)
    assert shown is not None
    assert shown.tally.aside == 1
    with pytest.raises(UsageError, match="opinion"):
        town.preview(pending).check(town.id_of("bob"), pending[0].device, body)
    assert town.codes(*pending) == ["not_allowed", "ok"]


def test_views_reasons_and_needs_are_found_for_all_practices() -> None:
    town = Town(4, OLDER)
    planted = plant(town, "alice", MINUTE)
    town.commit(planted, plant(town, "alice", DAY))
    preview = town.preview()
    assert len(view_items(preview, "garden")) == 2
    shown = view_item(preview, "garden", planted.id)
    assert isinstance(shown, dict)
    assert shown["owner"] == "alice"
    assert view_item(preview, "garden", NOTHING) is None
    assert [one.code for one in explain_item(preview, "garden", planted.id)] == ["dry"]
    (need,) = find_needs(preview, town.id_of("alice"))
    assert (need.item, need.until_ms) == (planted.id, WallMs(town.now + MINUTE))
    assert not find_needs(preview, town.id_of("bob"))
    with pytest.raises(UsageError, match="meadow"):
        view_items(preview, "meadow")


def test_what_would_end_a_phase_is_urgent() -> None:
    """R5.2, for items of any kind."""
    town = Town(4, OLDER)
    soon, late = plant(town, "alice", MINUTE), plant(town, "alice", DAY)
    town.commit(soon, late)
    assert town.state.is_urgent(water(town, "bob", soon.id))
    assert not town.state.is_urgent(water(town, "bob", late.id))
    assert not town.state.is_urgent(water(town, "bob", NOTHING))
