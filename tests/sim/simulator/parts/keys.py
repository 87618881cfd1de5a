"""Signatures that cost a hash: the simulator tests agreement, not Ed25519.

A key is the hash of its seed, a signature the hash of key and message. Whoever holds the
public key could forge one, which no simulated node does; `open_op` and `open_block` still
see a real check that fails on any changed byte, key or kind.
"""

from __future__ import annotations

import hashlib

from p2pnode_protocols.wire.ids import DeviceKey


class SimSigner:
    """A device key; satisfies `crypto.Signer`."""

    def __init__(self, name: str) -> None:
        self._device = DeviceKey(hashlib.sha256(b"simulated device/" + name.encode()).digest())

    @property
    def device(self) -> DeviceKey:
        return self._device

    def sign(self, message: bytes) -> bytes:
        return _compute_signature(self._device, message)


def verify_simulated(device: DeviceKey, message: bytes, signature: bytes) -> bool:
    """Return whether `SimSigner` with this key signed `message`; satisfies `crypto.Verify`."""
    return signature == _compute_signature(device, message)


def _compute_signature(device: DeviceKey, message: bytes) -> bytes:
    return hashlib.sha512(device + message).digest()
