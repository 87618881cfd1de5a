"""How a text that people write becomes parts, and which part of a revision is which (R10.32)."""

from __future__ import annotations

import time

import pytest

from p2pnode.community.verbs.parts import Known, number_parts, split
from p2pnode_protocols.record.texts import Part, TextRef, join
from p2pnode_protocols.wire.ids import TextId
from p2pnode_protocols.wire.limits import PARTS

ROOF = "The roof is mended before winter, by whoever has a ladder."
FENCE = "The fence stays as it is, green on our side and brown on theirs."
MONEY = "Every household pays ten, and who cannot says so to Bo."


def known(*texts: str) -> list[Known]:
    return [
        Known(Part(number, TextRef(TextId(bytes([number]) * 32), len(text))), text)
        for number, text in enumerate(texts, 1)
    ]


def numbers(texts: list[str], before: list[Known], highest: int = 0) -> list[tuple[int, bool]]:
    """Return the number of each part, and whether it is just the one before."""
    found = number_parts(texts, before, highest or len(before))
    return [(one.number, one.kept is not None) for one in found]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one line", ["one line"]),
        ("one\ntwo", ["one\ntwo"]),
        ("one\n\ntwo", ["one", "two"]),
        ("one\n\n\ntwo", ["one", "\n\n\ntwo"]),
        ("one\n \t\ntwo", ["one", "\n \t\ntwo"]),
        ("# Roof\nmended", ["# Roof", "\nmended"]),
        ("mended\n## Fence\n### Side\n\ngreen", ["mended", "\n## Fence", "\n### Side", "green"]),
        ("#hash\nnot a heading", ["#hash\nnot a heading"]),
        ("\n\none\n", ["\n\none\n"]),
        ("one\n\ntwo\n", ["one", "two\n"]),
        ("```\ncode\n\n# no heading\n```\n\nafter", ["```\ncode\n\n# no heading\n```", "after"]),
        ("~~~\na\n```\n\nb\n~~~~\n\nc", ["~~~\na\n```\n\nb\n~~~~", "c"]),
        ("```\nnever\n\nclosed", ["```\nnever\n\nclosed"]),
        ("- a\n- b\n\n- c", ["- a\n- b", "- c"]),
    ],
)
def test_text_is_split_at_blank_lines_and_headings(text: str, parts: list[str]) -> None:
    assert split(text) == parts
    assert join(parts) == text


def test_paragraphs_that_stay_keep_number_and_text() -> None:
    before = known(ROOF, FENCE, MONEY)
    assert numbers([ROOF, FENCE, MONEY], before) == [(1, True), (2, True), (3, True)]
    assert numbers([MONEY, ROOF], before) == [(3, True), (1, True)]
    assert numbers([FENCE, "New.", ROOF], before) == [(2, True), (4, False), (1, True)]


def test_reworded_paragraph_keeps_its_number_also_when_it_is_moved() -> None:
    before = known(ROOF, FENCE, MONEY)
    roof = ROOF.replace("winter", "spring")
    money = MONEY.replace("ten", "twelve")
    assert numbers([money, FENCE, roof], before) == [(3, False), (2, True), (1, False)]


def test_another_paragraph_in_the_same_place_is_new() -> None:
    assert numbers([MONEY], known(ROOF)) == [(2, False)]
    assert numbers(["Whoever has a ladder paints it."], known(ROOF)) == [(2, False)]


def test_new_numbers_are_above_all_that_were_ever_used() -> None:
    assert numbers(["New.", ROOF, "Newer."], known(ROOF), 17) == [
        (18, False),
        (1, True),
        (19, False),
    ]


def test_the_most_alike_comes_first_and_each_number_is_given_once() -> None:
    before = known(ROOF)
    nearly, less = ROOF.replace("mended", "patched"), ROOF.replace("by whoever has a", "with one")
    assert numbers([less, nearly], before) == [(2, False), (1, False)]


def test_equal_paragraphs_are_told_apart_by_their_order() -> None:
    assert numbers(["* * *", ROOF, "* * *"], known("* * *", "* * *", ROOF)) == [
        (1, True),
        (3, True),
        (2, True),
    ]


def test_other_blank_lines_around_it_make_no_other_part() -> None:
    assert numbers([FENCE, f"\n\n\n{ROOF}\n"], known(ROOF, FENCE)) == [(2, True), (1, False)]


def test_scripts_without_spaces_are_matched_by_their_characters() -> None:
    before = known("屋根は冬の前に直します。", "垣根はそのままにします。")
    assert numbers(["垣根は今年はそのままにします。", "屋根は春の前に直します。"], before) == [
        (2, False),
        (1, False),
    ]


def test_matching_the_longest_texts_takes_a_bounded_time() -> None:
    """All parts share all their words, and none is the same: the most that there is to compare."""
    words = " ".join(f"w{number}" for number in range(80))
    old, new = ([f"{words} {which}{n}" for n in range(PARTS)] for which in "xy")
    begin = time.process_time()
    found = number_parts(new, known_many(old), PARTS)
    assert time.process_time() - begin < 5  # 1 s here
    assert [one.number for one in found] == list(range(1, PARTS + 1))


def known_many(texts: list[str]) -> list[Known]:
    ref = TextRef(TextId(bytes(32)), 1)
    return [Known(Part(number, ref), text) for number, text in enumerate(texts, 1)]
