"""Hearing what happens on a node, so that the demo waits for events and never for a clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from ..asked.client import Api
from ..failures import Failure
from ..shown.document import Document

T = TypeVar("T")

# What changes without an event (a connection that is only half gone) is seen this much later.
_LOOK_AGAIN_S = 1.0
_GONE_S = 5.0  # a daemon thread: what still reads then ends with this process


class TooLate(Exception):
    """Something did not happen before its deadline; the text says what, and how it stands."""


class Follower:
    """Reads one node's event stream in a thread, from `start` until the stream ends.

    Times are `time.monotonic()` seconds: all nodes are on this machine, so they compare.
    """

    def __init__(self, api: Api, name: str) -> None:
        self._api = api
        self._name = name
        self._changed = threading.Condition()
        self._events = 0
        self._has_ended = False
        self._reached: dict[tuple[str, str], float] = {}
        self._thread = threading.Thread(target=self._follow, name=f"follow {name}", daemon=True)

    def start(self) -> None:
        """Return once the stream is open: what happens from now on is heard."""
        self._thread.start()
        with self._changed:
            if not self._changed.wait_for(lambda: self._events > 0, timeout=30):
                raise TooLate(f"{self._name}: its event stream did not open")

    def join(self) -> None:
        """Wait for the thread of a node that has gone: its stream ends with it."""
        self._thread.join(timeout=_GONE_S)

    def reached_at(self, proposal: str, grade: str) -> float | None:
        """Return when the proposal was first seen decided here, at `grade` or above it."""
        with self._changed:
            final = self._reached.get((proposal, "final"))
            earlier = self._reached.get((proposal, grade))
        known = [at for at in (earlier, final) if at is not None]
        return min(known, default=None)

    def until(
        self,
        what: str,
        read: Callable[[], T | None],
        deadline: float,
    ) -> T:
        """Return `read()` as soon as it is not None; it is read again after every event.

        Raises:
            TooLate: `what` was not so before `deadline`.
        """
        while True:
            with self._changed:
                seen = self._events
            found = read()
            if found is not None:
                return found
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TooLate(f"{self._name}: {what}, not in time")
            if self._has_ended:
                raise TooLate(f"{self._name}: {what}, but its event stream has ended")
            with self._changed:
                if self._events == seen:
                    self._changed.wait(min(remaining, _LOOK_AGAIN_S))

    def _follow(self) -> None:
        try:
            for event in self._api.node.events():  # before it has a community
                self._note(event.data.maybe_sub("proposal") if "proposal" in event.kind else None)
        except Failure:
            pass  # killed or stopped: whoever waits for something learns it there
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def _note(self, proposal: Document | None) -> None:
        now = time.monotonic()
        with self._changed:
            if proposal is not None:
                key = (proposal.text("id"), proposal.text("grade"))
                self._reached.setdefault(key, now)
            self._events += 1
            self._changed.notify_all()
