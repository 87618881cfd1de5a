"""TCP's back-off is bounded where the kernel can do that, and nothing fails where it cannot.

What it is for shows in `python3 dev.py partitions partition-short`.
"""

from __future__ import annotations

import errno
import os
import socket

from support.hosts.nets import Rig

from p2pnode.net.connection.retrying import MOST_MS, retry_often

RTO_MAX_MS = 44


def bound_of(sock: socket.socket) -> int | None:
    """Return the longest wait between two attempts; None when the kernel knows no bound."""
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, RTO_MAX_MS)
    except OSError:
        return None


async def test_both_ends_of_a_connection_try_again_soon(rig: Rig) -> None:
    with socket.socket() as plain:
        expected = None if bound_of(plain) is None else MOST_MS
    members = await rig.start_linked(1, 2)
    for member in members:
        (remote,) = member.endpoint.book
        (link,) = remote.links
        assert bound_of(link.wire.stream.socket) == expected


class OlderKernel:
    def __init__(self) -> None:
        self.asked: list[tuple[int, int, int]] = []

    def setsockopt(self, level: int, option: int, value: int, /) -> None:
        self.asked.append((level, option, value))
        raise OSError(errno.ENOPROTOOPT, os.strerror(errno.ENOPROTOOPT))


def test_a_kernel_that_cannot_bound_it_is_left_as_it_is() -> None:
    kernel = OlderKernel()
    retry_often(kernel)
    assert kernel.asked in ([], [(socket.IPPROTO_TCP, RTO_MAX_MS, MOST_MS)])  # [] off Linux
