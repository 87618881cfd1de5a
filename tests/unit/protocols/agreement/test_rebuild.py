"""Two of four nodes are gone for good: the other two rebuild, and go on (R6.11–R6.15).

Cores on perfect links, in the order of their member ids: 0 and 1 survive, 2 and 3 do not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner, fake_verify, make_charter

from p2pnode_protocols.agreement.rebuild import Rebuild, open_rebuild, sign_rebuild
from p2pnode_protocols.agreement.receipts import Statement
from p2pnode_protocols.agreement.roots import compute_rebuilt_id, compute_state_hash
from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.messages.frames import read_frame, write_frame
from p2pnode_protocols.messages.proofs import Rebuilt
from p2pnode_protocols.messages.spreading import Pull
from p2pnode_protocols.record.bodies import Back
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.steps.inputs import (
    ApplyRebuild,
    PeerDown,
    PeerUp,
    SignRebuild,
    Submit,
    WithdrawRebuild,
)
from p2pnode_protocols.steps.notices import Diverged, PeerRefused, RebuildApplied, RebuildHeard
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.writes import SaveEpoch, SaveVow
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.errors import PeerFault, UsageError
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, MemberId, WallMs
from p2pnode_protocols.wire.limits import REBUILDS_HEARD

SILENCE_MS = 60_000


def charter_of(n: int) -> Charter:
    charter = make_charter(n)
    rules = replace(charter.rules, away_interval_ms=SILENCE_MS)
    return replace(charter, created_ms=WallMs(1_000_000), rules=rules)


def stop(cluster: Cluster, places: Sequence[int]) -> None:
    """Let these nodes stop; the others see the connections end."""
    for place in places:
        gone = cluster.devices[place]
        del cluster.nodes[gone]
    for device in list(cluster.nodes):
        for place in places:
            cluster.give(device, PeerDown(cluster.devices[place]))


def seats(cluster: Cluster, places: Sequence[int]) -> frozenset[MemberId]:
    return frozenset(crypto.compute_member_id(cluster.devices[place]) for place in places)


def core(cluster: Cluster, place: int) -> Core:
    return cluster.node(place).core


def plan(cluster: Cluster, place: int, kept: frozenset[MemberId]) -> Rebuild:
    return core(cluster, place).rebuilder.plan(kept, cluster.now())


def refused(cluster: Cluster, place: int, event: SignRebuild | ApplyRebuild) -> UsageError:
    """Return why a node refuses what its user asks; it must not order anything then."""
    with pytest.raises(UsageError) as caught:
        cluster.give(cluster.devices[place], event)
    return caught.value


def sign(cluster: Cluster, rebuild: Rebuild, places: Sequence[int]) -> Rebuild:
    for place in places:
        cluster.give(cluster.devices[place], SignRebuild(rebuild))
        vow = core(cluster, place).rebuilds.vow
        assert vow is not None
        rebuild = rebuild.with_signatures(vow.signatures)
    return rebuild


@pytest.fixture
def lost() -> Cluster:
    """Four nodes with one decision behind them; the last two have been silent for long."""
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    first = cluster.propose(0)
    for place in (0, 1, 2):
        cluster.vote(place, first, urgent=True)
    cluster.run(2_000)
    assert cluster.outcome(1, first) == "passed"
    stop(cluster, (2, 3))
    cluster.run(SILENCE_MS)
    return cluster


def rebuilt(lost: Cluster) -> Rebuild:
    """Let both survivors sign and apply."""
    complete = sign(lost, plan(lost, 0, seats(lost, (0, 1))), (0, 1))
    for place in (0, 1):
        lost.give(lost.devices[place], ApplyRebuild(complete))
    return complete


def object_to(cluster: Cluster, place: int) -> str:
    """Open a proposal where one no decides, and say no; return what becomes of it."""
    proposal = cluster.propose(place, "individual")
    cluster.vote(place, proposal, "no", urgent=True)
    cluster.run(5_000)
    return cluster.outcome(0, proposal)


# --- survivors ------------------------------------------------------------------------------


def test_nothing_is_final_without_a_quorum_and_all_is_after_the_rebuild(lost: Cluster) -> None:
    before = lost.propose(0, "individual")
    lost.vote(0, before, "no", urgent=True)
    lost.run(20_000)
    assert lost.outcome(0, before) == "unknown"
    index = core(lost, 0).final_index

    complete = rebuilt(lost)
    lost.run(5_000)

    assert [lost.outcome(place, before) for place in (0, 1)] == ["rejected", "rejected"]
    one, other = core(lost, 0), core(lost, 1)
    assert one.epoch.id == other.epoch.id == complete.next_epoch
    assert one.final_index == other.final_index > index
    assert one.final_root == other.final_root
    assert {one.id for one in one.state.charter.members if one.away} == seats(lost, (2, 3))
    assert len(one.state.charter.members) == 4
    assert one.epoch.committee.quorum == 2


def test_the_new_epoch_is_derived_from_log_charter_and_state(lost: Cluster) -> None:
    """A verifier computes the same from what a link of the chain of epochs carries."""
    ended, old = core(lost, 0).epoch.id, core(lost, 0).state.charter
    complete = rebuilt(lost)
    (record,) = [one for one in lost.node(0).writes if isinstance(one, SaveEpoch) and one.rebuild]
    charter = Charter.from_bytes(record.charter)
    assert record.rebuild == complete
    assert record.id == compute_rebuilt_id(
        ended,
        record.genesis_index,
        record.genesis_root,
        charter,
        compute_state_hash(record.snapshot),
    )
    keys = sorted(one.devices[0] for one in charter.members if not one.away)
    hashed = (
        (b"outer", encode([1, "byzantine", keys, 4, 0])),
        (b"charter", record.charter),
        (b"state", record.snapshot),
    )
    content: list[Value] = [ended, record.genesis_index, record.genesis_root]
    content += [hashlib.sha256(b"p2pnode/%s/1\0" % tag + said).digest() for tag, said in hashed]
    assert record.id == hashlib.sha256(b"p2pnode/rebuild/1\0" + encode(content)).digest()
    as_before = [replace(one, away=False) for one in charter.members]
    assert replace(charter, members=tuple(as_before)) == old
    wire = complete.to_bytes()
    assert open_rebuild(lost.charter.community_id, wire, fake_verify) == complete


def test_it_is_durable_before_anything_is_sent(lost: Cluster) -> None:
    complete = sign(lost, plan(lost, 0, seats(lost, (0, 1))), (0, 1))
    step = lost.give(lost.devices[0], ApplyRebuild(complete))
    assert any(isinstance(one, SaveEpoch) for one in step.writes)
    assert any(isinstance(one, RebuildApplied) for one in step.notices)
    assert step.sends, "the others are told in which epoch this node stands"


def test_who_signed_makes_no_block_of_the_epoch_until_withdrawn_over_restarts_too(
    lost: Cluster,
) -> None:
    wanted = plan(lost, 0, seats(lost, (0, 1)))
    sign(lost, wanted, (0,))
    made = len(lost.node(0).own_blocks())
    lost.propose(0)
    lost.run(5_000)
    assert len(lost.node(0).own_blocks()) == made

    lost.start(lost.devices[0], lost.restored(0))
    lost.give(lost.devices[0], PeerUp(lost.devices[1]))
    lost.give(lost.devices[1], PeerUp(lost.devices[0]))
    lost.run(2 * SILENCE_MS)  # longer than anything lingers
    assert core(lost, 0).rebuilds.vow is not None
    assert lost.node(0).own_blocks() == []

    lost.give(lost.devices[0], WithdrawRebuild())
    lost.run(5_000)
    assert len(lost.node(0).own_blocks()) > 0
    assert [one for one in lost.node(0).writes if isinstance(one, SaveVow)] == [SaveVow(None)]


def test_one_rebuild_of_an_epoch_is_signed_at_a_time() -> None:
    cluster = Cluster(7, charter_of(7))
    cluster.connect()
    stop(cluster, (4, 5, 6))
    cluster.run(SILENCE_MS)
    sign(cluster, plan(cluster, 0, seats(cluster, (0, 1, 2, 3))), (0,))
    stop(cluster, (3,))
    cluster.run(SILENCE_MS)
    second = plan(cluster, 1, seats(cluster, (0, 1, 2)))
    assert refused(cluster, 0, SignRebuild(second)).code == "not_allowed"
    cluster.give(cluster.devices[0], WithdrawRebuild())
    sign(cluster, second, (0,))


def test_a_rebuilt_epoch_survives_a_restart(lost: Cluster) -> None:
    complete = rebuilt(lost)
    lost.run(1_000)
    restored = lost.restored(0)
    lost.start(lost.devices[0], restored)
    assert core(lost, 0).epoch.id == complete.next_epoch
    assert core(lost, 0).rebuilds.applied == {1: complete}
    lost.give(lost.devices[0], PeerUp(lost.devices[1]))
    lost.give(lost.devices[1], PeerUp(lost.devices[0]))
    assert object_to(lost, 0) == "rejected"


def test_receipts_of_the_ended_epoch_are_not_waited_for() -> None:
    """Its committee is gone; what is decided from here on is proven again (R6.14)."""
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    first = cluster.propose(0)
    for place in (0, 1, 2):
        cluster.vote(place, first, urgent=True)
    cluster.run(300)  # decided, and no receipts sent yet
    assert cluster.outcome(0, first) == cluster.outcome(1, first) == "passed"
    stop(cluster, (2, 3))
    cluster.run(SILENCE_MS)
    before = core(cluster, 0)
    assert before.status().unproven != ()
    rebuilt(cluster)
    assert object_to(cluster, 0) == "rejected"
    cluster.run(1_000)
    assert core(cluster, 0).status().unproven == ()
    cluster.start(cluster.devices[0], cluster.restored(0))
    assert core(cluster, 0).status().unproven == ()


# --- refusals -------------------------------------------------------------------------------


def test_it_is_refused_while_a_quorum_is_left() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    stop(cluster, (3,))
    cluster.run(SILENCE_MS)
    with pytest.raises(UsageError, match=r"3 of 4 nodes are a quorum.*by a decision"):
        plan(cluster, 0, seats(cluster, (0, 1, 2)))


def test_it_is_refused_while_a_node_that_it_leaves_out_is_connected() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    cluster.run(SILENCE_MS)
    with pytest.raises(UsageError, match="connected to this one: it is not lost"):
        plan(cluster, 0, seats(cluster, (0, 1)))


def test_it_is_refused_until_the_others_have_been_silent_for_long() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    cluster.run(SILENCE_MS)
    stop(cluster, (2, 3))
    cluster.run(SILENCE_MS - 1)
    with pytest.raises(UsageError, match="59 s ago; one counts as lost after 1 min"):
        plan(cluster, 0, seats(cluster, (0, 1)))
    cluster.run(1)
    plan(cluster, 0, seats(cluster, (0, 1)))


def test_it_is_refused_just_after_a_start(lost: Cluster) -> None:
    lost.start(lost.devices[0], lost.restored(0))
    lost.give(lost.devices[0], PeerUp(lost.devices[1]))
    lost.run(9_000)
    with pytest.raises(UsageError, match="started less than 10 s ago"):
        plan(lost, 0, seats(lost, (0, 1)))


def test_it_is_refused_without_the_signature_of_each_seat_it_keeps(lost: Cluster) -> None:
    half = sign(lost, plan(lost, 0, seats(lost, (0, 1))), (0,))
    assert "not signed yet by" in refused(lost, 0, ApplyRebuild(half)).detail
    stranger = FakeSigner(lost.devices[3])
    odd = half.with_signatures([sign_rebuild(lost.charter.community_id, stranger, half)])
    assert refused(lost, 0, ApplyRebuild(odd)).code == "bad_rebuild"
    whole = sign(lost, odd, (1,))
    assert "does not keep" in refused(lost, 0, ApplyRebuild(whole)).detail


def test_it_is_refused_where_the_log_ends_elsewhere(lost: Cluster) -> None:
    wanted = plan(lost, 0, seats(lost, (0, 1)))
    statement = wanted.statement
    for changed, why in (
        (replace(statement, index=statement.index + 1), "let this node catch up"),
        (replace(statement, index=statement.index - 1), "never taken back"),
        (replace(statement, root=b"r" * 32), "another than this node's"),
        (replace(statement, epoch=wanted.next_epoch), "it ends the epoch"),
    ):
        bent = replace(wanted, statement=changed)
        error = refused(lost, 1, SignRebuild(bent))
        assert error.code == "bad_rebuild"
        assert why in error.detail
    named = replace(wanted, lost=())
    assert "other seats" in refused(lost, 1, SignRebuild(named)).detail
    other = EpochId(b"x" * 32)
    invented = replace(wanted, statement=replace(statement, next_epoch=other), next_epoch=other)
    assert "does not follow from this log" in refused(lost, 1, SignRebuild(invented)).detail
    assert not any(isinstance(one, SaveVow) for one in lost.node(1).writes)


def test_a_node_that_goes_is_not_asked_to_sign_and_one_that_stays_is_named() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.run(SILENCE_MS)
    with pytest.raises(UsageError) as caught:
        plan(cluster, 0, seats(cluster, (1, 2)))
    assert caught.value.code == "not_on_committee"
    with pytest.raises(UsageError) as caught:
        plan(cluster, 0, frozenset((*seats(cluster, (0,)), MemberId(b"x" * 32))))
    assert caught.value.code == "not_on_committee"


@pytest.mark.parametrize("n", [4, 5, 7, 10])
def test_a_liars_own_rebuild_is_refused_while_a_quorum_is_connected(n: int) -> None:
    """R6.13: whoever asks, whether it is kept by it or not; and again once the quorum is gone."""
    cluster = Cluster(n, charter_of(n))
    cluster.connect()
    cluster.run(2 * SILENCE_MS)
    liar, quorum = n - 1, core(cluster, 0).epoch.committee.quorum
    kept = seats(cluster, (liar,))
    record = core(cluster, 0).rebuilder._checkpoint_without(kept)
    statement = Statement(
        core(cluster, 0).epoch.id,
        core(cluster, 0).final_index,
        core(cluster, 0).final_root,
        record.id,
    )
    others = tuple(one for one in core(cluster, 0).epoch.committee.members if one not in kept)
    alone = Rebuild(statement, record.id, tuple(kept), others)
    signer = FakeSigner(cluster.devices[liar])
    alone = alone.with_signatures([sign_rebuild(cluster.charter.community_id, signer, alone)])
    for place in range(n):
        error = refused(cluster, place, ApplyRebuild(alone))
        assert error.code == "not_allowed", place
    assert "are a quorum" in refused(cluster, 0, ApplyRebuild(alone)).detail
    assert core(cluster, 0).state.roster.name_of(others[0]) in error.detail

    gone = tuple(range(1, n - quorum + 2))
    stop(cluster, gone)
    for place in (one for one in range(n - 1) if one not in gone):
        core(cluster, place).rebuilder.check_applying(alone, cluster.now())  # for its user to judge


def test_nobody_applies_one_just_after_a_start(lost: Cluster) -> None:
    complete = sign(lost, plan(lost, 0, seats(lost, (0, 1))), (0, 1))
    lost.start(lost.devices[0], lost.restored(0))
    lost.run(9_000)
    assert "started less than 10 s ago" in refused(lost, 0, ApplyRebuild(complete)).detail


def test_a_lost_node_that_returns_before_it_is_applied_stops_it(lost: Cluster) -> None:
    complete = sign(lost, plan(lost, 0, seats(lost, (0, 1))), (0, 1))
    lost.start(lost.devices[3], Restored(found_epoch(lost.charter), (), (), (), (), 0))
    lost.connect((lost.devices[0], lost.devices[3]))
    lost.run(100)
    assert "it is not lost" in refused(lost, 0, ApplyRebuild(complete)).detail


# --- those who did not apply it ---------------------------------------------------------------


def back_from_the_dead(lost: Cluster, place: int, restored: Restored) -> None:
    lost.start(lost.devices[place], restored)
    lost.connect([lost.devices[one] for one in (0, 1, place)])


def test_one_who_returns_is_told_stays_and_follows_once_its_user_says_so() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    first = cluster.propose(0)
    for place in (0, 1, 2):
        cluster.vote(place, first, urgent=True)
    cluster.run(5_000)
    kept = cluster.restored(3)
    stop(cluster, (2, 3))
    cluster.run(SILENCE_MS)
    complete = rebuilt(cluster)
    assert object_to(cluster, 0) == "rejected"

    back_from_the_dead(cluster, 3, kept)
    cluster.run(30_000)
    returned = cluster.node(3)
    assert returned.core.epoch.number == 0, "nobody follows by itself"
    assert [one.rebuild for one in returned.noticed(RebuildHeard)] == [complete]  # type: ignore[attr-defined]
    assert not any(node.noticed(Diverged) for node in cluster.nodes.values())
    assert returned.core.sync.peers.connected == {cluster.devices[0], cluster.devices[1]}

    cluster.give(
        cluster.devices[3], ApplyRebuild(returned.core.rebuilds.heard[complete.next_epoch])
    )
    cluster.run(5_000)
    assert returned.core.final_index == core(cluster, 0).final_index
    assert returned.core.final_root == core(cluster, 0).final_root
    assert returned.core.rebuilds.heard == {}
    cluster.give(cluster.devices[3], Submit(Back(), (), urgent=True))
    cluster.run(5_000)
    assert len(core(cluster, 0).epoch.committee) == 3


def test_one_who_returns_to_a_single_survivor_makes_no_block_of_the_ended_epoch(
    lost: Cluster,
) -> None:
    """Beside those that the survivors have left it could complete a commit that they have not."""
    complete = rebuilt(lost)
    lost.start(lost.devices[2], Restored(found_epoch(lost.charter), (), (), (), (), 0))
    lost.connect((lost.devices[0], lost.devices[2]))
    lost.run(2 * SILENCE_MS)
    assert set(core(lost, 2).rebuilds.heard) == {complete.next_epoch}
    assert not core(lost, 2).own_chain.is_settled
    assert lost.node(2).own_blocks() == []


def test_a_newcomer_stops_at_the_rebuild_until_its_user_says_so(lost: Cluster) -> None:
    """Epoch by epoch it verifies the log; the lost quorum's signatures are what lacks."""
    complete = rebuilt(lost)
    assert object_to(lost, 0) == "rejected"
    back_from_the_dead(lost, 2, Restored(found_epoch(lost.charter), (), (), (), (), 0))
    lost.run(20_000)
    newcomer = core(lost, 2)
    assert newcomer.epoch.number == 0
    assert newcomer.final_index == complete.statement.index
    lost.give(lost.devices[2], ApplyRebuild(newcomer.rebuilds.heard[complete.next_epoch]))
    lost.run(5_000)
    assert newcomer.final_root == core(lost, 0).final_root


