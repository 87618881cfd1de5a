"""Frames come out whole, however the stream was cut; a wrong length is the peer's fault."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pnode.net.framing import FrameReader, add_length
from p2pnode_protocols.errors import PeerFault
from p2pnode_protocols.limits import FRAME_BYTES


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
