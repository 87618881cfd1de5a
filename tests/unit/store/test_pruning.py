"""Old epochs' blocks go, what they decided stays and can still be derived again: R6.10."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.cluster import Cluster
from support.dag import make_charter

from p2pnode.certifying import Certifier
from p2pnode.store import leaping
from p2pnode.store.store import Store
from p2pnode.verify import verify_store
from p2pnode_protocols.certificates import check_certificate
from p2pnode_protocols.charter import founder_seat
from p2pnode_protocols.core import Core
from p2pnode_protocols.crypto import Ed25519Signer, verify_ed25519
from p2pnode_protocols.epoch import found_epoch
from p2pnode_protocols.ids import DeviceKey, WallMs
from p2pnode_protocols.leaps import read_leap, write_leap
from p2pnode_protocols.limits import PULL_BYTES
from p2pnode_protocols.messages import Leap, Pull
from p2pnode_protocols.steps import (
    ApplyRebuild,
    LeaptOver,
    PeerDown,
    Restored,
    SaveCommit,
    SaveEpoch,
    SaveLeap,
    SaveReceipt,
    SignRebuild,
)

EPOCH_ROUNDS = 50  # the fewest there may be
KEPT = 2


class SignedCluster(Cluster):
    """A cluster with real signatures, whose first node's writes go to a store as they come."""

    def __init__(self, store: Store) -> None:
        signers = [Ed25519Signer(hashlib.sha256(b"%d" % i).digest()) for i in range(3)]
        self.signers = {one.device: one for one in signers}
        seats = [founder_seat(f"m{i}", one.device) for i, one in enumerate(signers)]
        charter = make_charter(1).with_members(seats)
        timing = replace(charter.timing, epoch_rounds=EPOCH_ROUNDS)
        super().__init__(3, replace(charter, created_ms=WallMs(1_700_000_000_000), timing=timing))
        store.adopt(self.charter.to_bytes())
        store.apply([found_epoch(self.charter)], durable=True)

    def make_core(self, device: DeviceKey, restored: Restored) -> Core:
        return Core(self.charter.community_id, self.signers[device], restored, self.now())

    def decide(self, proposals: int) -> None:
        for _ in range(proposals):
            proposal = self.propose(0)
            for place in range(3):
                self.vote(place, proposal)
            self.run(800)
            assert self.outcome(0, proposal) == "passed"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("original") / "store.sqlite"


@pytest.fixture(scope="module")
def cluster(original: Path) -> Cluster:
    """A community that went through some epochs, all of it in the store."""
    with Store.create(original) as store:
        cluster = SignedCluster(store)
        cluster.connect()
        while cluster.node(0).core.epoch.number < KEPT + 3:
            cluster.decide(1)
        cluster.run(2_000)
        store.apply(cluster.node(0).writes, durable=True)
    return cluster


@pytest.fixture
def path(tmp_path: Path, original: Path, cluster: Cluster) -> Path:
    """A copy of the store."""
    assert cluster.node(0).writes
    return shutil.copy(original, tmp_path / "store.sqlite")


def prune(path: Path, keep: int = KEPT) -> int:
    """Prune all that may go; return in how many slices."""
    slices = 0
    with Store.open(path) as store:
        while store.prune(keep):
            slices += 1
    return slices


def epochs(path: Path) -> list[tuple[int, int]]:
    """Return how many blocks are there, by epoch."""
    with sqlite3.connect(path) as db:
        return list(db.execute("SELECT epoch_number, count(*) FROM blocks GROUP BY 1 ORDER BY 1"))


def numbers(found: Sequence[tuple[int, int]]) -> list[int]:
    return [number for number, _ in found]


def test_blocks_of_old_epochs_go_and_those_of_the_last_ones_stay(
    path: Path, cluster: Cluster
) -> None:
    last = cluster.node(0).core.epoch.number
    before = epochs(path)
    assert prune(path) > 0
    kept = range(last - KEPT + 1, last + 1)
    assert epochs(path) == [one for one in before if one[0] in kept]
    assert prune(path) == 0


def test_all_ops_commits_and_decisions_are_still_there(path: Path, cluster: Cluster) -> None:
    prune(path)
    with Store.open(path) as store:
        assert store.find_damage() == ()
        for write in cluster.node(0).writes:
            if isinstance(write, SaveCommit):
                assert store.commits(write.commit.index, write.commit.index) == (write.commit,)
                for op, (_, code) in zip(write.ops, write.commit.entries, strict=True):
                    found = store.op(op.id)
                    assert found is not None
                    assert (found.op, found.code) == (op, code)


