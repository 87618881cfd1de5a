"""The core as a whole: what one node does with facts, good and bad."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster, Node
from support.cores.dag import FakeSigner

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.core.peers.greeting import BEFORE_HELLO
from p2pnode_protocols.gossip.peers.peer import REQUESTS_PER_WINDOW
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello, Refused
from p2pnode_protocols.messages.spreading import Pull, Push, Want
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Submit
from p2pnode_protocols.steps.notices import Diverged, ForkFound, PeerRefused, ProposalDecided
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.sends import Disconnect, Send
from p2pnode_protocols.steps.writes import SaveFork, SaveOp
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import (
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    Round,
    WallMs,
)
from p2pnode_protocols.wire.limits import PENDING_PER_MEMBER

UNKNOWN = OpId(b"p" * 32)
STRANGER = DeviceKey(b"?" * 32)


@pytest.fixture
def four() -> Cluster:
    cluster = Cluster(4)
    cluster.connect()
    cluster.run(100)
    return cluster


def refusals(node: Node) -> list[str]:
    return [one.code for one in node.noticed(PeerRefused) if isinstance(one, PeerRefused)]


def own_vote(cluster: Cluster, place: int, nonce: int) -> Op:
    device = cluster.devices[place]
    author = cluster.charter.members[place].id
    body = Vote(UNKNOWN, UNKNOWN, "yes", None)
    community = cluster.charter.community_id
    return sign_op(community, author, FakeSigner(device), nonce, WallMs(1), body)


def hello_of(cluster: Cluster, **changes: object) -> Hello:
    hello = Hello(PROTOCOL_VERSION, cluster.charter.community_id, None, None, "test", ())
    return replace(hello, **changes)  # type: ignore[arg-type]


# --- agreement ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
def test_a_proposal_passes_on_every_node_and_then_all_is_quiet(n: int) -> None:
    cluster = Cluster(n)
    cluster.connect()
    cluster.run(100)
    proposal = cluster.propose(0)
    for place in range(n // 2 + 1):
        cluster.vote(place, proposal)
    cluster.run(1_000)
    assert {cluster.outcome(place, proposal) for place in range(n)} == {"passed"}
    assert len({cluster.node(place).core.final_root for place in range(n)}) == 1
    cluster.carried.clear()
    cluster.run(600_000)
    assert cluster.carried == {}, "nothing left to finalize, so nothing is sent"


def test_finality_takes_three_rounds_and_one_push_to_each_peer_a_round(four: Cluster) -> None:
    four.carried.clear()
    four.propose(0)
    four.run(1_000)
    assert four.node(0).core.epoch.lace.max_round == 3
    assert four.carried["Push"] <= 3 * 4 * 3 + 3


def test_a_lingering_op_costs_no_rounds_until_linger_is_over(four: Cluster) -> None:
    four.propose(0, urgent=False)
    linger = four.charter.timing.linger_ms
    four.run(linger - 1_000)
    assert four.node(0).core.epoch.lace.max_round == 0
    four.run(2_000)
    assert four.node(3).core.final_index > 0


def test_votes_that_decide_are_finalized_at_once(four: Cluster) -> None:
    proposal = four.propose(0, urgent=False)
    for place in range(3):
        four.vote(place, proposal)
    four.run(1_000)
    assert four.outcome(3, proposal) == "passed"


@pytest.mark.parametrize("last", range(5))
def test_votes_known_before_the_deciding_one_count_in_its_result(last: int) -> None:
    cluster = Cluster(5)
    cluster.connect()
    cluster.run(100)
    proposal = cluster.propose(0, "tactical", urgent=False)
    others = [place for place in range(5) if place != last]
    for place, choice in zip(others, ("yes", "yes", "no", "no"), strict=True):
        cluster.vote(place, proposal, choice)
        cluster.run(50)
    cluster.vote(last, proposal, "no")
    cluster.run(1_000)
    for place in range(5):
        decided = cluster.node(place).core.state.proposal(proposal)
        assert decided is not None
        assert (decided.outcome, decided.tally.yes, decided.tally.no) == ("rejected", 2, 3)


def test_a_deadline_closes_a_proposal_on_every_node(four: Cluster) -> None:
    proposal = four.propose(0)
    four.run(1_000)
    window = four.charter.tier("implementation").window_ms
    four.run(window + 120_000)
    assert {four.outcome(place, proposal) for place in range(4)} == {"lapsed"}
    rounds = four.node(0).core.epoch.lace.max_round
    four.run(3_600_000)
    assert four.node(0).core.epoch.lace.max_round == rounds


def test_a_clock_a_year_ahead_costs_its_owner_a_block_a_minute_at_most() -> None:
    cluster = Cluster(3)
    cluster.node(0).skew_ms = 365 * 86_400_000
    cluster.connect()
    cluster.run(100)
    cluster.propose(1)
    cluster.run(1_000)
    before = cluster.node(0).core.epoch.lace.max_round
    cluster.run(3_600_000)
    assert cluster.node(0).core.epoch.lace.max_round - before < 90


def test_without_a_quorum_nothing_is_final_and_with_it_everything(four: Cluster) -> None:
    gone = four.devices[2:]
    four.cut = {frozenset((one, other)) for one in gone for other in four.devices if one != other}
    for device in four.devices:
        for other in four.devices:
            if device != other and frozenset((device, other)) in four.cut:
                four.give(device, PeerDown(other))
    proposal = four.propose(0)
    four.run(10_000)
    assert four.node(0).core.final_index == 0
    assert not four.node(0).core.finality().can_finalize
    four.cut = set()
    for device in four.devices:
        for other in four.devices:
            if device != other and other not in four.nodes[device].core.sync.peers:
                four.give(device, PeerUp(other))
    four.run(10_000)
    assert {four.outcome(place, proposal) for place in range(4)} == {"open"}


# --- durability -----------------------------------------------------------------------------


def test_what_was_acknowledged_is_in_the_same_step_as_its_write(four: Cluster) -> None:
    four.propose(0)
    saved = [one for one in four.node(0).writes if isinstance(one, SaveOp)]
    assert [one.own for one in saved] == [True]


def test_a_restarted_node_has_the_same_log_and_goes_on(four: Cluster) -> None:
    proposal = four.propose(0)
    four.run(1_000)
    old = four.node(0).core
    restored = four.restored(0)
    for place in (1, 2, 3):
        four.give(four.devices[place], PeerDown(four.devices[0]))
    fresh = four.start(four.devices[0], restored)
    assert fresh.core.final_root == old.final_root
    assert fresh.core.final_index == old.final_index
    for place in (1, 2, 3):
        four.give(four.devices[0], PeerUp(four.devices[place]))
        four.give(four.devices[place], PeerUp(four.devices[0]))
    four.run(100)
    for place in range(3):
        four.vote(place, proposal)
    four.run(1_000)
    assert {four.outcome(place, proposal) for place in range(4)} == {"passed"}
    assert not any(four.node(place).noticed(ForkFound) for place in range(4))


def test_a_store_that_is_older_than_what_peers_hold_does_not_fork(four: Cluster) -> None:
    proposal = four.propose(0)
    four.run(1_000)
    for place in (1, 2, 3):
        four.give(four.devices[place], PeerDown(four.devices[0]))
    rolled_back = Restored(four.restored(0, writes=0).epoch, (), (), (), (), 0)
    fresh = four.start(four.devices[0], rolled_back)
    assert not fresh.core.own_chain.is_settled
    for place in (1, 2, 3):
        four.give(four.devices[0], PeerUp(four.devices[place]))
        four.give(four.devices[place], PeerUp(four.devices[0]))
    four.run(1_000)
    assert fresh.core.own_chain.is_settled
    for place in range(3):
        four.vote(place, proposal)
    four.run(1_000)
    assert {four.outcome(place, proposal) for place in range(4)} == {"passed"}
    assert not any(four.node(place).noticed(ForkFound) for place in range(4))
    assert fresh.core.final_root == four.node(1).core.final_root


# --- peers' faults --------------------------------------------------------------------------


def test_another_community_is_cut_off_at_the_hello(four: Cluster) -> None:
    peer = four.devices[1]
    four.give(four.devices[0], PeerUp(peer))
    step = four.tell(0, peer, hello_of(four, community=CommunityId(b"x" * 32)))
    assert [one.code for one in step.sends if isinstance(one, Disconnect)] == ["wrong_community"]


def test_another_protocol_version_is_cut_off_at_the_hello(four: Cluster) -> None:
    peer = four.devices[1]
    four.give(four.devices[0], PeerUp(peer))
    step = four.tell(0, peer, hello_of(four, version=99))
    assert any(isinstance(one, Disconnect) for one in step.sends)


def test_a_stranger_gets_nothing_but_the_reason(four: Cluster) -> None:
    four.give(four.devices[0], PeerUp(STRANGER))
    step = four.tell(0, STRANGER, hello_of(four))
    assert [type(one) for one in step.sends] == [Disconnect]
    assert refusals(four.node(0)) == ["not_a_member"]
    assert four.tell(0, STRANGER, Pull(0, (), 1000)).sends == ()


def test_nothing_counts_before_the_hello(four: Cluster) -> None:
    peer = four.devices[1]
    four.give(four.devices[0], PeerUp(peer))
    four.tell(0, peer, Push(ops=(own_vote(four, 1, 1),)))
    assert len(four.node(0).core.pool) == 0
    assert refusals(four.node(0)) == [], "a connection was replaced: nobody is to blame"
    for _ in range(BEFORE_HELLO):
        four.tell(0, peer, Push())
    assert refusals(four.node(0)) == ["bad_frame"]
    assert any(isinstance(one, Disconnect) for one in four.node(0).sends)


def test_an_op_of_a_stranger_is_refused_and_its_bearer_told(four: Cluster) -> None:
    op = replace(own_vote(four, 1, 1), author=MemberId(b"z" * 32), device=STRANGER)
    step = four.tell(0, four.devices[1], Push(ops=(op,)))
    assert refusals(four.node(0)) == ["not_a_member"]
    told = [one.message for one in step.sends if isinstance(one, Send)]
    assert [one.code for one in told if isinstance(one, Refused)] == ["not_a_member"]
    assert len(four.node(0).core.pool) == 0


def test_what_a_seats_key_says_for_another_seat_counts_for_its_own(four: Cluster) -> None:
    """R2.23: it may have been said before the key came to this seat. The log refuses it."""
    mine, other = four.node(1).core.member, four.node(2).core.member
    assert mine is not None
    assert other is not None
    op = replace(own_vote(four, 1, 1), author=other)
    four.tell(0, four.devices[1], Push(ops=(op,)))
    core = four.node(0).core
    assert refusals(four.node(0)) == []
    assert core.pool.bytes_of(mine) > 0
    assert core.pool.bytes_of(other) == 0, "whoever is named pays nothing"
    assert core.preview.pending_on(UNKNOWN) == (), "and nothing is shown of it"


def test_a_flood_of_ops_is_dropped_counted_and_ends_in_a_cut(four: Cluster) -> None:
    ops = [own_vote(four, 1, nonce) for nonce in range(1, PENDING_PER_MEMBER + 20)]
    for start in range(0, len(ops), 50):
        four.tell(0, four.devices[1], Push(ops=tuple(ops[start : start + 50])))
    assert len(four.node(0).core.pool) <= PENDING_PER_MEMBER
    assert "limit_rate" in refusals(four.node(0))
    assert any(isinstance(one, Disconnect) for one in four.node(0).sends)


def test_a_bearer_of_other_peoples_ops_is_not_blamed_for_them(four: Cluster) -> None:
    ops = [own_vote(four, 1, nonce) for nonce in range(1, PENDING_PER_MEMBER + 20)]
    for start in range(0, len(ops), 50):
        four.tell(0, four.devices[2], Push(ops=tuple(ops[start : start + 50])))
    assert "limit_rate" in refusals(four.node(0))
    assert not any(isinstance(one, Disconnect) for one in four.node(0).sends)


def test_a_flood_of_requests_is_refused(four: Cluster) -> None:
    for _ in range(REQUESTS_PER_WINDOW):
        four.tell(0, four.devices[1], Want((b"w" * 32,)))
    assert refusals(four.node(0)) == []
    four.tell(0, four.devices[1], Want((b"w" * 32,)))
    assert refusals(four.node(0)) == ["limit_rate"]
    four.run(11_000)
    four.tell(0, four.devices[1], Want((b"w" * 32,)))
    assert refusals(four.node(0)) == ["limit_rate"]


def block_of(cluster: Cluster, place: int, **changes: object) -> Block:
    epoch = cluster.node(0).core.epoch
    fields: dict[str, object] = {
        "epoch": epoch.id,
        "author": cluster.charter.members[place].id,
        "sequence": 1,
        "round_": Round(1),
        "time_ms": WallMs(5),
        "parents": (epoch.genesis,),
        "ops": (),
        "final_index": 0,
        "final_root": cluster.node(0).core.final_root,
    }
    community = cluster.charter.community_id
    signer = FakeSigner(cluster.devices[place])
    return sign_block(community, signer, **{**fields, **changes})  # type: ignore[arg-type]


def test_an_invalid_block_is_refused_and_leaves_no_trace(four: Cluster) -> None:
    core = four.node(0).core
    odd = block_of(four, 1, author=four.charter.members[2].id)
    four.tell(0, four.devices[1], Push(blocks=(odd,)))
    assert refusals(four.node(0)) == ["not_on_committee"]
    assert odd.id not in core.epoch.lace


def test_a_block_of_an_epoch_nobody_knows_is_kept_aside_within_bounds(four: Cluster) -> None:
    replayed = block_of(four, 1, epoch=EpochId(b"x" * 32))
    four.tell(0, four.devices[1], Push(blocks=(replayed,)))
    core = four.node(0).core
    assert replayed.id not in core.epoch.lace
    assert list(core.sync.held.future) == [replayed.id]


def test_a_fork_is_kept_as_proof_and_told(four: Cluster) -> None:
    first, second = block_of(four, 1), block_of(four, 1, time_ms=WallMs(6))
    four.tell(0, four.devices[1], Push(blocks=(first,)))
    four.tell(0, four.devices[2], Push(blocks=(second,)))
    node = four.node(0)
    assert len(node.noticed(ForkFound)) == 1
    assert [{one.first.id, one.second.id} for one in node.writes if isinstance(one, SaveFork)] == [
        {first.id, second.id}
    ]


def test_a_third_block_of_one_slot_is_not_kept(four: Cluster) -> None:
    blocks = [block_of(four, 1, time_ms=WallMs(5 + extra)) for extra in range(3)]
    four.tell(0, four.devices[1], Push(blocks=tuple(blocks)))
    assert [block.id in four.node(0).core.epoch.lace for block in blocks] == [True, True, False]


def test_another_root_for_a_final_commit_is_a_loud_alarm(four: Cluster) -> None:
    four.propose(0)
    four.run(1_000)
    node = four.node(0)
    status = replace(node.core.status(), final_root=b"l" * 32)
    four.tell(0, four.devices[1], status)
    alarms = node.noticed(Diverged)
    assert [one.theirs for one in alarms if isinstance(one, Diverged)] == [b"l" * 32]


def test_a_pull_from_an_epoch_to_come_is_refused(four: Cluster) -> None:
    four.tell(0, four.devices[1], Pull(7, (), 1000))
    assert refusals(four.node(0)) == ["bad_epoch"]


def test_repeated_faults_end_in_a_disconnect(four: Cluster) -> None:
    for _ in range(10):
        four.tell(0, four.devices[1], Pull(7, (), 1000))
    assert [one.code for one in four.node(0).sends if isinstance(one, Disconnect)] == ["bad_epoch"]


# --- the local user -------------------------------------------------------------------------


def test_a_refused_submission_changes_nothing(four: Cluster) -> None:
    body = Vote(UNKNOWN, UNKNOWN, "yes", None)
    with pytest.raises(UsageError) as caught:
        four.give(four.devices[0], Submit(body))
    assert caught.value.code == "unknown_proposal"
    assert len(four.node(0).core.pool) == 0
    assert four.node(0).writes == []


def test_decisions_are_told_once(four: Cluster) -> None:
    proposal = four.propose(0)
    for place in range(3):
        four.vote(place, proposal)
    four.run(2_000)
    told = four.node(1).noticed(ProposalDecided)
    assert [(one.proposal, one.outcome) for one in told if isinstance(one, ProposalDecided)] == [
        (proposal, "passed")
    ]


@pytest.mark.parametrize("n", [1, 4])
def test_a_proposal_after_a_silence_opens_at_its_own_time(n: int) -> None:
    cluster = Cluster(n)
    cluster.connect()
    cluster.run(100)
    first = cluster.propose(0)
    for place in range(n):
        cluster.vote(place, first)
    cluster.run(10 * 86_400_000)
    said_ms = cluster.now().wall_ms
    late = cluster.propose(0)
    cluster.run(1_000)
    proposal = cluster.node(n - 1).core.state.proposal(late)
    assert proposal is not None
    assert proposal.outcome == "open"
    assert said_ms <= proposal.opened_ms <= said_ms + 1_000