def test_two_halves_that_both_rebuild_notice_each_other() -> None:
    """Nobody can prevent it; it is loud at once when they meet (R7.13)."""
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    first = cluster.propose(0)
    for place in (0, 1, 2):
        cluster.vote(place, first, urgent=True)
    cluster.run(5_000)
    halves = ((0, 1), (2, 3))
    for one in halves[0]:
        for other in halves[1]:
            pair = (cluster.devices[one], cluster.devices[other])
            cluster.cut.add(frozenset(pair))
            cluster.give(pair[0], PeerDown(pair[1]))
            cluster.give(pair[1], PeerDown(pair[0]))
    cluster.run(SILENCE_MS)
    for half in halves:
        wanted = plan(cluster, half[0], seats(cluster, half))
        complete = sign(cluster, wanted, half)
        for place in half:
            cluster.give(cluster.devices[place], ApplyRebuild(complete))
    cluster.run(1_000)
    cluster.cut.clear()
    cluster.connect()
    cluster.run(1_000)
    assert all(node.noticed(Diverged) for node in cluster.nodes.values())


def test_a_peer_cannot_make_others_believe_in_a_rebuild_that_was_not_signed(lost: Cluster) -> None:
    wanted = plan(lost, 0, seats(lost, (0, 1)))
    half = wanted.with_signatures(
        [sign_rebuild(lost.charter.community_id, FakeSigner(lost.devices[1]), wanted)]
    )
    lost.tell(0, lost.devices[1], Rebuilt(half))
    assert core(lost, 0).rebuilds.heard == {}
    (refusal,) = lost.node(0).noticed(PeerRefused)
    assert isinstance(refusal, PeerRefused)
    assert refusal.code == "bad_rebuild"


