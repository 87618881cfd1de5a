"""Whose turn it is: the nonces that the log has used, and the ops that came too early.

Rules: docs/protocol.md R2.10, R2.11, R10.14. What an op does is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from ...wire.ids import MAX_MS, MAX_NONCE, DeviceKey
from ...wire.kinds import Many, Whole
from ...wire.limits import DEVICES, MEMBERS, WAITING_BYTES_PER_SEAT, WAITING_PER_DEVICE
from ...wire.shapes import Pairs, Shaped, shaped
from ..ops import Op
from .saved import SAVED_OP

Count = Annotated[int, Whole(0, MAX_NONCE)]


@shaped("nonces")
@dataclass(frozen=True, slots=True)
class SavedNonces(Shaped):
    """Nonces in a snapshot. Read in the light of its roster."""

    used: Annotated[Mapping[DeviceKey, Count], Pairs(MAX_MS, what="nonce")]
    floor: Count
    # By device and nonce.
    waiting: Annotated[
        tuple[Annotated[Op, SAVED_OP], ...], Many(MEMBERS * DEVICES * WAITING_PER_DEVICE)
    ]


class Nonces:
    """The nonces of the devices that have a seat, and of all that were given one by joining.

    A key that comes back must not make its old ops count again. What a joiner has used is
    kept for ever: joins are decided on. Keys that members bind and revoke as they like leave
    only the highest nonce that any of them had used, from which the next ones count on.
    """

    def __init__(self) -> None:
        self._used: dict[DeviceKey, int] = {}
        self._floor = 0
        self._waiting: dict[DeviceKey, dict[int, Op]] = {}

    def __iter__(self) -> Iterator[Op]:
        """Yield the ops that wait for an earlier nonce, by device and nonce."""
        for device in sorted(self._waiting):
            chain = self._waiting[device]
            for nonce in sorted(chain):
                yield chain[nonce]

    def twin(self) -> Nonces:
        """Return an equal one: what changes one does not change the other."""
        nonces = Nonces()
        nonces._used, nonces._floor = dict(self._used), self._floor
        nonces._waiting = {device: dict(chain) for device, chain in self._waiting.items()}
        return nonces

    def has_seat(self, device: DeviceKey) -> bool:
        """Return whether this device has a seat, or had one and is remembered."""
        return device in self._used

    def used(self, device: DeviceKey) -> int:
        """Return the highest nonce of this device that the log has used, 0 at first."""
        return self._used.get(device, 0)

    def knows(self, op: Op) -> bool:
        """Return whether the op's nonce is used, or an op with it waits here."""
        return op.nonce <= self.used(op.device) or op.nonce in self._waiting.get(op.device, {})

    def join(self, device: DeviceKey, nonce: int) -> None:
        """Count for a device that joined with this nonce: lower ones are as good as used."""
        self._used[device] = max(nonce, self._used.get(device, self._floor))

    def bind(self, device: DeviceKey) -> None:
        """Count for a device that has a seat: if it is not known, from the floor on."""
        self._used.setdefault(device, self._floor)

    def unseat(self, device: DeviceKey, *, has_joined: bool) -> None:
        """Keep no ops waiting of a device that has lost its seat; what it used stays used."""
        self._waiting.pop(device, None)
        if not has_joined:
            self._floor = max(self._floor, self._used.pop(device))

    def is_next(self, op: Op) -> bool:
        """Return whether the turn of an op has come, of a device that has or had a seat."""
        return op.nonce == self._used[op.device] + 1

    def is_early(self, op: Op) -> bool:
        """Return whether a lower nonce of its device has to come first."""
        return op.nonce > self._used[op.device] + 1

    def may_keep(self, op: Op, devices: Iterable[DeviceKey]) -> bool:
        """Return whether there is room for an early op: else its author's node brings it again.

        Args:
            devices: of its seat, which has one place for all it says too early. What is said
                with a key that has no seat is not kept: a member who adds and revokes keys
                could leave any number behind.
        """
        if op.nonce > self._used[op.device] + WAITING_PER_DEVICE or self.knows(op):
            return False
        waiting = (one for key in devices for one in self._waiting.get(key, {}).values())
        return sum(len(one.wire) for one in waiting) + len(op.wire) <= WAITING_BYTES_PER_SEAT

    def keep(self, op: Op) -> None:
        """Let an early op wait. R2.11: of two with one nonce the first counts."""
        self._waiting.setdefault(op.device, {}).setdefault(op.nonce, op)

    def take(self, op: Op) -> list[Op]:
        """Return an op whose turn it is and those that waited for it, in nonce order."""
        chain = self._waiting.get(op.device, {})
        turn = [op]
        while (following := chain.pop(turn[-1].nonce + 1, None)) is not None:
            turn.append(following)
        self._used[op.device] = turn[-1].nonce
        if not chain:
            self._waiting.pop(op.device, None)
        return turn

    def save(self) -> SavedNonces:
        return SavedNonces(self._used, self._floor, tuple(self))

    @classmethod
    def restore(cls, saved: SavedNonces) -> Nonces:
        nonces = cls()
        nonces._used, nonces._floor = dict(saved.used), saved.floor
        for op in saved.waiting:
            nonces._waiting.setdefault(op.device, {})[op.nonce] = op
        return nonces
