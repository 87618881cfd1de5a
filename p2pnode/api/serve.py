"""Serve the API on the home's Unix socket, which only this user can open."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import trio
from hypercorn.config import Config
from hypercorn.trio import serve as hypercorn_serve
from hypercorn.typing import Framework
from starlette.types import ASGIApp

from ..home.errors import LocalError

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # libp2p brings stubs of a trio that has none

BACKLOG = 64
GRACE_S = 2.0  # for requests under way at shutdown; event streams are told to end before


def open_socket(path: Path) -> socket.socket:
    """Return a listening socket at `path`, mode 0600, in place of a dead node's.

    The caller holds the home's lock, so what is there belongs to no living node of it.

    Raises:
        LocalError: `store_unusable`, something else is at this path, or it cannot be made.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)  # the mode must be right from the first moment
    try:
        if path.is_socket():
            path.unlink()
        listener.bind(os.fspath(path))
    except OSError as error:
        listener.close()
        raise LocalError(
            "store_unusable",
            f"{path}: the API's socket cannot be made ({error.strerror})",
            "move what is there away, or choose another --home",
        ) from error
    finally:
        os.umask(mask)
    listener.listen(BACKLOG)
    return listener


async def serve(
    app: ASGIApp,
    path: Path,
    stop: Callable[[], Awaitable[None]],
    *,
    task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve until `stop` returns, then let requests under way finish for `GRACE_S`.

    Raises:
        LocalError: `store_unusable`, the socket cannot be made.
    """
    listener = open_socket(path)
    config = Config()
    # By descriptor: hypercorn's own Unix sockets exist for a moment with the wrong mode.
    config.bind = [f"fd://{listener.detach()}"]
    config.graceful_timeout = GRACE_S
    config.shutdown_timeout = GRACE_S
    # Given as a logger it gets no handler of its own, which would write in another format.
    config.errorlog = logging.getLogger("hypercorn.error")
    config.loglevel = "WARNING"
    config.accesslog = None
    try:
        async with trio.open_nursery() as nursery:
            framework = cast("Framework", app)  # the same protocol in hypercorn's words
            await nursery.start(partial(hypercorn_serve, framework, config, shutdown_trigger=stop))
            task_status.started()
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
