"""Ask the daemon and block until it answers: for scripts, threads, and the command line."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ..home.paths import find_paths
from .call import Call, Listing, write_reference
from .exchange import RECEIVE_BYTES, Exchange, read_answer
from .faults import Unreachable
from .stream import SILENCE_S, Event, EventReader, all_events_call, events_call

T = TypeVar("T")

# On top of what the daemon was asked to wait: its answer must be able to arrive.
SLACK_S = 10.0


class Client:
    """The daemon of one home. Each call is a connection of its own, so threads may share it.

    Args:
        home: as `--home`; None: `P2PNODE_HOME`, else the user's own.
        community: which of the home's is asked, by its name or id; None: the only one.
        socket_path: instead of `home`, where the socket is.
        timeout_s: how long a call may take beside what it asks the daemon to wait.
        trace: told each request and what came of it.
    """

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        community: str | bytes | None = None,
        socket_path: Path | None = None,
        timeout_s: float = 30.0,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.socket_path = find_paths(home).socket if socket_path is None else socket_path
        self.timeout_s = timeout_s
        self._community = None if community is None else write_reference("com", community)
        self._trace = trace

    def community(self, reference: str | bytes) -> Client:
        """Return what asks this community of the same home."""
        return Client(
            community=reference,
            socket_path=self.socket_path,
            timeout_s=self.timeout_s,
            trace=self._trace,
        )

    def ask(self, call: Call[T]) -> T:
        """Return the typed answer.

        Raises:
            Refused, Unreachable, BadAnswer: see `faults`.
            ValueError: as `Call.target`.
        """
        from .decoding import decode  # noqa: PLC0415 (the answers' types: 0.1 s)

        return decode(call, self.document(call))

    def items(self, call: Call[Listing[T]]) -> Iterator[T]:
        """Yield a whole list, page by page. Raises as `ask`."""
        from .decoding import following  # noqa: PLC0415

        asked: Call[Listing[T]] | None = call
        while asked is not None:
            page = self.ask(asked)
            yield from page.items
            asked = following(asked, page)

    def document(self, call: Call[object]) -> dict[str, object]:
        """Return the answer as it came, a JSON document. Raises as `ask`."""
        exchange = Exchange(call, self._community)
        parts: list[bytes] = []
        with self._connect(exchange, self.timeout_s + call.wait_s + SLACK_S) as connection:
            while not exchange.is_over:
                parts += exchange.receive(_receive(connection, self.socket_path))
        raw = b"".join(parts)
        if self._trace is not None:
            path = call.target(self._community).partition("?")[0]
            self._trace(f"{call.method} {path}: {exchange.status}, {len(raw)} bytes")
        return read_answer(exchange.status, raw)

    def events(
        self,
        after: int | None = None,
        kinds: tuple[str, ...] = (),
        *,
        for_s: float | None = None,
    ) -> Iterator[Event]:
        """Yield events of the community as they come, `after` a commit what is final since first.

        It ends with the stream: the daemon stopped, or this reader was too slow, which the
        last event then says (`lagged`); or after `for_s`. Raises as `ask`.
        """
        return self._follow(events_call(after, kinds), for_s)

    def all_events(
        self, kinds: tuple[str, ...] = (), *, for_s: float | None = None
    ) -> Iterator[Event]:
        """As `events`, of all communities of the home; each says of which one it is."""
        return self._follow(all_events_call(kinds), for_s)

    def _follow(self, call: Call[object], for_s: float | None) -> Iterator[Event]:
        exchange, reader = Exchange(call, self._community), EventReader()
        end_s = math.inf if for_s is None else time.monotonic() + for_s
        with self._connect(exchange, SILENCE_S) as connection:
            while not exchange.is_over and (left_s := end_s - time.monotonic()) > 0:
                connection.settimeout(min(left_s, SILENCE_S))
                try:
                    data = _receive(connection, self.socket_path)
                except Unreachable as error:
                    if error.timed_out and left_s <= SILENCE_S:
                        return
                    raise
                for part in exchange.receive(data):
                    if exchange.status == 200:
                        yield from reader.feed(part)
                    else:
                        read_answer(exchange.status, part)

    def _connect(self, exchange: Exchange, timeout_s: float) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout_s)
            connection.connect(os.fspath(self.socket_path))
        except OSError as error:
            connection.close()
            raise absent(self.socket_path, error) from None
        with suppress(OSError):  # it answered early and hung up: what it said is still there
            connection.sendall(exchange.to_send)
        return connection


def _receive(connection: socket.socket, path: Path) -> bytes:
    try:
        return connection.recv(RECEIVE_BYTES)
    except TimeoutError:
        raise silent(path) from None
    except OSError as error:
        raise Unreachable(f"the connection to {path} broke: {error.strerror}") from None


def absent(path: Path, error: OSError) -> Unreachable:
    """Return what it means that nobody could be connected to."""
    return Unreachable(f"no daemon answers at {path} ({error.strerror or error})", is_absent=True)


def silent(path: Path) -> Unreachable:
    """Return what it means that no answer came in time."""
    return Unreachable(f"the daemon at {path} did not answer in time", timed_out=True)
