"""One process per home: an advisory lock that dies with its holder."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from .errors import HomeLocked, unusable

STARTING_S = 20.0  # within it a process that has a home without a socket is one that starts
START_S = 600.0  # a start that takes longer than this hangs, on whatever machine
_STARTED = "started"  # the second line, from the end of the start on


class HomeLock:
    """Hold a home, from `acquire` to `release`.

    The kernel's lock decides and not the file's being there, so that nothing stale is
    left after kill -9; the file only tells who. It is never removed: a process that
    waited on a removed file would hold a lock nobody else sees.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor: int | None = descriptor
        self.path = path

    @classmethod
    def acquire(cls, path: Path) -> HomeLock:
        """Return the lock, held.

        Raises:
            HomeLocked: another process holds it; `pid` says which.
            StoreError: `store_unusable`, the lock's file cannot be opened.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            locked = _locked(descriptor, path)
            os.close(descriptor)
            raise locked from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor, path)

    def note_started(self) -> None:
        """Say in the file that the node has started."""
        if self._descriptor is not None:
            os.pwrite(self._descriptor, f"{os.getpid()}\n{_STARTED}\n".encode(), 0)

    def release(self) -> None:
        """Let go; a second call does nothing."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> HomeLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def find_holder(path: Path) -> HomeLocked | None:
    """Return who holds a home, without touching it: its disk may be read-only.

    Raises:
        StoreError: `store_unusable`, the lock's file cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None  # nobody ever held it
    except OSError as error:
        raise unusable(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # let go with the descriptor
    except BlockingIOError:
        return _locked(descriptor, path)
    finally:
        os.close(descriptor)
    return None


def _locked(descriptor: int, path: Path) -> HomeLocked:
    written, _, more = os.pread(descriptor, 40, 0).decode("ascii", "replace").partition("\n")
    pid = int(written) if written.isdecimal() else None
    age_s = time.time() - os.fstat(descriptor).st_mtime
    holder = "another process" if pid is None else f"process {pid}"
    return HomeLocked(
        f"{path.parent} is in use by {holder}",
        pid,
        age_s < (STARTING_S if more.strip() == _STARTED else START_S),
        "stop that one first (SIGTERM), or give this one its own --home",
    )
