"""The single-file verifier and dev.py, whatever becomes of what they print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.certified.verifier import VERIFIER

from p2pnode_protocols.wire.ids import to_text

DEV = Path(__file__).parents[3] / "dev.py"
COMMUNITY = to_text("com", bytes(32))
PROGRAMS = {
    "verifier": [VERIFIER, DEV, "--community", COMMUNITY],  # refused: it is no certificate
    "its JSON": [VERIFIER, DEV, "--community", COMMUNITY, "--json"],
    "its help": [VERIFIER, "--help"],
    "dev.py": [DEV],
}


def _run(program: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *PROGRAMS[program]],
        stderr=subprocess.PIPE,
        check=False,
        **more,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_reader_that_has_gone_ends_it_with_141_in_silence(program: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = _run(program, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("program", [one for one in PROGRAMS if one != "dev.py"])
def test_full_disk_ends_it_with_1_and_is_told(program: str) -> None:
    with open("/dev/full", "wb") as full:
        done = _run(program, stdout=full)
    assert done.returncode == 1
    said = b"error: the output cannot be written: No space left on device\n"
    assert done.stderr == said


@pytest.mark.parametrize("program", [one for one in PROGRAMS if one != "dev.py"])
def test_closed_output_ends_it_with_1_and_is_told(program: str) -> None:
    words = " ".join(f"'{one}'" for one in [sys.executable, *PROGRAMS[program]])
    done = subprocess.run(["sh", "-c", f"{words} >&-"], capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: the output cannot be written: ")


@pytest.mark.parametrize(
    "typed",
    [
        [],
        ["--community", COMMUNITY],
        [DEV],
        [DEV, "--community", COMMUNITY, "--bogus"],
        ["/nowhere/at/all", "--community", COMMUNITY],
        [DEV, "--community", "com_bogus"],
        [DEV, "--community", COMMUNITY, "--rebuild"],
    ],
)
def test_wrong_usage_of_the_verifier_under_json_is_a_problem(typed: list[object]) -> None:
    for words in (["--json", *typed], [*typed, "--json"]):
        command = [sys.executable, VERIFIER, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        problem = json.loads(done.stderr)
        assert problem["schema"] == "p2pnode/failure/1"
        assert (problem["code"], problem["exit"]) == ("bad_usage", 2)
        assert problem["detail"]
    plain = subprocess.run(
        [sys.executable, VERIFIER, *typed], capture_output=True, text=True, check=False
    )
    assert plain.returncode == 2
    assert plain.stderr.startswith("usage: ")
