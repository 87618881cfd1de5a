"""The API's documentation is what the code says, and every code has its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pnode.api.problems import problem, status_of
from p2pnode.errors import CODES as NODE_CODES
from p2pnode.errors import RequestError
from p2pnode.home.errors import CODES as LOCAL_CODES
from p2pnode.reference import errors_reference, routes_reference
from p2pnode_protocols.wire.errors import CODES as PROTOCOL_CODES
from p2pnode_protocols.wire.errors import BugError

DOCS = Path(__file__).parents[4] / "docs" / "reference"


def test_reference_of_routes_is_current() -> None:
    assert (DOCS / "api.md").read_text().endswith("\n\n" + routes_reference())


def test_reference_of_errors_is_current() -> None:
    assert (DOCS / "errors.md").read_text().endswith("\n\n" + errors_reference())


def test_no_code_means_two_things() -> None:
    meanings = [PROTOCOL_CODES, NODE_CODES, LOCAL_CODES]
    for place, codes in enumerate(meanings):
        for other in meanings[place + 1 :]:
            assert set(codes) & set(other) == set()


@pytest.mark.parametrize("code", sorted({*PROTOCOL_CODES, *NODE_CODES, *LOCAL_CODES} - {"ok"}))
def test_every_code_has_a_refusing_status_and_words(code: str) -> None:
    assert status_of(code) in {403, 404, 405, 409, 413, 415, 422, 500, 503}
    assert problem(code, "why").status_code == status_of(code)


def test_unknown_code_is_our_own_mistake() -> None:
    with pytest.raises(BugError):
        RequestError("no_such_code", "…")
