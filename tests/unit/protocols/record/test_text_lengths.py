"""A text is as long as its op says, or it is not that text: R2.22."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner

from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.spreading import Pulled, Push
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.texts import TextRef, make_text
from p2pnode_protocols.steps.notices import PeerRefused
from p2pnode_protocols.steps.writes import SaveText
from p2pnode_protocols.wire.ids import OpId, WallMs
from p2pnode_protocols.wire.limits import TEXT_BYTES

REF, BLOB = make_text(b"s" * 16, "because of the rain")
SIZES = (0, 1, REF.size - 1, REF.size + 1, TEXT_BYTES)


class Room:
    """A node that hears of a vote and of its reason."""

    def __init__(self) -> None:
        self.cluster = Cluster(4)
        self.cluster.connect()
        self.proposal: OpId = self.cluster.propose(0)
        self.author = self.cluster.devices[1]

    def vote(self, ref: TextRef, *, by: int = 1, nonce: int = 1) -> Op:
        seat, device = self.cluster.charter.members[by], self.cluster.devices[by]
        return sign_op(
            self.cluster.charter.community_id,
            seat.id,
            FakeSigner(device),
            nonce,
            WallMs(self.cluster.now_ms),
            Vote(self.proposal, self.proposal, "yes", ref),
        )

    def tell(self, message: Message, *, by: int = 1) -> None:
        self.cluster.tell(0, self.cluster.devices[by], message)

    @property
    def saved(self) -> bool:
        writes = self.cluster.node(0).writes
        return any(isinstance(one, SaveText) and one.id == REF.id for one in writes)

    @property
    def is_missing(self) -> bool:
        return REF.id in self.cluster.node(0).core.sync.texts.missing

    @property
    def refused(self) -> list[tuple[int, str]]:
        place = self.cluster.devices.index
        found = self.cluster.node(0).noticed(PeerRefused)
        return [(place(one.peer), one.code) for one in found if isinstance(one, PeerRefused)]


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bearer", [1, 2])
def test_op_with_a_text_of_another_length_is_refused_and_who_brings_it_is_told(
    room: Room, size: int, bearer: int
) -> None:
    vote = room.vote(replace(REF, size=size))
    room.tell(Push(ops=(vote,), texts=(BLOB,)), by=bearer)
    assert room.refused == [(bearer, "bad_field")]
    assert not room.saved
    assert vote.id not in room.cluster.node(0).core.pool


@pytest.mark.parametrize("size", SIZES)
def test_text_that_was_asked_for_at_another_length_is_not_kept_and_nobody_is_blamed(
    room: Room, size: int
) -> None:
    room.tell(Push(ops=(room.vote(replace(REF, size=size)),)))
    assert room.is_missing
    epoch = room.cluster.node(0).core.epoch.number
    for answer in (Push(texts=(BLOB,)), Pulled(epoch, (), (BLOB,), more=False, after=None)):
        room.tell(answer, by=2)
        assert not room.saved
        assert not room.is_missing  # its hash says how long it is: no other will come
    assert room.refused == []


@pytest.mark.parametrize("liar_first", [True, False])
def test_what_a_liar_says_of_a_length_keeps_nobody_elses_text_away(
    room: Room, liar_first: bool
) -> None:
    votes = [room.vote(replace(REF, size=1)), room.vote(REF, by=2)]
    for vote in votes if liar_first else reversed(votes):
        room.tell(Push(ops=(vote,)), by=3)
    room.tell(Push(texts=(BLOB,)), by=3)
    assert room.saved
    assert not room.is_missing
    assert room.refused == []


def test_a_claim_of_one_byte_puts_no_more_on_the_disk_than_it_takes_of_the_share(
    room: Room,
) -> None:
    for nonce in range(1, 50):
        ref, blob = make_text(nonce.to_bytes(16, "big"), "x" * TEXT_BYTES)
        room.tell(Push(ops=(room.vote(replace(ref, size=1), nonce=nonce),), texts=(blob,)))
    writes = room.cluster.node(0).writes
    assert sum(len(one.blob) for one in writes if isinstance(one, SaveText)) < TEXT_BYTES
