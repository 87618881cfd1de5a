"""TCP connections made into links: Noise and yamux as libp2p has them, and nothing else offered.

libp2p's `Swarm` and `BasicHost` are left aside on purpose (docs/libp2p.md): what they add
to these layers is what most of the library's traps are in.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
from collections.abc import Callable, Sequence

import trio
from libp2p.crypto import ed25519, x25519
from libp2p.custom_types import TProtocol
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.peer.id import ID
from libp2p.protocol_muxer.exceptions import MultiselectError
from libp2p.security.noise.io import NoiseTransportReadWriter
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as Noise
from libp2p.security.secure_session import SecureSession
from libp2p.stream_muxer.muxer_multistream import MuxerMultistream
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX
from libp2p.stream_muxer.yamux.yamux import Yamux
from libp2p.transport.upgrader import TransportUpgrader

from p2pnode_protocols.wire.ids import DeviceKey

from ..addresses import Address, AddressError, find_source, parse_address
from ..errors import LinkClosed, NetError, NobodyAnswered
from ..identity import compute_peer_id_bytes, read_peer_id
from ..seats.cpu import CpuClock, Stopwatch
from .link import Link
from .mux import Mux
from .retrying import retry_often
from .wire import Wire

log = logging.getLogger("p2pnode.net")

# Whoever waits to be taken in waits in line behind all others, so the line is short.
BACKLOG = 128
# Of a caller that is not let in: no reason can be sent before the streams.
HUNG_UP = "it hung up after the handshake"
_STAGGER_S = 0.25  # between addresses of one peer (RFC 8305 recommends it)
_FAMILIES = {
    "ip4": trio.socket.AF_INET,
    "ip6": trio.socket.AF_INET6,
    "dns": trio.socket.AF_UNSPEC,
    "dns4": trio.socket.AF_INET,
    "dns6": trio.socket.AF_INET6,
}


class _ForwardLogs(logging.Handler):
    """libp2p warns about every peer that goes away: for us that is detail."""

    def emit(self, record: logging.LogRecord) -> None:
        target = logging.getLogger("p2pnode.net.libp2p")
        if target.isEnabledFor(logging.DEBUG):
            target.debug("%s: %s", record.name, record.getMessage())


def forward_logs() -> None:
    """Turn libp2p's log records into debug records of ours. Idempotent."""
    logger = logging.getLogger("libp2p")
    if not any(isinstance(one, _ForwardLogs) for one in logger.handlers):
        logger.addHandler(_ForwardLogs())
        logger.propagate = False


