"""Yamux: windows kept on both sides, streams opened and refused, any bytes survived.

The other end is a bare socket: what it says is written out frame by frame. That libp2p's own
yamux understands ours, and ours its, is shown in tests/e2e/net/test_interop.py.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import wait_all_tasks_blocked

from p2pnode.net.connection import mux
from p2pnode.net.connection.mux import (
    BURST_BYTES,
    EMPTY_PER_MINUTE,
    LATE_FRAMES,
    LATE_UNUSED,
    START_WINDOW,
    WINDOW_BYTES,
    Mux,
    Stream,
)
from p2pnode.net.connection.wire import Wire
from p2pnode.net.errors import LinkClosed, LinkFlooded, StreamUnread

DATA, WINDOW, PING, GO_AWAY = range(4)
SYN, ACK, FIN, RST = 1, 2, 4, 8
DEADLINE_S = 10.0
PIECE = 60_000


class Plain:
    """A cipher that hides nothing, so that a test can write and read the frames."""

    def encrypt(self, data: bytes) -> bytes:
        return bytes(data)

    def decrypt(self, data: bytes) -> bytes:
        return data


def frame(kind: int, flags: int, number: int, value: int, data: bytes = b"") -> bytes:
    return struct.pack("!BBHII", 0, kind, flags, number, value) + data


def data_frame(number: int, data: bytes, flags: int = 0) -> bytes:
    return frame(DATA, flags, number, len(data), data)


async def nothing() -> bytes:
    return b""


@dataclass
class Rig:
    """A mux that accepted a connection, and the socket at its other end."""

    mux: Mux
    theirs: trio.SocketStream
    opened: list[Stream] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    ended: trio.Event = field(default_factory=trio.Event)
    _heard: bytearray = field(default_factory=bytearray)

    async def run(self) -> None:
        self.mux.on_stream = self.opened.append
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._part, self.mux.write_rest(), nursery)
            nursery.start_soon(self._part, self.mux.read_all(nothing), nursery)

    async def _part(self, part: object, nursery: trio.Nursery) -> None:
        try:
            await part  # type: ignore[misc]
        except Exception as error:
            if not self.ended.is_set():  # else the other part, when the socket was closed
                self.failures.append(error)
        self.mux.wire.kill()
        self.mux.end()
        self.ended.set()
        nursery.cancel_scope.cancel()

    async def say(self, *frames: bytes) -> None:
        for one in frames:
            await self.theirs.send_all(len(one).to_bytes(2, "big") + one)

    async def hear(self) -> tuple[int, int, int, int, bytes]:
        """Return the next frame: kind, flags, stream, value, data."""
        with trio.fail_after(DEADLINE_S):
            size = int.from_bytes(await self._exactly(2), "big")
            content = await self._exactly(size)
        version, kind, flags, number, value = struct.unpack_from("!BBHII", content)
        assert version == 0
        return kind, flags, number, value, content[12:]

    async def _exactly(self, size: int) -> bytes:
        while len(self._heard) < size:
            chunk = await self.theirs.receive_some()
            if not chunk:
                raise EOFError
            self._heard += chunk
        data = bytes(self._heard[:size])
        del self._heard[:size]
        return data

    async def stream(self) -> Stream:
        """Return a stream that the other end has opened."""
        await self.say(frame(WINDOW, SYN, 1, 0))
        assert await self.hear() == (WINDOW, ACK, 1, 0, b"")
        return self.opened[-1]

    async def failure(self) -> str:
        with trio.fail_after(DEADLINE_S):
            await self.ended.wait()
        assert [type(one) for one in self.failures] == [LinkClosed]
        return str(self.failures[0])


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener:
        theirs = await trio.open_tcp_stream(*listener.socket.getsockname())
        wire = Wire(await listener.accept())
    wire.most_bytes = None
    made = Rig(Mux(Plain(), wire, is_outbound=False), theirs)
    async with theirs, trio.open_nursery() as nursery:
        nursery.start_soon(made.run)
        yield made
        nursery.cancel_scope.cancel()
    wire.kill()


# --- reading ------------------------------------------------------------------------------


async def test_data_goes_to_its_stream_in_order(rig: Rig) -> None:
    stream = await rig.stream()
    await rig.say(data_frame(1, b"one "), data_frame(1, b"two"))
    await wait_all_tasks_blocked(0.01)
    assert await stream.read(2) == b"on"
    assert await stream.read() == b"e two"


async def test_consumer_gets_what_waited_first_and_then_what_comes(rig: Rig) -> None:
    stream = await rig.stream()
    got: list[bytes] = []
    more = trio.Event()

    def consume(data: bytes) -> bool:
        got.append(data)
        if data == b"three":
            more.set()
        return True

    await rig.say(data_frame(1, b"one"))
    await wait_all_tasks_blocked(0.01)
    stream.hand_to(consume)
    await rig.say(data_frame(1, b"two") + frame(WINDOW, 0, 1, 0) + data_frame(1, b"three"))
    with trio.fail_after(DEADLINE_S):
        await more.wait()
    assert got == [b"one", b"two", b"three"]


async def test_frames_may_be_parted_anywhere(rig: Rig) -> None:
    stream = await rig.stream()
    sent = data_frame(1, b"first") + data_frame(1, b"second")
    for place in range(len(sent)):
        await rig.say(sent[place : place + 1])
    got = b""
    while len(got) < 11:
        got += await stream.read()
    assert got == b"firstsecond"


async def test_window_is_opened_again_by_halves(rig: Rig) -> None:
    stream = await rig.stream()
    stream.widen()
    assert await rig.hear() == (WINDOW, 0, 1, WINDOW_BYTES - START_WINDOW, b"")
    got = 0

    def consume(data: bytes) -> bool:
        nonlocal got
        got += len(data)
        return True

    stream.hand_to(consume)
    sent = given_back = 0
    while given_back < 2 * WINDOW_BYTES:
        while sent < given_back + WINDOW_BYTES // 2:
            await rig.say(data_frame(1, bytes(PIECE)))
            sent += PIECE
        kind, flags, _, credit, _ = await rig.hear()
        assert (kind, flags) == (WINDOW, 0)
        assert credit >= WINDOW_BYTES // 2
        given_back += credit
    assert given_back <= got <= sent


async def test_a_stream_that_is_not_read_holds_up_no_other(rig: Rig) -> None:
    """Its window stays shut, and the connection is read on."""
    slow = await rig.stream()
    await rig.say(frame(WINDOW, SYN, 3, 0))
    assert await rig.hear() == (WINDOW, ACK, 3, 0, b"")
    quick = rig.opened[-1]
    slow.hand_to(lambda _data: False)
    for _ in range(START_WINDOW // PIECE):
        await rig.say(data_frame(1, bytes(PIECE)), data_frame(3, b"x"))
        assert await quick.read() == b"x"
    with trio.move_on_after(0.05):
        pytest.fail(f"{await rig.hear()}: what nobody has read is no credit")
    slow.give_back(PIECE * 4)  # read by and by
    kind, _, number, credit, _ = await rig.hear()
    assert (kind, number, credit) == (WINDOW, 1, PIECE * 4)


@pytest.mark.parametrize("is_used", [True, False])
async def test_what_was_under_way_for_a_refused_stream_is_no_flood_and_more_is(
    rig: Rig, is_used: bool
) -> None:
    stream = await rig.stream()
    if is_used:
        stream.hand_to(lambda _data: True)
    stream.cut()
    assert await rig.hear() == (WINDOW, RST, 1, 0, b"")
    late = LATE_FRAMES if is_used else LATE_UNUSED
    await rig.say(*[data_frame(1, b"late")] * late, frame(PING, SYN, 0, 7))
    assert await rig.hear() == (PING, ACK, 0, 7, b"")
    with contextlib.suppress(trio.BrokenResourceError):
        await rig.say(*[data_frame(1, b"too late")] * EMPTY_PER_MINUTE)
    with trio.fail_after(DEADLINE_S):
        await rig.ended.wait()
    assert [type(one) for one in rig.failures] == [LinkFlooded]


async def test_streams_that_wait_for_the_socket_are_written_in_turn(rig: Rig) -> None:
    streams = [rig.mux.open() for _ in range(3)]
    for stream in streams:
        stream.room = 1 << 30
    heard: list[int] = []
    async with trio.open_nursery() as nursery:
        for stream in streams:
            nursery.start_soon(stream.write, bytes(8 * BURST_BYTES))
        await wait_all_tasks_blocked(0.01)
        while len(heard) < 3 * 8 * BURST_BYTES // PIECE:
            kind, _, number, value, _ = await rig.hear()
            heard += [number] * (kind == DATA and value > 0)
        nursery.cancel_scope.cancel()
    turns = [one for place, one in enumerate(heard) if place == 0 or heard[place - 1] != one]
    assert turns[: 3 * 4] == turns[:3] * 4, "nobody has two turns while another waits"
    assert len(set(turns[:3])) == 3


async def test_who_waits_for_the_socket_is_not_overtaken(rig: Rig) -> None:
    waiting, other = rig.mux.open(), rig.mux.open()
    rig.mux.queue(waiting)
    assert not other.write_now(b"x")
    rig.mux.leave(waiting)
    assert other.write_now(b"x")


async def test_a_peer_that_does_not_read_one_stream_keeps_the_others(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mux, "STALL_S", 0.05)
    unread, other = rig.mux.open(), rig.mux.open()
    unread.room = 10
    with pytest.raises(StreamUnread):
        await unread.write(bytes(11))
    assert other.write_now(b"still here")
    assert not rig.ended.is_set()


async def test_peer_that_ignores_its_window_is_cut_off(rig: Rig) -> None:
    await rig.stream()
    await rig.say(*[data_frame(1, bytes(PIECE))] * (START_WINDOW // PIECE))
    assert not rig.ended.is_set()
    await rig.say(data_frame(1, bytes(PIECE)))
    assert "window" in await rig.failure()


async def test_stream_in_negotiation_gets_credit_before_it_runs_out(rig: Rig) -> None:
    stream = await rig.stream()
    for _ in range(3 * START_WINDOW // PIECE):
        await rig.say(data_frame(1, bytes(PIECE)))
        left = PIECE
        while left:
            left -= len(await stream.read())
    assert not rig.ended.is_set()


async def test_end_of_a_stream_is_told_to_its_reader(rig: Rig) -> None:
    stream = await rig.stream()
    await rig.say(data_frame(1, b"last", FIN))
    assert await stream.read() == b"last"
    with pytest.raises(LinkClosed):
        await stream.read()


@pytest.mark.parametrize("flags", [FIN, RST])
async def test_end_of_a_stream_is_told_and_the_connection_goes_on(rig: Rig, flags: int) -> None:
    stream = await rig.stream()
    ended = trio.Event()
    stream.hand_to(lambda _data: True)
    stream.on_end = ended.set
    await rig.say(frame(WINDOW, flags, 1, 0), frame(PING, SYN, 0, 7))
    assert await rig.hear() == (PING, ACK, 0, 7, b"")
    assert ended.is_set()
    assert not rig.ended.is_set()


async def test_data_for_a_stream_that_was_refused_is_passed_over(rig: Rig) -> None:
    stream = await rig.stream()
    await stream.reset()
    assert await rig.hear() == (WINDOW, RST, 1, 0, b"")
    await rig.say(data_frame(1, b"was under way"), frame(PING, SYN, 0, 7))
    assert await rig.hear() == (PING, ACK, 0, 7, b"")


# --- writing ------------------------------------------------------------------------------


async def test_writer_stops_at_the_window_and_goes_on_with_new_credit(rig: Rig) -> None:
    stream = await rig.stream()
    data = bytes(range(256)) * (2 * START_WINDOW // 256)
    heard = b""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stream.write, data)
        while len(heard) < START_WINDOW:
            kind, _, _, _, piece = await rig.hear()
            assert kind == DATA
            heard += piece
        assert len(heard) == START_WINDOW
        with trio.move_on_after(0.05):
            pytest.fail(f"{await rig.hear()} came without credit")
        await rig.say(frame(WINDOW, 0, 1, START_WINDOW))
        while len(heard) < len(data):
            heard += (await rig.hear())[4]
    assert heard == data


async def test_write_now_writes_all_or_nothing(rig: Rig) -> None:
    stream = await rig.stream()
    assert stream.write_now(b"all of it")
    assert (await rig.hear())[4] == b"all of it"
    stream.room = 5
    assert not stream.write_now(b"no room")
    assert stream.room == 5
    assert stream.write_now(b"12345")
    assert (await rig.hear())[4] == b"12345"


async def test_what_the_socket_does_not_take_follows_in_order(rig: Rig) -> None:
    stream = await rig.stream()
    stream.room = 1 << 30
    sent = b""
    number = 0
    while stream.write_now(number.to_bytes(4, "big") * 10_000):
        sent += number.to_bytes(4, "big") * 10_000
        number += 1
    assert number > 1
    heard = b""
    while len(heard) < len(sent):
        heard += (await rig.hear())[4]
    assert heard == sent
    await wait_all_tasks_blocked(0.01)
    assert stream.write_now(b"again")
    assert (await rig.hear())[4] == b"again"


async def test_write_to_a_stream_that_the_peer_reset_fails(rig: Rig) -> None:
    stream = rig.mux.open()
    assert await rig.hear() == (WINDOW, SYN, 2, 0, b"")
    await rig.say(frame(WINDOW, ACK, 2, 0), frame(WINDOW, RST, 2, 0))
    await wait_all_tasks_blocked(0.01)
    with pytest.raises(LinkClosed):
        stream.write_now(b"x")
    with pytest.raises(LinkClosed):
        await stream.write(b"x")


async def test_writer_that_waits_ends_with_the_connection(rig: Rig) -> None:
    stream = await rig.stream()
    stream.room = 0
    async with trio.open_nursery() as nursery:

        async def write() -> None:
            with pytest.raises(LinkClosed):
                await stream.write(b"x")

        nursery.start_soon(write)
        await wait_all_tasks_blocked()
        await rig.theirs.aclose()


# --- the connection -----------------------------------------------------------------------


async def test_ping_is_answered(rig: Rig) -> None:
    await rig.say(frame(PING, SYN, 0, 99))
    assert await rig.hear() == (PING, ACK, 0, 99, b"")


EMPTY = {
    "pings without a question": frame(PING, 0, 0, 7),
    "pings": frame(PING, SYN, 0, 7),
    "windows of nothing": frame(WINDOW, 0, 1, 0),
    "windows of no stream": frame(WINDOW, 0, 9, 7),
    "data without any": frame(DATA, 0, 1, 0),
    "data for no stream": data_frame(9, b"x"),
    "records without any": b"",
}


@pytest.mark.parametrize("name", EMPTY)
async def test_frames_that_carry_nothing_end_the_connection_in_the_end(rig: Rig, name: str) -> None:
    """R7.24: nobody else sees them, so they are counted here."""
    stream = await rig.stream()
    said = 1  # the opening of the stream
    await rig.say(*[EMPTY[name]] * (EMPTY_PER_MINUTE - said), data_frame(1, b"still here"))
    assert await stream.read() == b"still here"
    with contextlib.suppress(trio.BrokenResourceError):
        await rig.say(EMPTY[name])
    with trio.fail_after(DEADLINE_S):
        await rig.ended.wait()
    assert [type(one) for one in rig.failures] == [LinkFlooded]


async def test_empty_frames_are_counted_by_the_minute(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mux, "EMPTY_WINDOW_S", 0.0)
    stream = await rig.stream()
    await rig.say(*[frame(WINDOW, 0, 1, 0)] * (2 * EMPTY_PER_MINUTE), data_frame(1, b"x"))
    assert await stream.read() == b"x"


async def test_a_peer_may_answer_each_frame_of_data_with_new_credit(rig: Rig) -> None:
    """As the library's yamux does."""
    stream = await rig.stream()
    for _ in range(2 * EMPTY_PER_MINUTE):
        assert stream.write_now(b"x")
        await rig.hear()
        await rig.say(frame(WINDOW, 0, 1, 1))
    await rig.say(data_frame(1, b"still here"))
    assert await stream.read() == b"still here"


