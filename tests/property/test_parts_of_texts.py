"""Splitting what people write, and matching it with what stood there (R2.30, R10.32)."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from p2pnode.community.verbs.parts import Known, Numbered, number_parts, split
from p2pnode_protocols.record.texts import Part, TextRef, check_parts, join
from p2pnode_protocols.wire.crypto import compute_text_id
from p2pnode_protocols.wire.limits import PARTS

LINES = st.sampled_from(
    ["", "", " ", "\t", "one", "two words", "# heading", "#no heading", "```", "~~~", "````", "- x"]
)
TEXTS = st.lists(LINES, max_size=60).map("\n".join) | st.text("ab#`~ \n\t\u3000", max_size=60)
# Paragraphs that nobody takes for one another, and such that share words.
PARAGRAPHS = st.lists(
    st.lists(st.sampled_from(["roof", "fence", "May", "green", "who", "pays"]), min_size=1).map(
        " ".join
    ),
    max_size=12,
)


def known(texts: list[str], numbers: list[int] | None = None) -> list[Known]:
    """Return parts as a revision has them; each has a text id of its own."""
    pairs = zip(numbers or range(1, len(texts) + 1), texts, strict=True)
    return [
        Known(Part(number, TextRef(compute_text_id(f"{number} {text}".encode()), 1)), text)
        for number, text in pairs
    ]


def parts_of(found: list[Numbered]) -> list[Part]:
    return [one.kept or known([one.text], [one.number])[0].part for one in found]


@given(TEXTS)
def test_what_was_written_is_what_is_read(text: str) -> None:
    parts = split(text)
    assert join(parts) == text
    assert 1 <= len(parts) <= PARTS
    assert len(parts) == 1 or all(one.strip() for one in parts)


@given(st.lists(st.sampled_from(["a", "b b", "# c", "d" * 50]), min_size=190, max_size=450))
def test_of_more_than_a_revision_may_have_neighbours_become_one(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    parts = split(text)
    assert join(parts) == text
    assert len(parts) == min(len(paragraphs), PARTS)


@given(PARAGRAPHS, PARAGRAPHS)
def test_numbers_are_such_as_the_rules_allow(before: list[str], after: list[str]) -> None:
    was = known(before)
    found = parts_of(number_parts(after, was, len(before)))
    check_parts(found, [[one.part for one in was]])


@given(PARAGRAPHS, PARAGRAPHS, st.randoms(use_true_random=False))
def test_an_unchanged_paragraph_keeps_its_number_wherever_it_is_moved(
    before: list[str], new: list[str], rng: Random
) -> None:
    was = known(list(dict.fromkeys(before)))
    after = [*(one.text for one in was), *new]
    rng.shuffle(after)
    found = number_parts(after, was, len(was))
    for one in was:
        assert any(part.kept == one.part for part in found)


@given(PARAGRAPHS)
def test_the_same_text_again_changes_nothing(texts: list[str]) -> None:
    was = known(texts)
    assert [one.kept for one in number_parts(texts, was, len(texts))] == [one.part for one in was]


@given(PARAGRAPHS, PARAGRAPHS)
def test_matching_depends_on_nothing_but_the_texts(before: list[str], after: list[str]) -> None:
    was = known(before)
    assert number_parts(after, was, len(was)) == number_parts(list(after), list(was), len(was))
