"""Tell systemd how a `Type=notify` service is doing (sd_notify(3)); elsewhere do nothing."""

from __future__ import annotations

import os
import socket


def notify_supervisor(state: str) -> None:
    """Send `READY=1`, `STOPPING=1` or the like to the supervisor, if there is one.

    A supervisor that does not listen is its own trouble: nothing here waits or fails.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.setblocking(False)
            channel.sendto(state.encode(), address)
    except OSError:
        pass
