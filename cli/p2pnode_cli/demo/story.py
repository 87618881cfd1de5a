"""What happens in the demo, one function per step.

Each step does something through the API that every client has, prints what one would type
for it, and says what was expected of every node.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from ..shown.document import Document
from ..views import budget_words, people, tally
from .following import TooLate
from .processes import STEP_S, Node
from .report import Report, Timing

COMMUNITY = "Lane 7 allotments"


@dataclass(frozen=True, slots=True)
class Ballot:
    node: Node
    choice: str


@dataclass(frozen=True, slots=True)
class Cast:
    """A proposal and the moment its deciding vote was signed."""

    id: str
    title: str
    tier: str
    decided_at: float  # time.monotonic(), just before the deciding vote was submitted


def found_community(report: Report, nodes: Sequence[Node]) -> None:
    """Found with the first node, invite the others one link each, and let them join."""
    first, others = nodes[0], nodes[1:]
    report.typed(first.name, f'found "{COMMUNITY}" --name {first.name}')
    founded = first.api.node.post(
        "communities", body={"name": COMMUNITY, "member_name": first.name}
    )
    first.member = founded.sub("member").text("id")
    links: list[str] = []
    for node in others:
        report.typed(first.name, f"invite {node.name}")
        receipt = first.api.post(
            "invites", body={"name": node.name}, query={"wait": "final", "timeout": int(STEP_S)}
        )
        links.append(receipt.text("link"))
    with ThreadPoolExecutor(len(others)) as pool:
        for node, answer in zip(others, pool.map(_join, others, links), strict=True):
            report.typed(node.name, f"join p2pnode:join:1… --name {node.name}")
            node.member = answer.sub("member").text("id")
    for node in nodes:
        node.until_status(
            "have everybody connected and on the committee",
            partial(has_committee, size=len(nodes), reachable=len(nodes)),
        )
    committee = first.api.get("status").sub("committee")
    report.expect(True, f"{len(nodes)} members, every node connected to every other")
    for words in budget_words(committee):
        report.say(words)


def _join(node: Node, link: str) -> Document:
    body = {"link": link, "member_name": node.name}
    query: dict[str, str | int | bool | None] = {"wait": "final", "timeout": int(STEP_S)}
    return node.api.node.post("node", "joins", body=body, query=query)


def has_committee(status: Document, size: int, reachable: int) -> bool:
    """Return whether so many nodes are on the committee, and so many of them connected."""
    committee = status.maybe_sub("committee")
    return (
        committee is not None
        and committee.count("size") == size
        and committee.count("reachable") == reachable
    )


# --- deciding -----------------------------------------------------------------------------


def propose(report: Report, node: Node, title: str, tier: str, nodes: Sequence[Node]) -> str:
    """Open a proposal and return its id once all of `nodes` have its text."""
    report.typed(node.name, f'propose "{title}" --tier {tier}')
    receipt = node.api.post("proposals", body={"tier": tier, "title": title})
    proposal = receipt.sub("proposal").text("id")
    for one in nodes:
        one.until_known(proposal)
    return proposal


def vote(report: Report, ballot: Ballot, proposal: str, *, wait: bool = False) -> float:
    """Cast one vote; return the moment just before it was submitted.

    Args:
        wait: return only when the vote is in the finalized log: whatever is decided from
            then on counts it.
    """
    flag = " --wait" if wait else ""
    report.typed(ballot.node.name, f"vote {proposal[:12]} {ballot.choice}{flag}")
    at = time.monotonic()
    receipt = ballot.node.api.post(
        "proposals",
        proposal,
        "votes",
        body={"choice": ballot.choice},
        query={"wait": "final", "timeout": int(STEP_S)} if wait else None,
    )
    if receipt.flag("timed_out"):
        raise TooLate(f"{ballot.node.name}: the vote did not become final")
    return at


def decide(
    report: Report, title: str, tier: str, ballots: Sequence[Ballot], nodes: Sequence[Node]
) -> Cast:
    """Open a proposal, cast `ballots` in their order, the deciding one last.

    Votes count as far as they are final when the decision falls, so the earlier ones are
    waited for: a tally of two to three shall not come out as none to three.
    """
    proposal = propose(report, ballots[0].node, title, tier, nodes)
    for ballot in ballots[:-1]:
        vote(report, ballot, proposal, wait=True)
    return Cast(proposal, title, tier, vote(report, ballots[-1], proposal))


def conclude(
    report: Report,
    cast: Cast,
    outcome: str,
    votes: tuple[int, int],
    nodes: Sequence[Node],
    *,
    timed: bool = True,
) -> Document:
    """Wait until the outcome is final on all of `nodes`, and note how long that took.

    Args:
        votes: yes and no, as every node must count them.
        timed: False where it had to wait for something else than the votes.
    """
    found = [node.until_grade(cast.id, "final", outcome) for node in nodes]
    counts = [one.sub("tally") for one in found]
    said = {(one.count("yes"), one.count("no")) for one in counts}
    report.say(found[0].text("formula"))
    report.expect(
        said == {votes},
        f"{outcome} and final on {len(nodes)} nodes, with the same votes: {tally(found[0])}",
    )
    report.timings.append(
        Timing(
            cast.title,
            cast.tier,
            outcome,
            f"{votes[0]}:{votes[1]}",
            _slowest_ms(cast, "provisional", nodes) if timed else None,
            _slowest_ms(cast, "final", nodes) if timed else None,
        )
    )
    return found[0]


def _slowest_ms(cast: Cast, grade: str, nodes: Sequence[Node]) -> int:
    """Return how long after the deciding vote the last node said that it had the grade."""
    reached = [
        node.until("say what it decided", partial(node.follower.reached_at, cast.id, grade))
        for node in nodes
    ]
    return round((max(reached) - cast.decided_at) * 1000)


def implementation_passes(report: Report, nodes: Sequence[Node]) -> None:
    alice, bob, carol = nodes[:3]
    ballots = [Ballot(node, "yes") for node in (alice, bob, carol)]
    cast = decide(report, "Paint the shed green", "implementation", ballots, nodes)
    conclude(report, cast, "passed", (3, 0), nodes)


def tactical_fails_by_one(report: Report, nodes: Sequence[Node]) -> None:
    alice, bob, carol, dave, erin = nodes
    ballots = [
        Ballot(bob, "yes"),
        Ballot(alice, "yes"),
        Ballot(carol, "no"),
        Ballot(dave, "no"),
        Ballot(erin, "no"),
    ]
    cast = decide(report, "Open on Sundays", "tactical", ballots, nodes)
    found = conclude(report, cast, "rejected", (2, 3), nodes)
    required, yes = found.maybe_count("required_yes"), found.sub("tally").count("yes")
    report.expect(required == yes + 1, f"it failed by one vote: {yes} yes, {required} needed")


def strategic_waits_for_fourth(report: Report, nodes: Sequence[Node]) -> None:
    alice, bob, carol, dave, _ = nodes
    ballots = [Ballot(node, "yes") for node in (carol, alice, bob)]
    cast = decide(report, "Join the seed-bank federation", "strategic", ballots, nodes)
    for node in nodes:
        node.until("see three votes", partial(_with_yes, node, cast.id, 3))
    said = [node.api.get("proposals", cast.id, "explanation") for node in nodes]
    is_open = all(one.sub("proposal").text("outcome") == "open" for one in said)
    report.typed(dave.name, f"explain {cast.id[:12]}")
    for reason in said[0].subs("reasons"):
        report.say(reason.text("text"))
    report.expect(is_open, "3 of 5 is 60 %: every node says that it is still open")
    decided_at = vote(report, Ballot(dave, "yes"), cast.id)
    conclude(report, Cast(cast.id, cast.title, cast.tier, decided_at), "passed", (4, 0), nodes)


def _with_yes(node: Node, proposal: str, yes: int) -> Document | None:
    found = node.proposal(proposal)
    return found if found.sub("tally").count("yes") == yes else None


# --- what goes wrong -------------------------------------------------------------------------


def killed_and_back(report: Report, nodes: Sequence[Node]) -> None:
    """Kill a node the moment its vote is acknowledged; the vote must count all the same."""
    alice, bob, _, _, erin = nodes
    proposal = propose(report, bob, "Share the water pump", "tactical", nodes)
    vote(report, Ballot(erin, "yes"), proposal)
    pid = erin.pid
    erin.kill()
    report.say(f"kill -9 {pid}   (erin, as soon as her vote was acknowledged)")
    vote(report, Ballot(bob, "yes"), proposal)
    decided_at = vote(report, Ballot(alice, "yes"), proposal)
    alice.until_status("miss erin", partial(has_committee, size=5, reachable=4))
    missing = alice.api.get("status").sub("committee").subs("missing")
    report.expect(
        [one.text("id") for one in missing] == [erin.member],
        f"the others say who is missing: {people(missing)}",
    )
    report.say("erin again, from what is on her disk: p2pnode run")
    erin.begin()
    erin.finish_start()
    cast = Cast(proposal, "Share the water pump", "tactical", decided_at)
    found = conclude(report, cast, "passed", (3, 0), nodes, timed=False)
    voted = {one.sub("member").text("id") for one in found.subs("votes")}
    report.expect(erin.member in voted, "erin's vote was not lost, and she has caught up")


def compare_logs(report: Report, nodes: Sequence[Node]) -> tuple[int, str]:
    """Return the last common commit and its root, once every node has come that far."""
    index = max(node.api.get("status").sub("log").count("index") for node in nodes)
    for node in nodes:
        node.until_status(f"have commit {index}", partial(_has_commit, index=index))
    roots = [_root_at(node, index) for node in nodes]
    report.expect(
        len(set(roots)) == 1,
        f"all {len(nodes)} logs are equal: {index} commits, root {roots[0][:16]}…",
    )
    return index, roots[0]


def _has_commit(status: Document, index: int) -> bool:
    return status.sub("log").count("index") >= index


def _root_at(node: Node, index: int) -> str:
    commits = node.api.get("commits", query={"after": index - 1, "limit": 1}).subs("items")
    return commits[0].text("root")
