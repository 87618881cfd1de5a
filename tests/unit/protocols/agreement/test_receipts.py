"""Receipts: signed once a decision is final, collected by everyone: R8.1–R8.4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.cores.cluster import LATENCY_MS, Cluster
from support.cores.dag import FakeSigner, fake_verify
from support.cores.town import key_of

from p2pnode_protocols.agreement.receipts import Receipt, Statement, open_receipt, sign_receipt
from p2pnode_protocols.gossip.proofs import LINGER_MS
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Hello
from p2pnode_protocols.messages.proofs import Prove, Receipts
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.record.bodies import Away, Leave, Propose
from p2pnode_protocols.record.committing import CommitResult
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.state import State
from p2pnode_protocols.steps.inputs import PeerUp, Submit
from p2pnode_protocols.steps.notices import Diverged, PeerRefused
from p2pnode_protocols.steps.sends import Send
from p2pnode_protocols.steps.writes import (
    SaveCommit,
    SaveContradiction,
    SaveProven,
    SaveReceipt,
    SaveUnproven,
)
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, EpochId, WallMs
from p2pnode_protocols.wire.limits import RECEIPTS_EARLY_PER_DEVICE

TOWN = CommunityId(b"t" * 32)
STATEMENT = Statement(EpochId(b"e" * 32), 4, b"r" * 32, None)


def decided(cluster: Cluster) -> Statement:
    """Let the community decide one proposal, and return what receipts say of it."""
    cluster.connect()
    proposal = cluster.propose(0)
    for place in range(len(cluster.devices)):
        cluster.vote(place, proposal)
    cluster.run(1_000)
    assert cluster.outcome(0, proposal) == "passed"
    (unproven,) = [one for one in cluster.node(0).writes if isinstance(one, SaveUnproven)]
    return unproven.statement


def receipts_of(cluster: Cluster, place: int) -> list[Receipt]:
    return [one.receipt for one in cluster.node(place).writes if isinstance(one, SaveReceipt)]


def by(cluster: Cluster, place: int, statement: Statement) -> Receipt:
    return sign_receipt(cluster.charter.community_id, FakeSigner(cluster.devices[place]), statement)


def test_receipt_reads_back_as_it_was_signed() -> None:
    for statement in (STATEMENT, replace(STATEMENT, next_epoch=EpochId(b"n" * 32))):
        receipt = sign_receipt(TOWN, FakeSigner(key_of("alice")), statement)
        assert open_receipt(TOWN, receipt.wire, fake_verify) == receipt


@pytest.mark.parametrize("part", [b"r" * 32, key_of("alice")])
def test_receipt_with_anything_changed_is_refused(part: bytes) -> None:
    wire = sign_receipt(TOWN, FakeSigner(key_of("alice")), STATEMENT).wire
    with pytest.raises(PeerFault) as caught:
        open_receipt(TOWN, wire.replace(part, b"x" * 32), fake_verify)
    assert caught.value.code == "bad_signature"


def test_every_node_of_the_committee_signs_a_decision_and_collects_a_quorum() -> None:
    four = Cluster(4)
    statement = decided(four)
    four.run(2 * LINGER_MS)
    for place in range(4):
        receipts = receipts_of(four, place)
        assert {one.statement for one in receipts} == {statement}
        assert four.devices[place] in {one.device for one in receipts}
        assert len(receipts) >= 3
        assert SaveProven(statement.index) in four.node(place).writes
        assert four.node(place).core.status().unproven == ()


def test_commit_that_decides_nothing_wants_no_receipts() -> None:
    four = Cluster(4)
    four.connect()
    four.propose(0)
    four.run(5_000)
    assert four.node(0).core.final_index > 0
    assert receipts_of(four, 0) == []


def test_commit_in_which_the_state_opened_something_itself_wants_receipts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No rule does so yet; outsiders are shown such an item by its commit (R8.2)."""
    commit, derived = State.commit, ((b"i" * 32, b"c" * 32),)

    def deriving(state: State, ops: Sequence[Op], time_ms: WallMs, root: bytes) -> CommitResult:
        result = commit(state, ops, time_ms, root)
        opens = any(isinstance(op.body, Propose) for op in result.ops)
        return replace(result, derived=derived if opens else ())

    monkeypatch.setattr(State, "commit", deriving)
    four = Cluster(4)
    four.connect()
    four.propose(0)
    four.run(5_000)
    (saved,) = (
        one.commit
        for one in four.node(1).writes
        if isinstance(one, SaveCommit) and one.commit.derived
    )
    assert (saved.derived, saved.decided) == (derived, ())
    (statement,) = {one.statement for one in receipts_of(four, 1)}
    assert (statement.index, statement.root) == (saved.index, saved.root)
    assert SaveProven(saved.index) in four.node(1).writes


