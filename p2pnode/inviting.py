"""What the author of an invite is told before it is signed, beyond what the log would refuse."""

from __future__ import annotations

from p2pnode_protocols.charter import Charter
from p2pnode_protocols.decisions.tally import Rule, Tally, passes
from p2pnode_protocols.errors import UsageError
from p2pnode_protocols.lengths import show_about
from p2pnode_protocols.ops import Choice

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
