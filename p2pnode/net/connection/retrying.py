"""How soon TCP tries again after a broken network is whole: the kernel's back-off, bounded.

TCP waits twice as long after each attempt, so after a cut of 16 s it is silent for up to 13 s
more (measured by tests/partitions), while everything else could go on at once.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import Protocol

# More than the round trip of any network people vote over, so nothing is sent twice in vain;
# until the heartbeat gives a peer up that is a dozen packets.
MOST_MS = 2_000
_TCP_RTO_MAX_MS = 44  # linux/tcp.h, since Linux 6.15; Python does not name it yet


class SocketLike(Protocol):  # a socket, or trio's
    def setsockopt(self, level: int, option: int, value: int, /) -> None: ...


def retry_often(sock: SocketLike) -> None:
    """Bound the wait between two attempts. Where a kernel cannot, it stays as it is."""
    if sys.platform != "linux":
        return
    # An older kernel: the heartbeat ends what is stuck, and the peer is dialled again.
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, _TCP_RTO_MAX_MS, MOST_MS)
