"""Every way in which an own op can end badly has words, and a next step that is a command."""

from __future__ import annotations

import inspect
import re
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from p2pnode.answers.own_ops import NEXT, next_steps, refusal_words
from p2pnode_protocols.core.own import fates
from p2pnode_protocols.record import admission, committing, planning, state
from p2pnode_protocols.record.bodies import Body, CoreBody, Evidence, Note, Revise, Vote, Withdraw
from p2pnode_protocols.record.questions import judging, opening, proposal
from p2pnode_protocols.record.seats import roster
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.wire.errors import CODES


def codes_of_the_state() -> list[str]:
    """Return all codes that the state gives an op, as its sources name them."""
    questions = (proposal, opening, judging)
    modules = (*questions, roster, state, planning, admission, committing, fates)
    sources = (*modules, inspect.getmodule(Charter))
    source = "".join(inspect.getsource(one) for one in sources if one is not None)
    named = set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', source))
    of_bytes = {"bad_encoding", "unknown_kind"}  # no op that was signed here
    return sorted(named & set(CODES) - of_bytes - {"ok"})


@pytest.mark.parametrize("code", codes_of_the_state())
def test_each_code_of_the_state_has_a_next_step_of_its_own(code: str) -> None:
    assert code in NEXT
    assert next_steps(code)
    for in_log in (True, False):
        assert CODES[code] in refusal_words(code, Evidence(b"", b"", b"", b""), in_log=in_log)


BODIES = [one for one in get_args(CoreBody) if one is not Evidence]


@pytest.mark.parametrize("kind", BODIES, ids=lambda one: one.KIND)
def test_what_is_not_allowed_is_told_by_what_was_said(kind: type[Body]) -> None:
    """A seat's own op concerns no proposal, and nobody else may say it."""
    body = kind.__new__(kind)  # its fields do not matter
    words, step = (
        refusal_words("not_allowed", body, in_log=True),
        " ".join(next_steps("not_allowed", body=body)),
    )
    if kind in (Vote, Note):
        assert CODES["not_allowed"] in words  # the rules have other codes for these
        return
    assert CODES["not_allowed"] not in words
    assert ("ID" in step) == (kind in (Revise, Withdraw))
    assert ("author" in words) == (kind in (Revise, Withdraw))


@pytest.mark.parametrize("outcome", ["passed", "rejected", "lapsed", "withdrawn"])
@pytest.mark.parametrize("code", ["closed", "superseded_revision", "already_decided"])
@pytest.mark.parametrize("kind", [Vote, Revise, Withdraw], ids=lambda one: one.KIND)
def test_nobody_is_told_to_say_it_again_about_what_is_decided(
    kind: type[Body], code: str, outcome: str
) -> None:
    seven: Any = SimpleNamespace(number=7, grade="final", outcome=outcome)
    steps = next_steps(code, seven, kind.__new__(kind))
    assert steps == ("to decide it otherwise, propose anew", "p2pnode explain 7")


def test_no_step_is_for_a_code_that_is_none() -> None:
    assert set(NEXT) <= set(CODES)


def test_codes_of_the_state_are_found_in_its_sources() -> None:
    found = codes_of_the_state()
    assert {"closed", "superseded_revision", "bad_invite", "not_a_member", "leapt_over"} <= {*found}


def test_the_proposal_is_named_by_its_number() -> None:
    seven: Any = SimpleNamespace(number=7, grade="open", outcome="open")
    assert "p2pnode explain 7" in next_steps("closed", seven)
