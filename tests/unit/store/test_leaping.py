"""What a store answers leaps with, and that the record of who leapt can be derived again: R7.17."""

from __future__ import annotations

import functools
import hashlib
import shutil
import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest
from support.certified.pruned import KEPT, SignedCluster, prune

import p2pnode.store.store
from p2pnode.answers.verifying import verify_store
from p2pnode.store import leaping
from p2pnode.store.store import Store
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.gossip.leaping.carried import LeapReader, Reached, Way, read_leap, write_leap
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.steps.inputs import PeerDown
from p2pnode_protocols.steps.notices import LeaptOver
from p2pnode_protocols.steps.writes import SaveClosed, SaveCommit, SaveEpoch, SaveLeap, SaveReceipt
from p2pnode_protocols.wire.codec import Scroll
from p2pnode_protocols.wire.crypto import verify_ed25519
from p2pnode_protocols.wire.limits import RECALLED_BYTES


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SignedCluster]:
    """The store of a member that was there from the start, went away in mid-epoch, and leapt."""
    folder = tmp_path_factory.mktemp("returned")
    path = folder / "late.sqlite"
    with Store.create(folder / "unused.sqlite") as unused:
        cluster = SignedCluster(unused)
    cluster.connect()
    while cluster.node(0).core.epoch.number < KEPT:
        cluster.decide(1)
    cluster.decide(1)
    late, others = cluster.devices[2], cluster.devices[:2]
    for _ in range(2):
        cluster.cut = {frozenset((late, one)) for one in others}
        for one in others:
            cluster.give(late, PeerDown(one))
            cluster.give(one, PeerDown(late))
        away = cluster.node(0).core.epoch.number
        while cluster.node(0).core.epoch.number < away + 2:
            proposal = cluster.propose(0)
            for place in range(2):
                cluster.vote(place, proposal)
            cluster.run(4_000)
        cluster.keep_epochs = 1
        cluster.cut.clear()
        cluster.connect()
        cluster.run(20_000)
        cluster.decide(1)
    cluster.run(2_000)
    node = cluster.node(2)
    assert len(node.noticed(LeaptOver)) == 2
    with Store.create(path) as store:
        store.adopt(cluster.charter.to_bytes())
        store.apply([found_epoch(cluster.charter), *node.writes], durable=True)
    return path, cluster


@pytest.fixture
def path(tmp_path: Path, returned: tuple[Path, SignedCluster]) -> Path:
    """The store of one who was there all the time."""
    _, cluster = returned
    with Store.create(tmp_path / "store.sqlite") as store:
        store.adopt(cluster.charter.to_bytes())
        writes = cluster.node(0).writes
        store.apply([found_epoch(cluster.charter), *writes], durable=True)
        return store.path


@pytest.mark.parametrize("keep", [1_000, KEPT, 1])
def test_log_of_a_member_that_leapt_in_mid_history_is_verified_to_its_end(
    tmp_path: Path, returned: tuple[Path, SignedCluster], keep: int
) -> None:
    original, cluster = returned
    path = shutil.copy(original, tmp_path / "store.sqlite")
    prune(path, keep)
    found = verify_store(path)
    assert found.problems == ()
    core = cluster.node(2).core
    assert (found.commits, found.root) == (core.final_index, core.final_root)


@pytest.mark.parametrize("keep", [1_000, KEPT, 1])
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE commits SET root = randomblob(32) WHERE number = {last}", "has root"),
        ("UPDATE commits SET root = randomblob(32) WHERE number = 5", "commit 5 has root"),
        ("UPDATE commits SET root = randomblob(32) WHERE number = {left}", "commit {left} has"),
        ("DELETE FROM commits WHERE number = {left} - 1", "commit"),
        ("DELETE FROM receipts WHERE number = {landed}", "after commit {left}"),
        ("DELETE FROM closed WHERE place = {closed}", "after commit {left}"),
        ("UPDATE epochs SET genesis_root = randomblob(32) WHERE landed = 1", "after commit {left}"),
        ("UPDATE epochs SET landed = 0, snapshot = NULL WHERE landed = 1", "commit"),
    ],
)
def test_changed_record_of_a_member_that_leapt_is_found(
    tmp_path: Path, returned: tuple[Path, SignedCluster], keep: int, damage: str, words: str
) -> None:
    original, cluster = returned
    path = shutil.copy(original, tmp_path / "store.sqlite")
    prune(path, keep)
    leap = cluster.node(2).noticed(LeaptOver)[0]
    assert isinstance(leap, LeaptOver)
    commits = [one.commit.index for one in cluster.node(2).writes if isinstance(one, SaveCommit)]
    places = {
        "last": commits[-1],
        "left": max(one for one in commits if one <= leap.index),
        "landed": leap.index,
    }
    with sqlite3.connect(path) as db:
        counted = "SELECT closed FROM epochs WHERE number = ?"
        (places["closed"],) = db.execute(counted, (leap.to_epoch,)).fetchone()
        assert db.execute(damage.format(**places)).rowcount > 0
    found = verify_store(path)
    assert not found.ok
    assert words.format(**places) in found.problems[0]


