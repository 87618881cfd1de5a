"""No time or length reaches a person as a bare number of milliseconds.

Looked for in the program's own text: what is put into words and named `…_ms` was not written out
by a function. What a peer is refused for is for whoever compares numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    file
    for package in ("protocols/p2pnode_protocols", "p2pnode", "cli/p2pnode_cli")
    for file in (ROOT / package).rglob("*.py")
)
AS_NUMBERS = {"PeerFault", "_fault"}  # `_fault`: what makes one of a block


def bare_times(node: ast.AST) -> Iterator[str]:
    """Yield each expression of ms that stands in words as it is, but for `AS_NUMBERS`."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in AS_NUMBERS:
        return
    if isinstance(node, ast.FormattedValue):
        said = ast.unparse(node.value)
        if not isinstance(node.value, ast.Call) and said.split("[")[0].endswith("_ms"):
            yield f"line {node.lineno}: {said}"
    for inner in ast.iter_child_nodes(node):
        yield from bare_times(inner)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_shows_bare_milliseconds(file: Path) -> None:
    assert list(bare_times(ast.parse(file.read_text(encoding="utf-8")))) == []


def test_bare_milliseconds_are_found() -> None:
    found = 'raise UsageError("closed", f"at {close_ms} and {one.open_ms[seat]}, {f(x_ms)}")'
    assert len(list(bare_times(ast.parse(found)))) == 2
