"""Bytes and messages: rules, weakened one at a time."""

from __future__ import annotations

from mutant import CORE, UNIT, Mutant

MUTANTS = (
    Mutant(
        "addresses with control characters passed on",
        "R7.25",
        CORE + "messages/fields.py",
        "if one.isprintable()])",
        "if one])",
        (UNIT + "wire/test_plain.py",),
    ),
    Mutant(
        "what a stranger says is looked at, whatever it is",
        "R7.20",
        CORE + "messages/frames.py",
        "messages = _FIRST if is_first else _MESSAGES",
        "messages = _MESSAGES",
        (UNIT + "gossip/test_messages.py",),
    ),
    Mutant(
        "lists of a frame are not counted",
        "R7.2",
        CORE + "wire/codec.py",
        "        if self._left < 0:\n",
        "        if self._left < -(1 << 40):\n",
        (UNIT + "gossip/test_messages.py",),
    ),
    Mutant(
        "a word in the place of another question",
        "R8.10",
        CORE + "wire/reserved.py",
        'return f"{v} is None" if self.value is None else f"{v} == {self.value!r}"',
        'return "True"',
        (UNIT + "wire/test_reserved.py",),
    ),
)
