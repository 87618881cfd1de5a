"""Find members on the local network (RFC 6762, 6763), and be found.

A convenience: addresses found here are tried beside those already known, and the handshake
still decides who is who. Zeroconf has threads of its own; what it finds is handed over to
trio, and a network without multicast costs a warning.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence

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

    def __init__(self, device: DeviceKey, closing: threading.Event) -> None:
        self._device = device
        self._closing = closing
        # By mark. Replaced as a whole, as other threads read it.
        self._watched: Mapping[str, tuple[CommunityId, Found]] = {}
        self._asking: set[str] = set()

    def watch(self, community: CommunityId, found: Found) -> None:
        """Look out for a community's members; `found` is called in any thread."""
        self._watched = {**self._watched, _mark_of(community): (community, found)}

    def forget(self, community: CommunityId) -> None:
        mark = _mark_of(community)
        self._watched = {key: one for key, one in self._watched.items() if key != mark}

    def look(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        """Tell who a name is: at once if that came with it, as it does from a node like this.

        Else somebody has to answer, or does not: that is waited for aside, as whoever is seen
        next must not wait for names that were made up.
        """
        watched = self._watched.get(name.partition("-")[0])
        if state_change is ServiceStateChange.Removed or watched is None or "-" not in name:
            return
        info = ServiceInfo(service_type, name)
        if info.load_from_cache(zeroconf):
            self._tell(info, *watched)
        elif len(self._asking) < ASKING and name not in self._asking:
            self._asking.add(name)
            threading.Thread(
                target=self._ask, args=(zeroconf, service_type, name, *watched), daemon=True
            ).start()

    def look_again(self, zeroconf: Zeroconf) -> None:
        """Look at the names that were seen before somebody watched for them."""
        for record in zeroconf.cache.entries_with_name(SERVICE):
            name = getattr(record, "alias", None)  # of those that point to a service
            if isinstance(name, str):
                self.look(zeroconf, SERVICE, name, ServiceStateChange.Added)

    def _ask(
        self, zeroconf: Zeroconf, service_type: str, name: str, community: CommunityId, found: Found
    ) -> None:
        try:
            info = ask(zeroconf, service_type, name, self._closing)
        finally:
            self._asking.discard(name)
        if info is not None:
            self._tell(info, community, found)

    def _tell(self, info: ServiceInfo, community: CommunityId, found: Found) -> None:
        seen = read_service(info, community)
        if seen is not None and seen[0] != self._device:
            found(*seen)


class Discovery:
    """One zeroconf for all communities of a process: its sockets, its thread, one look-out.

    Each community is announced by a name of its own, so that who looks for one learns no more of
    the others than before: that a device has several.

    Args:
        addresses: where this machine listens, whenever it is asked.
        interfaces: None: all of them.
    """

    def __init__(
        self,
        device: DeviceKey,
        addresses: Callable[[], Sequence[Address]],
        interfaces: Sequence[str] | None = None,
    ) -> None:
        self._device = device
        self._addresses = addresses
        self._interfaces = interfaces
        self._closing = threading.Event()
        self._lookout = Lookout(device, self._closing)
        self._wanted: dict[CommunityId, Found] = {}
        self._announced: dict[CommunityId, ServiceInfo | None] = {}
        self._changed = trio.Event()

    def add(self, community: CommunityId, found: Found) -> None:
        """Announce and look from here on; `found` runs in the trio thread."""
        self._wanted[community] = found
        self._changed.set()

    def remove(self, community: CommunityId) -> None:
        if self._wanted.pop(community, None) is not None:
            self._changed.set()

    async def run(self) -> None:
        """Announce and look until cancelled."""
        token = trio.lowlevel.current_trio_token()

        def hand_over(community: CommunityId) -> Found:
            def tell(device: DeviceKey, addresses: Sequence[str]) -> None:
                with contextlib.suppress(trio.RunFinishedError):
                    token.run_sync_soon(self._pass_on, community, device, addresses)

            return tell

        try:
            zeroconf = await trio.to_thread.run_sync(self._open)
        except (OSError, Error) as error:
            log.warning("no discovery on the local network: %s", error)
            return
        try:
            while True:
                await self._changed.wait()
                self._changed = trio.Event()
                for community in self._wanted.keys() - self._announced.keys():
                    self._lookout.watch(community, hand_over(community))
                for community in self._announced.keys() - self._wanted.keys():
                    self._lookout.forget(community)
                wanted = tuple(self._wanted)
                await trio.to_thread.run_sync(self._announce, zeroconf, wanted)
        finally:
            self._closing.set()
            with trio.CancelScope(shield=True, deadline=trio.current_time() + CLOSE_S):
                await trio.to_thread.run_sync(
                    zeroconf.close,
                    abandon_on_cancel=True,  # type: ignore[call-arg]  # stubs of an older trio
                )

    def _pass_on(self, community: CommunityId, device: DeviceKey, addresses: Sequence[str]) -> None:
        found = self._wanted.get(community)
        if found is not None:
            found(device, addresses)

    def _open(self) -> Zeroconf:
        chosen = InterfaceChoice.All if self._interfaces is None else list(self._interfaces)
        zeroconf = Zeroconf(interfaces=chosen)
        try:
            ServiceBrowser(zeroconf, SERVICE, handlers=[self._lookout.look])
        except BaseException:
            zeroconf.close()
            raise
        return zeroconf

    def _announce(self, zeroconf: Zeroconf, wanted: Sequence[CommunityId]) -> None:
        """Announce just these communities; in a thread, as it takes a second for each."""
        for community in [one for one in self._announced if one not in wanted]:
            service = self._announced.pop(community)
            if service is not None:
                self._try(lambda service=service: zeroconf.unregister_service(service))  # type: ignore[misc]
        fresh = [one for one in wanted if one not in self._announced]
        for community in fresh:
            service = self._announced[community] = make_service(
                community, self._device, self._addresses()
            )
            if service is not None:
                self._try(
                    lambda service=service: zeroconf.register_service(  # type: ignore[misc]
                        service, allow_name_change=True
                    )
                )
        if fresh:
            self._try(lambda: self._lookout.look_again(zeroconf))

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # zeroconf says in several ways that it ends
            if not self._closing.is_set():
                log.warning("not announced on the local network: %s", error)
