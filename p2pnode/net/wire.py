"""The TCP end of a connection: what libp2p reads from and writes to, counted and bounded."""

from __future__ import annotations

from collections.abc import Callable

import trio
from libp2p.io.exceptions import ConnectionClosedError
from libp2p.io.trio import TrioTCPStream

from p2pnode_protocols.limits import KIB

_READ_BYTES = 64 * KIB  # one system call for many small records
HANDSHAKE_BYTES = 64 * KIB  # a caller who has proved nothing can make us hold this much


class Wire(TrioTCPStream):
    """A TCP stream that fills what it is asked for, and knows when it last heard something.

    libp2p asks for exact lengths and gives up after a hundred short reads, which a 64 KiB
    Noise record in small segments can take; so `read` fills the request itself.
    """

    def __init__(self, stream: trio.SocketStream) -> None:
        super().__init__(stream)
        self.bytes_in = 0
        self.bytes_out = 0
        self.heard_s = trio.current_time()
        self.most_bytes: int | None = HANDSHAKE_BYTES  # None: no limit on the sum
        self.is_full: Callable[[], bool] = lambda: False  # too much waits above us
        self.drained = trio.Event()
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
        # True only for a peer that ignores its window: TCP pushes back, and we keep the memory.
        while self.is_full() and not self._killed:
            self.drained = trio.Event()
            await self.drained.wait()
        if self.most_bytes is not None and self.bytes_in > self.most_bytes:
            raise ConnectionClosedError("more than a handshake takes", transport="tcp")
        async with self.read_lock:
            try:
                chunk = bytes(await self.stream.receive_some(_READ_BYTES))
            except trio.BrokenResourceError as error:
                raise ConnectionClosedError("reset by the peer", transport="tcp") from error
            except trio.ClosedResourceError:
                return b""
        self.bytes_in += len(chunk)
        self.heard_s = trio.current_time()
        return chunk

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
        self.drained.set()
