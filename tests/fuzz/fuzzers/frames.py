"""What comes over a connection before the core sees it: canonical bytes, frames, the stream."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Sequence
from functools import partial

import trio
from support.cores.dag import fake_verify

from p2pnode.net.connection.wire import Wire
from p2pnode.net.framing import LENGTH_BYTES, FrameReader, add_length
from p2pnode_protocols.messages.frames import Message, read_frame, write_frame
from p2pnode_protocols.messages.greeting import Hello, Refused
from p2pnode_protocols.messages.spreading import Pulled, Push
from p2pnode_protocols.messages.standing import Contacts
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.wire import codec
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import BlockId, OpId
from p2pnode_protocols.wire.limits import FRAME_BYTES
from p2pnode_protocols.wire.plain import make_plain

from . import genuine, values
from .parts import Part, mutate_part, seeds_of, try_part


def _read_value(data: bytes) -> None:
    value = codec.decode(data, 1 << 16)
    assert codec.encode(value) == data, "another spelling of a value was taken"


def _read_any_frame(data: bytes) -> None:
    opener = Opener(genuine.community(), genuine.accept, remember=4)
    messages = read_frame(data, opener)
    again = write_frame(messages)
    # A code this version does not know is read as one it knows. Words lose what acts unseen
    # (R7.25). Nothing else may change.
    is_same = again == data
    if not is_same and any(isinstance(one, Hello | Contacts) for one in messages):
        read = codec.decode(data, FRAME_BYTES)
        is_same = _plain(read) == codec.decode(again, FRAME_BYTES)
    if not any(isinstance(one, Refused) for one in messages):
        assert is_same, "a frame was not what it was read as"
    assert read_frame(again, opener) == messages


def _plain(value: codec.Value) -> codec.Value:
    """Return a value as words in it are read: agents plain, and no addresses that are not."""
    if isinstance(value, str):
        return make_plain(value, max(len(value), 1))
    if not isinstance(value, list | tuple):
        return value
    return [_plain(one) for one in value if not _is_unseen_address(one, value)]


def _is_unseen_address(one: codec.Value, among: Sequence[codec.Value]) -> bool:
    is_list_of_words = all(isinstance(other, str) for other in among)
    return is_list_of_words and isinstance(one, str) and not one.isprintable()


@functools.cache
def _signed() -> frozenset[bytes]:
    """Return the ids of all that anybody ever signed in this small world."""
    found: set[bytes] = {one.id for one in genuine.ops()}
    for message in genuine.messages():
        found.update(_ids(message))
    return frozenset(found)


def _ids(message: Message) -> Iterator[OpId | BlockId]:
    if isinstance(message, Push):
        yield from (one.id for one in message.ops)
    if isinstance(message, Push | Pulled):
        for block in message.blocks:
            yield block.id
            yield from (one.id for one in block.ops)


def _read_signed_frame(data: bytes) -> None:
    known = _signed()
    for message in read_frame(data, Opener(genuine.community(), fake_verify)):
        for one in _ids(message):
            assert one in known, f"{one.hex()} passed for signed, and nobody signed it"


def _cut_stream(data: bytes) -> None:
    """The frames of a stream do not depend on where the reads cut it."""
    whole, fault = _feed([data])
    source = random.Random(len(data))
    chunks, at = [], 0
    while at < len(data):
        end = at + source.choice((1, 2, 3, 7, 100))
        chunks.append(data[at:end])
        at = end
    assert _feed(chunks) == (whole, fault)
    used = sum(LENGTH_BYTES + len(one) for one in whole)
    assert b"".join(map(add_length, whole)) == data[:used]
    if fault is not None:
        raise fault


def _feed(chunks: list[bytes]) -> tuple[list[bytes], PeerFault | None]:
    reader, frames = FrameReader(), []
    try:
        for chunk in chunks:
            frames.extend(reader.feed(chunk))
    except PeerFault as fault:
        return frames, _Same(fault.code, fault.detail)
    return frames, None


class _Same(PeerFault):
    def __eq__(self, other: object) -> bool:
        return isinstance(other, PeerFault) and str(other) == str(self)

    __hash__ = PeerFault.__hash__


async def _send(stream: trio.SocketStream, data: bytes, source: random.Random) -> None:
    """Send it in the pieces in which a network may bring it."""
    while data:
        end = source.choice((1, 2, 5, 100, 100_000))
        await stream.send_all(data[:end])
        data = data[end:]
    await stream.aclose()


def _read_wire(data: bytes) -> None:
    """Reads of any size give the bytes in order, exactly as many as asked until the end."""

    async def read() -> None:
        source = random.Random(data)
        ours, theirs = trio.socket.socketpair()
        wire = Wire(trio.SocketStream(ours))
        got = b""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_send, trio.SocketStream(theirs), data, random.Random(data[::-1]))
            while True:
                wanted = source.choice((None, 1, 2, 30, 500))
                piece = await wire.read(wanted)
                got += piece
                assert wanted is None or len(piece) == wanted or got == data
                if not piece:
                    break
        assert got == data
        assert wire.bytes_in == len(data)
        await wire.close()

    trio.run(read)


def _all_frames() -> list[bytes]:
    each = [write_frame([one]) for one in genuine.messages()]
    return [*each, write_frame(genuine.messages()), write_frame([])]


def _all_values() -> list[bytes]:
    scalars = [None, True, 0, -1, 127, 128, 65536, 1 << 63, -(1 << 63), b"", b"x" * 300, "", "é"]
    nested: codec.Value = []
    for _ in range(11):
        nested = [nested]
    return [codec.encode(scalars), codec.encode(nested), codec.encode([scalars] * 20)]


def _all_streams() -> list[bytes]:
    framed = [add_length(one) for one in _all_frames()[:4]]
    return [b"".join(framed), framed[0][:-1], b"\x00\x00\x00\x00", b"\xff\xff\xff\xff"]


# Only ever added to at the end: the first byte of an input is a place in this list.
PARTS = (
    Part("value", _read_value, _all_values, ("limit_size", "bad_encoding")),
    Part("frame", _read_any_frame, _all_frames),
    Part("signed frame", _read_signed_frame, _all_frames),
    Part("stream", _cut_stream, _all_streams, ("limit_size",), is_value=False),
    Part("wire", _read_wire, _all_streams, (), is_value=False),
)


def check(data: bytes) -> None:
    try_part(PARTS, data)


def seeds() -> Iterator[bytes]:
    return seeds_of(PARTS)


def mutate(data: bytes, source: random.Random) -> bytes:
    return mutate_part(PARTS, data, source, partial(values.edit, mend=genuine.mend))
