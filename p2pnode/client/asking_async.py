"""Ask the daemon from asyncio. Under trio, run the node itself: `p2pnode.Host`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from ..home.paths import find_paths
from .asking import SLACK_S, absent, silent
from .call import Call, Listing, write_reference
from .decoding import decode, following
from .exchange import RECEIVE_BYTES, Exchange, read_answer
from .faults import Unreachable
from .stream import SILENCE_S, Event, EventReader, all_events_call, events_call

T = TypeVar("T")


class AsyncClient:
    """The daemon of one home. Each call is a connection of its own: tasks may share it.

    Args:
        home: as `--home`; None: `P2PNODE_HOME`, else the user's own.
        community: which of the home's is asked, by its name or id; None: the only one.
        socket_path: instead of `home`, where the socket is.
        timeout_s: how long a call may take beside what it asks the daemon to wait.
    """

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        community: str | bytes | None = None,
        socket_path: Path | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self.socket_path = find_paths(home).socket if socket_path is None else socket_path
        self.timeout_s = timeout_s
        self._community = None if community is None else write_reference("com", community)

    def community(self, reference: str | bytes) -> AsyncClient:
        """Return what asks this community of the same home."""
        return AsyncClient(
            community=reference,
            socket_path=self.socket_path,
            timeout_s=self.timeout_s,
        )

    async def ask(self, call: Call[T]) -> T:
        """Return the typed answer.

        Raises:
            Refused, Unreachable, BadAnswer: see `faults`.
            ValueError: as `Call.target`.
        """
        return decode(call, await self.document(call))

    async def items(self, call: Call[Listing[T]]) -> AsyncIterator[T]:
        """Yield a whole list, page by page. Raises as `ask`."""
        asked: Call[Listing[T]] | None = call
        while asked is not None:
            page = await self.ask(asked)
            for one in page.items:
                yield one
            asked = following(asked, page)

    async def document(self, call: Call[object]) -> dict[str, object]:
        """Return the answer as it came, a JSON document. Raises as `ask`."""
        exchange = Exchange(call, self._community)
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(self.timeout_s + call.wait_s + SLACK_S):
                async with self._connected(exchange) as reader:
                    while not exchange.is_over:
                        parts += exchange.receive(await self._receive(reader))
        except TimeoutError:
            raise silent(self.socket_path) from None
        return read_answer(exchange.status, b"".join(parts))

    def events(
        self, after: int | None = None, kinds: tuple[str, ...] = ()
    ) -> AsyncGenerator[Event, None]:
        """Yield events of the community as they come, `after` a commit what is final since first.

        It ends with the stream: the daemon stopped, or this reader was too slow, which the
        last event then says (`lagged`). Close it (`aclose`) to hang up before. Raises as `ask`.
        """
        return self._follow(events_call(after, kinds))

    def all_events(self, kinds: tuple[str, ...] = ()) -> AsyncGenerator[Event, None]:
        """As `events`, of all communities of the home; each says of which one it is."""
        return self._follow(all_events_call(kinds))

    async def _follow(self, call: Call[object]) -> AsyncGenerator[Event, None]:
        exchange, events = Exchange(call, self._community), EventReader()
        async with self._connected(exchange) as reader:
            while not exchange.is_over:
                try:
                    async with asyncio.timeout(SILENCE_S):
                        came = await self._receive(reader)
                except TimeoutError:
                    raise silent(self.socket_path) from None
                for part in exchange.receive(came):
                    if exchange.status != 200:
                        read_answer(exchange.status, part)
                    for event in events.feed(part):
                        yield event

    @asynccontextmanager
    async def _connected(self, exchange: Exchange) -> AsyncIterator[asyncio.StreamReader]:
        try:
            reader, writer = await asyncio.open_unix_connection(os.fspath(self.socket_path))
        except OSError as error:
            raise absent(self.socket_path, error) from None
        try:
            with suppress(OSError):  # it answered early and hung up: what it said is still there
                writer.write(exchange.to_send)
                await writer.drain()
            yield reader
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _receive(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.read(RECEIVE_BYTES)
        except OSError as error:
            detail = f"the connection to {self.socket_path} broke: {error.strerror}"
            raise Unreachable(detail) from None
