"""How the log goes on: what is due, blocks, commits, epochs, rebuilds, a start; without `Core`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.parts import Parts

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.agreement.receipts import Statement, sign_receipt
from p2pnode_protocols.agreement.roots import NOBODY
from p2pnode_protocols.core.finalizing.epochs import PARTING_MS
from p2pnode_protocols.core.log.epoch import begin_epoch
from p2pnode_protocols.core.own.chain import CATCH_UP_MS, SETTLE_MS
from p2pnode_protocols.core.pending.agenda import TICK_FIRST_MS, TICKS_AT_ONCE
from p2pnode_protocols.core.replaying import replay
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.steps.notices import (
    Committed,
    EpochStarted,
    OpFinal,
    OwnChainLearned,
    ProposalDecided,
)
from p2pnode_protocols.steps.restored import Signed
from p2pnode_protocols.steps.sends import Disconnect
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveCommit,
    SaveEpoch,
    SaveFate,
    SaveReceipt,
    SaveUnproven,
    SaveVow,
)
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, EpochId, MonoMs, Round, WallMs


def say(parts: Parts, words: str = "a title") -> None:
    body, blob = parts.proposal(words)
    parts.speaker.submit(Submit(body, (blob,), urgent=True))


# --- what is due ----------------------------------------------------------------------------


def test_without_ops_and_deadlines_nothing_is_due() -> None:
    parts = Parts(4)
    assert (parts.agenda.ops_due_at(), parts.agenda.deadline_at()) == (None, None)
    assert not parts.agenda.is_active()


def test_an_op_is_due_after_the_charters_linger_or_at_once_when_urgent() -> None:
    parts = Parts(4)
    body, _blob = parts.proposal()
    op = parts.op(1, body)
    parts.pool.add(op, op.author, parts.now.mono_ms)
    due = parts.agenda.ops_due_at()
    assert due == parts.charter.timing.linger_ms
    assert not parts.agenda.is_active()
    assert parts.agenda.due_at(op.id) == due + parts.now.wall_minus_mono
    parts.pool.hurry(op.id)
    assert parts.agenda.is_active()


def test_a_deadline_that_blocks_do_not_move_is_paused_for_longer_each_time() -> None:
    parts = Parts(1)
    parts.ledger.state.next_due_ms = lambda: WallMs(1)  # type: ignore[method-assign]
    assert parts.agenda.is_active()
    pauses = []
    for _ in range(TICKS_AT_ONCE + 2):
        parts.agenda.count_tick()
        at = parts.agenda.deadline_at()
        assert at is not None
        pauses.append(max(at, 0))
    assert pauses[-4:] == [0, TICK_FIRST_MS, 2 * TICK_FIRST_MS, 4 * TICK_FIRST_MS]
    parts.agenda.begin_epoch()
    parts.agenda.count_tick()
    assert not parts.agenda.is_active(), "the pause goes on"


# --- this device's own chain ----------------------------------------------------------------


def test_who_is_alone_may_sign_at_once_others_compare_first() -> None:
    assert Parts(1).own_chain.is_settled
    parts = Parts(4)
    assert not parts.own_chain.is_settled
    for place in (1, 2):
        parts.meet(parts.devices[place], parts.status())
    parts.own_chain.work()
    assert parts.own_chain.is_settled


def test_who_shows_blocks_of_this_node_that_are_not_here_is_heard_out_first() -> None:
    parts = Parts(4)
    ahead = parts.status(frontier=((parts.members[0], Round(3)),))
    for place in (1, 2):
        parts.meet(parts.devices[place], ahead)
    parts.own_chain.work()
    assert not parts.own_chain.is_settled


def test_after_a_while_those_who_are_there_are_enough() -> None:
    parts = Parts(4)
    parts.meet(parts.devices[1], parts.status())
    parts.own_chain.work()
    assert not parts.own_chain.is_settled
    parts.wait(SETTLE_MS)
    assert parts.own_chain.is_settled
    parts.own_chain.forget(parts.devices[1])
    assert not parts.own_chain.is_settled


def test_a_restored_device_learns_from_all_when_it_lacks_what_it_had_signed() -> None:
    parts = Parts(4, must_learn=True, signed=Signed(0, Round(2), 0))
    assert (parts.own_chain.learning().needed, parts.own_chain.holds_all_signed()) == (3, False)
    for place in (1, 2, 3):
        assert parts.own_chain.must_learn
        parts.meet(parts.devices[place], parts.status())
        parts.own_chain.work()
    assert not parts.own_chain.must_learn
    assert parts.noticed(OwnChainLearned) == [OwnChainLearned()]


def test_just_after_a_start_one_peers_word_is_reason_to_wait_for_what_it_shows() -> None:
    parts = Parts(4)
    told = parts.status(frontier=((parts.members[1], Round(1)),), nonces=((parts.me.device, 7),))
    parts.meet(parts.devices[1], told)
    assert parts.own_chain.may_lack_own_ops(6)
    assert parts.own_chain.told_nonce() == 0, "one may lie"
    parts.wait(CATCH_UP_MS)
    assert not parts.own_chain.may_lack_own_ops(6)


# --- blocks and commits ---------------------------------------------------------------------


def test_one_member_alone_says_makes_blocks_and_decides() -> None:
    parts = Parts(1)
    say(parts)
    parts.maker.work()
    commits = parts.wrote(SaveCommit)
    (op,) = (op for one in commits for op in one.ops)
    assert parts.noticed(OpFinal) == [OpFinal(op.id, "ok")]
    assert parts.ledger.final_index == len(commits)
    assert len(parts.wrote(SaveBlock)) >= 3, "a commit takes three rounds"
    assert all(one.own for one in parts.wrote(SaveBlock))
    assert len(parts.pool) == 0
    vote = Vote(op.id, op.id, "yes", None)
    parts.provisional.refresh()
    parts.speaker.submit(Submit(vote, (), urgent=True))
    parts.maker.work()
    assert parts.noticed(ProposalDecided) == [ProposalDecided(op.id, "passed")]
    assert len(parts.wrote(SaveUnproven)) == 1
    assert [one.own for one in parts.wrote(SaveReceipt)] == [True]


def test_nothing_is_made_when_nothing_is_due_nor_under_a_vow() -> None:
    parts = Parts(1)
    parts.maker.work()
    assert parts.wrote(SaveBlock) == []
    say(parts)
    statement = Statement(parts.ledger.epoch.id, 0, b"r" * 32, None)
    parts.rebuilds.vow = Rebuild(statement, EpochId(b"n" * 32), (), ())
    parts.maker.work()
    assert parts.wrote(SaveBlock) == []
    parts.rebuilder.withdraw()
    assert parts.wrote(SaveVow) == [SaveVow(None)]
    parts.maker.work()
    assert parts.wrote(SaveBlock)


def test_a_block_is_made_by_what_stands_in_for_the_maker_of_it() -> None:
    parts = Parts(1)
    say(parts)
    rounds: list[Round] = []
    honest = parts.maker._make_block

    def make(round_: Round) -> None:
        rounds.append(round_)
        honest(round_)

    parts.maker.make_block = make
    parts.maker.work()
    assert rounds == sorted(one.block.round for one in parts.wrote(SaveBlock))


def test_a_node_of_several_makes_one_block_and_waits_for_the_others() -> None:
    parts = Parts(4)
    for place in (1, 2, 3):
        parts.meet(parts.devices[place], parts.status())
    parts.own_chain.work()
    say(parts)
    parts.maker.work()
    parts.maker.work()
    assert [one.block.round for one in parts.wrote(SaveBlock)] == [1]
    assert parts.noticed(Committed) == []


# --- epochs ---------------------------------------------------------------------------------


def following(parts: Parts) -> SaveEpoch:
    ledger = parts.ledger
    return begin_epoch(
        ledger.epoch.record, ledger.state, Round(1), NOBODY, ledger.final_index, ledger.final_root
    )


def test_an_epoch_begins_in_every_part() -> None:
    parts = Parts(4)
    peer = parts.meet(parts.devices[1], parts.status())
    body, _blob = parts.proposal()
    op = parts.op(1, body)
    parts.pool.add(op, op.author, parts.now.mono_ms)
    (entry,) = parts.pool
    entry.carried = Round(1)
    parts.sightings.note(DeviceKey(b"s" * 32), MonoMs(1))
    before = parts.ledger.epoch
    record = following(parts)
    parts.epochs.enter(record)
    assert parts.ledger.epoch.number == before.number + 1
    assert before.id in parts.ledger.past
    assert parts.wrote(SaveEpoch) == [record]
    assert parts.noticed(EpochStarted) == [EpochStarted(1, 4, 4)]
    assert entry.carried is None, "blocks of the last one carry nothing any more"
    assert parts.provisional.is_stale
    assert parts.sync.frontiers.epoch_number == 1
    assert len(parts.told(Status, peer.device)) == 1
    assert parts.sightings.last(DeviceKey(b"s" * 32)) is None


def test_who_has_lost_its_seat_is_heard_out_and_then_parted_from() -> None:
    parts = Parts(4)
    peer = parts.meet(parts.devices[3], parts.status())
    smaller = replace(parts.charter, members=parts.charter.members[:3])
    parts.ledger.state = Parts(3, charter=smaller).ledger.state
    parts.epochs.review_peers()
    assert list(parts.epochs.wake_times()) == [PARTING_MS]
    parts.epochs.part()
    assert peer.device in parts.sync.peers
    parts.wait(PARTING_MS)
    parts.epochs.part()
    assert [one.code for one in parts.out.sends if isinstance(one, Disconnect)] == ["not_a_member"]
    assert list(parts.epochs.wake_times()) == []


# --- leaps, rebuilds ------------------------------------------------------------------------


def test_only_a_quorums_receipts_for_one_thing_say_that_a_leap_parted() -> None:
    parts = Parts(4)
    epoch = parts.ledger.epoch
    statement = Statement(epoch.id, 3, b"x" * 32, None)
    signers = [Parts(4, place).me.signer for place in range(4)]
    kept = [sign_receipt(parts.me.community, one, statement) for one in signers]
    parts.lander.note_contradictions(kept[: epoch.committee.quorum - 1])
    assert not parts.leaps._has_parted
    parts.lander.note_contradictions(kept)
    assert parts.leaps._has_parted


def test_no_rebuild_is_planned_while_a_quorum_is_there() -> None:
    parts = Parts(4)
    with pytest.raises(UsageError, match="quorum"):
        parts.rebuilder.plan(frozenset(parts.members[:3]), parts.now.now)
    with pytest.raises(UsageError):
        parts.rebuilder.withdraw()
    for place in (1, 2, 3):
        parts.meet(parts.devices[place], parts.status())
    assert parts.rebuilder.has_quorum_here


def test_what_a_rebuild_keeps_signs_it_and_then_makes_no_blocks() -> None:
    parts = Parts(2)
    silence = parts.charter.rules.away_interval_ms
    assert parts.own_chain.settle_at == SETTLE_MS
    parts.wait(silence + SETTLE_MS)
    plan = parts.rebuilder.plan(frozenset(parts.members[:1]), parts.now.now)
    parts.rebuilder.sign(plan)
    (vow,) = parts.wrote(SaveVow)
    assert vow.rebuild is not None
    assert not parts.rebuilds.makes_blocks
    parts.rebuilder.apply(vow.rebuild)
    assert parts.ledger.epoch.id == plan.next_epoch
    assert parts.rebuilds.applied == {1: vow.rebuild}
    assert parts.rebuilds.makes_blocks


# --- a start --------------------------------------------------------------------------------


def test_a_start_finds_what_was_there_and_writes_nothing_twice() -> None:
    before = Parts(1)
    say(before)
    before.maker.work()
    say(before, "not final yet")
    blocks: tuple[Block, ...] = tuple(one.block for one in before.wrote(SaveBlock))
    roots = tuple((one.commit.index, one.commit.root) for one in before.wrote(SaveCommit))
    pending = tuple(entry.op for entry in before.pool)
    after = Parts(1, blocks=blocks, recent_roots=roots, pending=pending, own_nonce=2)
    replay(
        after.restored,
        after.ledger,
        after.sync,
        after.pool,
        after.own_ops,
        after.intake,
        after.finalizer,
        after.proofs,
        after.prover,
        after.provisional,
        after.now,
        after.out,
    )
    assert after.ledger.final_root == before.ledger.final_root
    assert after.ledger.state.to_bytes() == before.ledger.state.to_bytes()
    assert [entry.op for entry in after.pool] == list(pending)
    assert (after.out.sends, after.out.notices) == ([], [])
    assert (after.wrote(SaveBlock), after.wrote(SaveCommit), after.wrote(SaveFate)) == ([], [], [])
