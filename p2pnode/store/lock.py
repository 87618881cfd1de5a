"""One process per home: an advisory lock that dies with its holder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from .errors import HomeLocked, StoreError


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
            raise StoreError(
                "store_unusable",
                f"{path} cannot be opened ({error.strerror})",
                "check that the home exists and is yours",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            written = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            pid = int(written) if written.isdecimal() else None
            holder = "another process" if pid is None else f"process {pid}"
            raise HomeLocked(
                f"{path.parent} is in use by {holder}",
                "stop that one first (SIGTERM), or give this one its own --home",
                pid,
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor, path)

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
