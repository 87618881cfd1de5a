"""What comes in: blocks, ops, texts and contacts, each before the part that takes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from support.cores.dag import FakeSigner
from support.cores.parts import Parts, text

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.core.intake import texts as intake_texts
from p2pnode_protocols.core.intake.texts import READ_AGAIN_MS, READ_EVERY_MS
from p2pnode_protocols.gossip.asking import texts as asked_texts
from p2pnode_protocols.gossip.asking.texts import NO_SEAT
from p2pnode_protocols.gossip.asking.wants import WANT_FIRST_MS
from p2pnode_protocols.messages.spreading import Push, Want
from p2pnode_protocols.messages.standing import Contacts
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.notices import ContactTold, Diverged, ForkFound, PeerRefused
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveDropped,
    SaveFork,
    SaveMissing,
    SaveOp,
    SaveText,
)
from p2pnode_protocols.wire.crypto import compute_text_id
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, EpochId, MemberId, MonoMs, Round, WallMs

ADDRESSES = ("/ip4/192.0.2.1/tcp/4001",)


@pytest.fixture
def parts() -> Parts:
    return Parts(4)


def block(
    parts: Parts,
    author: int,
    round_: int,
    parents: tuple[BlockId, ...] = (),
    *,
    ops: tuple[Op, ...] = (),
    epoch: EpochId | None = None,
    sequence: int = 1,
    final_index: int = 0,
    final_root: bytes | None = None,
    time_ms: int = 0,
) -> Block:
    now = parts.ledger.epoch
    return sign_block(
        parts.me.community,
        FakeSigner(parts.devices[author]),
        epoch=now.id if epoch is None else epoch,
        author=parts.members[author],
        sequence=sequence,
        round_=Round(round_),
        time_ms=WallMs(parts.now.wall_ms + time_ms),
        parents=parents or (now.genesis,),
        ops=ops,
        final_index=final_index,
        final_root=parts.ledger.roots[0] if final_root is None else final_root,
    )


def newcomer() -> MemberId:
    """Return the seat that a community of five has beside those of one of four."""
    (one,) = set(Parts(5).members) - set(Parts(4).members)
    return one


# --- blocks ---------------------------------------------------------------------------------


def test_a_block_is_saved_and_goes_to_those_who_do_not_get_it_from_its_author(parts: Parts) -> None:
    author, other = (parts.meet(parts.devices[place], parts.status()) for place in (1, 2))
    one = block(parts, 1, 1)
    parts.intake.receive(one, author.device)
    assert parts.wrote(SaveBlock) == [SaveBlock(one, 0, own=False)]
    assert [pushed.blocks for pushed in parts.told(Push)] == [(one,)]
    assert parts.told(Push, other.device)
    assert parts.sightings.last(author.device) == parts.now.mono_ms
    parts.out.clear()
    parts.intake.receive(one, other.device)
    assert (parts.out.writes, parts.out.sends) == ([], []), "it is known"


def test_a_block_without_its_parents_waits_and_they_are_asked_for(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1], parts.status())
    below = [block(parts, author, 1) for author in range(1, 4)]
    ids = tuple(one.id for one in below)
    above = block(parts, 1, 2, ids, sequence=2, time_ms=1)
    parts.intake.receive(above, peer.device)
    assert parts.wrote(SaveBlock) == []
    parts.wait(WANT_FIRST_MS)
    parts.sync.wants.ask(parts.now.mono_ms)
    (want,) = parts.told(Want)
    assert set(want.hashes) == set(ids)
    for one in below:
        parts.intake.receive(one, peer.device)
    assert [saved.block for saved in parts.wrote(SaveBlock)] == [*below, above]


def test_two_blocks_of_a_slot_are_a_fork_and_proof_of_it(parts: Parts) -> None:
    peer = parts.meet(parts.devices[2], parts.status())
    for time_ms in (0, 5):
        parts.intake.receive(block(parts, 1, 1, time_ms=time_ms), peer.device)
    assert len(parts.wrote(SaveBlock)) == 2
    assert len(parts.wrote(SaveFork)) == len(parts.noticed(ForkFound)) == 1
    parts.wait(60_000)
    parts.accuser.due(parts.ledger.state, lambda: (), parts.now.mono_ms)
    parts.wait(60_000)
    body = parts.accuser.due(parts.ledger.state, lambda: (), parts.now.mono_ms)
    assert body is not None
    assert body.accused == parts.devices[1]


def test_a_block_of_an_epoch_to_come_waits_for_it_if_a_member_made_it(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1], parts.status())
    later = EpochId(b"l" * 32)
    parts.intake.receive(block(parts, 1, 1, epoch=later), peer.device)
    assert [one for one, _sender in parts.sync.held.take_future()] != []
    parts.intake.receive(
        replace(block(parts, 2, 1, epoch=later), author=MemberId(b"?" * 32)), peer.device
    )
    assert parts.sync.held.take_future() == []


def test_a_block_of_a_past_epoch_is_nobodys_fault(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1], parts.status())
    past = EpochId(b"p" * 32)
    parts.ledger.past[past] = None
    parts.intake.receive(block(parts, 1, 1, epoch=past), peer.device)
    assert (parts.out.writes, parts.out.notices, parts.out.sends) == ([], [], [])


def test_a_block_tells_of_another_log_whatever_epoch_it_is_of(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1], parts.status())
    parts.ledger.append(b"a" * 32)
    other = EpochId(b"o" * 32)
    parts.intake.receive(
        block(parts, 1, 1, epoch=other, final_index=1, final_root=b"b" * 32), peer.device
    )
    assert [one.member for one in parts.noticed(Diverged)] == [parts.members[1]]


def test_a_block_that_breaks_a_rule_is_its_bearers_fault(parts: Parts) -> None:
    peer = parts.meet(parts.devices[2], parts.status())
    parts.intake.receive(block(parts, 1, 1, sequence=7), peer.device)
    assert parts.wrote(SaveBlock) == []
    assert [one.peer for one in parts.noticed(PeerRefused)] == [peer.device]


# --- ops ------------------------------------------------------------------------------------


def test_an_op_that_is_new_is_kept_shown_and_passed_on(parts: Parts) -> None:
    bearer, other = (parts.meet(parts.devices[place], parts.status()) for place in (1, 2))
    body, blob = parts.proposal()
    op = parts.op(1, body)
    parts.op_intake.receive(op, {compute_text_id(blob): blob}, bearer)
    assert op.id in parts.pool
    assert parts.wrote(SaveOp) == [SaveOp(op, own=False)]
    assert len(parts.wrote(SaveText)) == 1
    assert [one.ops for one in parts.told(Push)] == [(op,)]
    assert parts.told(Push, other.device)
    parts.out.clear()
    parts.op_intake.receive(op, {}, other)
    assert parts.out.writes == []


def test_an_op_by_nobody_is_refused_unless_its_bearer_knows_more(parts: Parts) -> None:
    bearer = parts.meet(parts.devices[1], parts.status())
    body, _blob = parts.proposal()
    place = Parts(5).members.index(newcomer())
    stranger = Parts(5).op(place, body)
    with pytest.raises(PeerFault):
        parts.op_intake.receive(stranger, {}, bearer)
    ahead = ((parts.members[1], Round(3)),)
    parts.sync.frontiers.on_status(bearer, parts.status(frontier=ahead))
    parts.op_intake.receive(stranger, {}, bearer)
    assert len(parts.pool) == 0


def test_own_words_that_come_back_are_counted_on_from(parts: Parts) -> None:
    bearer = parts.meet(parts.devices[1], parts.status())
    body, _blob = parts.proposal()
    parts.op_intake.receive(parts.op(0, body, nonce=9), {}, bearer)
    assert parts.own_ops.nonce == 9, "the store is older than what this device has signed"


def test_an_op_in_a_block_is_reason_for_blocks_only_within_its_authors_share() -> None:
    parts = Parts(4)
    share = parts.charter.rules.bytes_per_day
    parts.ledger.state.bytes_left = lambda *_: -share  # type: ignore[method-assign]
    body, _blob = parts.proposal()
    parts.op_intake.take_from_block(parts.op(1, body), Round(1), None)
    assert len(parts.pool) == 0
    parts = Parts(4)
    parts.op_intake.take_from_block(parts.op(1, body), Round(1), None)
    (entry,) = parts.pool
    assert entry.carried == 1


# --- texts ----------------------------------------------------------------------------------


def test_a_text_that_did_not_come_is_asked_for_until_nothing_needs_it(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    body, blob = parts.proposal()
    op = parts.op(1, body)
    assert parts.texts.note(op, {}, peer.device) == ()
    assert body.title.id in parts.sync.texts.missing
    parts.texts.drop([op], set())
    assert body.title.id not in parts.sync.texts.missing
    assert parts.wrote(SaveDropped) == [SaveDropped(op.id, body.title.id)]
    parts.out.clear()
    parts.texts.take([blob])
    assert parts.wrote(SaveText) == [], "nobody asked for it"


def test_a_text_is_taken_once_and_only_as_long_as_said(parts: Parts) -> None:
    body, blob = parts.proposal()
    parts.texts.note(parts.op(1, body), {}, None)
    parts.texts.take([blob, blob])
    assert len(parts.wrote(SaveText)) == 1
    title, long = text("other words")
    lie = replace(title, size=title.size + 1)
    body = Propose("tactical", lie, (), NoAction(), WallMs(0))
    parts.texts.note(parts.op(1, body, 2), {}, None)
    parts.texts.take([long])
    assert len(parts.wrote(SaveText)) == 1


def test_texts_of_a_leap_are_noted_as_missing_and_asked_of_all(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    body, _blob = parts.proposal()
    op = parts.op(1, body)
    parts.provisional.add(op)
    proposal = parts.provisional.preview.proposal(op.id)
    assert proposal is not None
    parts.texts.miss_of(proposal, set())
    assert [one.ref for one in parts.wrote(SaveMissing)] == [body.title]
    parts.wait(WANT_FIRST_MS)
    parts.sync.wants.ask(parts.now.mono_ms)
    assert [one.hashes for one in parts.told(Want, peer.device)] == [(body.title.id,)]


def miss_many(parts: Parts, count: int) -> dict[TextRef, bytes]:
    """Return texts that are all missing, of which only few can be asked for at once."""
    made = dict(text(f"words {number}") for number in range(count))
    for ref in made:
        parts.sync.miss_text(ref, None, NO_SEAT)
    return made


def read(parts: Parts, made: Iterable[TextRef]) -> bool:
    """Let the core read what is missing, if it wants to; return whether it did."""
    parts.texts.read_more()
    reads, parts.out.reads = parts.out.reads, None
    if reads is None:
        return False
    page = sorted((ref for ref in made if ref.id > reads.after), key=lambda ref: ref.id)
    until = page[reads.most - 1].id if len(page) >= reads.most else None
    parts.texts.on_missing(tuple(page[: reads.most]), until)
    return True


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_texts, "MISSING_TEXTS", 8)
    monkeypatch.setattr(intake_texts, "PAGE", 4)


@pytest.mark.usefixtures("few")
def test_what_was_given_up_is_asked_for_once_there_is_room() -> None:
    parts = Parts(4)
    made = miss_many(parts, 30)
    assert len(parts.sync.texts.missing) == 8
    parts.wait(READ_EVERY_MS)
    for _ in range(40):
        read(parts, made)
        for ref in [ref for ref in made if ref.id in parts.sync.texts.missing][:3]:
            parts.texts.take([made.pop(ref)])
        parts.wait(READ_EVERY_MS)
    assert made == {}
    assert not read(parts, made), "nothing is missing, so nothing is read"


@pytest.mark.usefixtures("few")
def test_what_nobody_has_keeps_nothing_else_from_being_asked_for() -> None:
    parts = Parts(4)
    made = miss_many(parts, 30)
    asked = set(parts.sync.texts.missing)
    reads = 0
    for _ in range(20):
        reads += read(parts, made)
        asked |= parts.sync.texts.missing
        parts.wait(READ_AGAIN_MS // 2)
    assert asked == {ref.id for ref in made}
    assert reads <= 11, "it is read rarely"


@pytest.mark.usefixtures("few")
def test_an_erased_text_is_not_asked_for_though_the_store_named_it() -> None:
    parts = Parts(4)
    (ref,) = miss_many(parts, 1)
    parts.sync.forget_text(ref.id)
    parts.ledger.state.erased_by = lambda _text: parts.members[0]  # type: ignore[method-assign,assignment]
    parts.texts.on_missing((ref,), None)
    assert not parts.sync.texts.missing


# --- contacts -------------------------------------------------------------------------------


def test_where_a_member_listens_is_told_on_and_of_strangers_nothing_is_kept(parts: Parts) -> None:
    stranger, peer = DeviceKey(b"s" * 32), parts.meet(parts.devices[1])
    parts.contacts.addresses = {parts.devices[2]: ADDRESSES, stranger: ADDRESSES}
    assert parts.contacts.known() == (parts.devices[2],)
    assert stranger not in parts.contacts.addresses
    parts.contacts.tell(peer, [*parts.contacts.known(), stranger])
    assert [one.contacts for one in parts.told(Contacts)] == [((parts.devices[2], ADDRESSES),)]


def test_what_is_told_of_a_device_without_a_seat_waits_for_the_seat(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    joining = Parts(5).charter.member(newcomer())
    assert joining is not None
    joining = joining.devices[0]
    told = Contacts(((parts.devices[2], ADDRESSES), (joining, ADDRESSES)))
    parts.contacts.on_contacts(peer, told)
    assert parts.noticed(ContactTold) == [ContactTold(parts.devices[2], ADDRESSES, peer.member)]
    assert len(parts.sync.hearsay.early) == 1
    parts.ledger.state = Parts(5).ledger.state
    parts.contacts.tell_early()
    assert parts.noticed(ContactTold)[1:] == [ContactTold(joining, ADDRESSES, peer.member)]


def test_the_last_word_of_a_seat_is_not_told_twice(parts: Parts) -> None:
    peer = parts.meet(parts.devices[1])
    told = Contacts(((parts.devices[2], ADDRESSES),))
    for _ in range(2):
        parts.contacts.on_contacts(peer, told)
    assert len(parts.noticed(ContactTold)) == 1


def test_time_is_the_nodes_own_clock(parts: Parts) -> None:
    parts.wait(5)
    assert parts.now.mono_ms == MonoMs(5)
