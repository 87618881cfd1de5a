"""No refusal shows what only a program reads: milliseconds, bytes in hexadecimal for an id."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for room in ("protocols/p2pnode_protocols", "p2pnode", "cli/p2pnode_cli")
    for path in (ROOT / room).rglob("*.py")
)
REFUSALS = {"UsageError", "RequestError", "Failure", "LocalError", "PeerFault", "NotYet", "refuse"}
# A liar's clock, told to the liar's node; blocks have no times that people read.
OF_BLOCKS = {"blocklace.py", "certificates.py"}


def refusals(path: Path) -> Iterator[ast.JoinedStr]:
    """Yield every text with values in it that a refusal in this file is made of."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else called
        if name in REFUSALS:
            yield from (one for one in ast.walk(node) if isinstance(one, ast.JoinedStr))


def raw_values(text: ast.JoinedStr) -> Iterator[str]:
    """Yield the values that stand in it as they are, though people cannot read them."""
    for at, part in enumerate(text.values):
        if not isinstance(part, ast.FormattedValue):
            continue
        following = text.values[at + 1] if at + 1 < len(text.values) else None
        after = following.value if isinstance(following, ast.Constant) else ""
        source = ast.unparse(part.value)
        is_ms = not isinstance(part.value, ast.Call) and source.split("[")[0].endswith("_ms")
        if is_ms or str(after).startswith(" ms") or ".hex()[" in source:
            yield source


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_refusal_shows_raw_milliseconds_or_an_id_in_hexadecimal(path: Path) -> None:
    found = [value for text in refusals(path) for value in raw_values(text)]
    assert found == [] or path.name in OF_BLOCKS


def test_refusals_are_found_where_they_are() -> None:
    texts = [text for path in SOURCES for text in refusals(path)]
    assert len(texts) > 100
