"""Multiaddresses of TCP listeners, as people write them and peers tell them.

Only the forms this node can dial live here: `/ip4|ip6|dns|dns4|dns6/HOST/tcp/PORT`, with an
optional `/p2p/PEERID` behind. Importing this costs nothing: no libp2p, no trio.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

import ifaddr

_IP6_PREFIX = 64  # bits: one subscriber has all addresses behind them
_IP = {"ip4": 4, "ip6": 6}
_NAMES = ("dns", "dns4", "dns6")
_HOST_CHARS = 253
# One label, not the whole name: with a repetition around it and an optional dot, a name of 100
# letters that almost matches takes years, and any member's node may say one.
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
_PEER_ID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{20,80}")  # base58


class AddressError(ValueError):
    """A text is not an address this node can use; says which part, and what is expected."""


@dataclass(frozen=True, slots=True)
class Address:
    """One place to dial or to listen on."""

    kind: str  # ip4, ip6, dns, dns4 or dns6
    host: str
    port: int
    peer_id: str | None = None

    def __str__(self) -> str:
        tail = "" if self.peer_id is None else f"/p2p/{self.peer_id}"
        return f"/{self.kind}/{self.host}/tcp/{self.port}{tail}"

    @property
    def is_ip(self) -> bool:
        return self.kind in _IP

    @property
    def is_unspecified(self) -> bool:
        """Whether this means "all interfaces": good to listen on, useless to dial."""
        return self.is_ip and ipaddress.ip_address(self.host).is_unspecified

    @property
    def is_loopback(self) -> bool:
        return self.is_ip and ipaddress.ip_address(self.host).is_loopback


def parse_address(text: str) -> Address:
    """Return the address that `text` spells.

    Raises:
        AddressError: naming the part that is wrong and what is allowed there.
    """
    parts = text.strip().split("/")
    if len(parts) not in (5, 7) or parts[0] != "":
        raise AddressError(f"{text!r}: /ip4/HOST/tcp/PORT expected, with /p2p/PEERID at most")
    _, kind, host, tcp, port_text, *rest = parts
    if kind in _IP:
        host = _parse_ip(text, kind, host)
    elif kind not in _NAMES:
        raise AddressError(f"{text!r}: {kind!r} is none of ip4, ip6, dns, dns4, dns6")
    elif not _is_host_name(host):
        raise AddressError(f"{text!r}: {host!r} is not a host name")
    if tcp != "tcp":
        raise AddressError(f"{text!r}: {tcp!r} found, only tcp is supported")
    if not _PORT.fullmatch(port_text) or int(port_text) > 65535:
        raise AddressError(f"{text!r}: port {port_text!r} is not 0 to 65535")
    if rest and (rest[0] != "p2p" or _PEER_ID.fullmatch(rest[1]) is None):
        raise AddressError(f"{text!r}: /p2p/PEERID expected at the end")
    return Address(kind, host, int(port_text), rest[1] if rest else None)


def _is_host_name(host: str) -> bool:
    """Return whether these are labels with dots between them; one may stand at the end."""
    labels = host.removesuffix(".").split(".")
    return len(host) <= _HOST_CHARS and all(_LABEL.fullmatch(label) for label in labels)


def _parse_ip(text: str, kind: str, host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise AddressError(f"{text!r}: {host!r} is not an IP address") from None
    if address.version != _IP[kind]:
        raise AddressError(f"{text!r}: {host!r} is not of the kind {kind}")
    return str(address)


def expand_addresses(addresses: Sequence[Address]) -> tuple[Address, ...]:
    """Return the addresses others can dial: "all interfaces" becomes one address for each.

    Loopback comes last: it helps nodes on this machine and misleads nobody else for long.
    Link-local IPv6 is left out, as it needs the dialler's interface name.
    """
    found: dict[Address, None] = {}
    for address in addresses:
        if not address.is_unspecified:
            found[address] = None
            continue
        for adapter in ifaddr.get_adapters():
            for ip in adapter.ips:
                host = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
                if (address.kind == "ip4") != ip.is_IPv4:
                    continue
                if ipaddress.ip_address(host).is_link_local and not ip.is_IPv4:
                    continue
                found[Address(address.kind, host, address.port)] = None
    return tuple(sorted(found, key=lambda one: one.is_loopback))


def find_source(host: str) -> str:
    """Return what callers from one place have in common: an IPv4 address, the /64 of an IPv6 one.

    Raises:
        ValueError: `host` is no IP address.
    """
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address.packed, _IP6_PREFIX), strict=False))
        address = address.ipv4_mapped
    return str(address)