def test_receipt_for_the_end_of_an_epoch_names_the_next() -> None:
    four = Cluster(4)
    four.connect()
    before = four.node(0).core.epoch.id
    four.give(four.devices[0], Submit(Away()))
    four.run(2_000)
    core = four.node(1).core
    assert core.epoch.id != before
    (statement,) = {one.statement for one in receipts_of(four, 1)}
    assert (statement.epoch, statement.next_epoch) == (before, core.epoch.id)
    assert (statement.index, statement.root) == (core.final_index, core.final_root)


def test_node_that_was_away_signs_late_and_asks_for_what_it_missed() -> None:
    four = Cluster(4)
    away = four.devices[3]
    four.connect(four.devices[:3])
    proposal = four.propose(0)
    for place in range(3):
        four.vote(place, proposal)
    four.run(3_000)
    assert four.outcome(0, proposal) == "passed"
    four.connect()
    four.run(3_000)
    assert four.nodes[away].core.status().unproven == ()
    assert away in {one.device for one in receipts_of(four, 3)}


def test_two_nodes_that_lost_each_other_before_receipts_exchange_them_when_they_meet() -> None:
    two = Cluster(2)
    two.connect()
    proposal = two.propose(0)
    two.vote(0, proposal)
    two.vote(1, proposal, urgent=True)
    while two.outcome(0, proposal) != "passed" or two.outcome(1, proposal) != "passed":
        two.run(LATENCY_MS)
    assert len(receipts_of(two, 0)) == len(receipts_of(two, 1)) == 1
    two.cut.add(frozenset(two.devices))
    two.run(2 * LINGER_MS)
    two.cut.clear()
    two.connect()
    two.run(2 * LINGER_MS)
    assert len(receipts_of(two, 0)) == len(receipts_of(two, 1)) == 2


def test_restarted_node_signs_what_it_had_not() -> None:
    four = Cluster(4)
    statement = decided(four)
    writes = four.node(0).writes
    place = next(i for i, one in enumerate(writes) if isinstance(one, SaveUnproven))
    restored = four.restored(0, writes=place + 1)
    assert [one.statement for one in restored.unproven] == [statement]
    node = four.start(four.devices[0], restored)
    four.give(four.devices[0], PeerUp(four.devices[1]))
    own = [one for one in node.writes if isinstance(one, SaveReceipt)]
    assert [(one.receipt.device, one.own) for one in own] == [(four.devices[0], True)]


def test_restarted_node_signs_nothing_twice() -> None:
    four = Cluster(4)
    decided(four)
    four.run(2 * LINGER_MS)
    restored = four.restored(0)
    assert restored.unproven == ()
    node = four.start(four.devices[0], restored)
    four.give(four.devices[0], PeerUp(four.devices[1]))
    assert not [one for one in node.writes if isinstance(one, SaveReceipt | SaveUnproven)]


def test_receipt_by_a_key_that_was_not_on_the_committee_is_refused() -> None:
    four = Cluster(4)
    four.connect()
    proposal = four.propose(0)
    four.vote(0, proposal)
    four.vote(1, proposal)
    four.vote(2, proposal, urgent=True)
    four.cut = {frozenset((four.devices[0], one)) for one in four.devices[1:]}  # no receipts yet
    while not [one for one in four.node(1).writes if isinstance(one, SaveUnproven)]:
        four.run(LATENCY_MS)
    (unproven,) = [one for one in four.node(1).writes if isinstance(one, SaveUnproven)]
    community = four.charter.community_id
    stranger = sign_receipt(community, FakeSigner(key_of("mallory")), unproven.statement)
    before = len(receipts_of(four, 1))
    four.tell(1, four.devices[2], Receipts((stranger,)))
    refused = [one.code for one in four.node(1).notices if isinstance(one, PeerRefused)]
    assert refused == ["not_on_committee"]
    assert len(receipts_of(four, 1)) == before


def test_receipt_with_another_root_is_kept_and_is_an_alarm() -> None:
    # R8.4, whether receipts for that commit are still collected here or not.
    four = Cluster(4)
    statement = decided(four)
    for wait in (0, 2 * LINGER_MS):
        four.run(wait)
        notices = len(four.node(0).notices)
        lie = by(four, 3, replace(statement, root=b"%032d" % wait))
        step = four.tell(0, four.devices[3], Receipts((lie,)))
        assert SaveContradiction(lie) in step.writes
        assert lie not in receipts_of(four, 0)
        alarms = [one for one in four.node(0).notices[notices:] if isinstance(one, Diverged)]
        assert [(one.index, one.theirs) for one in alarms] == [(statement.index, b"%032d" % wait)]
        assert alarms[0].ours == statement.root


