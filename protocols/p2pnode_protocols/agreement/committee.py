"""Who finalizes in one epoch: quorum arithmetic, the order of slots, and what outsiders know of it.

Rules: docs/protocol.md R1.8 (fault models), R3.1 (slot order) and R6.4 (outer). Everything about
authors is a bit mask over `Committee.members`: bit i stands for member i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from ..wire import crypto
from ..wire.codec import Value
from ..wire.errors import PeerFault
from ..wire.ids import MAX_MS, DeviceKey, EpochId, MemberId, Round
from ..wire.kinds import Many, Whole
from ..wire.limits import MEMBERS
from ..wire.shapes import ASCENDING, Check, Shaped, shaped

FaultModel = Literal["byzantine", "crash"]
_SOMEBODY = Check(bool, "at least one")


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

    @property
    def outer(self) -> Outer: ...
    @property
    def hash(self) -> bytes:
        """`TAG_CHARTER` over its bytes."""

    def to_wire(self) -> list[Value]: ...
    def to_bytes(self) -> bytes: ...


class Outlined(Protocol):
    """A charter as an epoch's id covers it (R6.4)."""

    @property
    def outer(self) -> Outer: ...
    @property
    def hash(self) -> bytes: ...


def compute_faults(members: int, fault_model: str) -> int:
    """Return f, how many of n members may lie: ⌊(n−1)/3⌋, or 0 in the crash model."""
    return 0 if fault_model == "crash" else (members - 1) // 3


def compute_quorum(members: int, faults: int) -> int:
    """Return Q = ⌊(n+f)/2⌋ + 1: two quorums share an honest member, and Q ≤ n − f."""
    return (members + faults) // 2 + 1


def _make_sense(outer: Outer) -> Outer:
    if len(outer.keys) > outer.persons + outer.agents:
        raise PeerFault("bad_field", "outer: more node keys than seats")
    return outer


@shaped("outer", check=_make_sense)
@dataclass(frozen=True, slots=True)
class Outer(Shaped):
    """What outsiders need to know of a charter to follow its community from epoch to epoch (R6.4).

    Whose signatures count, and how many are a quorum; and how many seats stand behind them. No
    name, and not whose key is whose.
    """

    # Of what all nodes of a community judge alike: kinds, records, charter, links. It stands first.
    version: Annotated[int, Whole(1, MAX_MS)]
    fault_model: FaultModel
    # node keys of the committee, sorted
    keys: Annotated[tuple[DeviceKey, ...], Many(MEMBERS), ASCENDING, _SOMEBODY]
    persons: Annotated[int, Whole(0, MEMBERS)]  # seats, with those that run no node or are away
    agents: Annotated[int, Whole(0, MEMBERS)]

    @property
    def quorum(self) -> int:
        count = len(self.keys)
        return compute_quorum(count, compute_faults(count, self.fault_model))

    @property
    def hash(self) -> bytes:
        """Return what an epoch's id says of it."""
        return crypto.digest(crypto.TAG_OUTER, self.to_bytes())


@dataclass(frozen=True, slots=True)
class Outline:
    """All that a follower knows of a charter."""

    outer: Outer
    hash: bytes  # of the charter


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
