"""Parts of what people write: split into paragraphs and headings, matched with those before.

People write and read one text (R2.30). A part that a revision keeps or rewords keeps its number,
so that what was said of it stays with it (R10.32). The log cannot look into texts, so it is the
writing program that finds out which part is which.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from p2pnode_protocols.record.texts import BREAK, Part, join
from p2pnode_protocols.wire.limits import PARTS

_HEADING = re.compile("#{1,6}([ \t]|$)")  # of Markdown
_FENCE = re.compile(" {0,3}(```+|~~~+)")
# Each ideograph or syllable is a word: such scripts are written without spaces.
_WORD = re.compile("[\u2e80-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]|[^\\W\u2e80-\ud7af]+")
_ALIKE = 1 << 32  # likeness is a whole number up to this


@dataclass(frozen=True, slots=True)
class Known:
    """A part of the revision before, with its text as it is shown here."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A part of what is written now. `kept`: it is just the part before, so no text is made."""

    number: int
    text: str
    kept: Part | None = None


def split(text: str) -> list[str]:
    """Return the parts of a text in reading order, which `join` to just this text.

    A part ends at blank lines, and a heading is one by itself; a fenced block is not split. Where
    another break than one empty line stands before a part, the part begins with it. Of more than
    `PARTS` the shortest neighbours become one.
    """
    parts: list[str] = []
    begin = 0  # of the part that is being read
    end = 0  # of its last line that is not blank
    has_words = is_blank = was_heading = False
    fence = ""
    at = 0
    for line in text.split("\n"):
        if not fence and not line.strip():
            is_blank = True
            at += len(line) + 1
            continue
        is_heading = not fence and _HEADING.match(line) is not None
        if has_words and not fence and (is_blank or is_heading or was_heading):
            parts.append(text[begin:end])
            begin = at if text[end:at] == BREAK else end
        fence = _next_fence(fence, line)
        has_words, is_blank, was_heading = True, False, is_heading
        end = at + len(line)
        at = end + 1
    parts.append(text[begin:])
    return _merge(parts)


def _next_fence(fence: str, line: str) -> str:
    """Return the mark that ends the fenced block which a line is in; empty: it is in none."""
    found = _FENCE.match(line)
    if found is None:
        return fence
    mark = found[1]
    if not fence:
        return mark
    is_end = mark.startswith(fence) and not line.strip().strip(fence[0])
    return "" if is_end else fence


def _merge(parts: list[str]) -> list[str]:
    """Return no more parts than a revision may have; neighbours that are short become one."""
    while len(parts) > PARTS:
        sizes = [len(one) + len(other) for one, other in pairwise(parts)]
        merged: set[int] = set()  # places of the first of two
        for place in sorted(range(len(sizes)), key=lambda place: (sizes[place], place)):
            if len(merged) == len(parts) - PARTS:
                break
            if not merged & {place - 1, place + 1}:
                merged.add(place)
        parts = [
            join(parts[place : place + 2]) if place in merged else one
            for place, one in enumerate(parts)
            if place - 1 not in merged
        ]
    return parts


def number_parts(texts: Sequence[str], before: Sequence[Known], highest: int) -> list[Numbered]:
    """Return the parts of a revision with their numbers.

    The same text keeps its number, also where it was moved; else the most alike does, if at least
    half of its words are the same; else it gets a number that no part has had.

    Args:
        texts: in reading order.
        before: the parts of the revision that is replaced.
        highest: the highest number that a part of this proposal has had.
    """
    old: dict[int, Known] = {}  # by place in `texts`
    free = dict(enumerate(before))
    for key in (str, str.strip):
        places: dict[str, list[int]] = defaultdict(list)
        for place, one in free.items():
            places[key(one.text)].append(place)
        for place, text in enumerate(texts):
            if place not in old and places[key(text)]:
                old[place] = free.pop(places[key(text)].pop(0))
    left = {place: text for place, text in enumerate(texts) if place not in old}
    for place, was in _most_alike(left, {place: one.text for place, one in free.items()}):
        old[place] = free[was]
    found: list[Numbered] = []
    for place, text in enumerate(texts):
        known = old.get(place)
        if known is None:
            highest += 1
            found.append(Numbered(highest, text))
        else:
            part = known.part
            found.append(Numbered(part.number, text, part if known.text == text else None))
    return found


def _most_alike(new: dict[int, str], old: dict[int, str]) -> Iterable[tuple[int, int]]:
    """Yield places of new and old that belong together, each once, the most alike first.

    What it costs is bounded by the words of one text and the parts of the other.
    """
    having: dict[str, list[tuple[int, int]]] = defaultdict(list)  # word -> where, how often
    sizes: dict[int, int] = {}
    for place, text in old.items():
        words = _count_words(text)
        sizes[place] = words.total()
        for word, count in words.items():
            having[word].append((place, count))
    pairs: list[tuple[int, int, int, int]] = []
    for place, text in new.items():
        words = _count_words(text)
        common: Counter[int] = Counter()
        for word, count in words.items():
            for was, other in having.get(word, ()):
                common[was] += min(count, other)
        for was, count in common.items():
            total = words.total() + sizes[was]
            if 4 * count >= total:
                pairs.append((-2 * count * _ALIKE // total, abs(place - was), place, was))
    taken: set[int] = set()
    gone: set[int] = set()
    for _, _, place, was in sorted(pairs):
        if place not in taken and was not in gone:
            taken.add(place)
            gone.add(was)
            yield place, was


def _count_words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))
