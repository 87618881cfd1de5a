"""A text in parts: which numbers a revision may give them (R2.29, R10.32)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.town import Town, found, parts_of, propose, reread, revise, text_of
from unit.protocols.record.test_rules_in_force import Town as Forcing

from p2pnode_protocols.record.bodies import Propose, Revise
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import Part, Parts, TextRef, join
from p2pnode_protocols.steps.notices import PeerRefused
from p2pnode_protocols.wire.ids import OpId, TextId
from p2pnode_protocols.wire.limits import PARTS, REVISIONS, TEXT_BYTES


def asked(*numbers: int) -> Propose:
    words = [f"part {number}" for number in numbers]
    return replace(propose("tactical"), parts=parts_of(*words, numbers=numbers))


def reworded(op: Op, *numbers: int) -> Revise:
    return reworded_id(op.id, *numbers)


def reworded_id(op: OpId, *numbers: int) -> Revise:
    words = [f"now part {number}" for number in numbers]
    return replace(revise(op), parts=parts_of(*words, numbers=numbers))


def numbers_of(town: Town, proposal: OpId) -> list[int]:
    return [one.number for one in town.proposal(proposal).current.parts]


def sized(*sizes: int) -> Parts:
    return tuple(
        Part(number, TextRef(TextId(bytes([number]) * 32), size))
        for number, size in enumerate(sizes, 1)
    )


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ((), "ok"),
        ((1,), "ok"),
        ((2, 7, 1), "ok"),  # in whatever order, with gaps
        (tuple(range(1, PARTS + 1)), "ok"),
        ((PARTS,), "ok"),
        ((PARTS + 1,), "bad_part"),
        ((PARTS * REVISIONS,), "bad_part"),
        ((1, 2, 1), "bad_part"),
    ],
)
def test_parts_of_a_new_proposal_have_any_numbers_up_to_a_bound(
    numbers: tuple[int, ...], code: str
) -> None:
    town = Town(found(3))
    op = town.say("alice", asked(*numbers))
    assert town.enter(op) == code
    if code == "ok":
        assert numbers_of(town, op.id) == list(numbers)
        assert reread(town.state).to_bytes() == town.state.to_bytes()


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ((), "ok"),  # a title alone
        ((4, 2, 1), "ok"),  # all of them, in another order
        ((2,), "ok"),
        ((2, 5), "ok"),  # a new one
        ((5, 204), "ok"),
        ((3,), "bad_part"),  # was never used, and is not above all that were
        ((1, 2, 3, 4), "bad_part"),
        ((205,), "bad_part"),
        ((2, 2), "bad_part"),
        ((5, 5), "bad_part"),
    ],
)
def test_revision_keeps_numbers_and_gives_new_parts_higher_ones(
    numbers: tuple[int, ...], code: str
) -> None:
    town = Town(found(3))
    op = town.say("alice", asked(1, 2, 4))
    assert town.enter(op) == "ok"
    body = reworded(op, *numbers)
    assert town.refusal("alice", body)[0] == code
    assert town.enter(town.say("alice", body)) == code
    assert numbers_of(town, op.id) == (list(numbers) if code == "ok" else [1, 2, 4])


def test_number_of_a_part_that_went_never_comes_back() -> None:
    town = Town(found(3))
    op = town.say("alice", asked(1, 2, 3))
    assert town.enter(op) == "ok"
    for numbers, code in (
        ((1,), "ok"),
        ((1, 3), "bad_part"),  # it was in the revision before the one before
        ((1, 2), "bad_part"),
        ((1, 4), "ok"),
        ((), "ok"),
        ((4,), "bad_part"),
        ((5,), "ok"),
    ):
        assert town.enter(town.say("alice", reworded(op, *numbers))) == code


def test_no_author_uses_the_numbers_up() -> None:
    town = Town(found(3))
    op = town.say("alice", asked(PARTS))
    assert town.enter(op) == "ok"
    for count in range(2, REVISIONS + 1):
        assert town.enter(town.say("alice", reworded(op, PARTS * count))) == "ok"
    assert numbers_of(town, op.id) == [PARTS * REVISIONS]


def test_all_parts_together_are_as_long_as_one_text() -> None:
    town = Town(found(3))
    for parts, code in (
        (sized(TEXT_BYTES), "ok"),
        (sized(TEXT_BYTES - 1, 1), "ok"),
        (sized(TEXT_BYTES, 0), "ok"),
        (sized(TEXT_BYTES, 1), "limit_size"),
        (sized(TEXT_BYTES // 2, TEXT_BYTES // 2, 1), "limit_size"),
    ):
        assert town.enter(town.say("alice", replace(propose("tactical"), parts=parts))) == code


def test_refusal_says_which_part_and_what_is_allowed() -> None:
    town = Town(found(3))
    op = town.say("alice", asked(1, 2, 4))
    town.enter(op)
    code, detail = town.refusal("alice", reworded(op, 1, 3))
    assert code == "bad_part"
    assert "part 3, the 2. of the text" in detail
    assert "above 4" in detail
    assert "above 204" in town.refusal("alice", reworded(op, 205))[1]
    assert "part 2: twice" in town.refusal("alice", reworded(op, 2, 1, 2))[1]


def test_each_part_is_a_text_of_the_proposal() -> None:
    town = Town(found(3))
    op = town.say("alice", asked(1, 2))
    town.enter(op)
    town.enter(town.say("alice", reworded(op, 2)))
    words = ("title", "part 1", "part 2", "better", "now part 2")
    assert [ref for ref, _ in town.proposal(op.id).texts] == [text_of(one) for one in words]


def test_a_part_that_begins_with_a_line_break_says_how_it_stands_off() -> None:
    assert join([]) == ""
    assert join(["one"]) == "one"
    assert join(["one", "two"]) == "one\n\ntwo"
    assert join(["# one", "\ntwo", "\n\n\nthree", ""]) == "# one\ntwo\n\n\nthree\n\n"
    assert join(["\none", "two"]) == "\none\n\ntwo"


def test_what_is_signed_past_ones_own_checks_is_an_entry_everywhere_and_nobody_is_blamed() -> None:
    town = Forcing(4, 0)
    op = town.submit(0, asked(1, 2), ())
    town.run(2_000)
    wrong = [town.force(0, reworded_id(op, *numbers)) for numbers in ((3, 900), (1, 1), (1, 203))]
    wrong.append(town.force(1, asked(PARTS + 1)))
    town.run(2_000)
    for one in wrong:
        assert [town.code_of(place, one) for place in range(4)] == ["bad_part"] * 4
    assert not any(town.node(place).noticed(PeerRefused) for place in range(4))
    assert town.node(3).core.state.proposal(wrong[-1]) is None
