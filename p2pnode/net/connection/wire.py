"""The TCP end of a connection: what libp2p reads from and writes to, counted and bounded."""

from __future__ import annotations

import socket
from collections.abc import Callable

import trio
from libp2p.io.exceptions import ConnectionClosedError
from libp2p.io.trio import TrioTCPStream

from p2pnode_protocols.wire.limits import KIB

from ..errors import LinkClosed

_READ_BYTES = 64 * KIB  # one system call for many small records
HANDSHAKE_BYTES = 64 * KIB  # a caller who has proved nothing can make us hold this much


class Wire(TrioTCPStream):
    """A TCP stream that fills what it is asked for, and knows when it last heard something.

    libp2p asks for exact lengths and gives up after a hundred short reads, which a 64 KiB
    Noise record in small segments can take; so `read` fills the request itself. Both `read`
    and `write` are for the handshake; after it `receive` and `send_now` are cheaper.
    """

    def __init__(self, stream: trio.SocketStream) -> None:
        # The plain socket is needed beside trio's, for what is to be done without waiting.
        self._socket = socket.socket(fileno=stream.socket.detach())
        super().__init__(trio.SocketStream(trio.socket.from_stdlib_socket(self._socket)))
        self.bytes_in = 0
        self.bytes_out = 0
        self.heard_s = trio.current_time()
        self.most_bytes: int | None = HANDSHAKE_BYTES  # None: no limit on the sum
        self.on_bytes: Callable[[int], None] | None = None  # told `bytes_in` as it grows
        self._buffer = bytearray()
        self._killed = False

    async def read(self, n: int | None = None) -> bytes:
        """Return exactly `n` bytes, fewer only at the end of the stream; None: what is there."""
        wanted = 1 if n is None else n
        while len(self._buffer) < wanted:
            chunk = await self._receive()
            if not chunk:
                break
            self._buffer += chunk
        end = len(self._buffer) if n is None else n
        data = bytes(self._buffer[:end])
        del self._buffer[:end]
        return data

    async def _receive(self) -> bytes:
        if self.most_bytes is not None and self.bytes_in > self.most_bytes:
            raise ConnectionClosedError("more than a handshake takes", transport="tcp")
        while not self._killed:
            try:
                await trio.lowlevel.wait_readable(self._socket.fileno())
                chunk = self._socket.recv(_READ_BYTES)
            except BlockingIOError:  # somebody else's wake-up
                continue
            except trio.ClosedResourceError:
                break
            except OSError as error:
                raise ConnectionClosedError("reset by the peer", transport="tcp") from error
            self.bytes_in += len(chunk)
            self.heard_s = trio.current_time()
            if self.on_bytes is not None:
                self.on_bytes(self.bytes_in)
            return chunk
        return b""

    async def receive(self) -> bytes:
        """Return what has arrived, at least a byte.

        Raises:
            LinkClosed: there will be no more.
        """
        if self._buffer:
            chunk = bytes(self._buffer)
            self._buffer.clear()
            return chunk
        try:
            chunk = await self._receive()
        except ConnectionClosedError as error:
            raise LinkClosed(str(error)) from error
        if not chunk:
            raise LinkClosed("the peer closed the connection")
        return chunk

    def send_now(self, data: bytes | bytearray) -> int:
        """Write what the socket takes without waiting; return how many bytes that was.

        Raises:
            LinkClosed: the connection is over.
        """
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise LinkClosed(f"not written: {error}") from error
        self.bytes_out += sent
        return sent

    async def wait_writable(self) -> None:
        """Wait until the socket takes more.

        Raises:
            LinkClosed: the connection is over.
        """
        if self._killed:
            raise LinkClosed("the connection was closed")
        try:
            await trio.lowlevel.wait_writable(self._socket.fileno())
        except trio.ClosedResourceError:
            raise LinkClosed("the connection was closed") from None

    async def write(self, data: bytes) -> None:
        """Write all of `data`; the library's own pretends to on a closed socket."""
        async with self.write_lock:
            try:
                await self.stream.send_all(data)
            except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
                raise ConnectionClosedError("connection is closed", transport="tcp") from error
        self.bytes_out += len(data)

    def kill(self) -> None:
        """Close the socket at once; whoever reads or writes ends with an error. Idempotent."""
        self._killed = True
        self.stream.socket.close()
