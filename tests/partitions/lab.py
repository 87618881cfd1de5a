"""Hosts of our own on this machine: a network namespace each, joined by a bridge.

The bridge lives in a namespace too, so nothing of this machine's own network is touched.
A cut moves the ports of one side to another bridge: like pulling the cable between two
switches, no end is told. What a bridge cannot do (delay, loss, one direction) is done by
`relay.py`, a switch in user space that takes the ports over: a kernel may lack netem.
"""

from __future__ import annotations

import array
import ctypes
import fcntl
import itertools
import os
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from .relay import Relay

PREFIX = "p2pn"
PORT = 17470  # every host has one node, so they share the default
_SIOCETHTOOL = 0x8946
_ETHTOOL_STXCSUM = 0x17
_IP = shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def find_missing() -> list[str]:
    """Return what this machine lacks for a lab, one line each with what to do."""
    if _IP is None:
        return ["the command `ip` is missing: apt-get install iproute2"]
    if os.geteuid() != 0:
        return ["network namespaces are made by root only: run this as root"]
    probe = f"{PREFIX}-{os.getpid()}-probe"
    made = subprocess.run([_IP, "netns", "add", probe], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return [f"`ip netns add` is refused here: {made.stderr.strip()}"]
    missing: list[str] = []
    for kind in ("bridge", "veth"):
        found = subprocess.run(
            [_IP, "-n", probe, "link", "add", "probe", "type", kind],
            capture_output=True,
            text=True,
            check=False,
        )
        if found.returncode != 0:
            missing.append(f"this kernel has no {kind} devices: {found.stderr.strip()}")
        else:
            _ip("-n", probe, "link", "del", "probe")
    _ip("netns", "del", probe)
    return missing


def _ip(*arguments: str) -> str:
    assert _IP is not None
    done = subprocess.run([_IP, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


class Lab:
    """A host for each name; use as a context, which removes all of it at its end."""

    _numbers = itertools.count()  # several may stand at once

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._prefix = f"{PREFIX}-{os.getpid()}-{next(Lab._numbers)}"
        self._hub = self._space("hub")

    def _space(self, name: str) -> str:
        return f"{self._prefix}-{name}"

    def _port(self, name: str) -> str:
        return f"p{self.names.index(name)}"

    def address(self, name: str) -> str:
        return f"10.77.0.{self.names.index(name) + 1}"

    def inside(self, name: str) -> tuple[str, ...]:
        """Return what to put before a command for it to run on this host."""
        assert _IP is not None
        return (_IP, "netns", "exec", self._space(name))

    def __enter__(self) -> Lab:
        try:
            self._build()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def _build(self) -> None:
        _ip("netns", "add", self._hub)
        for bridge in ("br0", "br1"):
            _ip("-n", self._hub, "link", "add", bridge, "type", "bridge")
            _ip("-n", self._hub, "link", "set", bridge, "up")
        for name in self.names:
            space, port = self._space(name), self._port(name)
            _ip("netns", "add", space)
            _ip(*f"-n {self._hub} link add {port} type veth peer name eth0 netns {space}".split())
            _ip("-n", space, "link", "set", "lo", "up")
            _ip("-n", space, "address", "add", f"{self.address(name)}/24", "dev", "eth0")
            with _entered(space):
                _write_checksums("eth0")
            _ip("-n", space, "link", "set", "eth0", "up")
            _ip("-n", self._hub, "link", "set", port, "master", "br0", "up")

    def _remove(self) -> None:
        for space in _spaces():
            if space.startswith(f"{self._prefix}-"):
                _ip("netns", "del", space)

    # --- what the network does --------------------------------------------------------

    def cut_off(self, names: Sequence[str]) -> None:
        """Let these hosts reach each other only."""
        for name in names:
            _ip("-n", self._hub, "link", "set", self._port(name), "master", "br1")

    def heal(self) -> None:
        for name in self.names:
            _ip("-n", self._hub, "link", "set", self._port(name), "master", "br0")

    @contextmanager
    def relayed(self, seed: int) -> Iterator[Relay]:
        """Let a relay carry every frame between the hosts, faithfully until told otherwise."""
        for name in self.names:
            _ip("-n", self._hub, "link", "set", self._port(name), "nomaster")
        relay = Relay(self.inside("hub"), {name: self._port(name) for name in self.names}, seed)
        try:
            yield relay
        finally:
            relay.stop()
            self.heal()


@contextmanager
def _entered(space: str) -> Iterator[None]:
    """Let this thread be in a network namespace for a moment."""
    with open("/proc/thread-self/ns/net") as before, open(f"/run/netns/{space}") as there:
        _set_namespace(there.fileno())
        try:
            yield
        finally:
            _set_namespace(before.fileno())


def _set_namespace(fd: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)  # os.setns is there from Python 3.12 on
    if libc.setns(fd, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _write_checksums(device: str) -> None:
    """Let the kernel complete TCP's checksums itself.

    Between two ends of a veth it leaves them out, and so would the relay's copies be.
    """
    off = array.array("I", [_ETHTOOL_STXCSUM, 0])
    request = struct.pack("16sP16x", device.encode(), off.buffer_info()[0])  # struct ifreq
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        fcntl.ioctl(channel, _SIOCETHTOOL, request)


def remove_all(maker: int) -> None:
    """End what runs in the labs that a process made, and remove them."""
    for space in _spaces():
        if space.startswith(f"{PREFIX}-{maker}-"):
            for pid in _ip("netns", "pids", space).split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            with suppress(RuntimeError):  # whoever made the lab removes it at the same time
                _ip("netns", "del", space)


def _spaces() -> list[str]:
    return [line.split()[0] for line in _ip("netns", "list").splitlines() if line]


def remove_stale() -> None:
    """Remove what a run left behind that was killed before it could clean up.

    The names hold the number of the process that made them; its nodes are still inside.
    """
    makers = {space.split("-")[1] for space in _spaces() if space.startswith(f"{PREFIX}-")}
    for maker in makers:
        if maker.isdecimal() and not Path(f"/proc/{maker}").exists():
            remove_all(int(maker))
