"""Commands that talk to the daemon must start fast: what they import decides that.

Not a timed test: on a busy machine it would fail for no reason, on a fast one never.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "asyncio",
    "cryptography",
    "fastapi",
    "httpx",
    "hypercorn",
    "libp2p",
    "msgpack",
    "pydantic",
    "sqlite3",
    "trio",
    "zeroconf",
}
_SCRIPT = """
import json, sys
from p2pnode_cli.main import run
try:
    run(json.loads(sys.argv[1]))
except SystemExit as end:
    code = end.code
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


def _modules_after(home: Path, *arguments: str) -> tuple[int, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, json.dumps(arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ | {"P2PNODE_HOME": str(home)},
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize(
    "arguments", [["status"], ["show", "7"], ["vote", "7", "yes", "--yes"], []]
)
def test_talking_to_the_daemon_imports_nothing_heavy(daemon, arguments):
    code, modules = _modules_after(daemon.home, *arguments)
    assert code == 0
    assert modules & HEAVY == set()


def test_json_output_does_not_load_rich(daemon):
    code, modules = _modules_after(daemon.home, "status", "--json")
    assert code == 0
    assert "rich.console" not in modules


def test_the_list_of_heavy_modules_names_real_ones(home):
    _, modules = _modules_after(home, "init")
    assert {"cryptography"} <= modules & HEAVY
