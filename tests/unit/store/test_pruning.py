"""Old epochs' blocks go, what they decided stays and can still be derived again: R6.10."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.certified.pruned import KEPT, SignedCluster, prune
from support.cores.cluster import Cluster

from p2pnode.answers.certifying import Certifier
from p2pnode.answers.verifying import verify_store
from p2pnode.store import pruning
from p2pnode.store.store import Store
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.gossip.leaping.carried import read_leap
from p2pnode_protocols.messages.encoded import Encoded
from p2pnode_protocols.messages.leaps import Leap
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.certificates.checking import check_certificate
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.texts import Part, make_text
from p2pnode_protocols.steps.inputs import ApplyRebuild, PeerDown, SignRebuild
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.writes import SaveCommit, SaveEpoch
from p2pnode_protocols.wire.crypto import Ed25519Signer, verify_ed25519
from p2pnode_protocols.wire.ids import MemberId, OpId, Round, WallMs
from p2pnode_protocols.wire.limits import PULL_BYTES


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


def count_blocks(store: Store, epoch: int) -> int:
    """Return how many blocks of an epoch a pull is answered with."""
    _kind, _epoch, blocks, *_ = store.serve_pull(Pull(epoch, (), PULL_BYTES)).fields
    assert isinstance(blocks, list | tuple)
    return len(blocks)


@pytest.fixture
def path(tmp_path: Path, original: Path, cluster: Cluster) -> Path:
    """A copy of the store."""
    assert cluster.node(0).writes
    return shutil.copy(original, tmp_path / "store.sqlite")


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
        assert count_blocks(store, 0)
        store.prune(KEPT, ())  # one slice
        assert not count_blocks(store, 0)
        last = cluster.node(0).core.epoch.number
        assert count_blocks(store, last - 1)


def test_an_epoch_stays_until_receipts_prove_how_it_ended_and_holds_no_other_back(
    path: Path, cluster: Cluster
) -> None:
    """A liar may keep back the receipt that lacks, and fill all that follows with blocks."""
    begun = [one for one in cluster.node(0).writes if isinstance(one, SaveEpoch)]
    stays, index = begun[0].number, begun[1].genesis_index
    last = cluster.node(0).core.epoch.number
    with sqlite3.connect(path) as db:
        db.execute("UPDATE proofs SET proven = 0 WHERE number = ?", (index,))
        held = list(db.execute("SELECT device, wire FROM receipts WHERE number = ?", (index,)))
        db.execute("DELETE FROM receipts WHERE number = ?", (index,))
    before = epochs(path)
    assert prune(path) > 0
    kept = [stays, *range(last - KEPT + 1, last + 1)]
    assert epochs(path) == [one for one in before if one[0] in kept]
    with Store.open(path) as store:
        # Who comes leaps to where it begins, replays it, and leaps on from its end.
        for begin, reached in ((found_epoch(cluster.charter), stays), (begun[1], last)):
            data = store.serve_leap(Leap(begin.number, 0, None, 0)).data
            community = cluster.charter.community_id
            assert read_leap(community, begin, (), None, data, verify_ed25519).record.number == (
                reached
            )
    assert verify_store(path).problems == ()
    with sqlite3.connect(path) as db:
        rows = [(index, device, wire) for device, wire in held]
        db.executemany("INSERT INTO receipts (number, device, wire) VALUES (?, ?, ?)", rows)
        db.execute("UPDATE proofs SET proven = 1 WHERE number = ?", (index,))
    assert prune(path) > 0
    assert epochs(path) == [one for one in before if one[0] in kept[1:]]


def test_storage_shrinks(path: Path, cluster: Cluster) -> None:
    def size() -> int:
        with sqlite3.connect(path) as db:
            db.execute("VACUUM")
            return int(db.execute("PRAGMA page_count").fetchone()[0])

    before = size()
    prune(path)
    assert size() < before * 0.8


# --- what a liar puts into its blocks -------------------------------------------------------


class Stuffer:
    """A member whose blocks carry, beside what is due, what no log takes."""

    def __init__(self, cluster: SignedCluster, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cluster = cluster
        self.device = cluster.devices[2]
        self.junk: dict[OpId, Op] = {}
        self.far = 1_000_000
        pool = cluster.node(2).core.pool
        select, carry_anew = pool.select, pool.carry_anew

        def stuffed(
            state: State,
            round_: Round,
            deferred: set[MemberId],
            deciding: set[OpId],
            seen_before: int,
        ) -> tuple[Op, ...]:
            due = select(state, round_, deferred, deciding, seen_before)
            return (*due, *self.make_junk())

        def known_only(ops: Iterable[Op]) -> None:
            carry_anew(op for op in ops if op.id in pool)

        monkeypatch.setattr(pool, "select", stuffed)
        monkeypatch.setattr(pool, "carry_anew", known_only)

    def make_junk(self) -> list[Op]:
        """Return a used nonce, one far ahead of its turn, a stranger's op and a copy."""
        cluster, core = self.cluster, self.cluster.node(2).core
        ref, _ = make_text(b"j" * 16, f"{len(self.junk)} " + "junk" * 2_000)
        body = Propose("implementation", ref, (Part(1, ref),), NoAction(), WallMs(0))
        stranger = Ed25519Signer(b"s" * 32)
        self.far += 1
        used = core.state.next_nonce(self.device) - 1
        said = [
            (cluster.signers[self.device], max(used, 1)),
            (cluster.signers[self.device], self.far),
            (stranger, self.far),
        ]
        member, time_ms = core.member, cluster.now().wall_ms
        assert member is not None
        community = cluster.charter.community_id
        made = [sign_op(community, member, one, nonce, time_ms, body) for one, nonce in said]
        self.junk.update({op.id: op for op in made})
        final = [one.ops for one in cluster.node(2).writes if isinstance(one, SaveCommit)]
        return made + [op for ops in final[-3:] for op in ops]


