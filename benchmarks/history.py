"""A long history: what it costs to add to it, to start on it, to catch up with it, to keep it.

    python3 dev.py bench history

The history is made by four cores in this process, with real keys and without a network; one of
them writes to a store, which nodes as processes then start on. Two histories: *batches*, in which
512 ops become final together and blocks are as full as they get, and *singles*, one decision
after the other, each with three rounds of blocks of its own. A decision is a proposal and three
votes, so of four ops one is a proposal with a title.

*Restart*: opening the store until the core stands as it stood. *Until the API answers*: from
starting `p2pnode run` to the answer of `status`. *Catch-up*: a member with an empty store dials one
peer that has it all and is done when it has as many commits; all of it is pulled over libp2p,
verified, applied and saved.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from measuring import machine
from measuring.command import Effort, run
from measuring.community import Process, environment, make_keys, make_store
from measuring.cores import Cores
from measuring.figures import Figure, Found, Point, figure

from p2pnode.home.paths import CommunityPaths, find_paths
from p2pnode.store.store import Store
from p2pnode_cli.demo.processes import Node
from p2pnode_protocols.record.actions import AmendAction

NODES = 4
OPS_EACH = 4  # ops of a decision: the proposal and the votes that pass it
VOTES_EACH = 3
WAVE = 128  # decisions of a batch: 512 ops
# Batches after which to look, 1,024 … 114,176 ops: from 31 on, the epoch is full but for one.
WAVES = (2, 6, 20, 31, 63, 127, 223)
CATCH_UP_AT = 20  # batches that a newcomer catches up with: 10,240 ops
SINGLES = 250  # decisions: 750 rounds, within one epoch
STARTS = 3
CATCH_UPS = 3


@dataclass
class History:
    """Cores that make a history, and the home of the first, whose store has it."""

    root: Path
    homes: list[Path]
    cores: Cores

    @property
    def file(self) -> Path:
        return store_file(self.homes[0])

    def copy(self, name: str, place: int = 0) -> Path:
        """Return a new home with a member's key and all of the history so far."""
        home = self.copy_empty(name, place)
        place_there = find_paths(home, {}).of(find_place(self.homes[0]).community)
        place_there.prepare()
        target_file = place_there.store_file
        with (
            contextlib.closing(sqlite3.connect(self.file)) as source,
            contextlib.closing(sqlite3.connect(target_file)) as target,
        ):
            source.backup(target)  # a copy of the file alone would lack what is in the log
        target_file.chmod(0o600)
        return home

    def copy_empty(self, name: str, place: int) -> Path:
        """Return a new home with a member's key, and no store."""
        home = self.root / name
        paths = find_paths(home, {})
        paths.prepare()
        shutil.copy2(find_paths(self.homes[place], {}).key_file, paths.key_file)
        return home


def find_place(home: Path) -> CommunityPaths:
    """Return the files of the one community of a home."""
    (found,) = find_paths(home, {}).communities()
    return found


def store_file(home: Path) -> Path:
    return find_place(home).store_file


def begin(root: Path) -> History:
    homes = [root / f"maker {place}" for place in range(NODES)]
    root.mkdir()
    signers = make_keys(homes)
    cores = Cores(signers)
    store = make_store(homes[0], cores.charter)
    cores.nodes[signers[0].device].sink = store.apply
    return History(root, homes, cores)


# --- adding to it -----------------------------------------------------------------------------


def add_batch(cores: Cores, decisions: int) -> None:
    cores.decide([cores.propose(one % NODES, f"Question {one}") for one in range(decisions)])


def end_epoch(cores: Cores) -> None:
    """Amend the charter: the epoch ends, and the next one begins with a snapshot."""
    number = cores.first.epoch.number
    amend = AmendAction((("name", "Benchmark of old"),))
    proposal = cores.propose(0, "Rename", "constitutional", amend)
    cores.run(5)
    for place in range(NODES):
        cores.vote(place, proposal)
    cores.run()
    assert cores.first.epoch.number == number + 1


# --- starting on it ---------------------------------------------------------------------------

RESTORE = """
import sys, time
from pathlib import Path
from p2pnode.home.keystore import load_key
from p2pnode.home.paths import find_paths
from p2pnode.store.store import Store
from p2pnode_protocols.core import Core
from p2pnode_protocols.wire.ids import MonoMs, WallMs
from p2pnode_protocols.steps.inputs import Now
paths = find_paths(sys.argv[1], {})
signer = load_key(paths.key_file).signer
began = time.perf_counter()
(place,) = paths.communities()
with Store.open(place.store_file) as store:
    restored = store.restore(signer.device)
    now = Now(MonoMs(0), WallMs(time.time_ns() // 1_000_000))
    core = Core(store.community, signer, restored, now)
print((time.perf_counter() - began) * 1000, core.final_index)
"""


def restart_ms(history: History, home: Path) -> float:
    """Return how long a fresh process takes to restore the core from a store."""
    asked = [sys.executable, "-c", RESTORE, str(home)]
    answer = subprocess.run(asked, env=environment(), check=True, capture_output=True, text=True)
    took_ms, index = answer.stdout.split()
    assert int(index) == history.cores.first.final_index, "it did not come back as it was"
    return float(took_ms)


