"""Five people, five terminals, and nothing but the command that each of them types.

alice$ p2pnode init; p2pnode run            and so do bob, carol, dave and erin
alice$ p2pnode found …; p2pnode invite bob  three more invites, four joins
carol$ p2pnode propose … --tier strategic   four yes: provisional, then final
kill -9, right after a receipt, one after the other: every vote is still there
dave, erin: stopped                         the rest decides provisionally, says who is
                                            missing, and it is final when one returns
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator

import pytest
from support.processes.terminals import Terminal, Watching

pytestmark = pytest.mark.slow
NAMES = ("alice", "bob", "carol", "dave", "erin")
WAIT = ("--wait=final", "--timeout", "60s")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Terminal]]:
    """Five members of one community, made by hand as the README says."""
    root = tmp_path_factory.mktemp("five")
    terminals = [Terminal(root / name) for name in NAMES]
    try:
        for one in terminals:
            one.type("init")
            one.run()
        alice, others = terminals[0], terminals[1:]
        founded = alice.type("found", "Lane 7", "--name", "alice")
        assert "Yours is the only node so far" in " ".join(founded.out.split())
        links = [alice.type("invite", name, "--quiet", *WAIT).out.strip() for name in NAMES[1:]]
        for name, link, one in zip(NAMES[1:], links, others, strict=True):
            one.type("join", link, "--name", name, *WAIT)
        for one in terminals:
            wait_until_members(one, 5)
        yield terminals
    finally:
        for one in terminals:
            one.close()
            print(f"--- {one.home.name}\n{one.log_end()}")


def wait_until_members(one: Terminal, count: int) -> None:
    """Return when `one` is connected to everybody on a committee of `count`."""

    def holds() -> bool:
        committee = one.type("status", "--json").json["communities"][0]["committee"]
        return (committee["size"], committee["reachable"]) == (count, count)

    wait_until(one, holds)


def wait_until_known(one: Terminal, proposal: str) -> None:
    def holds() -> bool:
        listed = one.type("decisions", "--all", "--json").json["items"]
        return any(item["id"] == proposal for item in listed)

    wait_until(one, holds)


def wait_until(one: Terminal, holds: Callable[[], bool]) -> None:
    """Return when `holds` does; it is asked again after each event, which must keep coming."""
    with Watching(one) as watching:
        while not holds():
            watching.next()


def test_a_strategic_proposal_is_provisional_then_final_at_four_of_five(
    people: list[Terminal],
) -> None:
    alice, bob, carol, dave, _ = people
    opened = carol.type("propose", "Join the seed bank", "-t", "strategic", "--json", *WAIT).json
    proposal = opened["proposal"]["id"]
    for one in (alice, bob, carol):
        one.type("vote", proposal, "yes", "--yes", *WAIT)
    before = dave.show(proposal)
    assert (before["outcome"], before["grade"]) == ("open", "open")
    assert before["tally"] == {"yes": 3, "no": 0, "aside": 0, "missing": 2, "electorate": 5}

    grades: list[str] = []
    with Watching(dave) as watching:
        receipt = dave.type("vote", proposal, "yes", "--yes", "--reason", "at last")
        assert "voted yes on" in receipt.out
        while "final" not in grades:
            event = watching.next()
            if event["type"].startswith("proposal_") and event["proposal"]["id"] == proposal:
                assert event["proposal"]["outcome"] == "passed"
                grades.append(event["proposal"]["grade"])
    assert grades[0] == "provisional"

    shown = [one.show(proposal, *WAIT) for one in people]
    assert {(one["outcome"], one["grade"], one["formula"]) for one in shown} == {
        ("passed", "final", "4 yes of 5; needs 4 (at least 4/5 of 5): met")
    }
    assert len({json.dumps(one["votes"], sort_keys=True) for one in shown}) == 1
    for one in people:
        explained = one.type("explain", proposal, "--json").json
        assert explained["finality"]["state"] == "final"
        assert explained["formula"] == shown[0]["formula"]
        assert "final: passed" in one.type("show", proposal).out
    alice.type("show", proposal, "--exit-code")


def test_kill_9_after_a_receipt_loses_no_vote(people: list[Terminal]) -> None:
    alice = people[0]
    opened = alice.type("propose", "Paint the shed", "-t", "strategic", "--json", *WAIT).json
    proposal = opened["proposal"]["id"]
    for one in people[1:]:
        wait_until_known(one, proposal)
        one.type("vote", proposal, "yes", "--yes", "--reason", f"says {one.home.name}")
        assert one.end(signal.SIGKILL) == -signal.SIGKILL
        one.run()
    for one in people:
        wait_until_members(one, 5)
        found = one.show(proposal, *WAIT)
        assert (found["outcome"], found["grade"]) == ("passed", "final")
    reasons = {vote["member"]["name"]: vote["reason"] for vote in alice.show(proposal)["votes"]}
    assert reasons == {name: f"says {name}" for name in NAMES[1:]}
    roots = {
        json.dumps(one.type("verify-log", "--json", "--timeout", "60s").json["ok"])
        for one in people
    }
    assert roots == {"true"}


def test_with_two_of_five_stopped_decisions_stay_provisional_until_one_returns(
    people: list[Terminal],
) -> None:
    *rest, dave, erin = people
    for one in (dave, erin):
        assert one.end(signal.SIGTERM) == 0
    opened = rest[0].type("propose", "Share the pump", "-t", "tactical", "--json").json
    proposal = opened["proposal"]["id"]
    rest[0].type("vote", proposal, "yes", "--yes")
    for one in rest[1:]:
        wait_until_known(one, proposal)
        one.type("vote", proposal, "yes", "--yes")

    waited = rest[0].type("show", proposal, "--wait=final", "--timeout", "2s", code=7)
    assert "provisional: passed" in waited.out
    status = " ".join(rest[0].type("status").out.split())
    assert "3 of 5 nodes reachable, 4 needed" in status
    assert "dave (" in status
    assert "erin (" in status
    explained = rest[0].type("explain", proposal, "--json").json
    assert explained["finality"]["state"] == "waiting"
    rest[0].type("show", proposal, "--exit-code", code=11)

    dave.run()
    for one in (*rest, dave):
        wait_until_known(one, proposal)
        found = one.show(proposal, *WAIT)
        assert (found["outcome"], found["grade"]) == ("passed", "final")