def test_receipts_of_commits_to_come_are_kept_bounded_and_for_members_only() -> None:
    four = Cluster(4)
    four.connect()
    four.run(10)
    core = four.node(0).core
    many = [
        by(four, 1, Statement(core.epoch.id, index, b"r" * 32, None))
        for index in range(1, RECEIPTS_EARLY_PER_DEVICE + 10)
    ]
    four.tell(0, four.devices[1], Receipts(tuple(many)))
    community = four.charter.community_id
    stranger = sign_receipt(
        community, FakeSigner(key_of("mallory")), Statement(core.epoch.id, 3, b"r" * 32, None)
    )
    four.tell(0, four.devices[1], Receipts((stranger,)))
    assert core.proofs.early() == {four.devices[1]: RECEIPTS_EARLY_PER_DEVICE}


def test_receipt_that_came_before_the_commit_counts_when_it_is_final() -> None:
    four = Cluster(4)
    late = four.devices[0]
    four.connect()
    proposal = four.propose(1)
    four.cut = {frozenset((late, one)) for one in four.devices[1:]}
    for place in range(1, 4):
        four.vote(place, proposal)
    four.run(3_000)
    early = tuple(receipts_of(four, 1))
    assert len(early) >= 3
    four.tell(0, four.devices[1], Receipts(early))
    assert receipts_of(four, 0) == []
    four.cut.clear()
    four.connect()
    while four.outcome(0, proposal) != "passed":
        four.run(LATENCY_MS)
    assert {one.device for one in early[:3]} <= {one.device for one in receipts_of(four, 0)}


def told_after_receipts_by(places: tuple[int, ...]) -> int:
    """Return how often a node that awaits nothing tells where it stands within 5 s."""
    four = Cluster(4)
    four.connect()
    four.run(10)
    ahead = Statement(four.node(0).core.epoch.id, 9, b"r" * 32, None)
    for place in places:
        four.tell(0, four.devices[place], Receipts((by(four, place, ahead),)))
    before = len(sent(four, 0, Status))
    four.run(5_000)
    return len(sent(four, 0, Status)) - before


def test_receipts_of_more_than_may_lie_make_a_node_that_awaits_nothing_ask_what_it_lacks() -> None:
    # A commit for a deadline's sake holds no op, and a liar kept its last block from this node
    # alone: all others were done, and nobody pushed it (seed 5879).
    assert told_after_receipts_by((1, 2)) > 0
    assert told_after_receipts_by((1,)) == 0, "one liar keeps nobody talking"


def test_early_receipts_that_no_commit_wants_any_more_are_forgotten_with_the_epoch() -> None:
    four = Cluster(4)
    four.connect()
    four.run(10)
    core = four.node(0).core
    for place in (1, 2, 3):
        said = [
            by(four, place, Statement(core.epoch.id, index, b"r" * 32, None)) for index in (1, 900)
        ]
        four.tell(0, four.devices[place], Receipts(tuple(said)))
    assert set(core.proofs.early().values()) == {2}
    four.give(four.devices[3], Submit(Leave()))
    four.run(2_000)
    assert core.epoch.number == 1
    assert core.final_index > 1
    # The first commit is past, and who left signs no later one.
    assert core.proofs.early() == {four.devices[1]: 1, four.devices[2]: 1}


def sent(cluster: Cluster, place: int, kind: type[Message]) -> list[DeviceKey]:
    return [
        one.peer
        for one in cluster.node(place).sends
        if isinstance(one, Send) and isinstance(one.message, kind)
    ]


def test_receipts_of_one_moment_travel_in_one_message_a_peer() -> None:
    four = Cluster(4)
    decided(four)
    four.run(2 * LINGER_MS)
    assert len(sent(four, 0, Receipts)) == 3


