"""What every store promises, held against the SQLite one and the simulator's alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sim.memory_store import MemoryStore
from support.record import (
    CHARTER,
    COMMUNITY,
    PROPOSAL,
    block,
    commit,
    epoch,
    member,
    proved,
    pulled,
    rounds,
    save_all,
    signer,
    text,
    vote,
    wanted,
)

from p2pnode.store.interface import RECENT_ROOTS, AnyStore, StoredOp
from p2pnode.store.store import Store
from p2pnode_protocols.agreement.blocks import Block, header_of
from p2pnode_protocols.agreement.rebuild import Rebuild, sign_rebuild
from p2pnode_protocols.agreement.receipts import Receipt, Statement, sign_receipt
from p2pnode_protocols.agreement.roots import compute_state_hash
from p2pnode_protocols.messages.leaps import Recall, Recalled
from p2pnode_protocols.messages.spreading import Pull, Pulled
from p2pnode_protocols.record.bodies import Join, Note
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.questions.register import Closed, extend_closed_hash
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveClosed,
    SaveContradiction,
    SaveDropped,
    SaveErased,
    SaveFate,
    SaveFork,
    SaveLeap,
    SaveMissing,
    SaveOp,
    SaveProven,
    SaveReceipt,
    SaveText,
    SaveUnproven,
    SaveVow,
    Write,
)
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.errors import BugError
from p2pnode_protocols.wire.ids import (
    BlockId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    Round,
    TextId,
    WallMs,
)
from p2pnode_protocols.wire.limits import FRAME_BYTES, PULL_BYTES, RECEIPTS_IN_MESSAGE, TEXT_BYTES

ALICE = signer("alice").device
NAMES = ("alice", "bob", "carol", "dave")


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    made: AnyStore = (
        Store.create(tmp_path / "store.db") if request.param == "sqlite" else MemoryStore()
    )
    made.adopt(CHARTER)
    yield made
    made.close()


def restored(store: AnyStore) -> Restored:
    found = store.restore(ALICE)
    assert found is not None
    return found


def pull(
    store: AnyStore, known: dict[str, int] | None = None, *, number: int = 0, most: int = PULL_BYTES
) -> Pulled:
    frontier = sorted((member(name), Round(round_)) for name, round_ in (known or {}).items())
    return pulled(store, Pull(number, tuple(frontier), most))


# --- rebuilds ----------------------------------------------------------------------------


def a_rebuild(number: int) -> Rebuild:
    following = epoch(number).id
    bare = Rebuild(
        Statement(epoch(number - 1).id, 7, b"r" * 32, following),
        following,
        (member("alice"),),
        (member("bob"),),
    )
    return bare.with_signatures([sign_rebuild(COMMUNITY, signer("alice"), bare)])


def test_a_vow_is_kept_until_it_is_withdrawn(store: AnyStore) -> None:
    store.apply([epoch(0), SaveVow(a_rebuild(1))], durable=True)
    assert restored(store).vow == a_rebuild(1)
    store.apply([SaveVow(None)], durable=True)
    assert restored(store).vow is None


def test_the_rebuild_by_which_an_epoch_began_is_kept_with_it(store: AnyStore) -> None:
    begun = replace(epoch(1), rebuild=a_rebuild(1))
    store.apply([epoch(0), begun, epoch(2)], durable=True)
    assert store.rebuilds() == ((1, a_rebuild(1)),)
    assert restored(store).rebuilds == ((1, a_rebuild(1)),)
    assert restored(store).epoch.rebuild is None


# --- the community -----------------------------------------------------------------------


def test_adopting_the_same_charter_twice_is_once(store: AnyStore) -> None:
    assert store.adopt(CHARTER) == COMMUNITY
    assert (store.community, store.charter) == (COMMUNITY, CHARTER)


def test_adopting_another_charter_is_refused(store: AnyStore) -> None:
    with pytest.raises(BugError):
        store.adopt(b"another")
    assert (store.community, store.charter) == (COMMUNITY, CHARTER)


# --- what is held ------------------------------------------------------------------------


def test_what_is_held_is_there_for_every_reader(store: AnyStore) -> None:
    ref, blob = text("because")
    op = vote("alice", 1, ref)
    one = block("alice", 1, ops=[op])
    store.apply([epoch(0)], durable=True)
    for write in (SaveBlock(one, 0, own=False), SaveText(ref.id, blob)):
        store.hold([write])
    assert wanted(store, [ref.id]).texts == (blob,)
    assert store.block(one.id) == one
    store.hold([commit(1, one, [op])])
    assert store.op(op.id) == StoredOp(op, 1, "ok")
    store.hold([SaveFork(header_of(one), header_of(block("alice", 1, time_ms=5)))])
    assert len(store.forks()) == 1
    second = block("bob", 1)
    store.hold([SaveBlock(second, 0, own=False)])
    assert ids(pull(store).blocks) == in_order([one, second])
    store.hold([commit(2, second)])
    assert [one.index for one in store.commits(1, 9)] == [1, 2]
    store.hold([SaveOp(vote("alice", 2), own=False)])
    assert restored(store).own_nonce == 2


# --- restore -----------------------------------------------------------------------------


def test_store_without_an_epoch_restores_nothing(store: AnyStore) -> None:
    assert store.restore(ALICE) is None


def test_restore_continues_from_the_latest_epoch_alone(store: AnyStore) -> None:
    late = block("alice", 7)
    store.apply([epoch(0), *save_all(rounds(NAMES, 2))], durable=True)
    store.apply([epoch(1, b"later")], durable=True)
    store.apply(save_all(rounds(NAMES, 3, number=1), number=1), durable=False)
    store.apply(save_all([late]), durable=False)  # a laggard's block of the epoch before
    found = restored(store)
    assert found.epoch == epoch(1, b"later")
    assert found.blocks == tuple(rounds(NAMES, 3, number=1))


def test_blocks_come_back_in_the_order_they_were_saved(store: AnyStore) -> None:
    low, high = rounds(["alice", "bob"], 3), rounds(["carol"], 3)
    store.apply([epoch(0), *save_all(low), *save_all(high)], durable=True)
    assert restored(store).blocks == (*low, *high)


def test_saving_twice_changes_nothing(store: AnyStore) -> None:
    ref, blob = text("because")
    op = vote("alice", 1, ref)
    one = block("alice", 1, ops=[op])
    fork = SaveFork(header_of(one), header_of(block("alice", 1, time_ms=5)))
    writes: list[Write] = [
        epoch(0),
        SaveOp(op, own=True),
        SaveText(ref.id, blob),
        SaveBlock(one, 0, own=True),
        commit(1, one, [op]),
        fork,
    ]
    store.apply(writes, durable=True)
    before = restored(store)
    store.apply(writes, durable=True)
    assert restored(store) == before
    assert store.forks() == ((fork.first, fork.second),)
    assert len(store.commits(1, 9)) == 1


def test_op_is_pending_until_a_commit_holds_it(store: AnyStore) -> None:
    ops = [vote("alice", nonce) for nonce in (1, 2, 3)]
    one = block("alice", 1, ops=ops[:2])
    store.apply([epoch(0), *(SaveOp(op, own=True) for op in ops)], durable=True)
    store.apply(save_all([one]), durable=True)
    assert restored(store).pending == tuple(ops)
    store.apply([commit(1, one, ops[:2])], durable=False)
    assert restored(store).pending == (ops[2],)


def test_op_known_only_from_a_block_is_pending(store: AnyStore) -> None:
    op = vote("bob", 1)
    store.apply([epoch(0), *save_all([block("bob", 1, ops=[op])])], durable=False)
    assert restored(store).pending == (op,)


def test_op_carried_by_two_blocks_is_one_op(store: AnyStore) -> None:
    op = vote("bob", 1)
    writes = save_all([block("alice", 1, ops=[op]), block("bob", 1, ops=[op])])
    store.apply([epoch(0), *writes], durable=False)
    assert restored(store).pending == (op,)


def test_op_known_only_from_a_commit_is_final(store: AnyStore) -> None:
    op = vote("bob", 1)
    store.apply([epoch(0), commit(1, block("bob", 1), [op])], durable=False)
    assert store.op(op.id) == StoredOp(op, 1, "ok")
    assert restored(store).pending == ()


def test_which_invite_a_seat_came_by_is_known_of_those_that_got_one(store: AnyStore) -> None:
    store.apply([epoch(0)], durable=True)
    came = [("bob", b"first", "ok"), ("carol", b"first", "ok"), ("dave", b"other", "invite_over")]
    came.append(("bob", b"again", "ok"))  # gave the seat up, and came back
    for index, (name, invite, code) in enumerate(came, 1):
        body = Join(name, DeviceKey(invite.ljust(32, b".")), bytes(64))
        op = sign_op(COMMUNITY, member(name), signer(name), index, WallMs(1_000), body)
        store.apply([commit(index, block("bob", index), [op], code=code)], durable=True)
    assert store.joins() == {
        member("bob"): b"again".ljust(32, b"."),
        member("carol"): b"first".ljust(32, b"."),
    }


def test_notes_are_found_in_the_order_of_the_log_and_by_their_namespace(store: AnyStore) -> None:
    store.apply([epoch(0)], durable=True)
    said = [("org.a", b"1", "ok"), ("org.b", b"2", "ok"), ("org.a", b"3", "limit_bytes")]
    said += [("org.a", b"4", "ok"), ("org.a", b"5", "ok")]
    for index, (namespace, data, code) in enumerate(said, 1):
        body = Note(namespace, data)
        op = sign_op(COMMUNITY, member("bob"), signer("bob"), index, WallMs(1_000), body)
        store.apply([commit(index, block("bob", index), [op], code=code)], durable=True)

    def found(namespace: str | None, after: int = 0, most: int = 9) -> list[tuple[int, int, bytes]]:
        notes = store.notes(namespace, after, most)
        return [(one.place, one.op.commit_index or 0, one.op.op.body.data) for one in notes]

    assert found(None) == [(1, 1, b"1"), (2, 2, b"2"), (3, 4, b"4"), (4, 5, b"5")]
    assert found("org.a", most=2) == [(1, 1, b"1"), (3, 4, b"4")]
    assert found("org.a", after=3) == [(4, 5, b"5")]
    assert found("org.c") == []


@pytest.mark.parametrize("code", ["closed", "already_decided", "superseded_revision"])
def test_last_vote_of_each_member_that_came_too_late_is_known_by_its_proposal(
    store: AnyStore, code: str
) -> None:
    refused = [vote("bob", 1), vote("carol", 1), vote("bob", 2)]
    others = vote("dave", 1), vote("alice", 1)
    store.apply([epoch(0)], durable=True)
    for index, op in enumerate(refused, 1):
        store.apply([commit(index, block("bob", index), [op], code=code)], durable=True)
    for index, (op, said) in enumerate(zip(others, ("ok", "not_a_member"), strict=True), 4):
        store.apply([commit(index, block("bob", index), [op], code=said)], durable=True)
    assert [(one.op, one.code) for one in store.late_votes(PROPOSAL)] == [
        (refused[1], code),
        (refused[2], code),
    ]
    assert store.late_votes(OpId(bytes(32))) == ()


def test_own_nonce_is_the_highest_of_this_device_in_any_state(store: AnyStore) -> None:
    store.apply([epoch(0)], durable=True)
    assert restored(store).own_nonce == 0
    store.apply([SaveOp(vote("alice", 4), own=True), SaveOp(vote("bob", 9), own=False)], True)
    assert restored(store).own_nonce == 4
    store.apply(save_all([block("bob", 1, ops=[vote("alice", 6)])]), durable=False)
    assert restored(store).own_nonce == 6
    final = vote("alice", 7)
    store.apply([commit(1, block("bob", 1), [final])], durable=False)
    assert restored(store).own_nonce == 7


def test_texts_that_saved_ops_refer_to_are_missing_until_saved(store: AnyStore) -> None:
    here, here_blob = text("here")
    gone, gone_blob = text("not here")
    ops = [vote("alice", 1, here), vote("bob", 1, gone)]
    store.apply([epoch(0), SaveOp(ops[0], own=True), SaveText(here.id, here_blob)], durable=True)
    one = block("bob", 1, ops=[ops[1]])
    store.apply(save_all([one]), durable=False)
    assert restored(store).missing_texts == ()
    assert restored(store).unsure_texts == (gone,), "the log has not taken it"
    store.apply([commit(1, one, [ops[1]])], durable=False)
    assert restored(store).missing_texts == (gone,)
    assert restored(store).unsure_texts == ()
    store.apply([SaveText(gone.id, gone_blob)], durable=False)
    assert restored(store).missing_texts == ()
    assert store.text(gone.id) == gone_blob


def test_missing_texts_are_read_by_pages(store: AnyStore) -> None:
    refs = sorted((text(f"words {number}")[0] for number in range(5)), key=lambda ref: ref.id)
    unsure, _ = text("said, and not taken")
    store.apply([epoch(0), *(SaveMissing(ref, OpId(bytes(32))) for ref in refs)], durable=True)
    store.apply([SaveOp(vote("alice", 1, unsure), own=False)], durable=True)
    ids = sorted([*(ref.id for ref in refs), unsure.id])
    assert store.missing_texts(TextId(b""), 9) == (tuple(refs), None)
    for most in (1, 2, 3):
        read: list[TextRef] = []
        after: TextId | None = TextId(b"")
        for _ in range(6):
            if after is None:
                break
            place = ids.index(after) + 1 if after else 0
            page, after = store.missing_texts(after, most)
            assert [ref.id for ref in page] == [
                one for one in ids[place : place + most] if one != unsure.id
            ]
            read += page
        assert read == refs
    assert store.missing_texts(ids[-1], 3) == ((), None)
    store.apply([SaveErased(refs[3].id)], durable=True)
    assert refs[3] not in store.missing_texts(TextId(b""), 9)[0]


def test_text_is_missing_for_sure_if_any_op_that_refers_to_it_was_taken(store: AnyStore) -> None:
    ref, _ = text("because")
    waits, passed = vote("alice", 2, ref), vote("bob", 1, ref)
    store.apply([epoch(0), SaveOp(passed, own=False)], durable=True)
    assert (restored(store).missing_texts, restored(store).unsure_texts) == ((), (ref,))
    one = block("bob", 1, ops=[waits])
    taken = replace(commit(1, one, []), taken=(waits,))
    store.apply([*save_all([one]), taken], durable=True)
    assert (restored(store).missing_texts, restored(store).unsure_texts) == ((ref,), ())
    store.apply([SaveErased(ref.id)], durable=True)
    assert (restored(store).missing_texts, restored(store).unsure_texts) == ((), ())


def test_recent_roots_are_the_latest_ascending(store: AnyStore) -> None:
    one = block("alice", 1)
    store.apply([epoch(0)], durable=True)
    count = RECENT_ROOTS + 3
    store.apply([commit(index, one) for index in range(1, count + 1)], durable=False)
    roots = restored(store).recent_roots
    assert [index for index, _ in roots] == list(range(4, count + 1))
    assert roots[-1][1] == commit(count, one).commit.root


# --- contradictions ----------------------------------------------------------------------


def test_commit_with_another_root_is_refused_and_nothing_of_its_batch_kept(
    store: AnyStore,
) -> None:
    one = block("alice", 1)
    saved = commit(1, one)
    store.apply([epoch(0), saved], durable=True)
    other = replace(saved, commit=replace(saved.commit, root=b"x" * 32))
    op = vote("alice", 1)
    with pytest.raises(BugError):
        store.apply([SaveOp(op, own=True), other], durable=True)
    assert store.op(op.id) is None
    assert store.commits(1, 1) == (saved.commit,)


def test_epoch_with_another_id_is_refused(store: AnyStore) -> None:
    store.apply([epoch(0)], durable=True)
    with pytest.raises(BugError):
        store.apply([replace(epoch(0), id=EpochId(b"x" * 32))], durable=True)
    assert restored(store).epoch == epoch(0)


# --- serving peers -----------------------------------------------------------------------


def ids(blocks: tuple[Block, ...] | list[Block]) -> list[BlockId]:
    return [one.id for one in blocks]


def in_order(blocks: list[Block]) -> list[BlockId]:
    """Return the ids in the order in which every store answers pulls with these blocks."""
    return [block for _, block in sorted((one.round, one.id) for one in blocks)]


def test_pull_brings_what_lies_beyond_the_frontier(store: AnyStore) -> None:
    made = rounds(NAMES, 5)
    store.apply([epoch(0), *save_all(made)], durable=False)
    answer = pull(store, {"alice": 5, "bob": 3, "carol": 4})
    wanted = [
        one
        for one in made
        if one.round > {member("alice"): 5, member("bob"): 3, member("carol"): 4}.get(one.author, 0)
    ]
    assert ids(answer.blocks) == in_order(wanted)
    assert not answer.more


def test_pull_of_everything_known_is_empty(store: AnyStore) -> None:
    store.apply([epoch(0), *save_all(rounds(NAMES, 2))], durable=False)
    assert pull(store, dict.fromkeys(NAMES, 2)) == Pulled(0, (), (), more=False)


def test_pull_keeps_to_its_epoch(store: AnyStore) -> None:
    store.apply([epoch(0), *save_all(rounds(NAMES, 1))], durable=False)
    later = rounds(NAMES, 2, number=1)
    store.apply([epoch(1), *save_all(later, number=1)], durable=False)
    assert ids(pull(store, number=1).blocks) == in_order(later)
    assert pull(store, number=2).blocks == ()


def test_pulling_until_no_more_brings_every_block_parents_first(store: AnyStore) -> None:
    made = rounds(NAMES, 6)
    store.apply([epoch(0), *save_all(made)], durable=False)
    names = {member(name): name for name in NAMES}
    known: dict[str, int] = {}
    got: list[Block] = []
    more = True
    while more:
        answer = pull(store, known, most=3_000)
        assert answer.blocks, "a pull that says more brings at least one block"
        assert sum(len(one.wire) for one in answer.blocks) <= 3_000
        for one in answer.blocks:
            known[names[one.author]] = one.round
        got.extend(answer.blocks)
        more = answer.more
    assert ids(got) == in_order(made)


@pytest.mark.parametrize("most", [1, 700, 3_000, PULL_BYTES])
def test_pulling_on_after_the_last_block_brings_each_once(store: AnyStore, most: int) -> None:
    made = rounds(NAMES, 6)
    below = [one for one in made if one.round == 3]
    forks = [block("bob", 4, below, time_ms=number) for number in range(7)]
    store.apply([epoch(0), *save_all([*made, *forks])], durable=False)
    frontier = ((member("alice"), Round(2)),)
    got: list[Block] = []
    after, more = None, True
    while more:
        answer = pulled(store, Pull(0, frontier, most, after))
        assert answer.blocks, "a pull that says more brings at least one block"
        assert answer.after == after
        got.extend(answer.blocks)
        after, more = (got[-1].round, got[-1].id), answer.more
    lacking = [one for one in (*made, *forks) if one.author != member("alice") or one.round > 2]
    assert ids(got) == in_order(lacking)


def test_pull_with_a_tiny_budget_still_brings_one_block(store: AnyStore) -> None:
    made = rounds(NAMES, 1)
    store.apply([epoch(0), *save_all(made)], durable=False)
    answer = pull(store, most=1)
    assert ids(answer.blocks) == in_order(made)[:1]
    assert answer.more


def test_pull_puts_parents_first_when_a_chain_was_saved_late(store: AnyStore) -> None:
    """Bob's chain arrives after alice's later blocks, which do not build on it."""
    alone, late = rounds(["alice"], 3), rounds(["bob"], 2)
    join = block("alice", 4, [alone[-1], late[-1]])
    store.apply([epoch(0), *save_all([*alone, *late, join])], durable=False)
    seen: set[bytes] = {epoch(0).id}
    for one in pull(store).blocks:
        assert seen.issuperset(one.parents)
        seen.add(one.id)
    assert len(seen) == 7


def test_pull_brings_both_blocks_of_a_fork(store: AnyStore) -> None:
    one, other = block("alice", 1), block("alice", 1, time_ms=2)
    store.apply([epoch(0), *save_all([one, other])], durable=False)
    assert ids(pull(store).blocks) == in_order([one, other])


def test_pull_goes_round_by_round_even_over_a_fork_saved_late(store: AnyStore) -> None:
    first = block("alice", 1)
    second = block("alice", 2, [first])
    third = block("alice", 3, [second])
    other = block("alice", 2, [first], time_ms=1)
    store.apply([epoch(0), *save_all([first, second, third, other])], durable=False)
    assert ids(pull(store).blocks) == in_order([first, second, other, third])


def test_pull_brings_held_texts_of_the_ops_once(store: AnyStore) -> None:
    (ref, blob), (absent, _) = text("why"), text("nowhere")
    ops = [vote("alice", 1, ref), vote("alice", 2, ref), vote("alice", 3, absent)]
    one = block("alice", 1, ops=ops)
    store.apply([epoch(0), *save_all([one]), SaveText(ref.id, blob)], durable=False)
    assert pull(store).texts == (blob,)


def test_pull_leaves_texts_out_that_do_not_fit(store: AnyStore) -> None:
    big = [text(f"{number} " + "x" * (TEXT_BYTES - 10)) for number in range(20)]
    ops = [vote("alice", nonce, ref) for nonce, (ref, _) in enumerate(big, 1)]
    one = block("alice", 1, ops=ops)
    saves = [SaveText(ref.id, blob) for ref, blob in big]
    store.apply([epoch(0), *save_all([one]), *saves], durable=False)
    answer = pull(store)
    assert ids(answer.blocks) == [one.id]
    assert 2 <= len(answer.texts) < 20
    assert len(one.wire) + sum(len(blob) for blob in answer.texts) <= PULL_BYTES


def test_pulled_frame_can_be_read_however_many_tiny_texts_it_has(store: AnyStore) -> None:
    tiny = [text(str(number)) for number in range(4_200)]
    batches = [tiny[at : at + 500] for at in range(0, len(tiny), 500)]
    writes: list[Write] = [epoch(0), *(SaveMissing(ref, OpId(bytes(32))) for ref, _ in tiny)]
    writes += [SaveText(ref.id, blob) for ref, blob in tiny]
    below: list[Block] = []
    nonce = 0
    for round_, batch in enumerate(batches, 1):
        ops = []
        for ref, _ in batch:
            nonce += 1
            ops.append(vote("alice", nonce, ref))
        below = [block("alice", round_, below, ops)]
        writes.append(SaveBlock(below[0], 0, own=True))
    store.apply(writes, durable=False)
    answer = pulled(store, Pull(0, (), FRAME_BYTES // 2))
    assert len(answer.texts) > 4_000


def test_want_brings_blocks_and_texts_that_are_held(store: AnyStore) -> None:
    ref, blob = text("why")
    one = block("alice", 1, ops=[vote("alice", 1, ref)])
    store.apply([epoch(0), *save_all([one]), SaveText(ref.id, blob)], durable=False)
    answer = wanted(store, [b"?" * 32, ref.id, one.id, ref.id])
    assert (answer.blocks, answer.ops, answer.texts) == ((one,), (), (blob,))


def test_want_stops_at_the_size_of_a_pull(store: AnyStore) -> None:
    big = [text(f"{number} " + "x" * (TEXT_BYTES - 10)) for number in range(20)]
    for ref, blob in big:
        store.apply([SaveMissing(ref, OpId(bytes(32))), SaveText(ref.id, blob)], durable=False)
    answer = wanted(store, [ref.id for ref, _ in big])
    assert answer.texts == tuple(blob for _, blob in big[:3])
    assert sum(map(len, answer.texts)) <= PULL_BYTES


# --- reading -----------------------------------------------------------------------------


def test_ops_and_blocks_are_found_by_id(store: AnyStore) -> None:
    pending, final, other = vote("alice", 1), vote("bob", 1), OpId(b"o" * 32)
    one = block("bob", 1, ops=[final])
    outcome = ((PROPOSAL, "passed", b"h" * 32, b"s" * 32), (other, "lapsed", b"i" * 32, None))
    derived = ((b"d" * 32, b"c" * 32),)
    saved = commit(1, one, [final], outcome, derived=derived)
    store.apply([epoch(0), SaveOp(pending, own=True), *save_all([one]), saved], durable=True)
    assert store.op(pending.id) == StoredOp(pending, None, None)
    assert store.op(final.id) == StoredOp(final, 1, "ok")
    assert store.block(one.id) == one
    assert (store.commits(1, 1)[0].decided, store.commits(1, 1)[0].derived) == (outcome, derived)


def test_unknown_ids_name_nothing(store: AnyStore) -> None:
    assert store.op(OpId(b"?" * 32)) is None
    assert store.block(BlockId(b"?" * 32)) is None
    assert store.text(TextId(b"?" * 32)) is None


def test_commits_are_read_by_range(store: AnyStore) -> None:
    saved = [commit(index, block("alice", index)) for index in range(1, 6)]
    store.apply([epoch(0), *saved], durable=True)
    assert store.commits(2, 4) == tuple(one.commit for one in saved[1:4])
    assert store.commits(6, 9) == ()


def test_erased_text_is_neither_held_nor_missing_nor_taken_again(store: AnyStore) -> None:
    ref, blob = text("private")
    writes: list[Write] = [SaveOp(vote("alice", 1, ref), own=True), SaveText(ref.id, blob)]
    store.apply([epoch(0), *writes], durable=True)
    store.erase_text(ref.id)
    store.apply(writes, durable=True)
    assert store.text(ref.id) is None
    assert wanted(store, [ref.id]).texts == ()
    assert restored(store).missing_texts == ()


def test_dropped_text_goes_and_is_not_missing_any_more(store: AnyStore) -> None:
    (ref, blob), (lacking, _) = text("because"), text("never seen")
    ops = [vote("alice", 1, ref), vote("alice", 2, lacking)]
    store.apply(
        [epoch(0), *(SaveOp(one, own=False) for one in ops), SaveText(ref.id, blob)], durable=True
    )
    dropped = [
        SaveDropped(one.id, which.id) for one, which in zip(ops, (ref, lacking), strict=True)
    ]
    store.apply(dropped, durable=True)
    assert store.text(ref.id) is None
    assert wanted(store, [ref.id]).texts == ()
    assert restored(store).missing_texts == restored(store).unsure_texts == ()
    store.apply(dropped, durable=True)
    assert store.text(ref.id) is None, "twice is once"


def test_text_that_nothing_refers_to_any_more_is_not_kept(store: AnyStore) -> None:
    """It came after its op was forgotten, and nothing would let it go again."""
    ref, blob = text("too late")
    op = vote("bob", 2, ref)
    store.apply([epoch(0), SaveOp(op, own=False)], durable=True)
    while store.prune(1, ()):
        pass
    assert store.op(op.id) is None
    store.apply([SaveText(ref.id, blob)], durable=True)
    assert store.text(ref.id) is None
    store.apply([SaveOp(op, own=False), SaveText(ref.id, blob)], durable=True)
    assert store.text(ref.id) == blob


def test_text_that_two_ops_refer_to_goes_with_the_second(store: AnyStore) -> None:
    # Else who names another's words as a reason, and votes again, makes them vanish.
    ref, blob = text("because")
    ops = [vote("alice", 1, ref), vote("bob", 1, ref)]
    one = block("bob", 1, ops=[ops[1]])  # whichever way it came
    store.apply([epoch(0), SaveOp(ops[0], own=False), SaveText(ref.id, blob)], durable=True)
    store.apply([SaveBlock(one, 0, own=False)], durable=True)
    store.apply([SaveDropped(ops[0].id, ref.id)], durable=True)
    assert store.text(ref.id) == blob
    store.apply([SaveDropped(ops[1].id, ref.id)], durable=True)
    assert store.text(ref.id) is None


def test_dropping_an_erased_text_keeps_it_erased(store: AnyStore) -> None:
    ref, blob = text("because")
    op = vote("alice", 1, ref)
    store.apply([epoch(0), SaveOp(op, own=False), SaveText(ref.id, blob)], durable=True)
    store.erase_text(ref.id)
    store.apply([SaveDropped(op.id, ref.id), SaveText(ref.id, blob)], durable=True)
    assert store.text(ref.id) is None


def test_author_unknown_to_the_store_does_no_harm_in_a_frontier(store: AnyStore) -> None:
    made = rounds(NAMES, 1)
    store.apply([epoch(0), *save_all(made)], durable=False)
    stranger = MemberId(b"\x00" * 32)
    answer = pulled(store, Pull(0, ((stranger, Round(99)),), PULL_BYTES))
    assert ids(answer.blocks) == in_order(made)


# --- proofs ------------------------------------------------------------------------------


def statement(index: int, following: EpochId | None = None) -> Statement:
    root = hashlib.sha256(b"root %d" % index).digest()
    return Statement(epoch(0).id, index, root, following)


def receipt(name: str, index: int, following: EpochId | None = None) -> Receipt:
    return sign_receipt(COMMUNITY, signer(name), statement(index, following))


def test_commits_that_lack_receipts_come_back_with_those_they_have(store: AnyStore) -> None:
    ends = EpochId(b"n" * 32)
    commits = [commit(index, block("alice", index)) for index in (1, 2, 3)]
    held = [receipt("bob", 3, ends), receipt("alice", 3, ends)]
    writes: list[Write] = [
        epoch(0),
        *commits,
        SaveUnproven(statement(1)),
        SaveUnproven(statement(2)),
        SaveUnproven(statement(3, ends)),
        *(SaveReceipt(one, own=False) for one in (*held, receipt("carol", 1))),
        SaveProven(1),
    ]
    store.apply(writes, durable=True)
    store.apply(writes, durable=True)  # saved twice is saved once
    second, third = restored(store).unproven
    assert (second.statement, second.receipts) == (statement(2), ())
    assert third.statement == statement(3, ends)
    assert third.charter == epoch(0).charter
    assert set(third.receipts) == set(held)


def test_receipts_are_served_in_order_and_as_many_as_fit(store: AnyStore) -> None:
    names = sorted(NAMES)
    made = [receipt(name, index) for index in range(1, 200) for name in names]
    writes = [epoch(0), *(SaveReceipt(one, own=False) for one in made)]
    store.apply(writes, durable=True)
    first = proved(store, 0)
    assert (len(first.receipts), first.after) == (RECEIPTS_IN_MESSAGE, 0)
    last = first.receipts[-1].statement.index
    assert [one.statement.index for one in first.receipts] == sorted(
        one.statement.index for one in first.receipts
    )
    assert {one.statement.index for one in proved(store, last).receipts} == set(
        range(last + 1, 200)
    )
    assert proved(store, 500).receipts == ()


def test_receipts_for_one_commit_are_those_of_all_devices(store: AnyStore) -> None:
    made = [receipt(name, index) for index in (1, 2) for name in NAMES]
    store.apply([epoch(0), *(SaveReceipt(one, own=False) for one in made)], durable=True)
    assert set(store.receipts_for(2)) == {one for one in made if one.statement.index == 2}
    assert store.receipts_for(3) == ()


def test_receipts_for_another_log_come_back_of_commits_since_the_epoch_began(
    store: AnyStore,
) -> None:
    first, *others = (receipt(name, index) for index in (4, 6, 5) for name in sorted(NAMES))
    again = sign_receipt(COMMUNITY, signer(sorted(NAMES)[0]), replace(statement(6), root=bytes(32)))
    told = [first, *others, again]  # a device that signs twice is remembered once
    begun = replace(epoch(0), genesis_index=4)
    store.apply([begun, *(SaveContradiction(one) for one in told)], durable=True)
    wanted = sorted(
        (one for one in others if one.statement.index > 4),
        key=lambda one: (one.statement.index, one.device),
    )
    assert restored(store).contradictions == tuple(wanted)
    assert store.receipts_for(5) == (), "they are shown, never served"


def test_provable_commits_are_those_that_want_receipts(store: AnyStore) -> None:
    wanted = [SaveUnproven(statement(index)) for index in (2, 5, 9)]
    store.apply([epoch(0), *wanted, SaveProven(5)], durable=True)
    assert store.provable(1, 10) == (2, 5, 9)
    assert store.provable(5, 8) == (5,)
    assert store.provable(10, 20) == ()


def test_commit_that_closed_a_proposal_is_found_by_its_time(store: AnyStore) -> None:
    """Several commits may have one time; only one of them decided it."""
    times = (1_000, 2_000, 2_000, 2_000, 3_000)
    wanted = (PROPOSAL, "passed", b"h" * 32, None)
    commits = [
        commit(index, block("alice", index, time_ms=time), decided=(wanted,) if index == 3 else ())
        for index, time in enumerate(times, 1)
    ]
    assert store.commit_that_closed(PROPOSAL, WallMs(2_000)) is None
    store.apply([epoch(0), *commits], durable=True)
    assert store.commit_that_closed(PROPOSAL, WallMs(2_000)) == commits[2].commit
    for time in (0, 1_000, 1_500, 3_000, 4_000):
        assert store.commit_that_closed(PROPOSAL, WallMs(time)) is None
    assert store.commit_that_closed(OpId(b"x" * 32), WallMs(2_000)) is None


def test_epochs_come_back_without_their_states(store: AnyStore) -> None:
    store.apply([epoch(number, b"state %d" % number) for number in (0, 1, 2)], durable=True)
    first, second = store.epochs_until(1)
    assert (first.number, first.id, first.charter) == (0, epoch(0).id, epoch(0).charter)
    assert second.state_hash == compute_state_hash(b"state 1")
    assert len(store.epochs_until(9)) == 3


def test_charter_of_an_epoch_is_found_by_its_number(store: AnyStore) -> None:
    store.apply([epoch(0), epoch(1)], durable=True)
    assert store.charter_of(1) == b"a charter"
    assert store.charter_of(2) is None


def some_closed(count: int) -> list[Closed]:
    closed: list[Closed] = []
    chain = bytes(32)
    for place in range(1, count + 1):
        record, said = b"record %d" % place, b"%032d" % place if place % 3 == 2 else None
        chain = extend_closed_hash(chain, record, said)
        op = OpId(b"%032d" % place)
        times = WallMs(10 * place), WallMs(10 * place + 1)
        closed.append(Closed(place, op, count + 1 - place, "passed", *times, record, chain, said))
    return closed


def test_closed_proposals_come_back_in_the_order_of_closing(store: AnyStore) -> None:
    closed = some_closed(3)
    writes = [epoch(0), *(SaveClosed(one) for one in closed)]
    store.apply(writes, durable=True)
    store.apply(writes, durable=True)
    assert restored(store).closed == tuple(closed)


def test_closed_proposals_are_recalled_from_the_last_back(store: AnyStore) -> None:
    closed = some_closed(9)
    store.apply([epoch(0), *(SaveClosed(one) for one in closed)], durable=True)
    size = len(closed[0].record)
    for held in range(9):
        for until in range(held + 1, 10):
            for least in (1, size, size + 1, 1_000):
                part = store.serve_recall(Recall(held, until, least, 0))
                count = min(until - held, -(-least // size))
                first = until - count
                chain = closed[first - 1].chain if first else bytes(32)
                records = [[one.record, one.said] for one in closed[first:until]]
                assert part.data == encode([chain, records])
                assert (part.until, part.total, part.offset) == (until, len(part.data), 0)
                rest = store.serve_recall(Recall(held, until, least, 5))
                assert (rest.offset, rest.data) == (5, part.data[5:])
    for held, until in ((0, 10), (9, 9), (5, 3)):
        assert store.serve_recall(Recall(held, until, 1, 0)) == Recalled(until, 0, 0, b"")


# --- own ops' fates ----------------------------------------------------------------------


def a_fate(op: Op, code: str = "closed", index: int | None = None, at_ms: int = 7) -> SaveFate:
    return SaveFate(op.id, code, index, WallMs(at_ms))


def test_op_with_a_fate_is_pending_no_more(store: AnyStore) -> None:
    first, second = vote("alice", 1), vote("alice", 2)
    store.apply([epoch(0), SaveOp(first, own=True), SaveOp(second, own=True)], durable=True)
    store.apply([a_fate(first, "not_a_member")], durable=False)
    assert restored(store).pending == (second,)
    assert restored(store).own_nonce == 2
    (kept,) = store.fates()
    assert (kept.op, kept.code, kept.commit_index, kept.is_seen) == (
        first,
        "not_a_member",
        None,
        False,
    )


def test_fates_come_the_latest_said_first_until_they_are_seen(store: AnyStore) -> None:
    ops = [vote("alice", nonce) for nonce in (1, 2, 3)]
    store.apply([epoch(0), *(SaveOp(one, own=True) for one in ops)], durable=True)
    store.apply([a_fate(op, at_ms=at) for op, at in zip(ops, (5, 9, 7), strict=True)], False)
    assert [one.op for one in store.fates()] == [ops[2], ops[1], ops[0]]
    store.mark_seen([ops[1].id, OpId(b"?" * 32)])
    assert [one.op for one in store.fates("unseen")] == [ops[2], ops[0]]
    assert [one.is_seen for one in store.fates()] == [False, True, False]


def test_fates_come_in_pages_that_a_later_one_does_not_shift(store: AnyStore) -> None:
    ops = [vote("alice", nonce) for nonce in range(1, 8)]
    store.apply([epoch(0), *(SaveOp(one, own=True) for one in ops)], durable=True)
    store.apply([a_fate(op) for op in (ops[1], ops[3], ops[5])], durable=True)
    store.apply([a_fate(ops[4], "ok")], durable=True)  # as after a leap: it was not refused
    first = store.fates("refused", limit=2)
    assert [one.op for one in first] == [ops[5], ops[3]]
    store.apply([a_fate(ops[6], at_ms=99)], durable=True)
    rest = store.fates("refused", before=first[-1].place, limit=2)
    assert [one.op for one in rest] == [ops[1]]
    assert store.fates("refused", before=rest[-1].place) == ()
    store.mark_seen([ops[3].id])
    counts = [store.count_fates(which) for which in ("all", "refused", "unseen")]
    assert counts == [5, 4, 3]


def test_ops_given_up_without_an_entry_are_restored(store: AnyStore) -> None:
    ops = [vote("alice", nonce) for nonce in (1, 2, 3, 4)]
    store.apply([epoch(0), *(SaveOp(one, own=True) for one in ops)], durable=True)
    store.apply([a_fate(ops[1], "not_a_member"), a_fate(ops[0], "bad_invite")], durable=True)
    store.apply([a_fate(ops[2], "closed", index=3), a_fate(ops[3], "ok")], durable=True)
    assert restored(store).given_up == (ops[0], ops[1])


def test_own_ops_are_known_by_what_was_acknowledged_not_by_the_key(store: AnyStore) -> None:
    own, others = vote("alice", 1), vote("bob", 1)
    store.apply([epoch(0), SaveOp(own, own=True), SaveOp(others, own=False)], durable=True)
    store.apply([SaveOp(own, own=False), SaveOp(others, own=True)], durable=True)
    assert restored(store).own == {own.id}, "as it was saved first"


def test_same_fate_again_changes_nothing(store: AnyStore) -> None:
    op = vote("alice", 1)
    store.apply([epoch(0), SaveOp(op, own=True), a_fate(op, index=3)], durable=True)
    store.mark_seen([op.id])
    store.apply([a_fate(op, index=3), a_fate(op, "not_a_member", at_ms=99)], durable=True)
    (kept,) = store.fates()
    assert (kept.code, kept.commit_index, kept.at_ms, kept.is_seen) == ("closed", 3, 7, True)


@pytest.mark.parametrize("code", ["closed", "ok"])
def test_entry_in_the_log_outdoes_what_was_told_without_one(store: AnyStore, code: str) -> None:
    op = vote("alice", 1)
    store.apply([epoch(0), SaveOp(op, own=True), a_fate(op, "not_a_member")], durable=True)
    store.mark_seen([op.id])
    store.apply([a_fate(op, code, index=4, at_ms=8)], durable=True)
    found = [(one.code, one.commit_index, one.is_seen) for one in store.fates()]
    assert found == ([] if code == "ok" else [("closed", 4, False)])


def test_fate_of_an_op_that_only_a_block_holds(store: AnyStore) -> None:
    op = vote("alice", 1)
    store.apply([epoch(0), *save_all([block("bob", 1, ops=[op])]), a_fate(op)], durable=True)
    assert [one.op.wire for one in store.fates()] == [op.wire]


def test_text_is_missing_at_each_length_that_somebody_says(store: AnyStore) -> None:
    ref, blob = text("as it is")
    liar, later = replace(ref, size=1), replace(text("later")[0], size=9)
    ops = [vote("alice", 1, liar), vote("bob", 1, ref)]
    store.apply([epoch(0), SaveMissing(later, OpId(bytes(32)))], True)
    store.apply([SaveOp(op, own=False) for op in ops], True)
    assert restored(store).missing_texts == (later,), "a leap brought what refers to it"
    assert set(restored(store).unsure_texts) == {liar, ref}
    store.apply([SaveText(ref.id, blob)], durable=False)
    assert restored(store).missing_texts == (later,)


# --- what the log passed over --------------------------------------------------------------


def held(store: AnyStore, ops: Sequence[Op]) -> list[int]:
    """Return the nonces of those that are in the store."""
    return [op.nonce for op in ops if store.op(op.id) is not None]


def test_ops_that_nothing_needs_are_forgotten_and_all_others_stay(store: AnyStore) -> None:
    """R6.10: a liar says two things with one nonce, or what no log ever takes."""
    reasons = [text(f"because of {nonce}") for nonce in range(8)]
    ops = [vote("bob", nonce, reasons[nonce][0]) for nonce in range(1, 8)]
    final, waits, coming, own, in_block, *lost = ops
    carrier, deciding = block("carol", 1, ops=[in_block]), block("dave", 1, ops=[final])
    store.apply(
        [
            epoch(0),
            *(SaveOp(one, own=False) for one in ops if one is not in_block),
            *save_all([carrier, deciding]),
            *(SaveText(ref.id, blob) for ref, blob in reasons),
            replace(commit(1, deciding, [final]), taken=(final, waits)),
            SaveFate(own.id, "conflicting_nonce", None, WallMs(5)),
        ],
        durable=True,
    )
    while store.prune(8, {coming.id}):
        pass
    assert held(store, ops) == [1, 2, 3, 4, 5]
    texts = [one.nonce for one in ops if store.text(reasons[one.nonce][0].id) is not None]
    assert texts == [1, 2, 3, 4, 5]
    assert set(restored(store).pending) == {waits, coming, in_block}
    store.apply([commit(2, carrier, [waits])], durable=True)
    assert store.op(waits.id) == StoredOp(waits, 2, "ok")
    assert store.text(reasons[waits.nonce][0].id) is not None
    # What was forgotten may come again.
    store.apply([SaveOp(lost[0], own=False)], durable=True)
    assert held(store, lost) == [lost[0].nonce]


def test_text_of_a_forgotten_op_stays_for_another(store: AnyStore) -> None:
    ref, blob = text("because")
    lost, kept = vote("bob", 1, ref), vote("carol", 1, ref)
    writes: list[Write] = [SaveOp(lost, own=False), SaveOp(kept, own=False)]
    store.apply([epoch(0), *writes, SaveText(ref.id, blob)], durable=True)
    while store.prune(8, {kept.id}):
        pass
    assert store.text(ref.id) == blob
    assert (store.op(lost.id), store.op(kept.id)) == (None, StoredOp(kept, None, None))


def test_any_number_of_lost_ops_goes(store: AnyStore) -> None:
    ops = [vote("bob", nonce) for nonce in range(1, 1_001)]
    store.apply([epoch(0), *(SaveOp(one, own=False) for one in ops)], durable=True)
    coming = {one.id for one in ops if one.nonce % 2}
    while store.prune(8, coming):
        pass
    assert held(store, ops) == list(range(1, 1_001, 2))


def test_what_a_leap_may_have_led_over_is_kept(store: AnyStore) -> None:
    """Whether the log took it is not known here, and a decision's record may name it."""
    ref, blob = text("because")
    op, after = vote("bob", 1, ref), vote("carol", 1)
    begun = epoch(1)
    leap = SaveLeap(
        1,
        begun.id,
        begun.genesis_index,
        begun.genesis_root,
        begun.round,
        begun.author,
        begun.charter,
        compute_state_hash(begun.snapshot),
    )
    store.apply([epoch(0), SaveOp(op, own=False), SaveText(ref.id, blob)], durable=True)
    store.apply([leap, begun, SaveOp(after, own=False)], durable=True)
    while store.prune(8, ()):
        pass
    assert store.op(op.id) is not None
    assert store.text(ref.id) == blob
    assert store.op(after.id) is None
