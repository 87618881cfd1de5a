"""Names: what may be one, and when two are the same to a reader (docs/protocol.md R2.20).

Two nodes that disagree on a name disagree on the state, so nothing here asks the Unicode tables
of the Python that runs it: all that is known of characters stands in `name_tables`, made
from one version of Unicode. The rule by which a joiner's name gets a number and the look-up of
what people type use the same forms.
"""

from __future__ import annotations

import base64
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from io import StringIO
from itertools import takewhile

from ...wire.ids import KINDS
from ...wire.limits import MEMBERS, NAME_CHARS
from ...wire.quoting import quoted
from . import name_tables

JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ: part of how many scripts, and emoji, are written
_SELECTORS = "\ufe0e\ufe0f"  # shown as text, as emoji
MARKS = 4  # marks on one character: no script in use stacks more (UTS #39, 5.4)
# Words of the command line: what it, or what it prints, puts in a member's place or beside one.
# Those of practices to come are among them: all programs have to judge a name alike.
WORDS = (
    "agents", "all", "amend", "any", "anybody", "anyone", "aside", "assess", "assessment", "away",
    "back", "backup", "certificate", "charter", "circles", "commitments", "communities", "config",
    "contracts", "decisions", "demo", "devices", "doctor", "epochs", "erase", "everybody",
    "everyone", "explain", "export", "final", "find", "found", "hurry", "ideas", "inbox", "init",
    "invite", "invites", "join", "leave", "map", "me", "members", "metrics", "models", "myself",
    "next", "no", "nobody", "none", "note", "notes", "open", "ops", "paths", "peers", "practices",
    "profile", "propose", "provisional", "rate", "ratings", "rebuild", "recover", "register",
    "rekey", "remark", "resolution", "resolve", "restore", "review", "revise", "roles", "run",
    "self", "show", "sign-off", "somebody", "status", "suggest", "teams", "triggers", "trust",
    "unknown", "use", "verify", "verify-log", "vote", "watch", "weigh", "withdraw", "words", "yes",
    "you",
)  # fmt: skip
# What lists put between names, or behind one: "Ana (you), Bo; Cy [away]". A colon is a sign before
# a space alone: the visarga of Devanagari looks like one.
SIGNS = "()[]{},;\u060c\u061b\u3001"
_COLON = ": "

_REMEMBERED = 4 * MEMBERS  # a charter is checked whole with each change of it
_HANGUL, _HANGUL_END = 0xAC00, 0xD7A3  # decomposed by arithmetic; the tables leave them out
_JOINED = re.compile(f"[{JOINERS}](?=[{JOINERS} ])|(?:^| )[{JOINERS}]|[{JOINERS}]$")
_SELECTED = re.compile(f"(?:^|[{_SELECTORS}{JOINERS} ])[{_SELECTORS}]")
# i and j lose their dot under a mark, and get it back from a mark that is a dot: nobody sees it.
_DOTTED = re.compile("([ij][\u0300-\u036f]*?)\u0307")
_DROPPED = str.maketrans("", "", JOINERS + _SELECTORS)


# --- what may be a name -----------------------------------------------------------------------


@lru_cache(maxsize=_REMEMBERED)
def find_fault(name: str) -> str | None:
    """Return what keeps people from reading this name or telling it from another; None: fine.

    Names of communities and seats alike; a seat's has to pass `find_member_fault` too.
    """
    if not 1 <= len(name) <= NAME_CHARS:
        return f"{len(name)} characters; 1 to {NAME_CHARS} are allowed"
    if name[0] == " " or name[-1] == " " or "  " in name:
        return "no space may stand at either end, or beside another"
    for at, letter in enumerate(name):
        if not _is_allowed(letter) and letter not in JOINERS + _SELECTORS:
            return (
                f"character {at + 1}, U+{ord(letter):04X}, is not allowed; letters, marks, digits, "
                f"punctuation and symbols of Unicode {name_tables.UNICODE} and spaces are"
            )
    if _JOINED.search(name) or _SELECTED.search(name):
        return "an invisible character may stand within a word only, and none beside another"
    stacked = 0
    for at, letter in enumerate("" if name.isascii() else name):  # no mark is ASCII
        stacked = stacked + 1 if letter in _classes() else 0
        if stacked > MARKS or (stacked and at == 0):
            return f"up to {MARKS} marks on a character, and none at the beginning, are allowed"
    return None


@lru_cache(maxsize=_REMEMBERED)
def find_member_fault(name: str) -> str | None:
    """Return why no seat can have this name: `find_fault`, or it would be read as a reference."""
    fault = find_fault(name)
    if fault is not None:
        return fault
    said = forms(name)
    if not said.isdisjoint(_words()):
        return "it is a word of the command line; take another, or add something to it"
    if any(one.startswith(head) for one in said for head in _heads()):
        heads = ", ".join(f"{kind}_" for kind in KINDS)
        return f"a name does not begin with #, - or as an id does ({heads})"
    if any(one.isascii() and one.isdigit() for one in (name, *said)):
        return "a number alone is no name; add something to it"
    if any(sign in one for one in said for sign in (*SIGNS, _COLON)):
        return (
            "no bracket, comma or semicolon may stand in it, and no colon before a space: lists "
            "have them between names, and behind one"
        )
    return None


