"""Every way in which an own op can end badly has words, and a next step that is a command."""

from __future__ import annotations

import inspect
import re

import pytest

from p2pnode.answers import ProposalSummary
from p2pnode.fates import NEXT, next_step, refusal_words
from p2pnode_protocols import fates
from p2pnode_protocols.charter import Charter
from p2pnode_protocols.decisions import proposal, roster, state
from p2pnode_protocols.errors import CODES


def codes_of_the_state() -> list[str]:
    """Return all codes that the state gives an op, as its sources name them."""
    modules = (proposal, roster, state, fates, inspect.getmodule(Charter))
    source = "".join(inspect.getsource(one) for one in modules if one is not None)
    named = set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', source))
    of_bytes = {"bad_encoding", "unknown_kind"}  # no op that was signed here
    return sorted(named & set(CODES) - of_bytes - {"ok"})


@pytest.mark.parametrize("code", codes_of_the_state())
def test_each_code_of_the_state_has_a_next_step_of_its_own(code: str) -> None:
    assert code in NEXT
    assert next_step(code)
    for in_log in (True, False):
        assert CODES[code] in refusal_words(code, in_log=in_log)


def test_no_step_is_for_a_code_that_is_none() -> None:
    assert set(NEXT) <= set(CODES)


def test_codes_of_the_state_are_found_in_its_sources() -> None:
    found = codes_of_the_state()
    assert {"closed", "superseded_revision", "bad_invite", "not_a_member", "leapt_over"} <= {*found}


def test_the_proposal_is_named_by_its_number() -> None:
    class Seven:
        number = 7

    seven: ProposalSummary = Seven()  # type: ignore[assignment]  # only the number is looked at
    assert next_step("closed", seven).startswith("p2pnode explain 7;")
