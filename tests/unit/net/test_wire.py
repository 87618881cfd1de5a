"""The TCP end: exact reads, bounded before the handshake, bounded against a cheat."""

from collections.abc import AsyncIterator

import pytest
import trio
from libp2p.io.exceptions import ConnectionClosedError
from trio.testing import wait_all_tasks_blocked

from p2pnode.net.wire import HANDSHAKE_BYTES, Wire


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


async def test_nothing_is_read_while_too_much_waits_above(ends: Ends) -> None:
    wire, theirs = ends
    full = True
    wire.is_full = lambda: full
    chunks: list[bytes] = []

    async def read() -> None:
        chunks.append(await wire.read(5))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await theirs.send_all(b"hello")
        await wait_all_tasks_blocked()
        assert wire.bytes_in == 0
        full = False
        wire.drained.set()
    assert chunks == [b"hello"]


async def test_kill_ends_a_waiting_reader_even_when_full(ends: Ends) -> None:
    wire, _ = ends
    wire.is_full = lambda: True
    chunks: list[bytes] = []

    async def read() -> None:
        chunks.append(await wire.read(5))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await wait_all_tasks_blocked()
        wire.kill()
    assert chunks == [b""]
    with pytest.raises(ConnectionClosedError):
        await wire.write(b"x")


async def test_small_writes_are_not_delayed(ends: Ends) -> None:
    wire, _ = ends
    assert wire.stream.getsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY)