def test_log_that_ends_with_a_leap_is_verified_to_it(
    tmp_path: Path, returned: tuple[Path, SignedCluster]
) -> None:
    _, cluster = returned
    writes = cluster.node(2).writes
    end = next(place for place, one in enumerate(writes) if isinstance(one, SaveLeap))
    landing = next(
        place for place, one in enumerate(writes) if place > end and isinstance(one, SaveEpoch)
    )
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        store.adopt(cluster.charter.to_bytes())
        store.apply([found_epoch(cluster.charter), *writes[: landing + 1]], durable=True)
        epoch = writes[landing]
        assert isinstance(epoch, SaveEpoch)
        assert store.last_commit() == (epoch.genesis_index, epoch.genesis_root)
    found = verify_store(path)
    assert found.problems == ()
    assert (found.commits, found.root) == (epoch.genesis_index, epoch.genesis_root)


# --- answers to leaps -------------------------------------------------------------------------


def reached(cluster: SignedCluster, part: Leapt) -> int:
    """Return the epoch that a leap from the founding one leads to."""
    community, begin = cluster.charter.community_id, found_epoch(cluster.charter)
    return read_leap(community, begin, (), None, part.data, verify_ed25519).record.number


def test_an_answer_lasts_only_until_receipts_come(
    tmp_path: Path, returned: tuple[Path, SignedCluster]
) -> None:
    _, cluster = returned
    writes = cluster.node(0).writes
    last = [one for one in writes if isinstance(one, SaveEpoch)][-1]
    late = [
        one
        for one in writes
        if isinstance(one, SaveReceipt) and one.receipt.statement.index == last.genesis_index
    ]
    with Store.create(tmp_path / "store.sqlite") as store:
        store.adopt(cluster.charter.to_bytes())
        founding = found_epoch(cluster.charter)
        store.apply([founding, *(one for one in writes if one not in late)], durable=True)
        none, less = Leap(last.number - 1, 0, None, 0), Leap(0, 0, None, 0)
        assert store.serve_leap(none).total == 0
        before = store.serve_leap(less)
        assert reached(cluster, before) == last.number - 1
        store.apply(late, durable=True)
        assert store.serve_leap(none).total > 0
        assert reached(cluster, store.serve_leap(less)) == last.number


