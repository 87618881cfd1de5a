"""The page of objects says what the shapes say, and the protocol's tables name their fields."""

from __future__ import annotations

import re
from pathlib import Path

from support.shapes import all_shapes, reference

ROOT = Path(__file__).parents[2]


def test_reference_of_objects_is_current() -> None:
    """After a change of a shape: python -m support.shapes, and look at the difference."""
    page = (ROOT / "docs" / "reference" / "objects.md").read_text()
    assert page.endswith("\n\n" + reference())


def test_objects_of_the_charter_have_the_fields_that_the_protocol_lists() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text()
    table = text[text.index("| object | fields |") :].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| (tier|rules|timing) \| (.*) \|$", table, re.MULTILINE))
    assert len(rows) == 3
    for shape in all_shapes():
        if shape.what in rows:
            listed = [
                one.split()[0] for one in re.sub(r"\([^)]*\)", "", rows[shape.what]).split(",")
            ]
            assert listed == [one.name for one in shape.fields]
