"""The protocol's text: short lines and sentences, and lists that code has as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pnode_protocols.record.seats.names import WORDS

PATH = Path(__file__).parents[2] / "docs" / "protocol.md"
TEXT = PATH.read_text()
LINE_CHARS = 120
SENTENCE_WORDS = 30  # what is longer holds more than one condition, or a list that wants bullets
_ITEM = re.compile(r"^\s*(?:-|\d+\.) ")


def find_long_lines(text: str) -> list[str]:
    """Return the lines that are too long; rows of tables cannot be broken."""
    return [
        f"line {number}: {len(line)} characters"
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > LINE_CHARS and not line.startswith("|")
    ]


def find_long_sentences(text: str) -> list[str]:
    return [
        f"line {number}: {words} words: {sentence}"
        for number, paragraph in _paragraphs(text)
        for sentence in re.split(r"(?<=[.?!])[*)]*\s+", paragraph)
        if (words := len(re.findall(r"\S*\w\S*", sentence))) > SENTENCE_WORDS
    ]


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield each paragraph and item of a list with its first line's number: prose alone."""
    blank = re.sub(r"^ *```.*?```$", _empty, text, flags=re.DOTALL | re.MULTILINE)
    held: list[str] = []
    begin = 0
    for number, line in enumerate((*blank.splitlines(), ""), 1):
        is_prose = bool(line.strip()) and not line.startswith(("|", "#"))
        if held and (not is_prose or _ITEM.match(line)):
            yield begin, _without_markup(" ".join(held))
            held = []
        if is_prose:
            begin = begin if held else number
            held.append(_ITEM.sub("", line, count=1).strip())


def _empty(block: re.Match[str]) -> str:
    return "\n" * block[0].count("\n")


def _without_markup(text: str) -> str:
    """Return a paragraph without the heading of its rule; code and links count as one word."""
    text = re.sub(r"\*\*R\d[^*]*\*\* ", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", "link", text)
    return re.sub(r"`[^`]*`", "code", text)


def test_lines_are_short() -> None:
    assert find_long_lines(TEXT) == []


def test_sentences_are_short() -> None:
    assert find_long_sentences(TEXT) == []


@pytest.mark.parametrize(
    "text",
    [
        f"- **R1.1 Name.** Short. {'word ' * SENTENCE_WORDS}\n  word. Short.",
        f"  1. {'word ' * SENTENCE_WORDS}word?",
        f"Short.\n\n{'word ' * SENTENCE_WORDS}word",
        f"```\ncode\n```\n\n{'`code` [a link](b.md) ' * SENTENCE_WORDS}",
    ],
)
def test_long_sentence_is_found_wherever_it_stands(text: str) -> None:
    assert len(find_long_sentences(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "\n".join([f"- {'word ' * SENTENCE_WORDS}"] * 2),
        f"| {'word ' * 2 * SENTENCE_WORDS} |",
        f"  ```\n  {'word ' * 2 * SENTENCE_WORDS}\n  ```",
        f"{'word ' * SENTENCE_WORDS}end. {'word ' * SENTENCE_WORDS}".replace("word ", "", 1),
        f"{'word ' * (SENTENCE_WORDS - 1)}`code of two words`",
    ],
)
def test_items_tables_and_code_make_no_sentence_long(text: str) -> None:
    assert find_long_sentences(text) == []


def test_long_line_is_found_outside_of_tables_alone() -> None:
    assert find_long_lines(f"| {'x' * LINE_CHARS} |\nx\n{'x' * (LINE_CHARS + 1)}") == [
        f"line 3: {LINE_CHARS + 1} characters"
    ]


def test_words_that_are_no_names_are_those_of_the_code() -> None:
    listed = re.search(r"words of the command line:\s+```\n(.*?)```", TEXT, re.DOTALL)
    assert listed is not None
    assert tuple(listed[1].split()) == WORDS
