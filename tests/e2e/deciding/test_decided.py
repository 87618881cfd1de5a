"""What is decided takes no more words: said at once, however it ended and whatever was shown.

And a revision that revises nothing is refused, as it would drop all votes for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from support.processes.daemons import Daemon, community


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A lone founder: her votes decide alone, so that every state is one request away."""
    one = Daemon(tmp_path_factory.mktemp("alone") / "alice")
    try:
        yield community([one], ["alice"])[0]
    finally:
        one.kill()


def ended(node: Daemon, outcome: str) -> Any:
    """Return a proposal of two texts that ended so, which no command has shown."""
    body = {"tier": "tactical", "title": "Tea at four", "closes_in": "1h"}
    asked = node.post("proposals", body, wait="final")["proposal"]["id"]
    path = f"proposals/{asked}"
    closes = {"closes_in": "1s"} if outcome == "lapsed" else {}
    revised = node.post(f"{path}/revisions", {"title": "Tea at five", **closes}, wait="final")
    current = revised["proposal"]["revision_id"]
    if outcome == "withdrawn":
        node.post(f"{path}/withdrawal", {}, wait="final")
    elif outcome != "lapsed":
        choice = {"passed": "yes", "rejected": "no"}[outcome]
        node.post(f"{path}/votes", {"choice": choice, "revision": current}, wait="final")
    found = node.get(path, wait="final", timeout=120)
    assert (found["outcome"], found["grade"]) == (outcome, "final")
    return found


@pytest.mark.parametrize("outcome", ["passed", "rejected", "lapsed", "withdrawn"])
def test_whatever_is_said_of_what_is_decided_is_refused_with_what_was_decided(
    alice: Daemon, outcome: str
) -> None:
    found = ended(alice, outcome)
    said = f"it has been decided: {outcome}"
    texts = [None, "1", "3", found["id"], found["revision_id"]]
    bodies = {"votes": {"choice": "no"}, "revisions": {"title": "Cocoa"}, "withdrawal": {}}
    for (what, body), text in product(bodies.items(), texts):
        answer = alice.refused("POST", f"proposals/{found['id']}/{what}", body | {"revision": text})
        assert (answer.status, answer["detail"]) == (409, said), (what, text)
    commands = (["vote", "no"], ["revise", "--title", "Cocoa"], ["withdraw"])
    for (verb, *more), text in product(commands, [None, "2", "3", found["revision_id"]]):
        named = [] if text is None else ["--revision", text]
        code, told = alice.command(verb, str(found["number"]), *more, *named)
        assert code == 6, (verb, text, told)
        assert said in " ".join(told.split())
        assert "--revision" not in told, "nothing that it names can help"
        how = "explain" if outcome == "lapsed" else "show"
        assert f"p2pnode {how} {found['number']}" in told, "how it ended"


def test_a_revision_that_is_none_is_refused_with_the_latest(alice: Daemon) -> None:
    body = {"tier": "tactical", "title": "Bread"}
    asked = alice.post("proposals", body, wait="final")["proposal"]
    for what, more in (("votes", {"choice": "yes"}), ("revisions", {"title": "Cake"})):
        path = f"proposals/{asked['id']}/{what}"
        answer = alice.refused("POST", path, more | {"revision": "3"})
        assert (answer.status, answer["code"]) == (404, "bad_id")
        assert "the latest is 1" in answer["detail"]
    code, told = alice.command("vote", str(asked["number"]), "yes", "--revision", "3")
    assert (code, "the latest is 1" in " ".join(told.split())) == (4, True)


@pytest.mark.parametrize("has_text", [True, False])
def test_a_revision_that_revises_nothing_is_refused_by_each_field_and_all_together(
    alice: Daemon, has_text: bool
) -> None:
    text = {"text": "At the long table.\nAll of us."} if has_text else {}
    body = {"tier": "tactical", "title": "Soup", **text}
    asked = alice.post("proposals", body, wait="final")["proposal"]
    path, number = f"proposals/{asked['id']}/revisions", str(asked["number"])
    same = {"title": "Soup", "closes_at": asked["closes_at"], **text}
    if has_text:
        same["text"] = same["text"].replace("\n", "\r\n")  # the same to everybody
    for chosen in product([True, False], repeat=len(same)):
        given = {name: same[name] for name, is_in in zip(same, chosen, strict=True) if is_in}
        for query in ({}, {"dry_run": "true"}):
            answer = alice.refused("POST", path, given, **query)
            assert (answer.status, answer["code"]) == (422, "nothing_to_revise"), given
    other = {"title": "Stew", "closes_in": "3h", "text": "Outside."}
    for name, value in other.items():
        kept = {one: same[one] for one in same if not name.startswith(one.partition("_")[0])}
        receipt = alice.post(path, kept | {name: value}, dry_run="true")
        assert receipt["state"] == "dry_run", name
    typed = [["--title", "Soup"], []] + (
        [["--title", "Soup", "--text", text["text"]]] if text else []
    )
    for more in typed:
        code, told = alice.command("revise", number, *more, "--yes")
        assert (code, "[nothing_to_revise]" in told) == (2, True), told
    assert alice.get(f"proposals/{asked['id']}")["revision"] == 1
