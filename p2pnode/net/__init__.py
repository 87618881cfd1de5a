"""The libp2p end of a node: frames between device keys (docs/libp2p.md)."""

from .addresses import Address, AddressError, parse_address
from .config import NetConfig
from .connection.transport import HUNG_UP
from .endpoint import Endpoint
from .errors import NetError
from .identity import compute_peer_id, split_address
from .interface import NetEvent, NetStatistics, Network, PeerStatistics
from .net import Net

__all__ = [
    "HUNG_UP",
    "Address",
    "AddressError",
    "Endpoint",
    "Net",
    "NetConfig",
    "NetError",
    "NetEvent",
    "NetStatistics",
    "Network",
    "PeerStatistics",
    "compute_peer_id",
    "parse_address",
    "split_address",
]