class Transport:
    """Make and take connections in the name of one device key."""

    def __init__(self, seed: bytes, timeout_s: float, clock: CpuClock | None = None) -> None:
        self._clock = clock or CpuClock()
        identity = ed25519.create_new_key_pair(seed)
        self.device = DeviceKey(identity.public_key.to_bytes())
        self._timeout_s = timeout_s
        # Only what is agreed on is the library's: the multiplexer itself is ours (`mux`).
        muxers = {TProtocol(YAMUX): Yamux}
        self._muxers = MuxerMultistream(muxers)
        self._upgrader = TransportUpgrader(
            {NOISE: Noise(identity, x25519.create_new_key_pair().private_key)}, muxers
        )

    async def accept(
        self,
        sock: socket.socket,
        admit: Callable[[DeviceKey], bool],
        on_bytes: Callable[[int], None],
    ) -> Link:
        """Shake hands with whoever connected.

        Args:
            sock: does not block; it is detached, as the link takes it over.
            on_bytes: told how many bytes the caller has sent, each time there are more.

        Raises:
            LinkClosed: no handshake in time, or `admit` said no.
        """
        wire = Wire(trio.SocketStream(trio.socket.from_stdlib_socket(sock)))
        wire.on_bytes = on_bytes
        return await self._shake(wire, None, admit, _format_remote(wire))

    async def dial(self, device: DeviceKey, addresses: Sequence[str]) -> Link:
        """Return the first link that any of the addresses gives.

        Each address gets a head start on the next, so a dead one costs little, and each
        is tried: the library's own dialling takes one per transport.

        Raises:
            NobodyAnswered: none did; it has every reason.
        """
        found: list[Link] = []
        failures: dict[str, str] = {}

        async def attempt(text: str, failed: trio.Event) -> None:
            try:
                link = await self._connect(device, parse_address(text))
            except (OSError, AddressError, LinkClosed) as error:
                failures[text] = str(error)
                failed.set()
                return
            if found:  # two handshakes ended in the same instant
                link.kill()
                return
            found.append(link)
            attempts.cancel_scope.cancel()

        try:
            async with trio.open_nursery() as attempts:
                for text in addresses:
                    failed = trio.Event()
                    attempts.start_soon(attempt, text, failed)
                    with trio.move_on_after(_STAGGER_S):
                        await failed.wait()
        except BaseException:  # cancelled: what was found in the same instant has no owner
            for link in found:
                link.kill()
            raise
        if not found:
            raise NobodyAnswered(failures)
        return found[0]

    async def _connect(self, device: DeviceKey, address: Address) -> Link:
        failure: OSError | None = None
        with trio.move_on_after(self._timeout_s):
            for family, kind, proto, _, where in await trio.socket.getaddrinfo(
                address.host, address.port, _FAMILIES[address.kind], trio.socket.SOCK_STREAM
            ):
                sock = trio.socket.socket(family, kind, proto)
                try:
                    await sock.connect(where)
                except OSError as error:
                    sock.close()
                    failure = error
                except BaseException:
                    sock.close()
                    raise
                else:
                    wire = Wire(trio.SocketStream(sock))  # which sets TCP_NODELAY
                    return await self._shake(wire, device, None, str(address))
        if failure is None:
            raise LinkClosed(f"no answer: {self._timeout_s:g} s have passed")
        # In the system's words: a library's repeat the address, which is said already.
        why = str(failure) if failure.errno is None else os.strerror(failure.errno)
        raise LinkClosed(f"no answer: {why}")

    async def _shake(
        self,
        wire: Wire,
        device: DeviceKey | None,
        admit: Callable[[DeviceKey], bool] | None,
        address: str,
    ) -> Link:
        """Prove who both are, then multiplex. `device` None: they called us."""
        done = False
        retry_often(wire.stream.socket)
        try:
            with trio.move_on_after(self._timeout_s):
                try:
                    link = await self._upgrade(wire, device, admit, address)
                except LinkClosed:
                    raise
                except Exception as error:  # any garbage can come in here
                    raise LinkClosed(f"handshake failed: {error!r}") from error
                done = True
                return link
        finally:
            if not done:
                wire.kill()
        raise LinkClosed(f"no handshake within {self._timeout_s} s")

    async def _upgrade(
        self,
        wire: Wire,
        device: DeviceKey | None,
        admit: Callable[[DeviceKey], bool] | None,
        address: str,
    ) -> Link:
        is_outbound = device is not None
        expected = None if device is None else ID(compute_peer_id_bytes(device))
        secured = await self._upgrader.upgrade_security(
            RawConnection(wire, is_outbound), is_outbound, expected
        )
        remote = secured.get_remote_peer()
        proved = read_peer_id(remote.to_bytes())
        if admit is not None and not admit(proved):
            raise LinkClosed("not admitted")
        try:
            await self._muxers.select_transport(secured)
        except MultiselectError as error:
            raise LinkClosed(f"{HUNG_UP}: not admitted there?") from error
        assert isinstance(secured, SecureSession)
        assert isinstance(secured.conn, NoiseTransportReadWriter)
        watch = Stopwatch(self._clock)
        mux = Mux(secured.conn.noise_state, wire, is_outbound=is_outbound, watch=watch)
        return Link(
            proved,
            mux,
            secured.read,
            is_outbound=is_outbound,
            address=address,
            source=read_source(wire.stream.socket),
        )


def read_source(sock: trio.socket.SocketType) -> str:
    """Return where a connection comes from, as `find_source` has it; empty: it is over."""
    try:
        return find_source(sock.getpeername()[0])
    except (OSError, ValueError):
        return ""


def _format_remote(wire: Wire) -> str:
    """Return where a connection came from, as an address; the port is not one to dial."""
    try:
        host, port = wire.stream.socket.getpeername()[:2]
    except OSError:
        return "a closed connection"
    return f"/{'ip6' if ':' in host else 'ip4'}/{host}/tcp/{port}"


async def open_listeners(
    listen: Sequence[str],
) -> tuple[list[socket.socket], tuple[Address, ...]]:
    """Listen on every address; return the sockets and what was got (port 0 resolved).

    Raises:
        NetError: naming the address that does not work, and what to do.
    """
    listeners: list[socket.socket] = []
    bound: list[Address] = []
    try:
        for text in listen:
            try:
                address = parse_address(text)
            except AddressError as error:
                raise NetError(f"cannot listen: {error}") from error
            if not address.is_ip:
                raise NetError(f"cannot listen on {text}: an IP address is needed, not a name")
            try:
                opened = await trio.open_tcp_listeners(
                    address.port, host=address.host, backlog=BACKLOG
                )
            except OSError as error:
                raise NetError(_explain(address, error)) from error
            taken = [socket.socket(fileno=one.socket.detach()) for one in opened]
            listeners += taken
            port = taken[0].getsockname()[1]
            bound.append(Address(address.kind, address.host, port))
    except BaseException:
        for one in listeners:
            one.close()
        raise
    return listeners, tuple(bound)


def _explain(address: Address, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"cannot listen on {address}: port {address.port} is in use by another "
                "program; stop it, or choose another port"
            )
        case errno.EACCES:
            return f"cannot listen on {address}: port {address.port} needs privileges"
        case errno.EADDRNOTAVAIL:
            return f"cannot listen on {address}: this machine does not have the address"
        case _:
            return f"cannot listen on {address}: {error.strerror or error}"