async def test_what_comes_in_small_pieces_is_handed_on_as_one(rig: Rig) -> None:
    stream = await rig.stream()
    await rig.say(frame(WINDOW, SYN, 3, 0))
    heard: list[bytes] = []

    def consume(data: bytes) -> bool:
        heard.append(data)
        return True

    stream.hand_to(consume)
    small = b"".join(data_frame(1, bytes([number])) for number in range(100))
    await rig.say(small + data_frame(3, b"apart") + small)
    await wait_all_tasks_blocked()
    assert heard == [bytes(range(100))] * 2


async def test_peer_that_asks_and_does_not_read_is_cut_off(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mux, "EMPTY_PER_MINUTE", 10**9)
    monkeypatch.setattr(mux, "UNSENT_BYTES", 10_000)
    rig.mux.wire.stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_SNDBUF, 4096)
    flood = frame(PING, SYN, 0, 1) * 5000
    with contextlib.suppress(trio.BrokenResourceError), trio.fail_after(DEADLINE_S):
        while not rig.ended.is_set():
            await rig.say(flood)
    assert "does not read" in await rig.failure()
    assert len(rig.mux._unsent) < 20_000


@pytest.mark.parametrize("number", [0, 2, 1])
async def test_stream_of_a_number_that_is_not_the_peers_to_give_is_refused(
    rig: Rig, number: int
) -> None:
    await rig.stream()
    await rig.say(frame(WINDOW, SYN, number, 0))
    assert "number" in await rig.failure()


@pytest.mark.parametrize(
    "content",
    [
        b"\x01" + bytes(11),
        frame(4, 0, 0, 0),
        frame(DATA, 0, 1, WINDOW_BYTES + 1),
        frame(GO_AWAY, 0, 0, 0),
    ],
    ids=["version", "kind", "length", "good-bye"],
)
async def test_what_is_no_frame_ends_the_connection(rig: Rig, content: bytes) -> None:
    await rig.say(content)
    await rig.failure()


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_bytes_break_the_reader(chunks: list[bytes]) -> None:
    """Whatever records hold: it is taken, or the connection ends with a reason."""

    async def main() -> None:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        async with listener:
            theirs = await trio.open_tcp_stream(*listener.socket.getsockname())
            rig = Rig(Mux(Plain(), Wire(await listener.accept()), is_outbound=False), theirs)
        async with theirs, trio.open_nursery() as nursery:
            nursery.start_soon(rig.run)
            with contextlib.suppress(trio.BrokenResourceError):
                await rig.say(*chunks)
                await theirs.send_eof()
            await rig.failure()

    trio.run(main)
