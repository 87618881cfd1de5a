"""Links that take their time: a relay of TCP connections which holds up each byte.

    python -m measuring.relay DELAY_MS

One process carries all links of a measurement, whoever speaks over them. Each line on stdin is a
port on this machine; the answer is the port at which it can be reached over a slow link. The
end of stdin ends it.
"""

from __future__ import annotations

import math
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import trio

from .community import environment

CHUNK_BYTES = 65536
UNDER_WAY = 1024  # chunks of one direction


class Relay:
    """The process that relays, as a benchmark holds it."""

    def __init__(self, delay_ms: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "measuring.relay", str(delay_ms)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def port(self, target: int) -> int:
        """Return a port over which `target` is reached, slowly, both ways."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{target}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def address(self, address: str) -> str:
        """Return an address of a node, /ip4/127.0.0.1/tcp/PORT/…, over a slow link."""
        head, port, rest = _split(address)
        return f"{head}{self.port(port)}{rest}"

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _split(address: str) -> tuple[str, int, str]:
    head, mark, rest = address.partition("/tcp/")
    port, slash, peer = rest.partition("/")
    return head + mark, int(port), slash + peer


@contextmanager
def relaying(delay_ms: int) -> Iterator[Relay]:
    relay = Relay(delay_ms)
    try:
        yield relay
    finally:
        relay.stop()


# --- the process ----------------------------------------------------------------------------


async def main(delay_s: float) -> None:
    async with trio.open_nursery() as nursery:
        while line := await trio.to_thread.run_sync(sys.stdin.readline):
            connect = partial(_link, int(line), delay_s)
            listeners = await nursery.start(partial(trio.serve_tcp, connect, 0, host="127.0.0.1"))
            print(listeners[0].socket.getsockname()[1], flush=True)
        nursery.cancel_scope.cancel()


async def _link(target: int, delay_s: float, near: trio.SocketStream) -> None:
    try:
        far = await trio.open_tcp_stream("127.0.0.1", target)
    except OSError:
        await near.aclose()  # nobody listens there yet: whoever dials comes again
        return
    async with near, far:
        for stream in (near, far):
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_carry, near, far, delay_s)
            nursery.start_soon(_carry, far, near, delay_s)


async def _carry(source: trio.SocketStream, sink: trio.SocketStream, delay_s: float) -> None:
    """Pass on what comes from one end, each chunk `delay_s` after it came; then its end."""
    put, take = trio.open_memory_channel[tuple[float, bytes]](UNDER_WAY)

    async def pass_on() -> None:
        async for due, chunk in take:
            await trio.sleep_until(due)
            try:
                if chunk:
                    await sink.send_all(chunk)
                else:
                    await sink.send_eof()
            except trio.BrokenResourceError:
                break
        take.close()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pass_on)
        chunk = b"-"
        while chunk:
            try:
                chunk = await source.receive_some(CHUNK_BYTES)
            except trio.BrokenResourceError:
                chunk = b""
            try:
                await put.send((trio.current_time() + delay_s, chunk))
            except trio.BrokenResourceError:
                return
        put.close()


if __name__ == "__main__":
    milliseconds = float(sys.argv[1])
    assert math.isfinite(milliseconds)
    trio.run(main, milliseconds / 1000)