def is_visible(text: str) -> bool:
    """Return whether there is anything in it that a reader sees."""
    return any(letter != " " and _is_allowed(letter) for letter in text)


def shown(name: str) -> str:
    """Return `name` quoted for a message: bounded, and with no character that acts unseen."""
    return quoted(name if len(name) <= NAME_CHARS else name[: NAME_CHARS - 1] + "…")


# --- when two are the same --------------------------------------------------------------------


@lru_cache(maxsize=_REMEMBERED)
def forms(name: str) -> frozenset[str]:
    """Return the forms of a name; two names that share one are the same to a reader.

    One is what it looks like once its case is folded, one the folded form of what it looks like
    as it stands: "AI" is "ai" by the first and looks like "Al" by the second, while "Ai" and "Al"
    are two names. Text that could be no name has forms as well.
    """
    bare = "".join(map(_decomposed, name.translate(_DROPPED)))
    return frozenset(
        _tidied("".join(table.get(one, one) for one in bare)) for table in _looks(bare.isascii())
    )


def is_same(one: str, other: str) -> bool:
    """Return whether a reader could take one name for the other."""
    return not forms(one).isdisjoint(forms(other))


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return `name`, or it with the lowest number from 2 on that makes it differ from `taken`."""
    used = frozenset(form for one in taken for form in forms(one))
    free, number = name, 1
    while not used.isdisjoint(forms(free)):
        number += 1
        tail = f" {number}"
        free = name[: NAME_CHARS - len(tail)].rstrip(" " + JOINERS) + tail
    return free


def _decomposed(letter: str) -> str:
    code = ord(letter)
    if not _HANGUL <= code <= _HANGUL_END:
        return letter
    at = code - _HANGUL
    last = chr(0x11A7 + at % 28) if at % 28 else ""
    return chr(0x1100 + at // 588) + chr(0x1161 + at % 588 // 28) + last


def _tidied(text: str) -> str:
    """Return `text` with marks in order, none that a reader does not see, and single spaces."""
    dotted = _DOTTED.sub(r"\1", _ordered(text))
    return " ".join(word for word in dotted.split(" ") if word)


def _ordered(text: str) -> str:
    """Return `text` in canonical order: marks on one character by their class."""
    if text.isascii():
        return text
    classes = _classes()
    if classes.keys().isdisjoint(text):
        return text
    done: list[str] = []
    marks: list[str] = []
    for letter in text:
        if letter in classes:
            marks.append(letter)
            continue
        done += [*sorted(marks, key=classes.__getitem__), letter]
        marks = []
    return "".join([*done, *sorted(marks, key=classes.__getitem__)])


# --- the tables -------------------------------------------------------------------------------


def _ranges(text: str) -> Iterator[tuple[range, str]]:
    """Yield the characters of each `first-last=value`, and the value."""
    for item in text.split():
        span, _, value = item.partition("=")
        first, _, last = span.partition("-")
        yield range(int(first, 16), int(last or first, 16) + 1), value


@cache
def _allowed() -> tuple[list[int], list[int]]:
    """Return where ranges of allowed characters begin, and the first character after each."""
    spans = [codes for codes, _ in _ranges(name_tables.ALLOWED)]
    return [one.start for one in spans], [one.stop for one in spans]


def _is_allowed(letter: str) -> bool:
    if letter.isascii():
        return " " <= letter <= "~"
    (starts, stops), code = _allowed(), ord(letter)
    at = bisect_right(starts, code)
    return at > 0 and code < stops[at - 1]


@cache
def _classes() -> dict[str, int]:
    return {
        chr(code): int(value) for codes, value in _ranges(name_tables.CLASSES) for code in codes
    }


def _unpacked(packed: str, is_ascii: bool) -> dict[str, str]:
    """Return what each character looks like: lines of it and its target, by character."""
    lines = StringIO(zlib.decompress(base64.b64decode(packed)).decode(), newline="\n")
    wanted = takewhile(lambda line: line[0].isascii(), lines) if is_ascii else lines
    return {line[0]: line[1:].rstrip("\n") for line in wanted}


@cache
def _looks(is_ascii: bool) -> tuple[dict[str, str], dict[str, str]]:
    """Return what characters look like once their case is folded, and as they stand.

    Those of ASCII stand first, and most names need no others: all 11,000 take 4 ms.
    """
    small = _unpacked(name_tables.SMALL, is_ascii)
    return small, {**small, **_unpacked(name_tables.SHAPE, is_ascii)}


@cache
def _words() -> frozenset[str]:
    return frozenset(form for word in WORDS for form in forms(word))


@cache
def _heads() -> frozenset[str]:
    heads = ("#", "-", *(f"{kind}_" for kind in KINDS))
    return frozenset(form for head in heads for form in forms(head))
