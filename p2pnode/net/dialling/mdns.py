"""Find members on the local network (RFC 6762, 6763), and be found.

A convenience: addresses found here are tried beside those already known, and the handshake
still decides who is who. Zeroconf has threads of its own; what it finds is handed over to
trio, and a network without multicast costs a warning.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence

import trio
from zeroconf import (
    Error,
    InterfaceChoice,
    ServiceBrowser,
    ServiceInfo,
    ServiceStateChange,
    Zeroconf,
)

from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, DeviceKey, from_text, to_text

from ..addresses import Address

log = logging.getLogger("p2pnode.net")

SERVICE = "_p2pnode._tcp.local."
ASK_MS = 3000  # for the addresses of a name that was seen
ASKING = 8  # names asked about at once: anyone on the network can make one up
CLOSE_S = 1.0  # for the good-bye packets
_MARK_CHARS = 12  # tell communities apart; they are of a hash, so nobody learns an id by them
_TAG = b"p2pnode/mdns/1\0"  # local: what is announced is a hint

Found = Callable[[DeviceKey, Sequence[str]], None]


def make_service(
    community: CommunityId, device: DeviceKey, addresses: Sequence[Address]
) -> ServiceInfo | None:
    """Return what to announce; None: nothing here can be reached from another machine."""
    remote = [one for one in addresses if one.is_ip and not one.is_loopback]
    if not remote:
        return None
    name = to_text("dev", device)
    return ServiceInfo(
        SERVICE,
        f"{_mark_of(community)}-{name[4:16]}.{SERVICE}",
        port=remote[0].port,
        parsed_addresses=[one.host for one in remote if one.port == remote[0].port],
        properties={"community": _mark_of(community), "device": name},
        server=f"{name[4:20]}.local.",
    )


def read_service(
    info: ServiceInfo, community: CommunityId
) -> tuple[DeviceKey, tuple[str, ...]] | None:
    """Return who announces this and where; None: another community, or nonsense."""
    texts = info.decoded_properties
    if texts.get("community") != _mark_of(community) or info.port is None:
        return None
    try:
        device = DeviceKey(from_text("dev", texts.get("device") or ""))
    except UsageError:
        return None
    hosts = [host for host in info.parsed_addresses() if not host.startswith("fe80:")]
    return device, tuple(
        str(Address("ip6" if ":" in host else "ip4", host, info.port)) for host in hosts
    )


def _mark_of(community: CommunityId) -> str:
    """Return what a community is known by on the local network, to whoever has its id."""
    return to_text("com", crypto.digest(_TAG, community))[4 : 4 + _MARK_CHARS]


def ask(
    zeroconf: Zeroconf, service_type: str, name: str, closing: threading.Event
) -> ServiceInfo | None:
    """Return what a name that was seen stands for; None: no answer, or we are closing.

    Runs in a thread of zeroconf's, whose loop may end meanwhile: it says so in several
    ways, failed assertions among them, and an exception would end up nowhere.
    """
    try:
        return zeroconf.get_service_info(service_type, name, ASK_MS)
    except Exception as error:
        if not closing.is_set():
            log.warning("no answer about %s on the local network: %s", name, error)
        return None


class Lookout:
    """Finds out who is behind the names seen. `look` is called in one thread of zeroconf's."""

    def __init__(
        self, community: CommunityId, device: DeviceKey, found: Found, closing: threading.Event
    ) -> None:
        """Args: `found`: called in any thread."""
        self._community = community
        self._device = device
        self._found = found
        self._closing = closing
        self._asking: set[str] = set()

    def look(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        """Tell who a name is: at once if that came with it, as it does from a node like this.

        Else somebody has to answer, or does not: that is waited for aside, as whoever is seen
        next must not wait for names that were made up.
        """
        if state_change is ServiceStateChange.Removed or not name.startswith(
            f"{_mark_of(self._community)}-"
        ):
            return
        info = ServiceInfo(service_type, name)
        if info.load_from_cache(zeroconf):
            self._tell(info)
        elif len(self._asking) < ASKING and name not in self._asking:
            self._asking.add(name)
            threading.Thread(
                target=self._ask, args=(zeroconf, service_type, name), daemon=True
            ).start()

    def _ask(self, zeroconf: Zeroconf, service_type: str, name: str) -> None:
        try:
            info = ask(zeroconf, service_type, name, self._closing)
        finally:
            self._asking.discard(name)
        if info is not None:
            self._tell(info)

    def _tell(self, info: ServiceInfo) -> None:
        seen = read_service(info, self._community)
        if seen is not None and seen[0] != self._device:
            self._found(*seen)


async def keep_mdns(
    community: CommunityId,
    device: DeviceKey,
    addresses: Sequence[Address],
    found: Found,
    interfaces: Sequence[str] | None = None,
) -> None:
    """Announce and look until cancelled; `found` runs in the trio thread.

    `interfaces` None: all of them.
    """
    token = trio.lowlevel.current_trio_token()
    closing = threading.Event()

    def hand_over(device: DeviceKey, addresses: Sequence[str]) -> None:
        with contextlib.suppress(trio.RunFinishedError):
            token.run_sync_soon(found, device, addresses)

    lookout = Lookout(community, device, hand_over, closing)

    def open_all() -> Zeroconf:
        chosen = InterfaceChoice.All if interfaces is None else list(interfaces)
        zeroconf = Zeroconf(interfaces=chosen)
        try:
            service = make_service(community, device, addresses)
            if service is not None:
                zeroconf.register_service(service, allow_name_change=True)
            ServiceBrowser(zeroconf, SERVICE, handlers=[lookout.look])
        except BaseException:
            zeroconf.close()
            raise
        return zeroconf

    try:
        zeroconf = await trio.to_thread.run_sync(open_all)
    except (OSError, Error) as error:
        log.warning("no discovery on the local network: %s", error)
        return
    try:
        await trio.sleep_forever()
    finally:
        closing.set()
        with trio.CancelScope(shield=True, deadline=trio.current_time() + CLOSE_S):
            await trio.to_thread.run_sync(
                zeroconf.close,
                abandon_on_cancel=True,  # type: ignore[call-arg]  # stubs of an older trio
            )