def told(cluster: Cluster, signers: Sequence[int], following: EpochId) -> Rebuild:
    """Return a rebuild that these members have signed and that fits no log."""
    epoch = core(cluster, 0).epoch
    kept = seats(cluster, signers)
    lost = tuple(one for one in epoch.committee.members if one not in kept)
    statement = Statement(epoch.id, 1, b"r" * 32, following)
    bare = Rebuild(statement, following, tuple(sorted(kept)), lost)
    community = cluster.charter.community_id
    keys = [FakeSigner(cluster.devices[place]) for place in signers]
    return bare.with_signatures([sign_rebuild(community, key, bare) for key in keys])


def test_a_liar_fills_no_places_for_rebuilds_but_its_own() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    cluster.run(100)
    for number in range(2 * REBUILDS_HEARD):
        false = told(cluster, (3,), EpochId(bytes([number]) * 32))
        cluster.tell(0, cluster.devices[3], Rebuilt(false))
    assert len(core(cluster, 0).rebuilds.heard) == REBUILDS_HEARD
    true = told(cluster, (1, 2), EpochId(b"t" * 32))
    cluster.tell(0, cluster.devices[1], Rebuilt(true))
    assert core(cluster, 0).rebuilds.heard[true.next_epoch] == true


def test_a_liar_that_names_the_epoch_of_a_true_rebuild_first_does_not_hide_it() -> None:
    cluster = Cluster(4, charter_of(4))
    cluster.connect()
    cluster.run(100)
    following = EpochId(b"t" * 32)
    true, false = told(cluster, (1, 2), following), told(cluster, (3,), following)
    for one in (false, true, false):
        cluster.tell(0, cluster.devices[3], Rebuilt(one))
    assert core(cluster, 0).rebuilds.heard == {following: true}


