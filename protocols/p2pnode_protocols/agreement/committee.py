"""Who finalizes in one epoch: quorum arithmetic and the order of slots.

Rules: docs/protocol.md R1.8 (fault models) and R3.1 (slot order). Everything about authors
is a bit mask over `Committee.members`: bit i stands for member i.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..wire import crypto
from ..wire.codec import Value
from ..wire.ids import DeviceKey, EpochId, MemberId, Round


class Seat(Protocol):
    """A seat whose node finalizes."""

    @property
    def id(self) -> MemberId: ...
    @property
    def node_key(self) -> DeviceKey | None: ...


class Seats(Protocol):
    """What is known here of a charter: whose nodes finalize, how they may fail, and its bytes."""

    @property
    def fault_model(self) -> str: ...
    @property
    def committee(self) -> Sequence[Seat]:
        """Those whose nodes finalize, sorted by id; never empty."""

    def to_wire(self) -> list[Value]: ...
    def to_bytes(self) -> bytes: ...


def compute_faults(members: int, fault_model: str) -> int:
    """Return f, how many of n members may lie: ⌊(n−1)/3⌋, or 0 in the crash model."""
    return 0 if fault_model == "crash" else (members - 1) // 3


def compute_quorum(members: int, faults: int) -> int:
    """Return Q = ⌊(n+f)/2⌋ + 1: two quorums share an honest member, and Q ≤ n − f."""
    return (members + faults) // 2 + 1


class Committee:
    """The members whose nodes finalize in one epoch, in the order of their ids."""

    __slots__ = (
        "_orders",
        "epoch",
        "faults",
        "full",
        "index",
        "key_index",
        "keys",
        "members",
        "quorum",
    )

    def __init__(self, epoch: EpochId, charter: Seats) -> None:
        seats = charter.committee
        self.epoch = epoch
        self.members: tuple[MemberId, ...] = tuple(seat.id for seat in seats)
        self.keys: tuple[DeviceKey, ...] = tuple(
            seat.node_key for seat in seats if seat.node_key is not None
        )
        assert len(self.keys) == len(self.members) > 0
        self.index = {member: i for i, member in enumerate(self.members)}
        self.key_index = {key: i for i, key in enumerate(self.keys)}
        self.full = (1 << len(self.members)) - 1
        self.faults = compute_faults(len(self.members), charter.fault_model)
        self.quorum = compute_quorum(len(self.members), self.faults)
        self._orders: dict[Round, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self.members)

    def slot_order(self, round_: Round) -> tuple[int, ...]:
        """Return the members' indices in the order of their slots of this round.

        The hash makes the order new each round, so nobody is first for long (R1.5).
        """
        order = self._orders.get(round_)
        if order is None:
            number = round_.to_bytes(8, "big")
            order = tuple(
                sorted(
                    range(len(self.members)),
                    key=lambda i: crypto.digest(
                        crypto.TAG_SLOT, self.epoch, number, self.members[i]
                    ),
                )
            )
            self._orders[round_] = order
        return order
