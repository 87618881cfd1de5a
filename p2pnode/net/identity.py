"""A device key as libp2p spells it: the peer id is the key itself, wrapped.

The multihash "identity" of a protobuf with the key type Ed25519, so it can be turned back.
"""

from __future__ import annotations

from libp2p.peer.id import ID

from p2pnode_protocols.wire.ids import DeviceKey

from .addresses import Address, AddressError, parse_address

_PREFIX = bytes.fromhex("002408011220")  # identity, 36 bytes; type Ed25519, 32 bytes


def compute_peer_id_bytes(device: DeviceKey) -> bytes:
    """Return the peer id of a device key in bytes."""
    return _PREFIX + device


def compute_peer_id(device: DeviceKey) -> str:
    """Return the peer id of a device key as text, `12D3KooW…`."""
    return ID(compute_peer_id_bytes(device)).to_base58()


def read_peer_id(raw: bytes) -> DeviceKey:
    """Return the device key inside a peer id.

    Raises:
        AddressError: it is of another kind of key (RSA, secp256k1), which no device has.
    """
    if len(raw) != len(_PREFIX) + 32 or not raw.startswith(_PREFIX):
        raise AddressError("the peer id is not that of an Ed25519 key")
    return DeviceKey(raw[len(_PREFIX) :])


def split_address(text: str) -> tuple[DeviceKey, str]:
    """Return the device that an address ending in `/p2p/PEERID` names, and the address.

    Raises:
        AddressError: it is no address, or names nobody.
    """
    address = parse_address(text)
    if address.peer_id is None:
        raise AddressError(f"{text!r}: /p2p/PEERID is missing at the end")
    return read_peer_id(ID.from_base58(address.peer_id).to_bytes()), text


def add_peer_id(address: Address, device: DeviceKey) -> Address:
    """Return the address with the device it leads to, as others need it."""
    return Address(address.kind, address.host, address.port, compute_peer_id(device))
