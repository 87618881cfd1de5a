"""A yamux stream that asks for little and grants in large steps.

The library's own `read` answers nearly every read with a window update, so that each small
frame costs a second packet the other way: half of all that a round of blocks sends. It also
doubles the window on quick reads, up to 16 MiB that a peer may make us hold. Here the window
is fixed, and opened again when half of it has been read.
"""

from __future__ import annotations

from libp2p.io.abc import ReadWriteCloser
from libp2p.stream_muxer.yamux.yamux import DEFAULT_WINDOW_SIZE, Yamux, YamuxStream

from p2pnode_protocols.limits import KIB

WINDOW_BYTES = 1024 * KIB  # the answer to one pull goes through without a pause
READ_BYTES = 64 * KIB


class Channel(ReadWriteCloser):
    """One stream, with the interface that libp2p's negotiation wants."""

    def __init__(self, muxer: Yamux, stream: YamuxStream) -> None:
        self._muxer = muxer
        self._stream = stream
        self._owed = 0  # bytes read for which no new credit was given

    async def widen(self) -> None:
        """Give the peer the whole window; before, it has yamux's default."""
        await self._grant(WINDOW_BYTES - DEFAULT_WINDOW_SIZE)

    async def read(self, n: int | None = None) -> bytes:
        """Return what has arrived, at most `n` bytes and at least one; raises at the end."""
        data = await self._muxer.read_stream(self._stream.stream_id, READ_BYTES if n is None else n)
        self._owed += len(data)
        if self._owed >= WINDOW_BYTES // 2:
            await self._grant(self._owed)
            self._owed = 0
        return data

    async def _grant(self, credit: int) -> None:
        self._stream.recv_window += credit
        await self._stream.send_window_update(credit)

    async def write(self, data: bytes) -> None:
        await self._stream.write(data)

    async def close(self) -> None:
        await self._stream.close()

    async def reset(self) -> None:
        await self._stream.reset()

    def get_remote_address(self) -> tuple[str, int] | None:
        return self._stream.get_remote_address()
