"""The demo is a promise of the README: it ends well, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A temporary directory with a name as short as a user's: it is part of socket paths."""
    with tempfile.TemporaryDirectory(prefix="p2p", dir="/tmp") as directory:
        yield Path(directory)


def test_the_demo_ends_well_and_leaves_nothing_behind(short_tmp: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "p2pnode_cli", "demo", "--json"],
        env=os.environ | {"TMPDIR": str(short_tmp), "P2PNODE_HOME": str(short_tmp / "mine")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] is True
    outcomes = {one["tier"]: (one["outcome"], one["votes"]) for one in told["decisions"][:3]}
    assert outcomes == {
        "implementation": ("passed", "3:0"),
        "tactical": ("rejected", "2:3"),
        "strategic": ("passed", "4:0"),
    }
    assert all(one["final_ms"] >= one["provisional_ms"] > 0 for one in told["decisions"][:3])
    assert told["log"]["index"] > 0
    assert list(short_tmp.iterdir()) == []
