"""Where a node stands, whom it is connected to, and where others listen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..wire.ids import MAX_MS, MAX_NONCE, DeviceKey, EpochId
from ..wire.kinds import Many, Whole
from ..wire.limits import DEVICES, MEMBERS, UNPROVEN_TOLD
from ..wire.shapes import BY_KEY, Hash, Ms, Row, Shaped, shaped
from .fields import RUNS, Addresses, EpochNumber, Frontier


@shaped("status", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Status(Shaped):
    """Where a node stands (R7.4); sent in the hello and whenever it enters an epoch.

    `frontier` has the highest round of each committee member's chain that the sender
    holds: as a blocklace is closed under parents, it holds all below too.
    """

    epoch_number: EpochNumber
    epoch: EpochId
    frontier: Frontier  # sorted; members with no block left out
    # sorted; highest nonce held per device
    nonces: Annotated[
        tuple[Annotated[tuple[DeviceKey, Annotated[int, Whole(0, MAX_NONCE)]], Row("pair")], ...],
        Many(MEMBERS * DEVICES),
        BY_KEY,
    ]
    final_index: Ms
    final_root: Hash
    # Commits whose receipts it lacks (R8.3), as runs (first, last), ascending. Of the others up
    # to `final_index` it has a quorum's, if they want any.
    unproven: Annotated[
        tuple[
            Annotated[
                tuple[Annotated[int, Whole(1, MAX_MS)], Annotated[int, Whole(1, MAX_MS)]],
                Row("run of commits"),
            ],
            ...,
        ],
        Many(UNPROVEN_TOLD),
        RUNS,
    ]

    KIND: ClassVar[int] = 2


@shaped("links", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Links(Shaped):
    """Whom the sender is connected to, so that nobody forwards what arrives directly."""

    devices: Annotated[tuple[DeviceKey, ...], Many(MEMBERS)]  # sorted

    KIND: ClassVar[int] = 7


@shaped("contacts", is_tagged=True)
@dataclass(frozen=True, slots=True)
class Contacts(Shaped):
    """Where other members' nodes listen (R7.16), as they told the sender themselves.

    A hint: whoever dials proves the key at the handshake, so a lie costs one dial.
    """

    contacts: Annotated[
        tuple[Annotated[tuple[DeviceKey, Addresses], Row("contact")], ...], Many(MEMBERS), BY_KEY
    ]

    KIND: ClassVar[int] = 13
