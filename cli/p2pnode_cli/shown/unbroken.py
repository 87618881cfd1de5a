"""Commands that are suggested stay on one line: what is copied must be what was meant.

A terminal wraps a long line by itself, and the copy has no line break. Where this program
broke it, the copy has one: within quotes it would become part of a name.

What must stay together is marked before a text is laid out, and joined again afterwards.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.text import Text

# Private characters, which `make_printable` lets nobody else print; none takes a column but SPACE.
_SPACE = "\ue000"
_BEGIN, _END = "\u2060", "\u2061"
_START = re.compile(r"(?<![\w/.-])(?:p2pnode|chmod|kill)(?= \S)")
_WORD = re.compile(r" ((?:[^\s'\"]|'[^']*'|\"[^\"]*\")+)")
_GROUPS = frozenset({"config", "devices", "peers", "rebuild"})  # a second word names the command
_CHOICES = frozenset({"aside", "no", "yes", "yes|no|aside"})
_ENDS = ";,.:)"


def command_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each command in a text begins and ends; prose after one is none of it."""
    at = 0
    while (found := _START.search(text, at)) is not None:
        at = _end_of(text, found.end(), is_own=found[0] == "p2pnode")
        yield found.start(), at


def _end_of(text: str, at: int, *, is_own: bool) -> int:
    """Return where the command ends whose name ends at `at`."""
    named: list[str] = []  # the command's own words
    before = ""
    while (found := _WORD.match(text, at)) is not None:
        word = found[1]
        bare = word.rstrip(_ENDS)
        is_plain = bare.isalpha() and bare.islower() and bare not in _CHOICES
        if is_plain and is_own and not before.startswith("-"):
            if named and (len(named) > 1 or named[0] not in _GROUPS or before != named[0]):
                break  # prose goes on
            named.append(bare)
        if not bare or bare[0] in "(—→&|<>":
            break
        at = found.start() + 1 + len(bare)
        if bare != word:
            break
        before = word
    return at


def mark(text: str) -> str:
    """Return `text` with its commands marked, for a layout that `unmark` ends."""
    marked, at = "", 0
    for start, end in command_spans(text):
        marked += text[at:start] + _BEGIN + text[start:end].replace(" ", _SPACE) + _END
        at = end
    return marked + text[at:]


def mark_styled(text: Text) -> Text:
    """As `mark`, for a text with styles."""
    from rich.text import Text  # noqa: PLC0415 (only when people read)

    parts: list[str | Text] = []
    plain, at = text.plain, 0
    for start, end in command_spans(plain):
        command = text[start:end]
        command.plain = command.plain.replace(" ", _SPACE)
        parts += [text[at:start], _BEGIN, command, _END]
        at = end
    if not parts:
        return text
    return Text.assemble(
        *parts, text[at:], style=text.style, no_wrap=text.no_wrap, overflow=text.overflow
    )


def unmark(lines: Iterable[str]) -> Iterator[str]:
    """Yield laid out lines, those of one command joined again."""
    held = ""
    for line in lines:
        held = held + line.strip() if held else line.rstrip()
        if held.count(_BEGIN) > held.count(_END):
            continue  # the layout has broken it: the rest is on the next line
        yield _plain(held)
        held = ""
    if held:
        yield _plain(held)


def _plain(line: str) -> str:
    return line.replace(_SPACE, " ").replace(_BEGIN, "").replace(_END, "")
