"""One process per home, and nothing stale after a crash."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from p2pnode.home.errors import HomeLocked, StoreError, unusable
from p2pnode.home.lock import HomeLock

HOLD = """
import sys
from pathlib import Path
from p2pnode.home.lock import HomeLock
with HomeLock.acquire(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def hold(path: Path) -> subprocess.Popen[str]:
    """Return a process that holds the lock until its stdin closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=30)


def test_second_process_is_refused_and_told_the_first_ones_number(path: Path) -> None:
    first = hold(path)
    with pytest.raises(HomeLocked, match=f"process {first.pid}") as caught:
        HomeLock.acquire(path)
    assert caught.value.pid == first.pid
    assert caught.value.code == "home_locked"
    assert str(path.parent) in caught.value.detail
    finish(first)


def test_lock_of_a_killed_process_is_free(path: Path) -> None:
    first = hold(path)
    first.send_signal(signal.SIGKILL)
    finish(first)
    assert path.read_text() == f"{first.pid}\n"  # it could not tidy up, and need not
    with HomeLock.acquire(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_second_lock_in_the_same_process_is_refused(path: Path) -> None:
    with HomeLock.acquire(path), pytest.raises(HomeLocked):
        HomeLock.acquire(path)


def test_released_lock_is_free_and_releasing_twice_is_once(path: Path) -> None:
    lock = HomeLock.acquire(path)
    lock.release()
    lock.release()
    with HomeLock.acquire(path):
        pass
    assert path.read_text() == ""


def test_refused_process_leaves_the_holders_number(path: Path) -> None:
    with HomeLock.acquire(path):
        with pytest.raises(HomeLocked):
            HomeLock.acquire(path)
        assert path.read_text() == f"{os.getpid()}\n"


def test_holder_without_a_number_is_another_process(path: Path) -> None:
    with HomeLock.acquire(path):
        path.write_text("")
        with pytest.raises(HomeLocked, match="another process") as caught:
            HomeLock.acquire(path)
    assert caught.value.pid is None


def test_lock_in_a_home_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        HomeLock.acquire(tmp_path / "nowhere" / "lock")


@pytest.mark.parametrize(
    ("number", "code", "todo"),
    [
        (errno.ENOSPC, "disk_full", "make room"),
        (errno.EDQUOT, "disk_full", "make room"),
        (errno.EROFS, "store_unusable", "mount its disk writable"),
        (errno.EACCES, "store_unusable", "owner and mode"),
        (errno.ENOENT, "store_unusable", "that it is there"),
    ],
)
def test_what_cannot_be_used_is_told_with_what_helps(number: int, code: str, todo: str) -> None:
    found = unusable(Path("/x/lock"), OSError(number, os.strerror(number)))
    assert found.code == code
    assert todo in "; ".join(found.steps)
