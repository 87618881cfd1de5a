"""Records of any kind: values while they are open, bytes behind a chain from then on, and dues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from support.cores.town import Town
from support.records import (
    Filed,
    Note,
    Notes,
    compute_chain,
    extend_chain,
    file_away,
    make_notes,
    read_note,
)

from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.table.times import Dues, Times
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import WallMs


def key_of(number: int) -> bytes:
    return bytes([number]) * 32


def note(number: int, due_ms: int | None = None, *, is_closed: bool = False) -> Note:
    return Note(key_of(number), number, None if due_ms is None else WallMs(due_ms), is_closed)


def put(notes: Notes, *found: Note) -> None:
    for one in found:
        notes.put(one.key, one)


def close(notes: Notes, *numbers: int) -> list[Filed]:
    closed = []
    for number in numbers:
        opened = notes.get_open(key_of(number))
        assert opened is not None
        closed.append(file_away(notes, opened))
    return closed


def some_notes(count: int, *closed: int, name: str = "notes") -> tuple[Notes, Dues]:
    """Return a table of so many notes, the n-th due at n × 10, of which these are closed."""
    dues: Dues = Times()
    notes = make_notes(name, dues)
    put(notes, *(note(number, number * 10) for number in range(1, count + 1)))
    close(notes, *closed)
    return notes, dues


def restore(
    saved: tuple[Sequence[bytes], int, bytes], closed: Sequence[Filed], dues: Dues
) -> Notes:
    opened, count, chain = saved
    again = make_notes("notes", dues)
    again.restore([(one.key, one) for one in map(read_note, opened)], count, chain, closed)
    return again


# --- open and closed --------------------------------------------------------------------------


def test_open_records_stay_in_the_order_in_which_they_came_however_they_change() -> None:
    notes, _dues = some_notes(0)
    put(notes, note(3), note(1), note(2))
    changed = replace(note(3), said=7)
    put(notes, changed)
    assert notes.open == (changed, note(1), note(2))
    assert notes.get_open(key_of(3)) == changed
    assert notes.get_open(key_of(9)) is None


def test_closed_record_is_bytes_from_then_on_and_nothing_is_due_of_it() -> None:
    notes, dues = some_notes(2)
    (filed,) = close(notes, 1)
    assert notes.get_open(key_of(1)) is None
    assert notes.get_closed(key_of(1)) == filed
    assert notes.get_closed(key_of(2)) is None
    assert (filed.place, filed.key) == (1, key_of(1))
    assert read_note(filed.record) == note(1, is_closed=True)
    assert (notes.due_of(key_of(1)), dues.first()) == (None, 20)


def test_chain_is_over_the_closed_ones_in_the_order_of_closing() -> None:
    notes, _dues = some_notes(3)
    assert (notes.closed_count, notes.closed_hash) == (0, bytes(32))
    closed = close(notes, 3, 1)
    assert [one.place for one in closed] == [1, 2]
    assert closed[1].chain == extend_chain(closed[0].chain, closed[1].record)
    assert notes.closed_hash == compute_chain([one.record for one in closed])
    assert notes.closed_count == 2
    other, _dues = some_notes(3, 1, 3)
    assert other.closed_hash != notes.closed_hash


def test_closed_ones_are_listed_either_way() -> None:
    notes, _dues = some_notes(4, 2, 4, 1)
    assert [one.key for one in notes.closed] == [key_of(2), key_of(4), key_of(1)]
    assert list(notes.closed_back()) == list(reversed(notes.closed))
    assert next(notes.closed_back()).key == key_of(1)


def test_a_key_is_that_of_one_record_for_ever() -> None:
    notes, _dues = some_notes(2, 1)
    with pytest.raises(AssertionError):
        put(notes, note(1))
    with pytest.raises(AssertionError):
        notes.close(key_of(2), note(2), Filed.__new__)  # it is open
    with pytest.raises(AssertionError):
        notes.set_due(key_of(1), WallMs(5))


# --- dues -------------------------------------------------------------------------------------


def test_record_is_due_when_it_says_till_more_than_itself_says_otherwise() -> None:
    notes, dues = some_notes(1)
    assert notes.due_of(key_of(1)) == 10
    notes.set_due(key_of(1), WallMs(4))
    assert (notes.due_of(key_of(1)), dues.first()) == (4, 4)
    put(notes, note(1, 12))
    assert (notes.due_of(key_of(1)), dues.first()) == (12, 12)
    put(notes, note(1))
    assert (notes.due_of(key_of(1)), dues.first()) == (None, None)


def test_what_is_closed_and_not_at_rest_yet_is_open_and_never_due() -> None:
    notes, dues = some_notes(1)
    put(notes, note(1, is_closed=True))
    assert notes.open == (note(1, is_closed=True),)
    assert dues.first() is None


def test_what_is_due_comes_by_time_then_by_table_then_by_key() -> None:
    dues: Dues = Times()
    first, second = make_notes("first", dues), make_notes("second", dues)
    put(second, note(1, 10), note(4, 5))
    put(first, note(3, 10), note(2, 10), note(5, 11))
    assert dues.first() == 5
    expected = [("second", 4), ("first", 2), ("first", 3), ("second", 1)]
    assert dues.up_to(WallMs(10)) == [(name, key_of(number)) for name, number in expected]
    assert dues.up_to(WallMs(4)) == []
    close(second, 4)
    assert dues.first() == 10


def test_tables_with_keys_of_different_kinds_share_their_dues() -> None:
    dues: Dues = Times()
    numbered: Any = make_notes("numbered", dues)  # as proposals are
    notes = make_notes("notes", dues)
    numbered.put(2, note(2, 10))
    put(notes, note(1, 10))
    numbered.put(1, note(1, 10))
    assert dues.up_to(WallMs(10)) == [("notes", key_of(1)), ("numbered", 1), ("numbered", 2)]


def test_times_around_one_are_the_last_up_to_it_and_the_first_after_it() -> None:
    times: Times[int] = Times()
    assert times.around(WallMs(5)) == (None, None)
    for one, time_ms in enumerate((5, 5, 9)):
        times.set(one, WallMs(time_ms))
    assert times.around(WallMs(4)) == (None, 5)
    assert times.around(WallMs(5)) == (5, 9)
    assert times.around(WallMs(9)) == (9, None)


# --- twins ------------------------------------------------------------------------------------


def test_twin_goes_on_from_here_and_changes_nothing_here() -> None:
    notes, dues = some_notes(4, 1)
    before = (notes.open, notes.closed, notes.save(), dues.up_to(WallMs(99)))
    twin_dues = dues.twin()
    twin = notes.twin(twin_dues)
    assert (twin.open, twin.save(), twin.get_closed(key_of(1))) == (
        notes.open,
        notes.save(),
        notes.get_closed(key_of(1)),
    )
    put(twin, note(5, 1), note(2, 2))
    (filed,) = close(twin, 3)
    twin.set_due(key_of(4), WallMs(3))
    assert (notes.open, notes.closed, notes.save(), dues.up_to(WallMs(99))) == before
    assert notes.get_closed(key_of(3)) is None
    assert filed.place == 2
    assert twin.closed == (filed,) == tuple(twin.closed_back())
    assert twin_dues.up_to(WallMs(9)) == [("notes", key_of(number)) for number in (5, 2, 4)]
    with pytest.raises(AssertionError):
        put(twin, note(1))  # closed before


def test_twin_of_a_twin_finds_all_that_closed_before() -> None:
    notes, dues = some_notes(3, 1)
    twin = notes.twin(dues.twin())
    close(twin, 2)
    again = twin.twin(dues.twin())
    close(again, 3)
    assert [again.get_closed(key_of(number)) is None for number in (1, 2, 3)] == [False] * 3
    assert [twin.get_closed(key_of(number)) is None for number in (1, 2, 3)] == [False, False, True]


class Still(dict[Any, Any]):
    """What lets itself be looked up in, and not be walked through."""

    def __iter__(self) -> NoReturn:
        raise AssertionError("all of it was gone through")

    def keys(self) -> NoReturn:  # type: ignore[override]
        self.__iter__()

    def values(self) -> NoReturn:  # type: ignore[override]
        self.__iter__()

    def items(self) -> NoReturn:  # type: ignore[override]
        self.__iter__()

    def copy(self) -> NoReturn:
        self.__iter__()


def test_nothing_but_a_list_of_the_closed_ones_goes_through_them() -> None:
    notes, dues = some_notes(9, *range(1, 7))
    notes._closed = Still(notes._closed)
    for one in (notes, notes.twin(dues.twin())):
        twin = one.twin(dues.twin())
        put(twin, note(10, 5), note(7, 6))
        close(twin, 8)
        assert twin.get_closed(key_of(1)) is not None
        assert (twin.closed_count, len(twin.open), len(twin.closed)) == (7, 3, 1)
        assert twin.save()[1:] == (7, twin.closed_hash)
    put(notes, note(10, 5))
    close(notes, 9)
    assert notes.save()[1] == 7
    with pytest.raises(AssertionError, match="gone through"):
        assert notes.closed


# --- in a snapshot ----------------------------------------------------------------------------


def test_what_was_saved_comes_back_and_goes_on_alike() -> None:
    notes, _dues = some_notes(5, 4, 2)
    dues: Dues = Times()
    again = restore(notes.save(), notes.closed, dues)
    assert (again.open, again.closed) == (notes.open, notes.closed)
    assert again.save() == notes.save()
    assert [again.due_of(key_of(number)) for number in range(1, 6)] == [10, None, 30, None, 50]
    assert close(again, 1) == close(notes, 1)
    assert again.save() == notes.save()


def test_more_closed_ones_than_it_counts_do_no_harm() -> None:
    notes, _dues = some_notes(3, 1)
    saved = notes.save()
    close(notes, 2)
    assert restore(saved, notes.closed, Times()).closed == notes.closed[:1]


WRONG: dict[str, Callable[[tuple[Filed, ...]], Sequence[Filed]]] = {
    "one lacks": lambda closed: closed[:-1],
    "the first lacks": lambda closed: closed[1:],
    "out of order": lambda closed: (closed[1], closed[0], *closed[2:]),
    "one twice": lambda closed: (closed[0], closed[0], *closed[2:]),
    "another record": lambda closed: (replace(closed[0], record=b"other"), *closed[1:]),
    "another chain": lambda closed: (*closed[:-1], replace(closed[-1], chain=b"c" * 32)),
    "another past": lambda _closed: some_notes(5, 4, 3, 1)[0].closed,
    "a key that one has": lambda closed: (replace(closed[0], key=closed[1].key), *closed[1:]),
    "the key of an open one": lambda closed: (replace(closed[0], key=key_of(2)), *closed[1:]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_other_closed_ones_than_it_counts_are_refused_and_leave_no_trace(wrong: str) -> None:
    notes, _dues = some_notes(5, 3, 1, 4)
    dues: Dues = Times()
    again = make_notes("notes", dues)
    opened, count, chain = notes.save()
    records = [(one.key, one) for one in map(read_note, opened)]
    with pytest.raises(PeerFault, match="notes: ") as refused:
        again.restore(records, count, chain, WRONG[wrong](notes.closed))
    assert refused.value.code == "bad_field"
    assert (again.open, again.closed, again.closed_count, dues.first()) == ((), (), 0, None)


def test_an_open_one_twice_is_refused() -> None:
    notes, _dues = some_notes(2)
    opened, count, chain = notes.save()
    with pytest.raises(PeerFault, match="each once"):
        restore((opened + opened[:1], count, chain), (), Times())


# --- proposals --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["open", "passed", "withdrawn"])
def test_proposal_says_of_itself_what_a_table_asks(how: str) -> None:
    town = Town()
    proposal = town.propose("alice", "tactical")
    one = replace(town.proposal(proposal), outcome=how)
    assert one.is_closed == (how != "open")
    assert one.due_ms == (one.close_ms if how == "open" else None)


def test_no_proposal_is_due_later_than_it_says_itself() -> None:
    """So nothing is missed between an op and the judging that follows."""
    town = Town()
    for tier in ("constitutional", "tactical", "individual"):
        proposal = town.propose("alice", tier)
        for name in ("alice", "bob"):
            one: Proposal = town.proposal(proposal)
            due = town.state.due_of(proposal)
            if one.is_closed:
                assert due is None
                break
            assert due is not None
            assert one.due_ms is not None
            assert due <= one.due_ms
            town.commit(town.vote(name, proposal, "yes"))
