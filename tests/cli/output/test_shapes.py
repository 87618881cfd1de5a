"""The stand-in's documents have the fields of the API's own answers, no more and no fewer."""

from __future__ import annotations

from dataclasses import fields

import pytest

from p2pnode import answers


def _names(kind: type) -> set[str]:
    return {one.name for one in fields(kind)}


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("charter", answers.CharterText),
        ("committee", answers.CommitteeStatus),
        ("line", answers.CommunityHere),
        ("node", answers.NodeStatus),
        ("own_op", answers.OwnOp),
        ("proposal", answers.Proposal),
        ("receipt", answers.Receipt),
        ("status", answers.Status),
        ("summary", answers.ProposalSummary),
    ],
)
def test_a_sample_has_the_fields_of_its_answer(samples, sample, kind):
    assert set(samples[sample]()) == _names(kind)


def test_the_parts_of_samples_have_the_fields_of_theirs(samples):
    proposal, status = samples["proposal"](), samples["status"]()
    assert set(samples["member"]("alice")) == _names(answers.Member)
    assert set(samples["revision"](1, "x")) == _names(answers.Revision)
    assert set(proposal["votes"][0]) == _names(answers.VoteCast)
    assert set(proposal["tally"]) == _names(answers.Tally)
    assert set(status["committee"]["missing"][0]) == _names(answers.Missing)
    assert set(status["community"]) == _names(answers.CommunityStatus)
    assert set(samples["charter"]()["tiers"][0]) == _names(answers.Tier)
    assert set(samples["charter"]()["rules"]) == _names(answers.Rules)
    assert set(samples["charter"]()["timing"]) == _names(answers.Timing)
