"""The public Python API, embedded: two nodes in one process, as a program would use them."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from p2pnode import Host, How, RequestError, UsageError
from p2pnode.answers import Fraction
from p2pnode.community.events import Event
from p2pnode.home.errors import HomeLocked, KeyFileError
from p2pnode.home.keystore import create_key
from p2pnode.home.paths import find_paths
from p2pnode.home.pending import PendingJoin, save_pending
from p2pnode_protocols import check_certificate
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.steps.notices import OpFinal, ProposalDecided
from p2pnode_protocols.wire.ids import OpId, to_text

SETTINGS = {"net.port": 0, "net.hosts": ["127.0.0.1"], "net.mdns": False}
CHANGES = {"timing.linger_ms": 0}
FINAL = How(wait="final")
HOUR_MS = 3_600_000


def make_home(path: Path) -> Path:
    paths = find_paths(path)
    paths.prepare()
    create_key(paths.key_file)
    return path


async def test_join_that_was_kept_while_the_node_started_is_taken_up(tmp_path: Path) -> None:
    homes = [make_home(tmp_path / name) for name in ("alice", "bob")]
    with trio.fail_after(60):
        async with (
            Host.open(homes[0], settings=SETTINGS) as alice,
            Host.open(homes[1], settings=SETTINGS) as bob,
        ):
            founded = await alice.found("Ops", "alice", changes=CHANGES)
            invited = await alice.community("Ops").invite("bob", how=FINAL)
            assert invited.link is not None
            await bob.take_up_kept_joins()
            assert bob.communities == (), "there is none"
            place = find_paths(homes[1]).of(founded.id)
            place.prepare()
            save_pending(place.data_dir, PendingJoin(invited.link, "bob"))
            await bob.take_up_kept_joins()
            assert (await bob.community().wait_admitted(30)).stage == "admitted"
            await bob.take_up_kept_joins()
            assert bob.community().stage == "member", "that join is done"


async def test_two_embedded_nodes_decide_and_tell_it_as_an_event(tmp_path: Path) -> None:
    homes = [make_home(tmp_path / name) for name in ("alice", "bob")]
    with trio.fail_after(60):
        async with (
            Host.open(homes[0], settings=SETTINGS) as alice,
            Host.open(homes[1], settings=SETTINGS) as bob,
        ):
            founded = await alice.found("Ops", "alice", changes=CHANGES)
            assert founded.member.name == "alice"
            ops = alice.community("Ops")
            invited = await ops.invite("bob", how=FINAL)
            assert invited.link is not None
            admitted = await bob.join(invited.link, "bob", wait_s=30)
            assert admitted.stage == "admitted"
            of_bob = bob.community(to_text("com", founded.id))

            await ops.wait_status(lambda status: status.state == "member", 10)
            opened = await ops.propose("tactical", "Tea at four", "Or at five?", vote="yes")
            assert opened.op is not None
            assert opened.proposal is not None
            await of_bob.wait_status(lambda status: len(status.needs_my_vote) == 1, 30)

            seen: list[Event] = []

            async def follow(
                *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
            ) -> None:
                with of_bob.events() as events:
                    task_status.started()
                    async for event in events:
                        seen.append(event)
                        if isinstance(event.what, ProposalDecided):
                            return

            async with trio.open_nursery() as nursery:
                await nursery.start(follow)
                voted = await of_bob.vote(opened.op, "yes", "thirsty", how=FINAL)
                assert voted.state == "final"

            for node in (ops, of_bob):
                decided = await node.wait(opened.op, "final", 30)
                assert (decided.outcome, decided.grade) == ("passed", "final")
                assert decided.text == "Or at five?"
                assert [vote.reason for vote in decided.votes] == [None, "thirsty"]
                assert node.explain(opened.op).finality.state == "final"
                assert [one.title for one in node.decisions("tea").items] == ["Tea at four"]
                proof = await node.wait_for_certificate(opened.op, 30)
                verdict = check_certificate(proof.community, proof.content)
                assert {vote.name for vote in verdict.votes} == {"alice", "bob"}
            assert any(isinstance(one.what, ProposalDecided) for one in seen)
            assert (await of_bob.verify_log()).ok


async def test_reader_of_events_hears_of_each_of_many_ops_under_way(tmp_path: Path) -> None:
    people, times = 256, 6
    settings = {**SETTINGS, "limits.ops_per_minute": 60_000}
    async with Host.open(make_home(tmp_path / "a"), settings=settings) as alice:
        await alice.found(
            "Ops", "alice", changes={**CHANGES, "tiers.tactical.min_open_ms": HOUR_MS}
        )
        opened = (await alice.community().propose("tactical", "Tea at four")).op
        assert opened is not None
        vote = Vote(opened, opened, "yes", None)
        said: set[OpId] = set()
        heard: set[OpId] = set()

        async def keep_voting() -> None:
            assert alice.community().session is not None
            for _ in range(times):
                op = await alice.community().session.submit(vote, urgent=True)
                said.add(op.id)

        with trio.fail_after(120), alice.community().events() as events:
            async with trio.open_nursery() as nursery:
                for _ in range(people):
                    nursery.start_soon(keep_voting)
                async for event in events:
                    if isinstance(event.what, OpFinal):
                        heard.add(event.what.op)
                        if len(heard - {opened}) == people * times:
                            break
            assert heard - {opened} == said


async def test_wait_that_is_in_vain_says_so(tmp_path: Path) -> None:
    async with Host.open(make_home(tmp_path / "a"), settings=SETTINGS) as alice:
        await alice.found("Ops", "alice", changes=CHANGES)
        receipt = await alice.community().propose("tactical", "Nobody votes", how=FINAL)
        assert receipt.op is not None
        waited = await alice.community().wait(receipt.op, "provisional", timeout_s=0.01)
        assert waited.timed_out
        assert waited.grade == "open"


async def test_refusals_are_exceptions_with_codes(tmp_path: Path) -> None:
    async with Host.open(make_home(tmp_path / "a"), settings=SETTINGS) as alice:
        with pytest.raises(RequestError) as idle:
            await alice.community().propose("tactical", "Too early")
        assert idle.value.code == "no_community"
        await alice.found("Ops", "alice", changes=CHANGES)
        with pytest.raises(UsageError) as unknown:
            await alice.community().propose("royal", "No such tier")
        assert unknown.value.code == "unknown_tier"


async def test_amendment_takes_fractions_in_any_terms(tmp_path: Path) -> None:
    async with Host.open(make_home(tmp_path / "a"), settings=SETTINGS) as alice:
        await alice.found("Ops", "alice", changes=CHANGES)
        changes = {"tiers.tactical.threshold": Fraction(4, 6)}
        receipt = await alice.community().amend(changes, how=FINAL)
        assert receipt.proposal is not None
        assert receipt.proposal.effect == "done"
        tier = next(one for one in alice.community().charter().tiers if one.name == "tactical")
        assert tier.threshold == Fraction(2, 3)


async def test_error_of_the_program_is_raised_as_itself(tmp_path: Path) -> None:
    home = make_home(tmp_path / "a")

    async def fail() -> None:
        async with Host.open(home, settings=SETTINGS) as alice:
            await alice.found("Ops", "alice")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with Host.open(home, settings=SETTINGS) as alice:  # and the home is free again
        assert alice.community().stage == "member"


async def test_home_without_key_or_in_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError):
        async with Host.open(tmp_path / "empty", settings=SETTINGS):
            pass
    home = make_home(tmp_path / "a")
    async with Host.open(home, settings=SETTINGS):
        with pytest.raises(HomeLocked):
            async with Host.open(home, settings=SETTINGS):
                pass


async def test_erased_texts_are_gone_and_the_decision_stays(tmp_path: Path) -> None:
    with trio.fail_after(60):
        async with Host.open(make_home(tmp_path / "alice"), settings=SETTINGS) as alice:
            await alice.found("Ops", "alice", changes=CHANGES)
            opened = await alice.community().propose(
                "tactical", "Bob drinks", "He does.", vote="yes", how=FINAL
            )
            assert opened.proposal is not None
            asked = await alice.community().erase(
                str(opened.proposal.number), text="unkind", how=FINAL
            )
            assert asked.proposal is not None
            assert asked.proposal.outcome == "passed"
            shown = alice.community().proposal(str(opened.proposal.number))
            gone = f"(erased by decision {asked.proposal.number})"
            assert (shown.outcome, shown.title, shown.text) == ("passed", gone, gone)
            assert [vote.choice for vote in shown.votes] == ["yes"]
            with pytest.raises(UsageError, match="erased already"):
                await alice.community().erase(str(opened.proposal.number))
            verified = await alice.community().verify_log()
            assert verified.ok
    store = (tmp_path / "alice").rglob("store.db*")
    assert not any(b"Bob drinks" in file.read_bytes() for file in store)
