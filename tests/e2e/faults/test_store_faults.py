"""Real processes whose store is cut off: by kill -9 in mid-write, and by a full disk.

`support.processes.writer` saves and acknowledges; what it acknowledged has to be there afterwards,
and nothing by halves: an op with its text and its nonce, blocks without a gap.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from support.hosts.homes import only_community
from support.processes.terminals import Terminal
from support.record import signer

from p2pnode.store.store import Store
from p2pnode_protocols.record.bodies import texts_of

TESTS = Path(__file__).parents[2]
KILLS = 12


def start(path: Path, first: int, *limits: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "support.processes.writer",
            str(path),
            str(first),
            *map(str, limits),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )


def check(path: Path, acknowledged: int) -> int:
    """Assert that the store is whole and holds all acknowledged; return its highest nonce."""
    with Store.open(path) as store:
        assert store.find_damage() == ()
        found = store.restore(signer("alice").device)
        assert found is not None
        nonces = [op.nonce for op in found.pending]
        assert nonces == list(range(1, len(nonces) + 1))
        rounds = [block.round for block in found.blocks]
        assert rounds == list(range(1, len(rounds) + 1))
        assert acknowledged <= len(rounds) <= len(nonces) <= acknowledged + 1
        for op in found.pending:
            for ref in texts_of(op.body):
                assert store.text(ref.id) is not None
        assert found.own_nonce == len(nonces)
        return len(nonces)


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_process_loses_nothing_it_acknowledged(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "store.db"
    process = start(path, 1)
    assert process.stdout is not None
    # Long enough in some runs for SQLite to copy its log into the file, so that is hit too.
    after = random.Random(seed).choice([1, 3, 40, 300, 500])
    acknowledged = 0
    for line in process.stdout:
        acknowledged = int(line)
        if acknowledged >= after:
            process.send_signal(signal.SIGKILL)
            break
    with process.stdout as lines:  # `communicate` would miss those that are buffered already
        acknowledged = max([acknowledged, *map(int, lines)])
    process.wait(30)
    check(path, acknowledged)


@pytest.mark.parametrize("room_kib", [400, 700, 1_000, 5_000])
def test_process_that_may_write_no_more_says_so_and_keeps_what_it_had(
    tmp_path: Path, room_kib: int
) -> None:
    path = tmp_path / "store.db"
    said, _ = start(path, 1, room_kib * 1024).communicate(timeout=60)
    *nonces, last = said.split()
    assert last in {"store_unusable", "disk_full"}
    assert len(nonces) > 2
    check(path, int(nonces[-1]))


@pytest.mark.parametrize("place", ["a page", "the tables", "a text"])
def test_flipped_bytes_keep_a_node_from_starting_with_the_words_of_doctor(
    tmp_path: Path, place: str
) -> None:
    alice = Terminal(tmp_path / "alice")
    try:
        alice.type("init")
        alice.run()
        alice.type("found", "Lane 7", "--name", "Alice")
        alice.type("propose", "Tea", "-t", "tactical", "--text", "At four sharp.", "--wait")
        assert alice.end(signal.SIGTERM) == 0
        store = only_community(alice.home).store_file
        data = bytearray(store.read_bytes())
        if place == "a page":
            size = int.from_bytes(data[16:18], "big")
            with closing(sqlite3.connect(store)) as db:
                query = "SELECT rootpage FROM sqlite_schema WHERE name = 'late_votes'"
                (root,) = db.execute(query).fetchone()
            data[(root - 1) * size] ^= 0xFF
        else:
            found = data.find({"the tables": b"CREATE TABLE blocks", "a text": b"At four"}[place])
            assert found > 0
            data[found + 3] ^= 0x01
        store.write_bytes(data)
        refused = alice.type("run", code=8).err
        told = alice.type("doctor", "--json", code=1).json
        (wrong,) = [one for one in told["checks"] if one["severity"] == "critical"]
        assert "".join(wrong["detail"].split()) in "".join(refused.split())  # lines are wrapped
        assert "p2pnode join LINK" in refused
        assert "p2pnode restore FILE --home DIR" in refused
    finally:
        alice.close()