def test_a_signature_counts_for_no_other_seats_than_those_it_was_given_for() -> None:
    """Else whoever has a true rebuild could make others of it that nobody signed."""
    cluster = Cluster(4, charter_of(4))
    true = told(cluster, (1, 2), EpochId(b"t" * 32))
    (dropped,) = seats(cluster, (2,))
    kept = tuple(one for one in true.kept if one != dropped)
    key = cluster.devices[1]
    bent = replace(
        true,
        kept=kept,
        lost=tuple(sorted((*true.lost, dropped))),
        signatures=tuple(one for one in true.signatures if one[0] == key),
    )
    with pytest.raises(PeerFault) as caught:
        open_rebuild(cluster.charter.community_id, bent.to_bytes(), fake_verify)
    assert caught.value.code == "bad_signature"


# --- bytes -----------------------------------------------------------------------------------


def sample() -> Rebuild:
    key = DeviceKey(b"k" * 32)
    statement = Statement(
        found_epoch(charter_of(1)).id, 7, b"r" * 32, found_epoch(charter_of(2)).id
    )
    assert statement.next_epoch is not None
    bare = Rebuild(statement, statement.next_epoch, (MemberId(b"a" * 32),), (MemberId(b"b" * 32),))
    community = charter_of(4).community_id
    return bare.with_signatures([sign_rebuild(community, FakeSigner(key), bare)])


