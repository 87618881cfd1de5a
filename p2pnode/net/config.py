"""What a net is told at its start, and the limits it keeps. Units are in the names."""

from __future__ import annotations

from dataclasses import dataclass

from p2pnode_protocols.wire.limits import KIB, PARTIAL_BYTES_PER_SEAT, STRANGERS


@dataclass(frozen=True, slots=True)
class NetConfig:
    """Settings of one net; the defaults are what a laptop on a home network wants.

    Addresses are multiaddresses. Port 0 picks a free one (tests).
    """

    listen: tuple[str, ...] = ("/ip4/0.0.0.0/tcp/0",)  # any free port
    announce: tuple[str, ...] = ()  # replaces what peers are told; for port forwarding and names
    mdns: bool = True
    heartbeat_s: float = 10.0  # a ping this often: a handful of packets a minute when idle
    dead_after_s: float = 25.0  # two lost heartbeats and a bit; a frozen peer looks like this
    connect_timeout_s: float = 5.0  # TCP and handshake, each
    redial_first_s: float = 0.25
    redial_most_s: float = 30.0  # a returning peer dials us too, so this is the worst case
    strangers: int = STRANGERS  # connected devices that neither gate nor core has let in
    hello_within_s: float = 10.0  # a stranger that says nothing gives its place to another
    queue_messages: int = 8192  # waiting for one peer; more is a peer that does not read
    queue_bytes: int = 32 * 1024 * KIB  # the same of all devices of a seat, in memory
    partial_bytes: int = PARTIAL_BYTES_PER_SEAT  # of frames that have not come whole
    bye_timeout_s: float = 1.0  # how long a good-bye may take to be heard
