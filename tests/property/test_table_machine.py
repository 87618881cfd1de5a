"""Tables that share their dues, against a model that is as plain as can be.

Records come, change, close, are due by their own word or by another's; twins go their own way;
all is saved and read back, and whatever is wrong with the closed ones is refused.

Rules: R5.6, R6.4.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.records import Filed, Note, Notes, compute_chain, file_away, make_notes, read_note

from p2pnode_protocols.record.table.times import Dues, Times
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import WallMs

NAMES = ("ideas", "teams")
LAST_MS = 6  # few, so that many are due at once
TIMES = st.integers(0, LAST_MS).map(WallMs)
PLACES = st.integers(0, 1 << 16)  # which of those there are


@dataclass
class Model:
    """Lists, and everything is looked for."""

    open: dict[str, list[Note]] = field(default_factory=lambda: {name: [] for name in NAMES})
    closed: dict[str, list[Note]] = field(default_factory=lambda: {name: [] for name in NAMES})
    hurried: dict[tuple[str, bytes], WallMs] = field(default_factory=dict)

    def put(self, name: str, note: Note) -> None:
        keys = [one.key for one in self.open[name]]
        if note.key in keys:
            self.open[name][keys.index(note.key)] = note
        else:
            self.open[name].append(note)
        self.hurried.pop((name, note.key), None)

    def close(self, name: str, note: Note) -> None:
        self.open[name] = [one for one in self.open[name] if one.key != note.key]
        self.closed[name].append(note)
        self.hurried.pop((name, note.key), None)

    def due_of(self, name: str, note: Note) -> WallMs | None:
        return self.hurried.get((name, note.key), note.due_ms)

    def dues(self) -> list[tuple[WallMs, str, bytes]]:
        found = [
            (due_ms, name, one.key)
            for name in NAMES
            for one in self.open[name]
            if (due_ms := self.due_of(name, one)) is not None
        ]
        return sorted(found)


class Both:
    """Two tables and what they should be."""

    def __init__(self, model: Model, dues: Dues, tables: dict[str, Notes]) -> None:
        self.model, self.dues, self.tables = model, dues, tables

    def twin(self) -> Both:
        dues = self.dues.twin()
        twins = {name: table.twin(dues) for name, table in self.tables.items()}
        return Both(copy.deepcopy(self.model), dues, twins)

    def put(self, name: str, note: Note) -> None:
        self.tables[name].put(note.key, note)
        self.model.put(name, note)

    def close(self, name: str, note: Note) -> None:
        ended = replace(note, due_ms=None, is_closed=True)
        filed = file_away(self.tables[name], note)
        self.model.close(name, ended)
        records = [one.to_bytes() for one in self.model.closed[name]]
        assert filed == Filed(len(records), ended.key, ended.to_bytes(), compute_chain(records))

    def set_due(self, name: str, note: Note, due_ms: WallMs) -> None:
        self.tables[name].set_due(note.key, due_ms)
        self.model.hurried[name, note.key] = due_ms

    def check(self, listed_from: dict[str, int]) -> None:
        """Args: `listed_from`: how many closed ones each table finds and does not list."""
        assert self.dues.first() == min((due for due, _, _ in self.model.dues()), default=None)
        for name, table in self.tables.items():
            opened, closed = self.model.open[name], self.model.closed[name]
            assert table.open == tuple(opened)
            for one in opened:
                assert table.get_open(one.key) == one
                assert table.get_closed(one.key) is None
                assert table.due_of(one.key) == self.model.due_of(name, one)
            for place, one in enumerate(closed, 1):
                filed = table.get_closed(one.key)
                assert filed is not None
                assert (filed.place, filed.record) == (place, one.to_bytes())
                assert (table.get_open(one.key), table.due_of(one.key)) == (None, None)
            listed = [one.key for one in closed][listed_from[name] :]
            assert [one.key for one in table.closed] == listed
            assert [one.key for one in table.closed_back()] == listed[::-1]
            records = [one.to_bytes() for one in closed]
            saved = tuple(one.to_bytes() for one in opened)
            assert table.save() == (saved, len(closed), compute_chain(records))
            assert (table.closed_count, table.closed_hash) == table.save()[1:]


class Tables(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        dues: Dues = Times()
        self.both = Both(Model(), dues, {name: make_notes(name, dues) for name in NAMES})
        self.said = 0

    def note(self, key: bytes, due_ms: WallMs | None) -> Note:
        self.said += 1
        return Note(key, self.said, due_ms)

    def open_one(self, both: Both, place: int) -> tuple[str, Note] | None:
        found = [(name, one) for name in NAMES for one in both.model.open[name]]
        return found[place % len(found)] if found else None

    def act(self, both: Both, what: str, name: str, place: int, time_ms: WallMs | None) -> None:
        known = self.open_one(both, place)
        if what == "come":
            fresh = self.said + 1  # no key is ever used again
            key = bytes([place % 256, *fresh.to_bytes(4, "big")])
            both.put(name, self.note(key, time_ms))
        elif known is not None and what == "close":
            both.close(*known)
        elif known is not None and what == "be closed":
            both.put(known[0], replace(known[1], due_ms=None, is_closed=True))
        elif known is not None and what == "hurry" and time_ms is not None:
            both.set_due(*known, time_ms)
        elif known is not None:
            both.put(known[0], self.note(known[1].key, time_ms))

    DEEDS = st.tuples(
        st.sampled_from(["come", "come", "change", "hurry", "be closed", "close"]),
        st.sampled_from(NAMES),
        PLACES,
        st.none() | TIMES,
    )

    @rule(deeds=st.lists(DEEDS, min_size=1, max_size=6))
    def things_happen(self, deeds: list[tuple[str, str, int, WallMs | None]]) -> None:
        for deed in deeds:
            self.act(self.both, *deed)

    @rule(deeds=st.lists(DEEDS, max_size=6), again=st.lists(DEEDS, max_size=3))
    def a_twin_goes_its_own_way(
        self,
        deeds: list[tuple[str, str, int, WallMs | None]],
        again: list[tuple[str, str, int, WallMs | None]],
    ) -> None:
        twin = self.both.twin()
        listed_from = {name: len(self.both.model.closed[name]) for name in NAMES}
        for deed in deeds:
            self.act(twin, *deed)
        twin.check(listed_from)
        second = twin.twin()
        listed_from = {name: len(twin.model.closed[name]) for name in NAMES}
        for deed in again:
            self.act(second, *deed)
        second.check(listed_from)

    @rule(time_ms=TIMES)
    def what_is_due_comes_in_order(self, time_ms: WallMs) -> None:
        due = [(name, key) for at_ms, name, key in self.both.model.dues() if at_ms <= time_ms]
        assert self.both.dues.up_to(time_ms) == due

    @rule(more=st.integers(0, 2))
    def all_is_saved_and_read_back(self, more: int) -> None:
        """What was due by another's word than the record's is for that other to say again."""
        dues: Dues = Times()
        tables = {name: make_notes(name, dues) for name in NAMES}
        for name, table in self.both.tables.items():
            opened, count, chain = table.save()
            notes = [(one.key, one) for one in map(read_note, opened)]
            later = [Filed(count + 1, b"later", b"later", b"c" * 32)] * more
            tables[name].restore(notes, count, chain, iter([*table.closed, *later]))
        self.both = Both(self.both.model, dues, tables)
        self.both.model.hurried.clear()

    @precondition(lambda self: any(self.both.model.closed.values()))
    @rule(
        wrong=st.sampled_from(["lacks", "swapped", "twice", "changed", "counted less"]),
        place=PLACES,
        other=PLACES,
    )
    def wrong_closed_ones_are_refused(self, wrong: str, place: int, other: int) -> None:
        name = max(NAMES, key=lambda one: len(self.both.model.closed[one]))
        opened, count, chain = self.both.tables[name].save()
        closed = list(self.both.tables[name].closed)
        at, by = place % count, other % count
        match wrong:
            case "lacks":
                del closed[at]
            case "swapped" if closed[at] != closed[by]:
                closed[at], closed[by] = closed[by], closed[at]
            case "twice" if at + 1 < count:  # one more than it counts does no harm
                closed.insert(at, closed[at])
            case "changed":
                closed[at] = replace(closed[at], record=closed[at].record + b"!")
            case _:
                count -= 1
        dues: Dues = Times()
        table = make_notes(name, dues)
        notes = [(one.key, one) for one in map(read_note, opened)]
        with pytest.raises(PeerFault, match="that it counts"):
            table.restore(notes, count, chain, closed)
        assert (table.open, table.closed, table.closed_count) == ((), (), 0)
        assert dues.first() is None

    @invariant()
    def tables_are_as_the_model(self) -> None:
        self.both.check(dict.fromkeys(NAMES, 0))


TestTables = Tables.TestCase
TestTables.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