def test_a_rebuild_travels_in_a_frame_and_every_signature_is_checked() -> None:
    community = charter_of(4).community_id
    opener = Opener(community, fake_verify)
    rebuild = sample()
    assert read_frame(write_frame([Rebuilt(rebuild)]), opener) == (Rebuilt(rebuild),)
    forged = replace(rebuild, signatures=((DeviceKey(b"k" * 32), b"x" * 64),))
    with pytest.raises(PeerFault) as caught:
        read_frame(write_frame([Rebuilt(forged)]), opener)
    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize(
    "change",
    [
        {"kept": (MemberId(b"b" * 32), MemberId(b"a" * 32))},
        {"lost": (MemberId(b"b" * 32), MemberId(b"b" * 32))},
        {"signatures": ((DeviceKey(b"k" * 32), b"x" * 63),)},
        {"kept": (MemberId(b"short"),)},
    ],
    ids=["unsorted", "twice", "signature", "id"],
)
def test_a_malformed_rebuild_is_refused(change: dict[str, object]) -> None:
    wire = replace(sample(), **change).to_bytes()  # type: ignore[arg-type]
    with pytest.raises(PeerFault) as caught:
        open_rebuild(charter_of(4).community_id, wire, fake_verify)
    assert caught.value.code == "bad_field"


def test_a_pull_of_the_ended_epoch_is_still_served(lost: Cluster) -> None:
    rebuilt(lost)
    step = lost.tell(0, lost.devices[1], Pull(0, (), 1000))
    assert step.sends
