"""A text in parts, by a real daemon: written, revised, erased and read as one (R2.30, R10.32)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.processes.daemons import Daemon, community

from p2pnode.answers import Proposal
from p2pnode.client import Client, Refused, calls

FIRST = "# When\nAt ten, in the garden behind Bo's house.\n\n\nWho is late brings cake.\n"
SECOND = (
    "Who is late brings cake.\n\n# When\nAt eleven, in the garden behind Bo's house.\n\n"
    "Nobody pays."
)


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[Daemon]:
    one = Daemon(tmp_path / "alice")
    try:
        yield community([one], ["alice"])[0]
    finally:
        one.kill()


def parts_of(shown: Proposal) -> list[tuple[int, str | None, str]]:
    return [(one.number, one.text, one.state) for one in shown.revisions[-1].parts]


def test_parts_keep_their_numbers_and_an_erased_one_stands_in_its_place(alice: Daemon) -> None:
    client = Client(alice.paths.home)
    made = client.ask(calls.propose("tactical", "Meet on Tuesdays", FIRST, wait="final"))
    assert made.op is not None
    shown = client.ask(calls.proposal(made.op))
    assert shown.text == FIRST
    assert [number for number, _, _ in parts_of(shown)] == [1, 2, 3]

    client.ask(calls.revise(made.op, text=SECOND, revision=made.op, wait="final"))
    shown = client.ask(calls.proposal(made.op))
    assert shown.text == SECOND
    assert [number for number, _, _ in parts_of(shown)] == [3, 1, 2, 4]
    first, second = (one.parts for one in shown.revisions)
    assert first[0].text == second[1].text.strip(), "the heading is the same text"

    with pytest.raises(Refused) as refused:
        client.ask(calls.erase(made.op, part=5, revision=shown.revision_id))
    assert refused.value.code == "bad_part"
    client.ask(calls.erase(made.op, part=2, revision=shown.revision_id, wait="final"))
    shown = client.ask(calls.proposal(made.op))
    erased = "(erased by decision 2)"
    states = [(3, "here"), (1, "here"), (2, "erased"), (4, "here")]
    assert [(number, state) for number, _, state in parts_of(shown)] == states
    assert shown.text == f"Who is late brings cake.\n\n# When\n\n{erased}\n\nNobody pays."

    # What is left where it stood stays what it is, erased as well.
    text = shown.text.replace("Nobody pays.", "Bo pays.")
    client.ask(calls.revise(made.op, text=text, revision=shown.revision_id, wait="final"))
    shown = client.ask(calls.proposal(made.op))
    assert [(number, state) for number, _, state in parts_of(shown)] == states
    with pytest.raises(Refused) as refused:
        client.ask(calls.revise(made.op, text=text, revision=shown.revision_id))
    assert refused.value.code == "nothing_to_revise"