def test_every_decision_can_still_be_certified(path: Path, cluster: Cluster) -> None:
    """R8.6: a certificate needs ops, commits, charters and receipts, and no block."""
    prune(path)
    core = cluster.node(0).core
    with Store.open(path) as store:
        certifier = Certifier(core, store)
        for proposal in core.state.proposal_ids:
            file = certifier.certify(proposal)
            verdict = check_certificate(core.community, file.content)
            assert (verdict.proposal.id, verdict.proposal.outcome) == (proposal, "passed")
    assert file.epochs > KEPT


def test_pruned_store_restores_the_same_core(path: Path, cluster: Cluster) -> None:
    device = cluster.devices[0]
    with Store.open(path) as store:
        before = store.restore(device)
    prune(path)
    with Store.open(path) as store:
        after = store.restore(device)
    assert before == after
    assert after is not None
    core = cluster.make_core(device, after)  # type: ignore[attr-defined]
    assert core.final_root == cluster.node(0).core.final_root


def test_peers_are_not_given_a_part_of_an_epoch(path: Path, cluster: Cluster) -> None:
    with Store.open(path) as store:
        assert store.serve_pull(Pull(0, (), PULL_BYTES)).blocks
        store.prune(KEPT)  # one slice
        assert store.serve_pull(Pull(0, (), PULL_BYTES)).blocks == ()
        last = cluster.node(0).core.epoch.number
        assert store.serve_pull(Pull(last - 1, (), PULL_BYTES)).blocks


def test_nothing_goes_before_receipts_prove_how_the_epoch_ended(
    path: Path, cluster: Cluster
) -> None:
    begun = [one for one in cluster.node(0).writes if isinstance(one, SaveEpoch)]
    with sqlite3.connect(path) as db:
        db.execute("UPDATE proofs SET proven = 0 WHERE number = ?", (begun[0].genesis_index,))
    before = epochs(path)
    assert prune(path) == 0
    assert epochs(path) == before


def test_storage_shrinks(path: Path, cluster: Cluster) -> None:
    def size() -> int:
        with sqlite3.connect(path) as db:
            db.execute("VACUUM")
            return int(db.execute("PRAGMA page_count").fetchone()[0])

    before = size()
    prune(path)
    assert size() < before * 0.8


# --- deriving it again ----------------------------------------------------------------------


def test_log_is_verified_from_what_is_left(path: Path, cluster: Cluster) -> None:
    whole = verify_store(path)
    assert whole.ok, whole.problems
    prune(path)
    pruned = verify_store(path)
    assert pruned.ok, pruned.problems
    assert pruned == whole
    assert pruned.root == cluster.node(0).core.final_root


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE commits SET root = randomblob(32) WHERE number = 5", "commit 5 has root"),
        ("UPDATE commits SET time_ms = time_ms + 1 WHERE number = 5", "commit 5 has root"),
        ("UPDATE commits SET block = randomblob(32) WHERE number = 5", "commit 5 has root"),
        ("DELETE FROM commits WHERE number = 5", "commit 5 is not in the store"),
        ("UPDATE epochs SET id = randomblob(32) WHERE number = 1", "epoch 1 is"),
        ("DELETE FROM receipts WHERE number = {end}", "0 receipts"),
        ("UPDATE receipts SET number = number + 100000 WHERE number = {end}", "0 receipts"),
        ("DELETE FROM ops WHERE wire IS NOT NULL", "is missing"),
    ],
)
def test_changed_remains_are_found(path: Path, cluster: Cluster, damage: str, words: str) -> None:
    prune(path)
    begun = [one for one in cluster.node(0).writes if isinstance(one, SaveEpoch)]
    with sqlite3.connect(path) as db:
        db.execute(damage.format(end=begun[0].genesis_index))
    found = verify_store(path)
    assert not found.ok
    assert words in found.problems[0]


# --- a store that begins with a leap ----------------------------------------------------------


@pytest.fixture
def leapt(tmp_path: Path, cluster: Cluster) -> Path:
    """The store of a node that came late, leapt, and went through more epochs since."""
    path = tmp_path / "late.sqlite"
    device = cluster.devices[0]
    late = cluster.start(device, Restored(found_epoch(cluster.charter), (), (), (), (), 0))
    cluster.connect()
    cluster.run(5_000)
    while late.core.epoch.number < cluster.node(1).core.epoch.number + KEPT + 1:
        cluster.decide(1)  # type: ignore[attr-defined]
        if late.core.epoch.number > 2 * KEPT + 4:
            break
    cluster.run(2_000)
    with Store.create(path) as store:
        store.adopt(cluster.charter.to_bytes())
        store.apply([found_epoch(cluster.charter), *late.writes], durable=True)
    return path


def test_leapt_store_is_verified_by_its_receipts(leapt: Path, cluster: Cluster) -> None:
    prune(leapt)
    found = verify_store(leapt)
    assert found.ok, found.problems
    assert found.root == cluster.node(0).core.final_root
    with sqlite3.connect(leapt) as db:
        db.execute("UPDATE receipts SET wire = randomblob(200) WHERE number < 200")
    assert not verify_store(leapt).ok


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