def test_what_the_log_passed_over_goes_with_the_blocks_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R6.10: what a liar fills its blocks with is on no disk once its epochs are pruned."""
    path = tmp_path / "store.sqlite"
    with Store.create(path) as store:
        cluster = SignedCluster(store)
        liar = Stuffer(cluster, monkeypatch)
        cluster.connect()
        while cluster.node(0).core.epoch.number < KEPT + 2:
            cluster.decide(1)
        cluster.run(2_000)
        core = cluster.node(0).core
        store.apply(cluster.node(0).writes, durable=True)
        before = [op for op in liar.junk if store.op(op) is not None]
        assert len(before) > 100, "it is in blocks that honest nodes stored"
    whole = verify_store(path)
    assert whole.ok, whole.problems

    prune(path, KEPT, core.coming_ops())
    pruned = verify_store(path)
    assert (pruned.problems, pruned) == ((), whole)
    with Store.open(path) as store:
        assert store.find_damage() == ()
        certifier = Certifier(core, store)
        for proposal in core.state.proposal_ids:
            check_certificate(core.community, certifier.certify(proposal).content)
    with sqlite3.connect(path) as db:
        in_blocks = "SELECT count(*) FROM ops WHERE commit_number IS NULL AND taken = 0"
        (alone,) = db.execute(in_blocks + " AND block IS NULL").fetchone()
        assert alone <= len(core.pool)
        (kept,) = db.execute(in_blocks).fetchone()
        assert kept < len(before) * 0.8, "only what blocks of the last epochs have"
        (orphaned,) = db.execute(
            "SELECT count(*) FROM mentions WHERE op NOT IN (SELECT id FROM ops)"
        ).fetchone()
        assert orphaned == 0, "nor does anything refer to a text for them"


@pytest.mark.parametrize("kept_bytes", [0, 1 << 30], ids=["too much", "little"])
def test_blocks_of_ended_epochs_that_take_too_much_go_sooner(
    path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, kept_bytes: int
) -> None:
    last, before = cluster.node(0).core.epoch.number, epochs(path)
    monkeypatch.setattr(pruning, "KEPT_BYTES", kept_bytes)
    prune(path, keep=1_000)
    if kept_bytes:
        assert epochs(path) == before
    else:
        assert epochs(path) == [one for one in before if one[0] >= last - 1]
    assert verify_store(path).problems == ()


def test_an_epoch_goes_whole_when_what_is_left_is_little_enough(
    path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an epoch of which some blocks have gone nobody is given the rest."""
    with sqlite3.connect(path) as db:
        query = "SELECT sum(length(wire)) FROM blocks WHERE epoch_number < ?"
        (size,) = db.execute(query, (cluster.node(0).core.epoch.number,)).fetchone()
    monkeypatch.setattr(pruning, "KEPT_BYTES", size - 1)
    before = epochs(path)
    prune(path, keep=1_000)
    assert epochs(path) == before[1:]


# --- deriving it again ----------------------------------------------------------------------


