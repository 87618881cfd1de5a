"""The protocol's text: lists that code has as well."""

from __future__ import annotations

import re
from pathlib import Path

from p2pnode_protocols.record.seats.names import WORDS

TEXT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()


def test_words_that_are_no_names_are_those_of_the_code() -> None:
    listed = re.search(r"words of the command line:\s+```\n(.*?)```", TEXT, re.DOTALL)
    assert listed is not None
    assert tuple(listed[1].split()) == WORDS