def start_ms(home: Path) -> tuple[float, float]:
    """Return how long `p2pnode run` takes until its API answers, and its memory then, in MiB."""
    node = Node(home.name, home)
    began = time.perf_counter()
    node.begin()
    try:
        node.finish_start()
        node.api.get("status")
        return (time.perf_counter() - began) * 1000, machine.memory_mib(node.pid)
    finally:
        node.stop()


def measure_start(history: History, home: Path, ops: str, starts: int) -> Iterator[Figure]:
    times = [restart_ms(history, home) for _ in range(starts)]
    yield figure(f"restart, {ops}", times, "ms")
    started = [start_ms(home) for _ in range(starts)]
    yield figure(f"until the API answers, {ops}", [one for one, _ in started], "ms")
    yield figure(f"memory after a start, {ops}", [mib for _, mib in started], "MiB")


# --- catching up with it, keeping it -----------------------------------------------------------


def measure_catch_up(history: History, kind: str, ops: int, times: int) -> Iterator[Found]:
    """Let a member without a store get the history so far from one that has it."""
    peer = Process(history.copy("peer"))
    rates = []
    try:
        (address, *_) = peer.answer()["addresses"]
        index = peer.call("index")["index"]
        for number in range(times):
            home = history.copy_empty(f"newcomer {number}", NODES - 1)
            make_store(home, history.cores.charter).close()
            newcomer = Process(home)
            try:
                newcomer.answer()
                took_ns = newcomer.call("reach", address=address, index=index)["took_ns"]
            finally:
                newcomer.stop()
            rates.append(ops / took_ns * 1e9)
    finally:
        peer.stop()
    yield figure(f"catch-up, {kind}", rates, "ops/s")


def measure_disk(history: History, kind: str, decisions: int) -> Figure:
    """Return what the history takes on disk, beyond an empty store, per 10,000 votes."""
    kept, empty = history.copy(f"kept {kind}"), history.copy_empty(f"bare {kind}", 0)
    make_store(empty, history.cores.charter).close()
    if kind.endswith("pruned"):
        prune(store_file(kept))
    grown_mb = (used_bytes(store_file(kept)) - used_bytes(store_file(empty))) / 1e6
    each_mb = grown_mb / (decisions * VOTES_EACH)
    return figure(f"disk of 10⁴ decided votes, {kind}", [each_mb * 1e4], "MB")


def prune(file: Path) -> None:
    """Forget the blocks of all epochs that have ended."""
    with Store.open(file) as store:
        while store.prune(keep_epochs=1, coming=()):
            pass
        assert store.is_pruned(0), "nothing was pruned: are there receipts for its end?"


def used_bytes(file: Path) -> int:
    """Return the bytes of a store's pages that hold something: SQLite uses the others next."""
    with contextlib.closing(sqlite3.connect(file)) as db:
        pages, free, size = (
            db.execute(f"PRAGMA {what}").fetchone()[0]
            for what in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


def measure_singles(history: History, effort: Effort) -> Iterator[Found]:
    decisions = effort(SINGLES, 5)
    for _ in range(decisions):
        add_batch(history.cores, 1)
    yield measure_disk(history, "singles", decisions)
    ops = decisions * OPS_EACH
    yield from measure_catch_up(history, "singles", ops, effort(CATCH_UPS, 1))
    end_epoch(history.cores)
    yield measure_disk(history, "singles, pruned", decisions)


def measure_batches(history: History, effort: Effort) -> Iterator[Found]:
    """Make the long history, and look at it after each of `WAVES`."""
    waves = WAVES[: effort(len(WAVES), 1)]
    starts = effort(STARTS, 1)
    catch_up_at = effort(CATCH_UP_AT, WAVES[0])
    yield from measure_start(history, history.copy("empty"), "empty", starts)
    made = 0
    for wave in waves:
        while made < wave:
            before_ms = history.cores.cpu_ms
            add_batch(history.cores, WAVE)
            made += 1
        ops = made * WAVE * OPS_EACH
        each_ms = (history.cores.cpu_ms - before_ms) / (WAVE * OPS_EACH)
        yield Point("ops in the history", "CPU of the next op, all cores", ops, each_ms)
        home = history.copy(f"after {made}")
        if wave != waves[-1]:
            yield Point("ops in the history", "restart", ops, restart_ms(history, home))
        if made == catch_up_at:
            yield from measure_catch_up(history, "batches", ops, effort(CATCH_UPS, 1))
    yield measure_disk(history, "batches", made * WAVE)
    words = f"{ops:,} ops".replace(",", " ")
    for found in measure_start(history, home, f"{words}, this epoch full", starts):
        yield found
        if found.work.startswith("restart"):
            yield Point("ops in the history", "restart", ops, found.median)
    end_epoch(history.cores)
    yield measure_disk(history, "batches, pruned", made * WAVE)
    yield from measure_start(history, history.copy("new epoch"), f"{words}, a new epoch", starts)


def measure(effort: Effort) -> Iterator[Found]:
    with tempfile.TemporaryDirectory() as folder:
        yield from measure_singles(begin(Path(folder) / "singles"), effort)
        yield from measure_batches(begin(Path(folder) / "batches"), effort)


if __name__ == "__main__":
    run(__doc__, measure)
