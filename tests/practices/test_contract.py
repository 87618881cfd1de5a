"""What every practice has to keep to, whoever wrote it (docs/practices/README.md).

A practice that is in the list and lacks a kit, a page, vectors, a place where people find it, or
words for what it says, is a red test here.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from practices.kit import HERE, Kit, do, kit_of, say
from support.cores.garden import GARDEN_1, GARDEN_2
from support.cores.town import DAY, HOUR, MINUTE, NAMES, ROOT, Town, found, propose, reread

from p2pnode import practices as rooms
from p2pnode.api.app import COMMUNITY, make_app
from p2pnode.host.host import Host
from p2pnode_cli import practices as words
from p2pnode_cli.main import app
from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.record.changing import FACTS
from p2pnode_protocols.record.opaque import OpaqueBody
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.seam.practice import Practice, Verb
from p2pnode_protocols.record.seats.names import WORDS
from p2pnode_protocols.record.texts import Texts
from p2pnode_protocols.record.versions import CORE_ALONE
from p2pnode_protocols.record.views.explain import REASONS
from p2pnode_protocols.record.views.items import explain_item, find_needs, view_items
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.errors import CODES, PeerFault, UsageError
from p2pnode_protocols.wire.ids import WallMs
from p2pnode_protocols.wire.limits import OP_BYTES, RECORD_OF_PRACTICE_BYTES, SLICE_RECORDS
from p2pnode_protocols.wire.shapes import kind_of

PROJECT = Path(__file__).parents[2]
LISTED = tuple(PRACTICES)
TRIED = (GARDEN_1, GARDEN_2, *LISTED)  # the made-up one shows that the suite itself works
# What any op of a practice may be refused with, whatever its verb says.
OF_ALL = {"ok", "not_a_member", "not_active", "unknown_kind", "bad_field", "too_many"}
OF_ALL |= {"limit_bytes", "stale_nonce", "conflicting_nonce"}


def name_of(one: Practice[Any]) -> str:
    return f"{one.name} {one.version}"


tried = pytest.mark.parametrize("practice", TRIED, ids=name_of)
listed = pytest.mark.parametrize("practice", LISTED, ids=name_of)


def kit(practice: Practice[Any]) -> Kit:
    return kit_of(practice.name)


def found_town(practice: Practice[Any]) -> Town:
    """Return a town in which this version is in force, with a program that has all of them."""
    needed = [(name, 1) for name in practice.needs]
    versions = tuple(sorted([*CORE_ALONE, *needed, (practice.name, practice.version)]))
    return Town(found(5, versions), kit(practice).practices)


# --- what it says of itself -----------------------------------------------------------------------


@tried
def test_names_are_as_all_others_are(practice: Practice[Any]) -> None:
    kinds = [verb.kind for verb in (*practice.verbs, *practice.deeds)]
    assert len(set(kinds)) == len(kinds)
    for kind in kinds:
        assert re.fullmatch(rf"{practice.name}\.[a-z]+(_[a-z]+)*", kind), kind
    for fact in practice.facts:
        assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", fact), f"{fact}: subject.happened"
    assert not practice.facts.keys() & FACTS.keys()
    assert 0 < practice.most_open <= SLICE_RECORDS
    assert practice.name not in practice.needs


@tried
def test_every_code_fact_and_reason_has_words(practice: Practice[Any]) -> None:
    assert set(practice.codes) <= CODES.keys()
    assert list(practice.codes) == sorted(set(practice.codes))
    assert all(practice.facts.values())
    assert all(practice.reasons.values())
    assert not practice.reasons.keys() & REASONS.keys()


@tried
def test_the_texts_of_an_op_come_first(practice: Practice[Any]) -> None:
    for verb in practice.verbs:
        first = verb.body.fields[0]
        assert (first.name, first.kind.describe()) == ("texts", kind_of(Texts).describe())


@tried
def test_settings_have_defaults_that_are_taken(practice: Practice[Any]) -> None:
    if practice.settings is not None:
        plain = practice.settings.form()
        assert practice.settings.read(practice.settings.write(plain)) == plain


@tried
def test_what_is_due_is_ticked(practice: Practice[Any]) -> None:
    assert practice.tick is not None or "due_ms" not in vars(practice.record.form)


# --- bytes ----------------------------------------------------------------------------------------


def verbs_of(practice: Practice[Any]) -> list[Verb[Any, Any]]:
    return [*practice.verbs, *practice.deeds]


@tried
def test_each_kind_has_examples_that_are_read_as_they_were_written(
    practice: Practice[Any],
) -> None:
    examples = kit(practice).examples
    for verb in verbs_of(practice):
        for body in examples[verb.kind]:
            wire = encode(body.to_wire())
            assert len(wire) < OP_BYTES // 2
            assert verb.body.read(decode(wire, OP_BYTES)) == body


@tried
def test_no_body_raises_anything_but_a_refusal(practice: Practice[Any]) -> None:
    rng, town = Random(f"odd/{practice.name}"), found_town(practice)
    for verb in practice.verbs:
        for body in kit(practice).examples[verb.kind]:
            wire = decode(encode(body.to_wire()), OP_BYTES)
            for value in edits(wire, rng):
                op = town.say("bob", OpaqueBody(verb.kind, encode(value)))
                for code in town.codes(op):
                    assert code in OF_ALL | set(practice.codes)


def edits(wire: Any, rng: Random) -> list[Value]:
    """Return values near one that is taken: each field another, one more, one less."""
    others: list[Value] = [None, -1, 2**63, "x", b"y" * 32, [], [[]], True]
    found_ones: list[Value] = [None, wire[:-1], [*wire, 0]]
    for place in range(len(wire)):
        found_ones += [[*wire[:place], one, *wire[place + 1 :]] for one in others]
    return found_ones


# --- a life ---------------------------------------------------------------------------------------


class Life:
    """People who say what they could say, and liars what they can."""

    def __init__(self, practice: Practice[Any], seed: int) -> None:
        self.practice = practice
        self.rng = Random(f"{practice.name}/{practice.version}/{seed}")
        self.town = found_town(practice)
        self.kit = kit(practice)

    def ops(self, count: int) -> list[Op]:
        """Return ops of different people."""
        ops = []
        for name in self.rng.sample(NAMES[:5], count):
            seat = self.town.id_of(name)
            kind = self.rng.random()
            if kind < 0.2:
                body: Any = propose("implementation")
            elif kind < 0.9:
                body = self.kit.draw(self.rng, self.town.state, seat)
            else:
                body = self.kit.lie(self.rng, self.town.state, seat)
            ops.append(self.town.say(name, body))
        return ops

    def pause(self) -> int:
        return self.rng.choice((1_000, MINUTE, HOUR, DAY, 40 * DAY))


@tried
@pytest.mark.parametrize("seed", range(4))
def test_a_life_leaves_a_state_that_is_read_back_and_nothing_undeclared(
    practice: Practice[Any], seed: int
) -> None:
    life, said, told = Life(practice, seed), set[str](), set[str]()
    town, name = life.town, practice.name
    for _ in range(60):
        ops = life.ops(life.rng.randint(0, 5))
        result = town.commit(*ops, after_ms=life.pause())
        of = {op.id: op.body for op in result.ops}
        said |= {code for op, code in result.entries if isinstance(of[op], OpaqueBody)}
        told |= {fact.name for fact in result.facts}
        records = town.state.records(name)
        assert [one.key for one in records] == sorted({one.key for one in records})
        for one in records:
            assert len(one.key) == 32
            assert not one.is_closed
            data = one.to_bytes()
            assert len(data) <= RECORD_OF_PRACTICE_BYTES
            assert practice.read_record(data) == one
            if one.due_ms is not None:
                assert one.due_ms > town.now, "time has changed it already"
        again = reread(town.state, life.kit.practices)
        assert again.to_bytes() == town.state.to_bytes()
        preview = town.preview()
        assert len(view_items(preview, name)) == len(records)
        for one in records:
            codes = {reason.code for reason in explain_item(preview, name, one.key)}
            assert codes <= practice.reasons.keys()
        for seat in town.state.charter.members:
            assert {need.code for need in find_needs(preview, seat.id)} <= practice.reasons.keys()
    assert said <= OF_ALL | set(practice.codes)
    assert told <= practice.facts.keys() | FACTS.keys()
    assert "ok" in said


@tried
@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_ops_about_different_records_does_not_matter(
    practice: Practice[Any], seed: int
) -> None:
    life = Life(practice, 100 + seed)
    town = life.town
    for _ in range(12):
        town.commit(*life.ops(3), after_ms=life.pause())
    ops: dict[tuple[str, bytes], Op] = {}
    after = WallMs(town.now + 1_000)
    for op in life.ops(5):
        key, alone = town.state.key_of(op), reread(town.state, life.kit.practices)
        # What waits for something is kept in the order of the log, which is another thing.
        if key is not None and alone.commit((op,), after, ROOT).entries:
            ops.setdefault(key, op)
    states = set()
    for order in itertools.permutations(list(ops.values())[:4]):
        state = reread(town.state, life.kit.practices)
        state.commit(order, after, ROOT)
        states.add(state.to_bytes())
    assert len(states) == 1


@tried
def test_the_preview_says_what_the_log_will_say(practice: Practice[Any]) -> None:
    life = Life(practice, 7)
    town, name = life.town, practice.name
    compared = 0
    for _ in range(80):
        ops = life.ops(2)
        heard_late = {fact.name for fact in town.state._holds.facts}
        shown = town.preview(ops, town.now + 1_000).records(name)
        result = town.commit(*ops)
        if practice.hears.keys() & {*heard_late, *(fact.name for fact in result.facts)}:
            continue  # facts have their effects when they are final
        assert shown == town.state.records(name)
        of = {op.id: op.body for op in result.ops}
        taken = [op for op, code in result.entries if code == "ok"]
        compared += any(isinstance(of[op], OpaqueBody) for op in taken)
    assert compared >= 10, "or nothing was said that could differ"


@tried
def test_what_its_author_is_told_beforehand_is_what_the_log_says(practice: Practice[Any]) -> None:
    life = Life(practice, 8)
    town = life.town
    told = Counter[str]()
    for _ in range(120):
        for op in life.ops(1):
            if not isinstance(op.body, OpaqueBody):
                town.commit(op, after_ms=0)
                continue
            code, words = town.refusal(town.state.roster.name_of(op.author), op.body)
            assert (code == "ok") == (not words)
            entered = dict(town.commit(op, after_ms=0).entries)
            if op.id in entered or code == "ok":  # else it waits for what it names
                assert entered[op.id] == code
                told[code] += 1
    assert told["ok"] >= 10
    assert len(told) > 1, "or nothing was refused"


@tried
@pytest.mark.parametrize("seed", range(4))
def test_no_bytes_of_a_record_do_more_than_be_refused(practice: Practice[Any], seed: int) -> None:
    """A leap brings what a liar may have made: what is read has a key, texts and a due time."""
    life = Life(practice, 200 + seed)
    town, rng, held = life.town, life.rng, []
    for _ in range(40):
        town.commit(*life.ops(3), after_ms=MINUTE)
        held += town.state.records(practice.name)
    assert held
    for record in rng.sample(held, min(8, len(held))):
        wire = decode(record.to_bytes(), RECORD_OF_PRACTICE_BYTES)
        for value in [*edits(wire, rng), *edits_within(wire)]:
            try:
                found_one = practice.read_record(encode(value))
            except PeerFault:
                continue
            assert isinstance(found_one.key, bytes)
            assert len(found_one.key) == 32
            assert found_one.due_ms is None or found_one.due_ms >= 0
            assert all(ref.id for ref, _op in found_one.texts)
            assert not found_one.is_closed


def edits_within(wire: Any) -> Iterator[Value]:
    """Yield the same with each list in it empty, and without each of its rows."""
    for place, field in enumerate(wire):
        if isinstance(field, list | tuple):
            for left in ([], *([*field[:row], *field[row + 1 :]] for row in range(len(field)))):
                yield [*wire[:place], left, *wire[place + 1 :]]


@tried
def test_time_alone_ends_it(practice: Practice[Any]) -> None:
    """What is due changes in the commit that says so, and not for ever again."""
    life = Life(practice, 9)
    town = life.town
    for _ in range(20):
        town.commit(*life.ops(3), after_ms=MINUTE)
    for _ in range(400):
        due_ms = town.state.next_due_ms()
        if due_ms is None:
            return
        town.commit(after_ms=max(0, due_ms - town.now))
    pytest.fail("something falls due for ever")


# --- where people find it -------------------------------------------------------------------------


@listed
def test_it_has_a_page_that_names_all_of_it(practice: Practice[Any]) -> None:
    page = (PROJECT / "docs" / "practices" / f"{practice.name}.md").read_text()
    words = [verb.kind for verb in verbs_of(practice)]
    words += [*practice.codes, *practice.facts, *practice.reasons]
    if practice.settings is not None:
        words += [f"{practice.name}.{one.name}" for one in practice.settings.fields]
    assert [word for word in words if f"`{word}`" not in page] == []


def test_every_floor_has_a_room_for_each_of_the_list_and_no_other() -> None:
    listed = sorted({one.name for one in LISTED})
    assert list(rooms.names()) == list(words.names()) == listed
    folder = PROJECT / "protocols" / "p2pnode_protocols" / "practices"
    assert sorted(one.parent.name for one in folder.glob("*/__init__.py")) == listed


@listed
def test_each_of_its_modules_is_described(practice: Practice[Any]) -> None:
    """Those that all have on the page about all, those of its own on its own page."""
    pages = "".join(
        (PROJECT / "docs" / "practices" / f"{name}.md").read_text()
        for name in ("README", practice.name)
    )
    packages = ("protocols/p2pnode_protocols", "p2pnode")
    there = {
        file.stem
        for package in packages
        for file in (PROJECT / package / "practices" / practice.name).rglob("*.py")
    }
    assert sorted(one for one in there if f"`{one}.py`" not in pages) == []


@listed
def test_it_has_rules_weakened_that_its_tests_must_notice(practice: Practice[Any]) -> None:
    assert (HERE / practice.name / "mutants.py").is_file()


@listed
def test_people_find_every_kind(practice: Practice[Any]) -> None:
    """By a command, a route, and an answer that is described; and the client has a call for it."""
    document = make_app(cast(Host, None), rooms.routes()).openapi()
    commands = {one.name for one in app.registered_commands}
    called = import_module(f"p2pnode.practices.{practice.name}.calls")
    for verb in practice.verbs:
        place = kit(practice).places[verb.kind]
        assert place.command[0] in commands, f"{verb.kind}: no command {' '.join(place.command)}"
        assert place.command[0] in WORDS, f"R2.20 has to reserve {place.command[0]!r}"
        route = document["paths"][f"{COMMUNITY}{place.route}"][place.method.lower()]
        schema = route["responses"]["200"]["content"]["application/json"]["schema"]
        assert schema["$ref"].endswith(f"/{place.answer}")
        assert callable(getattr(called, place.command[-1]))


@listed
def test_it_has_vectors_for_every_kind(practice: Practice[Any]) -> None:
    """After a change: python -m practices.vectors, and look at the difference."""
    made = kit(practice).vectors()
    kinds = {case["kind"] for case in made["bodies"]}
    assert kinds == {verb.kind for verb in verbs_of(practice)}
    held = json.loads((HERE / practice.name / "vectors.json").read_text())
    assert held == json.loads(json.dumps(made))


@listed
def test_people_and_liars_say_every_kind(practice: Practice[Any]) -> None:
    life = Life(practice, 10)
    for drawn in (life.kit.draw, life.kit.lie):
        kinds = set()
        for _ in range(300):
            body = drawn(life.rng, life.town.state, life.town.id_of("alice"))
            kinds.add(body.KIND)
        assert kinds >= {verb.kind for verb in practice.verbs}


def test_the_kits_say_what_they_mean() -> None:
    bodies = [
        one
        for name in ("garden", *sorted({one.name for one in LISTED}))
        for one in kit_of(name).examples.values()
    ]
    for body, *_rest in bodies:
        kind = body.KIND  # type: ignore[attr-defined]
        assert kind in (say(body).KIND, do(body).KIND)
    with pytest.raises(UsageError):
        view_items(Town(3).preview(), "garden")
