"""A test that hangs ends its worker, fails by its name, and keeps no other from being run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("place", [3, 7], ids=["amid", "last"])
def test_that_hangs_fails_and_all_others_run(tmp_path: Path, place: int) -> None:
    tests = [f"def test_quick_{number}() -> None: ...\n" for number in range(7)]
    tests.insert(place, "def test_hanging() -> None:\n    import time\n    time.sleep(600)\n")
    (tmp_path / "test_some.py").write_text("".join(tests))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    shutil.copy(TESTS / "conftest.py", tmp_path)
    limits = ["-o", "faulthandler_timeout=1", "-o", "faulthandler_exit_on_timeout=true"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadscope", *limits, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "1 failed, 7 passed" in done.stdout, done.stdout
    assert "test_hanging" in done.stdout
    assert "in test_hanging" in done.stderr, "where it stood"
