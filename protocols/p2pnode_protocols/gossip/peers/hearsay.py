"""Where devices listen, as peers say of each other (R7.16): who told what, and what was new."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Literal

from ...wire.ids import DeviceKey
from ...wire.limits import (
    CONTACTS_EARLY,
    CONTACTS_EARLY_BYTES,
    CONTACTS_EARLY_BYTES_PER_SEAT,
    CONTACTS_EARLY_PER_SEAT,
)
from ..memory import compute_memory
from ..shares.shares import Limits, Shares
from .peer import Peer


class Hearsay:
    """What seats told last, and what waits as the device it is about has no seat here yet."""

    def __init__(self) -> None:
        # Where devices listen that have no seat here yet, by who said so and the device.
        self.early: Shares[tuple[bytes, DeviceKey], tuple[str, ...]] = Shares(
            Limits(
                CONTACTS_EARLY_PER_SEAT,
                CONTACTS_EARLY_BYTES_PER_SEAT,
                CONTACTS_EARLY,
                CONTACTS_EARLY_BYTES,
            )
        )
        self._told = 0
        # Of devices that have a seat: what a seat last told of each, and how often others had told
        # something new of that device by then.
        self._heard: dict[tuple[bytes, DeviceKey], tuple[bytes, int]] = {}
        self._new: dict[DeviceKey, int] = {}

    def lost(self, device: DeviceKey) -> None:
        """A peer has gone: forget what only it had told of those without a seat."""
        for key in self.early.lost(device):
            self.early.remove(key)

    def hear(
        self, peer: Peer, device: DeviceKey, addresses: tuple[str, ...], *, is_known: bool
    ) -> Literal["known", "again", "new"]:
        """Return whether what a peer tells of a device is what its seat told before.

        Args:
            is_known: whether the device has a seat here.

        Returns:
            `again`: it is, but others have told something new since, which may be a lie.
        """
        if not is_known:
            held = self.early.get((peer.member or peer.device, device))
            return "known" if held == addresses else "new"
        key, now = (peer.seat, device), self._new.get(device, 0)
        digest = hashlib.sha256("\n".join(addresses).encode()).digest()
        before, told = self._heard.get(key, (b"", 0))
        if digest == before:
            self._heard[key] = digest, now
            return "known" if told == now else "again"
        self._new[device] = now + 1
        self._heard[key] = digest, now + 1
        return "new"

    def forget(self, has_seat: Callable[[DeviceKey], bool]) -> None:
        """Forget what was told of devices that have no seat any more."""
        for device in [one for one in self._new if not has_seat(one)]:
            del self._new[device]
        for key in [one for one in self._heard if one[1] not in self._new]:
            del self._heard[key]

    def hold(self, peer: Peer, device: DeviceKey, addresses: tuple[str, ...]) -> None:
        """Keep where a device without a seat here listens, as a peer says; the last stay."""
        teller = peer.member or peer.device
        key = (teller, device)
        if key in self.early:
            self.early.remove(key)
        self._told += 1
        self.early.put(
            key,
            addresses,
            seat=peer.sharer or teller,
            size=compute_memory(sum(map(len, addresses))),
            rank=-self._told,
            carrier=peer.device,
        )
