"""A network in two halves: neither may decide alone, and afterwards both must agree.

Three of five nodes hold the 60 % that a tactical decision needs, but not the four nodes that
make it final. So it is provisional in the larger half, unknown in the other, and final
nowhere, until the cut heals.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..exits import Exit
from ..failures import Failure
from ..views import tally
from .processes import Node
from .report import Report
from .story import Ballot, Cast, compare_logs, conclude, has_committee, propose, vote

# How long a half is given to do what it must not do.
_WATCHED_S = 2


def cut_and_heal(report: Report, nodes: Sequence[Node]) -> None:
    larger, smaller = nodes[:3], nodes[3:]
    alice, _, carol, dave, erin = nodes
    before, _ = compare_logs(report, nodes)
    _each_pair(report, larger, smaller, "block")
    for half in (larger, smaller):
        for node in half:
            node.until_status(
                "see only its own half",
                partial(has_committee, size=len(nodes), reachable=len(half)),
            )

    title = "Buy a second compost bin"
    here = propose(report, alice, title, "tactical", larger)
    decided_at = 0.0
    for node in larger:
        decided_at = vote(report, Ballot(node, "yes"), here)
    other = "Lock the gate at night"
    there = propose(report, dave, other, "implementation", smaller)
    vote(report, Ballot(dave, "yes"), there)
    vote(report, Ballot(erin, "yes"), there)

    for node in larger:
        node.until_grade(here, "provisional", "passed")
    _wait_for_final(alice, here)
    report.expect(
        all(node.proposal(here).text("grade") == "provisional" for node in larger),
        "the larger half shows its decision as provisional, not as final",
    )
    report.expect(
        all(not _is_known(node, here) for node in smaller)
        and all(not _is_known(node, there) for node in larger),
        "neither half knows of the other's proposal",
    )
    for node in (alice, dave):
        report.say(f"{node.name}: {node.api.get('status').sub('committee').text('message')}")
    after = max(node.api.get("status").sub("log").count("index") for node in nodes)
    stuck = not any(_can_finalize(node) for node in nodes)
    report.expect(after == before and stuck, "nothing became final on either side of the cut")

    _each_pair(report, larger, smaller, "unblock")
    cast = Cast(here, title, "tactical", decided_at)
    # Not timed: what it waited for is the cut.
    healed = conclude(report, cast, "passed", (3, 0), nodes, timed=False)
    report.expect(
        healed.sub("tally").count("electorate") == len(nodes),
        f"healed: the same outcome everywhere, {tally(healed)}",
    )
    carol.until_known(there)
    deciding_at = vote(report, Ballot(carol, "yes"), there)
    conclude(report, Cast(there, other, "implementation", deciding_at), "passed", (3, 0), nodes)


def _each_pair(report: Report, larger: Sequence[Node], smaller: Sequence[Node], verb: str) -> None:
    """Block or unblock between the halves, on both sides of every pair."""
    method = "PUT" if verb == "block" else "DELETE"
    for one in larger:
        for other in smaller:
            one.api.call(method, ("peers", other.member, "block"))
            other.api.call(method, ("peers", one.member, "block"))
    names = [" ".join(node.name for node in half) for half in (larger, smaller)]
    report.typed("everyone", f"peers {verb} …    ({names[0]} | {names[1]})")


def _wait_for_final(node: Node, proposal: str) -> None:
    """Wait as long as it is watched, or shorter if it becomes final after all."""
    node.api.get("proposals", proposal, query={"wait": "final", "timeout": _WATCHED_S})


def _is_known(node: Node, proposal: str) -> bool:
    try:
        node.proposal(proposal)
    except Failure as failure:
        if failure.exit is Exit.NOT_FOUND:
            return False
        raise
    return True


def _can_finalize(node: Node) -> bool:
    return node.api.get("status").sub("committee").flag("can_finalize")
