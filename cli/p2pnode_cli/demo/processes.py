"""Five nodes as five processes, each with its own home, started and ended by process id."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from p2pnode.home.paths import find_paths

from ..asked.client import Api
from ..exits import Exit
from ..failures import Failure
from ..shown.document import Document
from ..views import committee_lines
from .following import Follower, TooLate

T = TypeVar("T")

_READY_S = 60.0  # libp2p alone takes 0.6 s to import; five at once on a busy machine more
_STOP_S = 10.0  # what a node promises after SIGTERM
STEP_S = 60.0  # deadline of each step
_LOG_LINES = 15


class Node:
    """One real node: its home, its process, and the API everybody else would use."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.home = home
        self.api = Api(find_paths(home, {}).socket, STEP_S)
        self._process: subprocess.Popen[bytes] | None = None
        self._is_asked = False  # to end
        self._follower: Follower | None = None
        self.member = ""  # its seat's id, once it has one

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def follower(self) -> Follower:
        assert self._follower is not None
        return self._follower

    def begin(self) -> None:
        """Start the process; `finish_start` waits for it, so that several start at once."""
        log = (self.home / "node.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                command("run", "--json", "--port", "0", "--host", "127.0.0.1", "--no-mdns"),
                env=_environment(self.home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which then ends them in order
            )

    def finish_start(self) -> None:
        """Return once the node answers and its events are heard.

        Raises:
            Failure: `node_did_not_start`, with the end of its log.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], _READY_S)
        line = self._process.stdout.readline() if readable else b""
        if not line or not isinstance(json.loads(line), dict):
            raise Failure(
                Exit.FAILED,
                "node_did_not_start",
                f"the node of {self.name} did not start",
                why=self.log_end(),
            )
        self._follower = Follower(self.api, self.name)
        self._follower.start()

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, nothing is flushed."""
        if self._process is not None:
            self._process.kill()
        self._reap()

    def ask_to_stop(self) -> None:
        """Send SIGTERM once and return; `stop` waits, so that several end at the same time."""
        # A second SIGTERM would tell it to drop everything.
        if self._process is not None and not self._is_asked:
            self._is_asked = True
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to end; after the time it promises, make it."""
        self.ask_to_stop()
        self._reap()

    def _reap(self) -> None:
        """Wait for the process that was told to end, and let go of what belongs to it."""
        if self._process is None:
            return
        process, self._process, self._is_asked = self._process, None, False
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        if self._follower is not None:
            self._follower.join()

    def release(self) -> None:
        """Leave it running after the demo."""
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()

    def log_end(self) -> str:
        """Return the last lines of its log."""
        try:
            text = (self.home / "node.log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "it wrote no log"
        return "\n".join(text.splitlines()[-_LOG_LINES:])

    # --- waiting ----------------------------------------------------------------------------

    def until(self, what: str, read: Callable[[], T | None]) -> T:
        """Return `read()` once it is not None; raises `TooLate` after `STEP_S`."""
        return self.follower.until(what, read, time.monotonic() + STEP_S)

    def proposal(self, proposal: str) -> Document:
        return self.api.get("proposals", proposal)

    def until_known(self, proposal: str) -> Document:
        """Return the proposal with its text, once it has arrived here."""

        def read() -> Document | None:
            try:
                found = self.proposal(proposal)
            except Failure as failure:
                if failure.exit is Exit.NOT_FOUND:
                    return None
                raise
            return None if found.maybe_text("title") is None else found

        return self.until("hear of a proposal", read)

    def until_grade(self, proposal: str, grade: str, outcome: str) -> Document:
        """Return the proposal once it stands at least so; another final outcome is an error."""

        def read() -> Document | None:
            found = self.proposal(proposal)
            if found.text("grade") == "final" and found.text("outcome") != outcome:
                raise TooLate(f"{self.name} holds it final as {found.text('outcome')}")
            reached = found.text("outcome") == outcome and found.text("grade") in {grade, "final"}
            return found if reached else None

        return self.until(f"see it {grade} and {outcome}", read)

    def until_status(self, what: str, holds: Callable[[Document], bool]) -> Document:
        """Return the status once it is as it should be; what is too late says how it stands."""
        status = self.api.get("status")

        def read() -> Document | None:
            nonlocal status
            status = self.api.get("status")
            return status if holds(status) else None

        try:
            return self.until(what, read)
        except TooLate as late:
            committee = status.maybe_sub("committee")
            now_ms = time.time_ns() // 1_000_000
            stands = [] if committee is None else committee_lines(committee, now_ms)
            words = [f"{label}: {text}" for label, text in stands]
            raise TooLate("; ".join([str(late), *words])) from None


def command(*arguments: str) -> list[str]:
    """Return the command line of this very program, whatever lies in the current directory."""
    return [sys.executable, "-P", "-m", "p2pnode_cli", *arguments]


def _environment(home: Path) -> dict[str, str]:
    """Return this environment without the user's own settings for a node of theirs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("P2PNODE_")}
    return kept | {"P2PNODE_HOME": str(home)}


def make_nodes(names: tuple[str, ...], root: Path) -> tuple[Node, ...]:
    """Run `p2pnode init` for each name, then start all of them."""
    nodes = tuple(Node(name, root / name) for name in names)
    started = [
        subprocess.Popen(
            command("init", "--quiet"),
            env=_environment(node.home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for node in nodes
    ]
    codes = [one.wait(_READY_S) for one in started]  # each is waited for, whatever came before
    if any(codes):
        raise Failure(Exit.FAILED, "init_failed", "making a home failed, see above")
    return nodes


def stop_all(nodes: tuple[Node, ...]) -> None:
    """End every node; a signal that comes meanwhile must not leave half of them running."""
    before = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        for node in nodes:
            node.ask_to_stop()
        for node in nodes:
            node.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start_all(nodes: tuple[Node, ...]) -> None:
    for node in nodes:
        node.begin()
    for node in nodes:
        node.finish_start()