def test_an_answer_that_receipts_may_lengthen_is_found_once_for_all_its_parts(
    tmp_path: Path, returned: tuple[Path, SignedCluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may never come, as their signers are gone, or a liar keeps its own back."""
    _, cluster = returned
    writes = cluster.node(0).writes
    last = [one for one in writes if isinstance(one, SaveEpoch)][-1]
    late = [
        one
        for one in writes
        if isinstance(one, SaveReceipt) and one.receipt.statement.index == last.genesis_index
    ]
    found: list[int] = []
    monkeypatch.setattr(leaping, "write_leap", lambda *those: found.append(1) or write_leap(*those))
    with Store.create(tmp_path / "store.sqlite") as store:
        store.adopt(cluster.charter.to_bytes())
        founding = found_epoch(cluster.charter)
        store.apply([founding, *(one for one in writes if one not in late)], durable=True)
        for count, receipt in enumerate(late, 1):
            for offset in range(3):
                part = store.serve_leap(Leap(0, 0, None, offset))
                assert reached(cluster, store.serve_leap(Leap(0, 0, None, 0))) == last.number - 1
                assert part.digest == store.serve_leap(Leap(0, 0, None, 0)).digest
            assert len(found) == count
            store.apply([receipt], durable=True)
        assert reached(cluster, store.serve_leap(Leap(0, 0, None, 0))) == last.number


def test_answers_to_several_leaps_are_found_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    monkeypatch.setattr(leaping, "write_leap", lambda *those: found.append(1) or write_leap(*those))
    with Store.open(path) as store:
        for _ in range(3):
            for closed in range(leaping.ANSWERS):
                part = store.serve_leap(Leap(0, closed, None, 0))
                assert part.digest == hashlib.sha256(part.data).digest()
        assert len(found) == leaping.ANSWERS
        for closed in range(leaping.ANSWERS + 1):
            store.serve_leap(Leap(0, closed, None, 0))
        assert len(found) == leaping.ANSWERS + 1
        store.serve_leap(Leap(0, 0, None, 0))
        assert len(found) == leaping.ANSWERS + 2, "what was asked for last is kept, no more"


def test_closed_proposals_do_not_make_a_leap_too_large(
    path: Path, returned: tuple[Path, SignedCluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    # All in one they shut every newcomer out for good, once they took more than a leap may.
    _, cluster = returned
    closed = [one.closed for one in cluster.node(0).writes if isinstance(one, SaveClosed)]
    with Store.open(path) as store:
        less = store.serve_leap(Leap(0, 0, None, 0)).total - len(closed[0].record)
    monkeypatch.setattr(leaping, "SNAPSHOT_BYTES", less)
    with Store.open(path) as store:
        store._leaping = leaping.Leaping(piece_bytes=1)
        part = store.serve_leap(Leap(0, 0, None, 0))
        begin = found_epoch(cluster.charter)
        reader = LeapReader(cluster.charter.community_id, begin, verify_ed25519)
        reached = reader.finish(part.data, 0, None)
        pieces = 0
        while reached.run.before > 0:
            data = store.serve_recall(Recall(0, reached.run.before, 1, 0)).data
            reached.run.take(Scroll(data, RECALLED_BYTES, "piece"), 0, 1)
            pieces += 1
        assert pieces == reached.run.last - 1
        landing = reached.land((), verify_ed25519)
        assert landing.closed == tuple(closed[: len(landing.closed)])


def bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a leap hold one link and one closed proposal."""
    least = functools.partial(leaping.Leaping, piece_bytes=1, links_bytes=1)
    monkeypatch.setattr(p2pnode.store.store, "Leaping", least)


def test_links_that_do_not_fit_into_one_leap_lead_to_where_the_next_begins(
    path: Path, returned: tuple[Path, SignedCluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, cluster = returned
    bit_by_bit(monkeypatch)
    begin, community = found_epoch(cluster.charter), cluster.charter.community_id
    with Store.open(path) as store:
        last = store.epochs()[-1].number
        way: Way | None = None
        ways: list[int] = []
        while not isinstance(way, Reached):
            reader = LeapReader(community, begin, verify_ed25519, way)
            part = store.serve_leap(Leap(reader.number, 0, None, 0))
            assert part == store.serve_leap(Leap(reader.number, 0, None, 0)), "it is kept"
            way = reader.finish(part.data, 0, None)
            ways.append(way.passed[-1].number)
    assert ways == list(range(1, last + 1))
    assert [one.number for one in way.passed] == ways


def test_log_after_leaps_that_came_bit_by_bit_is_verified_to_its_end(
    tmp_path: Path, returned: tuple[Path, SignedCluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, cluster = returned
    path = shutil.copy(original, tmp_path / "store.sqlite")
    bit_by_bit(monkeypatch)
    found = verify_store(path)
    assert found.problems == ()
    core = cluster.node(2).core
    assert (found.commits, found.root) == (core.final_index, core.final_root)


def test_receipts_of_an_epoch_are_put_together_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    find_link = leaping.find_link
    monkeypatch.setattr(leaping, "find_link", lambda *those: found.append(1) or find_link(*those))
    with Store.open(path) as store:
        last = store.epochs()[-1].number
        for first in range(last):
            for closed in range(3):
                assert store.serve_leap(Leap(first, closed, None, 0)).total > 0
    assert len(found) == last


def test_epochs_leapt_over_have_no_time_to_be_shown(returned: tuple[Path, SignedCluster]) -> None:
    late, _ = returned
    with Store.open(late) as store:
        leapt = {one.number for one in store.epochs() if one.is_leapt_over}
        beginnings = store.epoch_beginnings(0, store.epochs()[-1].number)
    assert leapt
    assert {one.number for one in beginnings if one.since_ms is None} == leapt


def test_log_after_any_commit_of_an_epoch_leads_to_its_end(
    path: Path, returned: tuple[Path, SignedCluster]
) -> None:
    _, cluster = returned
    community = cluster.charter.community_id
    roots = {
        one.commit.index: one.commit.root
        for one in cluster.node(0).writes
        if isinstance(one, SaveCommit)
    }
    writes = cluster.node(0).writes
    begun = [one for one in writes if isinstance(one, SaveEpoch)]
    closings = [one.closed for one in writes if isinstance(one, SaveClosed)]
    with Store.open(path) as store:
        for begin, following in pairwise(begun):
            held = [
                one
                for one in closings
                if Proposal.from_bytes(one.record).decided_ms <= begin.genesis_time_ms
            ]
            end = following.genesis_index
            for after in range(begin.genesis_index, end + 2):
                part = store.serve_leap(Leap(begin.number, len(held), after, 0))
                reader = LeapReader(community, begin, verify_ed25519)
                found = reader.finish(part.data, len(held), after)
                wanted = range(after, end + 1) if after < end else ()
                assert dict(found.roots) == {index: roots[index] for index in wanted}
            before = begin.genesis_index - 1
            assert store.serve_leap(Leap(begin.number, len(held), before, 0)).total == 0


def test_who_lacks_the_log_that_is_asked_for_has_no_answer(
    path: Path, returned: tuple[Path, SignedCluster]
) -> None:
    _, cluster = returned
    begin, following = [one for one in cluster.node(0).writes if isinstance(one, SaveEpoch)][:2]
    first, last = begin.genesis_index, following.genesis_index
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM commits WHERE number = ?", (last - 1,))
    with Store.open(path) as store:
        assert store.serve_leap(Leap(begin.number, 0, first, 0)).total == 0
        assert store.serve_leap(Leap(begin.number, 0, last - 2, 0)).total == 0
        assert store.serve_leap(Leap(begin.number, 0, last, 0)).total > 0
        assert store.serve_leap(Leap(begin.number, 0, None, 0)).total > 0
