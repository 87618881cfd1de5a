"""Nodes as processes: homes of one community, made without joining, and what they are told."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from p2pnode.community.session import adopt
from p2pnode.home.identity import create_identity
from p2pnode.home.paths import find_paths
from p2pnode.store.store import Store
from p2pnode_protocols.practices import PRACTICES
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.wire.crypto import Ed25519Signer

from .cores import make_charter

BENCHMARKS = Path(__file__).parents[1]
STEP_S = 150.0
MEMBER = "measuring.member"


def environment() -> dict[str, str]:
    """Return this environment without the user's own settings for a node of theirs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("P2PNODE_")}
    return kept | {"PYTHONPATH": os.fspath(BENCHMARKS)}


def make_keys(homes: Iterable[Path]) -> list[Ed25519Signer]:
    """Make homes with a device key in each; return the keys."""
    signers = []
    for home in homes:
        paths = find_paths(home, {})
        paths.prepare()
        signers.append(create_identity(paths).signer)
    return signers


def make_store(home: Path, charter: Charter) -> Store:
    """Return the store of a home, new, of the community that a charter founds."""
    place = find_paths(home, {}).of(charter.community_id)
    place.prepare()
    store = Store.create(place.store_file)
    adopt(store, charter.to_bytes(), PRACTICES)
    return store


class Process:
    """A node's process: commands in, answers and decisions out."""

    def __init__(self, home: Path, program: str = MEMBER) -> None:
        self.home = home
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.decided: dict[str, int] = {}
        self.changed = threading.Condition()
        self._log = (home / "benchmark.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, home],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            line = json.loads(text)
            if "decided" in line:
                assert line["outcome"] == "passed", line
                with self.changed:
                    self.decided[line["decided"]] = line["at_ns"]
                    self.changed.notify_all()
            else:
                self.answers.put(line)
        self.answers.put({"ended": True})

    def ask(self, do: str, **values: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        line = self.answers.get(timeout=STEP_S)
        if "ended" in line:
            log = Path(self._log.name).read_text(errors="replace")[-3000:]
            raise RuntimeError(f"a node has ended:\n{log}")
        return line

    def call(self, do: str, **values: object) -> dict[str, Any]:
        self.ask(do, **values)
        return self.answer()

    def final_ns(self, proposal: str) -> int:
        """Return when a proposal was final here; wait for it."""
        with self.changed:
            if not self.changed.wait_for(lambda: proposal in self.decided, STEP_S):
                raise TimeoutError(f"{self.home.name}: {proposal[:8]} is not final")
            return self.decided[proposal]

    def stop(self) -> None:
        assert self._process.stdin is not None
        if self._process.poll() is None:
            self._process.stdin.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


@contextmanager
def running(
    homes: Sequence[Path], over: Callable[[str], str] | None = None, *, program: str = MEMBER
) -> Iterator[list[Process]]:
    """Run a node in each home, all connected to each other; stop them afterwards.

    Args:
        homes: one for each node.
        over: turns an address into the one that others dial; None: as it is.
        program: the module that each process runs.
    """
    nodes = [Process(home, program) for home in homes]
    try:
        addresses = [node.answer()["addresses"] for node in nodes]
        for place, node in enumerate(nodes):
            dialled = [one for told in addresses[:place] for one in told]
            node.call("dial", addresses=[one if over is None else over(one) for one in dialled])
        for node in nodes:
            node.call("meet", members=len(nodes))
        yield nodes
    finally:
        for node in nodes:
            node.stop()


@contextmanager
def community(
    root: Path, count: int, over: Callable[[str], str] | None = None
) -> Iterator[list[Process]]:
    """Run a community of so many members, a node each; `over` as for `running`."""
    homes = [root / str(place) for place in range(count)]
    signers = make_keys(homes)
    charter = make_charter([one.device for one in signers], time.time_ns() // 1_000_000)
    for home in homes:
        make_store(home, charter).close()
    with running(homes, over) as nodes:
        yield nodes


def totals(nodes: Sequence[Process]) -> dict[str, int]:
    """Return what all nodes together have used and sent."""
    found = [node.call("measure") for node in nodes]
    return {key: sum(int(one[key]) for one in found) for key in found[0] if key != "done"}
