"""What the author of an invite is told before it is signed, beyond what the log would refuse."""

from __future__ import annotations

from p2pnode_protocols.record.bodies import Choice
from p2pnode_protocols.record.questions.tally import Rule, Tally, passes
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import WallMs
from p2pnode_protocols.wire.lengths import show_about

VOTING_MS = 10_000  # nobody at another node sees a question and answers it sooner


def check_voting_time(charter: Charter, valid_ms: int, vote: Choice | None) -> None:
    """Refuse an invite that ends before the members it needs can have voted on it.

    The log could take it (R10.13 knows the least open time only): how long people at other nodes
    take is nothing that a log knows, but its author should.

    Args:
        charter: as it is now.
        valid_ms: how long the invite lasts.
        vote: the author's own.

    Raises:
        UsageError: `bad_field`.
    """
    tier = charter.tier(charter.rules.membership_tier)
    rule = Rule(tier.threshold, tier.strict, tier.base, tier.floor)
    own = Tally(vote == "yes", vote == "no", vote == "aside", len(charter.members))
    if valid_ms >= VOTING_MS or tier.mode != "threshold" or passes(rule, own):
        return
    raise UsageError(
        "bad_field",
        f"invite: ends {show_about(max(0, valid_ms))} after it is proposed, before other members "
        f"can have voted on it, as they have to; it has to last {show_about(VOTING_MS)} at least, "
        "and as long as they may need to see it",
    )


def choose_close(charter: Charter, now_ms: WallMs, valid_ms: int) -> WallMs | None:
    """Return when the question about an invite should close; None: as its tier says.

    A tier that counts the votes cast judges at the close. With a window as long as the invite
    that is when nobody can join by it any more, so a quarter of its time is kept for joining.

    Args:
        charter: as it is now.
        now_ms: when it is proposed.
        valid_ms: how long the invite lasts.

    Raises:
        UsageError: `bad_field`, the tier keeps the question open for longer than that.
    """
    tier = charter.tier(charter.rules.membership_tier)
    latest_ms = valid_ms * 3 // 4
    if tier.mode != "threshold" or tier.base != "cast" or tier.window_ms <= latest_ms:
        return None
    if tier.min_open_ms > latest_ms:
        least_ms = -(-tier.min_open_ms * 4 // 3)
        raise UsageError(
            "bad_field",
            f"invite: the tier {tier.name} decides at the close, {show_about(tier.min_open_ms)} "
            "after it is proposed at the soonest, which leaves too little time to join; let it "
            f"last longer, {show_about(least_ms)} or more",
        )
    return WallMs(now_ms + latest_ms)