def test_no_leap_is_an_answer_only_until_receipts_come(tmp_path: Path, cluster: Cluster) -> None:
    writes = cluster.node(1).writes
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
        assert store.serve_leap(Leap(0, 0, 0)).total == 0
        store.apply(late, durable=True)
        assert store.serve_leap(Leap(0, 0, 0)).total > 0


def test_answers_to_several_leaps_are_found_once(
    path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster.node(0).writes
    found: list[int] = []
    monkeypatch.setattr(leaping, "write_leap", lambda *those: found.append(1) or write_leap(*those))
    with Store.open(path) as store:
        for _ in range(3):
            for closed in range(leaping.ANSWERS):
                part = store.serve_leap(Leap(0, closed, 0))
                assert part.digest == hashlib.sha256(part.data).digest()
        assert len(found) == leaping.ANSWERS
        for closed in range(leaping.ANSWERS + 1):
            store.serve_leap(Leap(0, closed, 0))
        assert len(found) == leaping.ANSWERS + 1
        store.serve_leap(Leap(0, 0, 0))
        assert len(found) == leaping.ANSWERS + 2, "what was asked for last is kept, no more"


def test_receipts_of_an_epoch_are_put_together_once(
    path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster.node(0).writes
    found: list[int] = []
    find_link = leaping.find_link
    monkeypatch.setattr(leaping, "find_link", lambda *those: found.append(1) or find_link(*those))
    with Store.open(path) as store:
        last = store.epochs()[-1].number
        for first in range(last):
            for closed in range(3):
                assert store.serve_leap(Leap(first, closed, 0)).total > 0
    assert len(found) == last


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


# --- a rebuild in the middle (R6.15) ---------------------------------------------------------


def rebuild_alone(cluster: SignedCluster) -> int:
    """Let the two others stop for good and the first go on alone; return the epoch that ended."""
    ended = cluster.node(0).core.epoch.number
    gone = cluster.devices[1:]
    for device in gone:
        del cluster.nodes[device]
    for device in gone:
        cluster.give(cluster.devices[0], PeerDown(device))
    cluster.run(cluster.charter.rules.away_interval_ms)
    core = cluster.node(0).core
    assert core.member is not None
    plan = core.plan_rebuild(frozenset([core.member]), cluster.now())
    cluster.give(cluster.devices[0], SignRebuild(plan))
    assert core.vow is not None
    cluster.give(cluster.devices[0], ApplyRebuild(core.vow))
    return ended


def test_what_a_rebuild_ended_is_kept_verified_and_never_leapt_over(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        cluster = SignedCluster(store)
        cluster.connect()
        while cluster.node(0).core.epoch.number < 2:
            cluster.decide(1)
        cluster.run(2_000)
        ended = rebuild_alone(cluster)
        while cluster.node(0).core.epoch.number < ended + 1 + KEPT:
            cluster.vote(0, cluster.propose(0, "individual"), "no", urgent=True)
            cluster.run(800)
        cluster.run(2_000)
        store.apply(cluster.node(0).writes, durable=True)
        last = cluster.node(0).core.epoch.number
        assert store.rebuilds() == tuple(cluster.node(0).core.rebuilds.items())
        assert [number for number, _ in store.rebuilds()] == [ended + 1]
    assert verify_store(path).problems == ()
    with sqlite3.connect(path) as db:  # receipts may prove the last commit, not what follows it
        db.execute(
            "INSERT OR REPLACE INTO proofs (number, next_epoch, proven) "
            "SELECT genesis_index, NULL, 1 FROM epochs WHERE rebuild IS NOT NULL"
        )
    prune(path)
    assert numbers(epochs(path)) == list(range(ended, last + 1))
    found = verify_store(path)
    assert found.problems == ()
    assert found.root == cluster.node(0).core.final_root

    with Store.open(path) as store:
        leap = store.serve_leap(Leap(0, 0, 0))
        begin = found_epoch(cluster.charter)
        landing = read_leap(cluster.charter.community_id, begin, (), leap.data, verify_ed25519)
        assert landing.record.number == ended
        assert store.serve_leap(Leap(ended, 0, 0)).total == 0


def test_a_rebuild_with_a_forged_signature_does_not_verify(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        cluster = SignedCluster(store)
        cluster.connect()
        cluster.decide(1)
        rebuild_alone(cluster)
        store.apply(cluster.node(0).writes, durable=True)
        (_, rebuild) = store.rebuilds()[0]
    forged = replace(rebuild, signatures=((cluster.devices[0], b"x" * 64),))
    with sqlite3.connect(path) as db:
        db.execute("UPDATE epochs SET rebuild = ? WHERE rebuild IS NOT NULL", (forged.to_bytes(),))
    (problem,) = verify_store(path).problems
    assert "signature" in problem
