"""Callers that have not said a word yet: a socket each, and one task for all of them.

A connection costs its caller one packet. With a task for each, a flood of them would cost a node
far more than that; so nothing is made for one before its first byte has come.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable

import trio

FIRST_S = 2.0  # for a caller's first byte: one lost packet on a slow line, and no more


class Caller:
    """Who has connected here and is in the middle of its handshake."""

    def __init__(self, sock: socket.socket, source: str) -> None:
        """Args: `sock`: does not block; `source`: of `find_source`."""
        self.sock = sock
        self.source = source
        self.scope = trio.CancelScope()  # of its handshake …
        self.has_handshake = False  # … once it has said something
        self.silent_until_s = trio.current_time() + FIRST_S


class Lobby:
    """Holds silent callers until they speak, hang up, or have been silent for too long."""

    def __init__(self, on_speaking: Callable[[Caller], None], on_gone: Callable[[Caller], None]):
        """Args: `on_speaking`, `on_gone`: told who has left the lobby, and still has its socket."""
        self._on_speaking = on_speaking
        self._on_gone = on_gone
        self._selector = selectors.DefaultSelector()
        self._silent: dict[Caller, None] = {}  # oldest first
        self._has_callers = trio.Event()

    def enter(self, caller: Caller) -> None:
        self._selector.register(caller.sock, selectors.EVENT_READ, caller)
        self._silent[caller] = None
        self._has_callers.set()

    def leave(self, caller: Caller) -> bool:
        """Forget a caller; return whether it was here."""
        if caller not in self._silent:
            return False
        del self._silent[caller]
        self._selector.unregister(caller.sock)
        return True

    async def run(self) -> None:
        """Watch all callers until cancelled. What has its own descriptor can be waited for."""
        while True:
            if not self._silent:
                self._has_callers = trio.Event()
                await self._has_callers.wait()
            with trio.move_on_at(next(iter(self._silent)).silent_until_s):
                await trio.lowlevel.wait_readable(self._selector.fileno())
            self._look()

    def close(self) -> None:
        """Watch nobody any more; all have left."""
        self._selector.close()

    def _look(self) -> None:
        for key, _ in self._selector.select(0):
            self.leave(key.data)
            try:
                has_spoken = bool(key.data.sock.recv(1, socket.MSG_PEEK))
            except OSError:
                has_spoken = False
            (self._on_speaking if has_spoken else self._on_gone)(key.data)
        now_s = trio.current_time()
        while self._silent:
            oldest = next(iter(self._silent))
            if oldest.silent_until_s > now_s:
                break
            self.leave(oldest)
            self._on_gone(oldest)