def test_log_is_verified_from_what_is_left(path: Path, cluster: Cluster) -> None:
    whole = verify_store(path)
    assert whole.ok, whole.problems
    prune(path)
    pruned = verify_store(path)
    assert pruned.ok, pruned.problems
    assert pruned == whole
    assert pruned.root == cluster.node(0).core.final_root


def test_log_is_verified_while_old_blocks_go(
    path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R6.10: what is read is one state of the store, whatever the pruner does meanwhile."""
    read, pruned = Store.serve_pull, list[int]()

    def serve_pull(store: Store, pull: Pull) -> Encoded:
        if not pruned:
            pruned.append(prune(path))
        return read(store, pull)

    monkeypatch.setattr(Store, "serve_pull", serve_pull)
    found = verify_store(path)
    assert pruned[0] > 0, "while it was verified"
    assert found.problems == ()
    assert found.root == cluster.node(0).core.final_root
    assert verify_store(path) == found


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


# --- a rebuild in the middle (R6.16) ---------------------------------------------------------


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
    plan = core.rebuilder.plan(frozenset([core.member]), cluster.now())
    cluster.give(cluster.devices[0], SignRebuild(plan))
    assert core.rebuilds.vow is not None
    cluster.give(cluster.devices[0], ApplyRebuild(core.rebuilds.vow))
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
        while cluster.node(0).core.epoch.number < ended + 2 + KEPT:
            cluster.vote(0, cluster.propose(0, "individual"), "no", urgent=True)
            cluster.run(800)
        cluster.run(2_000)
        store.apply(cluster.node(0).writes, durable=True)
        last = cluster.node(0).core.epoch.number
        assert store.rebuilds() == tuple(cluster.node(0).core.rebuilds.applied.items())
        assert [number for number, _ in store.rebuilds()] == [ended + 1]
    assert verify_store(path).problems == ()
    with sqlite3.connect(path) as db:  # receipts may prove the last commit, not what follows it
        db.execute(
            "INSERT OR REPLACE INTO proofs (number, next_epoch, proven) "
            "SELECT genesis_index, NULL, 1 FROM epochs WHERE rebuild IS NOT NULL"
        )
    prune(path)
    kept = [one for one in numbers(epochs(path)) if one != last]  # the last may have no block yet
    assert kept == [ended, *range(last - KEPT + 1, last)], "those before and after it went"
    found = verify_store(path)
    assert found.problems == ()
    assert found.root == cluster.node(0).core.final_root

    with Store.open(path) as store:
        leap = store.serve_leap(Leap(0, 0, None, 0))
        begin = found_epoch(cluster.charter)
        landing = read_leap(
            cluster.charter.community_id, begin, (), None, leap.data, verify_ed25519
        )
        assert landing.record.number == ended
        assert store.serve_leap(Leap(ended, 0, None, 0)).total == 0
        # Who has applied the rebuild goes on by leaps again.
        begun = (one for one in cluster.node(0).writes if isinstance(one, SaveEpoch))
        after = next(one for one in begun if one.rebuild is not None)
        leap = store.serve_leap(Leap(after.number, 0, None, 0))
        landing = read_leap(
            cluster.charter.community_id, after, (), None, leap.data, verify_ed25519
        )
        assert landing.record.number == last


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


def test_an_epoch_begun_by_a_rebuild_has_no_time_before_its_first_commit(tmp_path: Path) -> None:
    """The record up to it is older than the rebuild: no time is shown before it was signed."""
    with Store.create(tmp_path / "store.sqlite") as store:
        cluster = SignedCluster(store)
        cluster.connect()
        while cluster.node(0).core.epoch.number < 2:
            cluster.decide(1)
        ended = rebuild_alone(cluster)
        store.apply(cluster.node(0).writes, durable=True)
        *others, begun = store.epoch_beginnings(0, ended + 1)
        assert begun.number == ended + 1
        assert begun.since_ms is None
        assert all(one.since_ms is not None for one in others)

        told = len(cluster.node(0).writes)
        cluster.vote(0, cluster.propose(0, "individual"), "no", urgent=True)
        cluster.run(2_000)
        store.apply(cluster.node(0).writes[told:], durable=True)
        (begun,) = store.epoch_beginnings(ended + 1, ended + 1)
        (first,) = store.commits_from(begun.genesis_index + 1, 1)
        assert first.epoch_number == ended + 1
        assert begun.since_ms == first.time_ms
