"""Everything that any node shows, all the time, and whether it may.

Two threads a node: one reads its event stream, so nothing that is told is missed; one asks
again and again, as what is answered must hold as well as what is told.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from support.processes.daemons import Daemon

T = TypeVar("T")

ASK_S = 0.25  # between two looks at one node
AGAIN_S = 0.2  # until a stream that broke is opened anew: its node is being restarted
_BROKEN = (OSError, http.client.HTTPException, AssertionError, ValueError)


class TooLate(Exception):
    """Something did not happen before its deadline."""


class Shown(AssertionError):
    """A node showed what no node may show."""


@dataclass(frozen=True, slots=True)
class Final:
    """A decision that a node showed as final, and when it was first seen to."""

    outcome: str
    at_s: float  # time.monotonic()


class Watcher:
    """Watches nodes from `start` until `stop`; `problems` are what no node may ever show."""

    def __init__(self, daemons: Mapping[str, Daemon]) -> None:
        self._daemons = daemons
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._finals: dict[str, dict[str, Final]] = {}  # by proposal, by node
        self._told: set[tuple[str, str]] = set()  # node, proposal that its stream said is final
        self._cut: set[str] = set()  # nodes that cannot make anything final just now
        self._known: frozenset[str] = frozenset()  # what was final before that
        self.shown: dict[tuple[str, str], str] = {}  # node, proposal -> grade and outcome
        self.looks = 0  # proposals seen, asked for or told
        self.problems: list[str] = []

    def start(self) -> None:
        for name, daemon in self._daemons.items():
            for read in (self._follow, self._ask):
                thread = threading.Thread(target=read, args=(name, daemon), daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self) -> None:
        """Stop; the nodes have ended, and their streams with them."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=5)

    # --- what was seen ------------------------------------------------------------------

    def finals(self, proposal: str) -> dict[str, Final]:
        """Return which nodes have shown the proposal as final."""
        with self._changed:
            return dict(self._finals.get(proposal, {}))

    @contextmanager
    def nothing_final(self, names: Sequence[str]) -> Iterator[None]:
        """Hold these nodes, which have no quorum, to showing nothing new as final."""
        with self._changed:
            self._cut = set(names)
            self._known = frozenset(self._finals)
        try:
            yield
            self.look_everywhere(names)
        finally:
            with self._changed:
                self._cut = set()

    def look_everywhere(self, names: Sequence[str]) -> None:
        """Look once more at each node: what it shows by now counts as shown."""
        for name in names:
            self._note_all(name, self._daemons[name])

    def until(self, what: str, read: Callable[[], T | None], seconds: float) -> T:
        """Return `read()` once it is not None; it is read again when anything was seen.

        Raises:
            TooLate: it was not so within `seconds`.
            Shown: a node showed what it must not, so there is nothing to wait for.
        """
        deadline_s = time.monotonic() + seconds
        while True:
            with self._changed:
                seen = self.looks
                if self.problems:
                    raise Shown(self.problems[0])
            found = read()
            if found is not None:
                return found
            remaining_s = deadline_s - time.monotonic()
            if remaining_s <= 0:
                raise TooLate(f"not within {seconds:.0f} s: {what}")
            with self._changed:
                if self.looks == seen:
                    self._changed.wait(min(remaining_s, ASK_S))

    # --- looking ------------------------------------------------------------------------

    def _follow(self, name: str, daemon: Daemon) -> None:
        while not self._stopping.is_set():
            try:
                for event in daemon.events():
                    self._hear(name, event)
            except _BROKEN:
                pass  # killed, or not up yet
            self._stopping.wait(AGAIN_S)

    def _hear(self, name: str, event: dict[str, Any]) -> None:
        data = event["data"]
        if event["event"] in {"proposal_changed", "proposal_decided"}:
            self._note(name, data["proposal"], None)
        elif event["event"] == "alarm" and data["code"] != "clock_jump":
            with self._changed:
                self.problems.append(f"{name} alarms: {data['code']}: {data['detail']}")

    def _ask(self, name: str, daemon: Daemon) -> None:
        while not self._stopping.wait(ASK_S):
            with suppress(*_BROKEN):  # killed, or not up yet
                self._note_all(name, daemon)

    def _note_all(self, name: str, daemon: Daemon) -> None:
        asked_s = time.monotonic()
        listed = daemon.ask("GET", "proposals", limit=200)
        if listed.status == 200:
            for shown in listed["items"]:
                self._note(name, shown, asked_s)

    def _note(self, name: str, shown: Any, asked_s: float | None) -> None:
        """Take in what a node shows. `asked_s`: when it was asked; None: it told by itself.

        The two ways overtake each other, so what was final by one of them is held against an
        answer only if that was asked for later, and against the stream only if it said so.
        """
        proposal, grade, outcome = shown["id"], shown["grade"], shown["outcome"]
        now_s = time.monotonic()
        with self._changed:
            self.looks += 1
            self.shown[name, proposal] = f"{grade} {outcome}"
            finals = self._finals.get(proposal, {})
            mine = finals.get(name)
            if asked_s is None:
                is_later = (name, proposal) in self._told
            else:
                is_later = mine is not None and mine.at_s < asked_s
            if grade != "final" and mine is not None and is_later:
                self.problems.append(f"{name}: {proposal} was {mine.outcome}, final, now {grade}")
            if grade == "final":
                for other, final in finals.items():
                    if final.outcome != outcome:
                        self.problems.append(
                            f"{proposal} is final as {outcome} at {name}, "
                            f"as {final.outcome} at {other}"
                        )
                if name in self._cut and proposal not in self._known:
                    self.problems.append(f"{name}: {proposal} is final, without a quorum")
                if asked_s is None:
                    self._told.add((name, proposal))
                self._finals.setdefault(proposal, {}).setdefault(name, Final(outcome, now_s))
            self._changed.notify_all()
