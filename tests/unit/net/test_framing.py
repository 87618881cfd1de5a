"""Frames come out whole, however the stream was cut; a wrong length is the peer's fault."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pnode.net.framing import FrameReader, add_length, build_frames
from p2pnode.net.seats.allowance import Allowance
from p2pnode_protocols.messages.frames import Message, read_frame
from p2pnode_protocols.messages.greeting import Bye
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import CommunityId
from p2pnode_protocols.wire.limits import FRAME_BYTES, FRAME_MESSAGES


@given(
    frames=st.lists(st.binary(min_size=1, max_size=50), max_size=8),
    cuts=st.lists(st.integers(0, 450), max_size=12),
)
def test_frames_survive_any_cutting_of_the_stream(frames: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(add_length, frames))
    reader = FrameReader()
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    chunks = [stream[a:b] for a, b in itertools.pairwise(edges)]
    assert [frame for chunk in chunks for frame in reader.feed(chunk)] == frames


@pytest.mark.parametrize("length", [0, FRAME_BYTES + 1, 2**32 - 1])
def test_length_out_of_bounds_is_a_fault_before_anything_is_held(length: int) -> None:
    with pytest.raises(PeerFault) as refusal:
        list(FrameReader().feed(length.to_bytes(4, "big")))
    assert refusal.value.code == "limit_size"


def test_frames_before_a_wrong_length_still_count() -> None:
    frames = FrameReader().feed(add_length(b"good") + b"\xff\xff\xff\xff")
    assert next(frames) == b"good"
    with pytest.raises(PeerFault):
        next(frames)


def test_unfinished_frame_yields_nothing() -> None:
    assert list(FrameReader().feed(add_length(b"whole")[:-1])) == []


class Sender:
    """One device that begins a frame and does not end it."""

    def __init__(self, allowance: Allowance) -> None:
        self.is_cut = False
        self.reader = FrameReader(self._cut)
        self._allowance = allowance
        allowance.join(self.reader)

    def _cut(self) -> None:
        self.is_cut = True

    def send(self, chunk: bytes) -> bool:
        if not self._allowance.make_room(self.reader, len(chunk)):
            return False
        assert list(self.reader.feed(chunk)) == []
        return True


@pytest.mark.parametrize("devices", [1, 3, 16])
def test_unfinished_frames_of_all_devices_of_a_seat_share_one_room(devices: int) -> None:
    allowance = Allowance(2 * FRAME_BYTES)
    senders = [Sender(allowance) for _ in range(devices)]
    begin, most = FRAME_BYTES.to_bytes(4, "big"), 0
    for sender in senders:
        sender.send(begin)
    for _ in range(FRAME_BYTES // 65_536 - 1):
        for sender in senders:
            if not sender.is_cut:
                sender.send(bytes(65_536))
            most = max(most, allowance.used)
    assert most <= 2 * FRAME_BYTES
    assert sum(not one.is_cut for one in senders) >= min(devices, 2)
    honest = Sender(allowance)
    assert honest.send(begin + bytes(65_536)), "who holds most gives way"
    assert not honest.is_cut


@pytest.mark.parametrize(
    "messages",
    [
        [Push(texts=(bytes(60_000),) * 30)] * 5,
        [Bye()] * (2 * FRAME_MESSAGES + 1),
        [Push(texts=(bytes(60_000),) * 60), Bye(), Push(texts=(bytes(60_000),) * 60), Bye()],
    ],
)
def test_messages_that_fit_no_frame_together_go_in_several(messages: list[Message]) -> None:
    opener = Opener(CommunityId(bytes(32)))
    frames = FrameReader().feed(build_frames(messages))  # it takes none that is too long
    assert [one for frame in frames for one in read_frame(frame, opener)] == messages


def test_a_message_that_fits_no_frame_takes_no_other_with_it() -> None:
    long = Push(texts=(bytes(60_000),) * 80)
    (frame,) = FrameReader().feed(build_frames([Bye(), long]))
    assert read_frame(frame, Opener(CommunityId(bytes(32)))) == (Bye(),)