@pytest.mark.parametrize("size", [2, 4])
def test_end_of_an_epoch_is_proved_by_those_who_leave_with_it(size: int) -> None:
    # The one who left was cut off before its receipt had gone out, and of two members
    # both are a quorum: nothing after that could ever be certified.
    town = Cluster(size)
    town.connect()
    for place in range(1, size // 2 + 1):
        town.give(town.devices[place], Submit(Leave()))
    town.run(8_000)
    core = town.node(0).core
    assert len(core.state.charter.members) == size - size // 2
    assert core.proofs.lacking() == ()
    left = set(town.devices[1 : size // 2 + 1])
    assert left.isdisjoint(core.sync.peers.connected), "but not for ever"


def losing(cluster: Cluster, lost: set[int]) -> list[bool]:
    """Let no receipts for these commits arrive, and none at all while the flag is set."""
    everything, post = [False], cluster._post

    def bend(sender: DeviceKey, target: DeviceKey, message: Message) -> None:
        if isinstance(message, Receipts):
            if everything[0]:
                return
            kept = [one for one in message.receipts if one.statement.index not in lost]
            message = replace(message, receipts=tuple(kept))
        post(sender, target, message)

    cluster._post = bend  # type: ignore[method-assign]
    return everything


def decide(cluster: Cluster, *places: int) -> Statement:
    """Let these members' nodes decide one more proposal, and return what receipts say of it."""
    proposal = cluster.propose(places[0])
    for place in places:
        cluster.vote(place, proposal)
    cluster.run(3_000)
    assert cluster.outcome(places[0], proposal) == "passed"
    wanted = [one for one in cluster.node(places[0]).writes if isinstance(one, SaveUnproven)]
    return wanted[-1].statement


def proven(cluster: Cluster, place: int) -> set[int]:
    return {one.index for one in cluster.node(place).writes if isinstance(one, SaveProven)}


def test_commit_whose_signers_are_gone_for_good_does_not_hide_later_ones() -> None:
    four = Cluster(4)
    four.connect(four.devices[:3])
    lost: set[int] = set()
    everything = losing(four, lost)
    everything[0] = True
    first = decide(four, 0, 1, 2).index
    lost.add(first)
    everything[0] = False
    later = {decide(four, 0, 1, 2).index for _ in range(3)}
    assert proven(four, 0) == later
    assert four.node(0).core.status().unproven == ((first, first),)
    four.connect()
    four.run(10_000)
    assert proven(four, 3) == later
    four.run(400_000)
    carried = four.carried["Prove"]
    four.run(3_600_000)
    assert four.carried["Prove"] == carried, "nobody goes on asking for what nobody has"


def test_who_lacks_receipts_that_nobody_says_to_have_asks_all_the_same() -> None:
    # What peers said of themselves was overtaken, and what was pushed since got lost (seed 1143).
    four = Cluster(4)
    post = four._post

    def lose(sender: DeviceKey, target: DeviceKey, message: Message) -> None:
        is_pushed = isinstance(message, Receipts) and message.after is None
        if target != four.devices[0] or not (is_pushed or isinstance(message, Status)):
            post(sender, target, message)

    four._post = lose  # type: ignore[method-assign]
    four.connect()
    index = decide(four, 0, 1, 2).index
    assert index not in proven(four, 0)
    four.run(20_000)
    assert index in proven(four, 0)


def test_more_commits_without_receipts_than_a_status_holds_are_told_as_one_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("p2pnode_protocols.gossip.proofs.UNPROVEN_TOLD", 3)
    four = Cluster(4)
    four.connect(four.devices[:3])
    losing(four, set())[0] = True
    commits = [decide(four, 0, 1, 2).index for _ in range(5)]
    told = four.node(0).core.status().unproven
    assert told == ((commits[0], commits[2]), (commits[3],) * 2, (commits[4],) * 2)


def test_liar_that_claims_receipts_again_and_again_keeps_nobody_from_getting_them() -> None:
    """It is asked in its turn, which comes after those of all who were not asked in vain."""
    four = Cluster(4)
    # In the order in which peers are looked at, the liar is the first.
    liar, first, second, late = sorted(range(4), key=lambda place: four.devices[place])
    honest = [four.devices[place] for place in (first, second, late)]
    four.connect(honest)
    everything = losing(four, set())
    everything[0] = True
    wanted = [decide(four, first, second, late) for _ in range(6)]
    quorum = [by(four, place, one) for place in (first, second, late) for one in wanted]
    for place in (first, second):  # who has a quorum's tells of it only who asks
        four.tell(place, four.devices[late], Receipts(tuple(quorum)))
    assert proven(four, first) == {one.index for one in wanted}
    assert proven(four, late) == set()
    everything[0] = False
    four.cut = {frozenset((four.devices[liar], one)) for one in honest}
    status = four.node(first).core.status()
    bragging = replace(status, unproven=(), final_index=10**6)
    hello = Hello(PROTOCOL_VERSION, four.charter.community_id, bragging, None, "", ())
    four.give(four.devices[late], PeerUp(four.devices[liar]))
    four.tell(late, four.devices[liar], hello)
    for turn in range(5):
        if turn == 2:
            four.connect(honest)
        four.run(4_000)
        four.tell(late, four.devices[liar], replace(bragging, final_index=10**6 + turn))
    assert four.node(late).core.proofs.lacking() == ()
    asked = [
        one.peer
        for one in four.node(late).sends
        if isinstance(one, Send) and isinstance(one.message, Prove)
    ]
    assert four.devices[liar] in asked
