"""The TCP end: exact reads and a bound before the handshake, no waiting after it."""

from collections.abc import AsyncIterator

import pytest
import trio
from libp2p.io.exceptions import ConnectionClosedError
from trio.testing import wait_all_tasks_blocked

from p2pnode.net.connection.wire import HANDSHAKE_BYTES, Wire
from p2pnode.net.errors import LinkClosed


@pytest.fixture
async def ends() -> AsyncIterator[tuple[Wire, trio.SocketStream]]:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener:
        theirs = await trio.open_tcp_stream(*listener.socket.getsockname())
        wire = Wire(await listener.accept())
        async with theirs:
            yield wire, theirs
        wire.kill()


Ends = tuple[Wire, trio.SocketStream]


async def test_read_fills_the_request_from_many_small_segments(ends: Ends) -> None:
    wire, theirs = ends
    chunks: list[bytes] = []

    async def read() -> None:
        chunks.append(await wire.read(300))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        for number in range(300):  # libp2p itself gives up after 100
            await theirs.send_all(bytes([number % 256]))
            await wait_all_tasks_blocked()
    assert chunks == [bytes(number % 256 for number in range(300))]
    assert wire.bytes_in == 300


async def test_read_ends_short_when_the_peer_hangs_up(ends: Ends) -> None:
    wire, theirs = ends
    await theirs.send_all(b"abc")
    await theirs.send_eof()
    assert await wire.read(10) == b"abc"
    assert await wire.read(10) == b""


async def test_caller_that_sends_too_much_before_the_handshake_is_cut(ends: Ends) -> None:
    wire, theirs = ends
    async with trio.open_nursery() as nursery:
        nursery.start_soon(theirs.send_all, bytes(3 * HANDSHAKE_BYTES))
        with pytest.raises(ConnectionClosedError, match="more than a handshake"):
            await wire.read(3 * HANDSHAKE_BYTES)
        nursery.cancel_scope.cancel()
    assert wire.bytes_in <= 2 * HANDSHAKE_BYTES


async def test_kill_ends_a_waiting_reader_and_every_write(ends: Ends) -> None:
    wire, _ = ends
    refusals: list[LinkClosed] = []

    async def receive() -> None:
        with pytest.raises(LinkClosed) as caught:
            await wire.receive()
        refusals.append(caught.value)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        await wait_all_tasks_blocked()
        wire.kill()
    assert len(refusals) == 1
    with pytest.raises(ConnectionClosedError):
        await wire.write(b"x")
    with pytest.raises(LinkClosed):
        wire.send_now(b"x")
    with pytest.raises(LinkClosed):
        await wire.wait_writable()
    with pytest.raises(LinkClosed):
        await wire.receive()


async def test_receive_begins_with_what_the_handshake_did_not_need(ends: Ends) -> None:
    wire, theirs = ends
    await theirs.send_all(b"hello you")
    assert await wire.read(6) == b"hello "
    assert await wire.receive() == b"you"
    await theirs.send_all(b"there")
    assert await wire.receive() == b"there"


async def test_send_now_takes_what_fits_and_the_rest_when_there_is_room(ends: Ends) -> None:
    wire, theirs = ends
    data = bytes(range(256)) * 65_536
    sent = wire.send_now(data)
    assert 0 < sent < len(data)
    assert wire.send_now(data[sent:]) in range(len(data) - sent)
    arrived = bytearray()
    async with trio.open_nursery() as nursery:

        async def write_rest() -> None:
            while wire.bytes_out < len(data):
                await wire.wait_writable()
                wire.send_now(data[wire.bytes_out :])
            wire.kill()

        nursery.start_soon(write_rest)
        while chunk := await theirs.receive_some():
            arrived += chunk
    assert arrived == data


async def test_small_writes_are_not_delayed(ends: Ends) -> None:
    wire, _ = ends
    assert wire.stream.getsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY)
