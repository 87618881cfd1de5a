"""An invite that ends before the members it needs can have voted on it is refused at its author."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.town import found

from p2pnode.inviting import VOTING_MS, check_voting_time
from p2pnode.speaking import WEEK_MS
from p2pnode_protocols.charter import Charter, Ratio
from p2pnode_protocols.errors import UsageError
from p2pnode_protocols.ops import Choice


def with_tier(size: int, **changes: object) -> Charter:
    """Return a charter whose membership tier is changed so."""
    charter = found(size)
    tier = charter.tier(charter.rules.membership_tier)
    changed = replace(tier, **changes)  # type: ignore[arg-type]
    return replace(charter, tiers=tuple(changed if one is tier else one for one in charter.tiers))


@pytest.mark.parametrize("size", [2, 3, 6])
@pytest.mark.parametrize("valid_ms", [-1_000, 0, 1_000, VOTING_MS - 1])
def test_others_have_to_vote_and_cannot_so_fast(size: int, valid_ms: int) -> None:
    with pytest.raises(UsageError) as caught:
        check_voting_time(found(size), valid_ms, "yes")
    assert caught.value.code == "bad_field"
    assert "before other members can have voted on it" in caught.value.detail
    assert "10 s at least" in caught.value.detail


@pytest.mark.parametrize("size", [2, 3, 6])
@pytest.mark.parametrize("valid_ms", [VOTING_MS, WEEK_MS])
def test_with_time_to_vote_it_is_accepted(size: int, valid_ms: int) -> None:
    check_voting_time(found(size), valid_ms, "yes")


@pytest.mark.parametrize("vote", ["no", "aside", None])
def test_whose_own_yes_decides_needs_no_time_for_others(vote: Choice | None) -> None:
    check_voting_time(found(1), 1_000, "yes")
    third = Ratio(1, 3)
    check_voting_time(with_tier(3, threshold=third, floor=third), 1_000, "yes")
    with pytest.raises(UsageError):
        check_voting_time(with_tier(3, threshold=third, floor=third), 1_000, vote)


def test_where_silence_is_consent_the_least_open_time_is_what_counts() -> None:
    check_voting_time(with_tier(3, mode="objection", threshold=Ratio(1, 3)), 1_000, None)
