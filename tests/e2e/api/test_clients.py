"""Both clients against a real daemon: each answer is the value that the daemon rendered."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.processes.daemons import Daemon, community

from p2pnode.api.answering import to_document
from p2pnode.client import AsyncClient, Call, Client, Refused, Unreachable, calls


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    one = Daemon(tmp_path_factory.mktemp("alone") / "alice")
    try:
        yield community([one], ["alice"])[0]
    finally:
        one.kill()


def _everything(client: Client) -> list[Call[object]]:
    """Do a little of all, and return the calls that read it."""
    made = client.ask(calls.propose("tactical", "Tea at four", "Green.", vote="yes", wait="final"))
    assert (made.state, made.code) == ("final", "ok")
    assert made.op is not None
    client.ask(calls.invite("Bo", text="a friend"))
    amended = client.ask(calls.amend({"tiers.tactical.threshold": (2, 3)}, vote=None))
    assert amended.proposal is not None
    client.ask(calls.vote(amended.proposal.id, "no", "not now"))
    return [
        calls.node_status(),
        calls.communities(),
        calls.status(min_index=1),
        calls.health(deep=True),
        calls.charter(),
        calls.members(),
        calls.member("me"),
        calls.invites(),
        calls.peers(),
        calls.epochs(),
        calls.commits(),
        calls.proposals(),
        calls.proposals(state="decided", tier="tactical", outcome="passed", query="tea"),
        calls.proposal(made.op, wait="final"),
        calls.explanation(amended.proposal.id),
        calls.certificate(made.op, timeout_s=30),
        calls.verify_log(),
        calls.propose("tactical", "x", dry_run=True),
    ]


def test_every_answer_is_read_back_as_it_was_rendered(alice: Daemon) -> None:
    client = Client(alice.paths.home)
    for call in _everything(client):
        raw = client.document(call)
        typed = client.ask(call)
        if "now" not in raw and raw.get("schema") != "p2pnode/receipt/1":  # else: time goes on
            assert _still(to_document(typed)) == _still(raw), call.path


def _still(document: object) -> str:
    """Return a document without what others on this machine change: how full its disk is."""
    return re.sub("[0-9]+ MiB free", "… MiB free", json.dumps(document, sort_keys=True))


def test_lists_are_gone_through_page_by_page(alice: Daemon) -> None:
    client = Client(alice.paths.home)
    for title in ("one", "two"):
        client.ask(calls.propose("tactical", title, vote="yes", wait="final"))
    indices = [one.index for one in client.items(calls.commits(limit=1))]
    assert indices == list(range(1, len(indices) + 1))
    assert len(indices) > 1


def test_refusals_are_told_by_their_code(alice: Daemon) -> None:
    client = Client(alice.paths.home)
    with pytest.raises(Refused) as caught:
        client.ask(calls.propose("nope", "x"))
    assert (caught.value.code, caught.value.status) == ("unknown_tier", 422)


def test_asyncio_asks_at_once_and_follows_events(alice: Daemon) -> None:
    async def act() -> list[str]:
        client = AsyncClient(alice.paths.home)
        made = await client.ask(calls.propose("tactical", "At once"))
        assert made.proposal is not None
        seen: list[str] = []
        is_following = asyncio.Event()

        async def follow() -> None:
            async for event in client.events(kinds=("proposal_decided",)):
                seen.append(event.kind)
                is_following.set()  # `hello` has come: from here on nothing is missed
                if event.kind == "proposal_decided":
                    return

        following = asyncio.create_task(follow())
        async for event in client.events(after=0, kinds=("committed",)):
            if event.id is not None:
                break
        many = (client.ask(calls.proposal(made.proposal.id)) for _ in range(8))
        assert {one.title for one in await asyncio.gather(*many)} == {"At once"}
        await is_following.wait()
        voted = await client.ask(calls.vote(made.proposal.id, "yes", wait="final"))
        assert voted.state == "final"
        await asyncio.wait_for(following, 60)
        indices = [one.index async for one in client.items(calls.commits(limit=1))]
        assert indices == sorted(set(indices))
        with pytest.raises(Refused):
            await client.ask(calls.proposal("zz99zz99"))
        return seen

    assert asyncio.run(act()) == ["hello", "proposal_decided"]


def test_no_daemon_is_told_apart_from_one_that_does_not_answer(home: Daemon) -> None:
    with pytest.raises(Unreachable) as caught:
        Client(home.paths.home).ask(calls.status())
    assert caught.value.is_absent

    async def act() -> None:
        with pytest.raises(Unreachable) as caught:
            await AsyncClient(home.paths.home).ask(calls.status())
        assert caught.value.is_absent

    asyncio.run(act())


def test_events_end_with_the_daemon(home: Daemon) -> None:
    home.start()
    of_all = Client(home.paths.home).all_events()
    assert next(of_all).data["communities"] == []
    home.found("alice")
    events = Client(home.paths.home).community("Ops").events()
    assert next(events).kind == "hello"
    home.stop()
    assert [one.kind for one in events] in ([], ["state_changed"])
    assert {one.kind for one in of_all} >= {"state_changed"}


README = Path(__file__).parents[3] / "README.md"


def test_the_programs_of_the_readme_run(tmp_path: Path) -> None:
    asking, embedded = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert "import trio" in embedded
    ana = Daemon(tmp_path / "ana")
    try:
        community([ana], ["ana"])
        assert _run(asking, ana) == "passed\n"
        ana.stop()
        assert _run(embedded, ana) == "passed\n"
    finally:
        ana.kill()


def test_a_program_of_the_readme_makes_no_home_where_none_was(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for program in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL):
        done = _started(program, nowhere)
        assert done.returncode != 0
        assert "p2pnode init" in done.stderr or "p2pnode.sock" in done.stderr
        assert not nowhere.exists(), program


def _run(program: str, at: Daemon) -> str:
    assert at.paths.home is not None
    done = _started(program, Path(at.paths.home))
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a program that sets up no logs is told none"
    return done.stdout


def _started(program: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run it as whoever has this home, in a directory that is none."""
    ours = {"P2PNODE_NET_MDNS": "false", "P2PNODE_NET_PORT": "0", "P2PNODE_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=home.parent, capture_output=True, text=True,
        timeout=120, check=False, env=os.environ | ours,
    )  # fmt: skip
