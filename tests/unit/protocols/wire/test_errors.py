"""Errors: every refusal has a code of the one table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pnode_protocols.wire.errors import (
    CODES,
    EITHER,
    NOBODY,
    PEER,
    REFUSALS,
    USER,
    BugError,
    NotYet,
    PeerFault,
    UsageError,
)

ROOT = Path(__file__).parents[4] / "protocols" / "p2pnode_protocols"
BLAMES = {"PeerFault": {PEER, EITHER}, "UsageError": {USER, EITHER, NOBODY}, "NotYet": {NOBODY}}


@pytest.mark.parametrize("kind", [PeerFault, NotYet, UsageError])
def test_error_shows_words_and_code(kind: type[PeerFault | NotYet | UsageError]) -> None:
    error = kind("bad_field", "nonce: 0 is not in 1…9")
    assert str(error) == "nonce: 0 is not in 1…9 [bad_field]"
    assert (error.code, error.detail) == ("bad_field", "nonce: 0 is not in 1…9")


def test_code_outside_the_table_is_our_own_mistake() -> None:
    with pytest.raises(BugError, match="'nonsense' is not in"):
        UsageError("nonsense", "whatever")


def test_table_is_in_alphabetical_order() -> None:
    assert list(CODES) == sorted(CODES)


def raised() -> Iterator[tuple[str, str, str]]:
    """Yield class, code and place of each refusal that the core's source names."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(ast.Name(kind), [ast.Constant(str(code)), *_]) if kind in BLAMES:
                    yield kind, code, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_who_is_blamed_is_what_stands_beside_the_code() -> None:
    found = list(raised())
    assert len(found) > 100
    assert [one for one in found if REFUSALS[one[1]].blame not in BLAMES[one[0]]] == []
