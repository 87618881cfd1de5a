"""What passing does by itself stands wherever a proposal is named: people sign what they see."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass

import pytest

from p2pnode import answers

BO = {"id": "mem_" + "b" * 58, "name": "Bo"}
TITLE = "Buy paint for the shed"
# Every kind of action, and words that must stand beside the title.
EFFECTS = {
    "invite": (
        {"name": "Zoe", "invite": "inv_" + "i" * 58, "uses": 3, "expires_at": None},
        "opens 3 seats for Zoe; the invite never expires",
    ),
    "remove": ({"member": BO}, "takes away the seat of Bo"),
    "set_away": ({"member": BO, "away": True}, "puts the node of Bo off the committee"),
    "rekey": (
        {"member": BO, "device": "dev_" + "k" * 58},
        f"gives Bo the device key dev_{'k' * 58} in place of all others; they can object with an "
        "old key",
    ),
    "erase": (
        {"texts": ["ab" * 32, "cd" * 32], "words": ["Spend 10 euros"]},
        "erases 2 texts at every node, “Spend 10 euros”",
    ),
    "amend": (
        {
            "changes": {
                "tiers.constitutional.threshold": {"num": 1, "den": 100},
                "tiers.tactical.window_ms": 3_600_000,
                "rules.membership_tier": "individual",
            }
        },
        "sets rules.membership_tier to individual; sets tiers.constitutional.threshold to 1/100; "
        "sets tiers.tactical.window_ms to 1 h",
    ),
}
PROPOSAL = ("pro_" + "k3v7abcd" + "x" * 44 + "aaaaaa",)


def _views(daemon, samples, action):
    """Return, by what it is, every command that names a proposal to somebody who may vote on it."""
    one = samples["summary"](title=TITLE, action=action)
    whole = samples["proposal"](title=TITLE, action=action)
    decided = one | {"outcome": "passed", "grade": "final", "decided_at": one["opened_at"]}
    receipt = samples["receipt"](proposal=whole, action=action)
    dry = samples["receipt"](op=None, state="dry_run", proposal=None, action=action)
    daemon.answers |= {
        ("GET", "/status"): samples["status"](needs_my_vote=[one]),
        ("GET", "/proposals"): samples["listing"](one),
        ("GET", "/decisions"): samples["listing"](decided),
        ("GET", "/proposals/7"): whole,
        ("GET", "/proposals/7/explanation"): {
            "schema": "p2pnode/explanation/1",
            "proposal": one,
            "formula": "2 yes of 5",
            "reasons": [],
            "earliest_at": None,
            "finality": {"state": "idle", "waits_for": [], "text": "-"},
        },
        **{
            ("POST", f"/proposals/{one['id']}/{what}"): receipt
            for what in ("votes", "revisions", "withdrawal", "erasure")
        },
        ("POST", "/proposals"): receipt,
        ("POST", "/amendments"): dry,
    }
    event = json.dumps({"at": None, "proposal": whole})
    daemon.streams = [f"event: proposal_changed\ndata: {event}\n\n"]
    yield ("status",)
    yield ("decisions",)
    yield ("decisions", "--open")
    yield ("show", "7")
    yield ("explain", "7")
    yield ("watch",)
    yield ("vote", "7", "yes")
    yield ("vote", "7", "yes", "--dry-run")
    yield ("revise", "7", "--title", TITLE)
    yield ("withdraw", "7")
    yield ("erase", "7")
    yield ("propose", TITLE, "-t", "tactical")
    daemon.answers["POST", "/proposals"] = dry
    yield ("propose", TITLE, "-t", "tactical", "--dry-run")
    yield ("amend", "name=x", "--dry-run")


def _words(text: str) -> str:
    """Return what was printed as one line, however it was wrapped into columns."""
    return "".join(text.split())


@pytest.mark.parametrize("kind", EFFECTS)
def test_effect_stands_beside_the_title_in_every_command(daemon, cli, samples, kind):
    details, words = EFFECTS[kind]
    for command in _views(daemon, samples, {"kind": kind} | details):
        result = cli(*command)
        shown = result.out + result.err
        expected = words
        if command == ("watch",):  # one line: cut to the terminal's width
            expected = words[:20]
        assert _words(expected) in _words(shown), (command, shown)


def test_what_does_nothing_by_itself_says_nothing_of_it(daemon, cli, samples):
    for command in _views(daemon, samples, {"kind": "none"}):
        result = cli(*command)
        assert "→" not in result.out, command
        assert "effect" not in result.out, command


def test_every_kind_of_action_is_tried():
    kinds = {one.__dataclass_fields__["kind"].default for one in answers.Effect.__args__}
    assert kinds == {*EFFECTS, "none"}
    for one in answers.Effect.__args__:
        kind = one.__dataclass_fields__["kind"].default
        if kind != "none":
            assert {"kind", *EFFECTS[kind][0]} == {field.name for field in fields(one)}


def test_every_answer_with_a_proposals_title_has_its_action():
    """HTTP and Python: whoever shows a title can show what passing does."""
    titled = [
        one
        for one in vars(answers).values()
        if isinstance(one, type) and is_dataclass(one) and "title" in one.__dataclass_fields__
    ]
    assert {answers.ProposalSummary, answers.Proposal, answers.Revision} <= set(titled)
    for one in titled:
        if one is not answers.Revision:  # a part of a proposal
            assert "action" in one.__dataclass_fields__, one
    assert "action" in answers.Receipt.__dataclass_fields__


def test_an_effect_that_came_to_nothing_is_told_in_words(daemon, cli, samples):
    daemon.answers["GET", "/proposals/7"] = samples["proposal"](
        outcome="passed", grade="final", effect="unknown_member"
    )
    shown = " ".join(cli("show", "7").out.split())
    assert "passed without effect: no seat has this id [unknown_member]" in shown
