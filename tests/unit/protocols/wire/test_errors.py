"""Errors: every refusal has a code of the one table."""

from __future__ import annotations

import pytest

from p2pnode_protocols.wire.errors import CODES, BugError, NotYet, PeerFault, UsageError


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
