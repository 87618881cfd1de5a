"""An invite that ends before the members it needs can have voted on it is refused at its author."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.cores.town import found
from support.hosts.asking import asked

from p2pnode.community.verbs.acting import WEEK_MS
from p2pnode.community.verbs.inviting import VOTING_MS, check_voting_time, choose_close
from p2pnode_protocols.record.bodies import Choice
from p2pnode_protocols.record.seats.charter import Charter, Ratio
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import WallMs


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


NOW = WallMs(1_800_000_000_000)


@pytest.mark.parametrize("window_ms", [WEEK_MS, WEEK_MS - 1, 2 * WEEK_MS])
def test_what_is_judged_at_its_close_closes_while_the_invite_lasts(window_ms: int) -> None:
    """At the close of its own tier's window it would pass when nobody can join any more."""
    charter = with_tier(3, base="cast", window_ms=window_ms, max_window_ms=2 * WEEK_MS)
    close_ms = choose_close(charter, NOW, WEEK_MS)
    assert close_ms is not None
    assert close_ms == NOW + WEEK_MS * 3 // 4


def test_a_close_of_its_own_is_asked_for_only_where_it_is_needed() -> None:
    short = with_tier(3, base="cast", window_ms=WEEK_MS // 2)
    for charter in (short, found(3), with_tier(3, mode="objection", threshold=Ratio(1, 3))):
        assert choose_close(charter, NOW, WEEK_MS) is None


def test_an_invite_that_cannot_be_judged_while_it_lasts_is_refused_with_what_to_do() -> None:
    charter = with_tier(3, base="cast", min_open_ms=WEEK_MS - 1_000)
    with pytest.raises(UsageError, match="last longer") as caught:
        choose_close(charter, NOW, WEEK_MS)
    assert caught.value.code == "bad_field"


async def test_invite_in_such_a_tier_can_be_used_once_it_has_passed(tmp_path: Path) -> None:
    async with asked(tmp_path) as alice:
        await alice.ask(
            "POST",
            "communities",
            {
                "name": "Lane 7",
                "member_name": "Alice",
                "changes": {"tiers.constitutional.base": "cast"},
            },
        )
        invited = await alice.ask("POST", "invites?wait=final", {"name": "Bo", "vote": None})
        assert invited.status == 200, invited.body
        proposal = invited["proposal"]
        assert proposal["outcome"] == "open"
        assert proposal["closes_at"] < proposal["action"]["expires_at"]
