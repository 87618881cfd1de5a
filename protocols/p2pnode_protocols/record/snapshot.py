"""A snapshot: the state as its hash stands in the epoch that begins with it (R6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from ..wire.codec import Value
from ..wire.errors import PeerFault
from ..wire.ids import MAX_MS, OpId, TextId, WallMs
from ..wire.kinds import Many
from ..wire.limits import FACTS_WAITING, PRACTICES
from ..wire.shapes import Hash, Ms, Pairs, Shaped, Within, shaped
from .questions.register import SavedProposals
from .seam.practice import Fact
from .seam.slices import SavedSlice
from .seats.charter import Charter
from .seats.roster import Roster
from .turn.nonces import SavedNonces
from .turn.parking import SavedParking


@shaped("state")
@dataclass(frozen=True, slots=True)
class SavedState(Shaped):
    """A snapshot. Read with what verifies signatures."""

    roster: Roster
    epoch: Ms
    epoch_charter: Charter
    time_ms: WallMs
    nonces: Annotated[SavedNonces, Within("roster")]
    parking: Annotated[SavedParking, Within("roster")]
    budget: Annotated[Mapping[Hash, WallMs], Pairs(MAX_MS, what="share")]
    # Texts, and the proposals that erased them, in the order of the log.
    erased: Annotated[Mapping[TextId, OpId], Pairs(MAX_MS, what="erased text", is_sorted=False)]
    slices: Annotated[tuple[SavedSlice, ...], Many(PRACTICES)]  # by practice, of those in force
    facts: Annotated[tuple[Fact, ...], Many(FACTS_WAITING)]  # to be heard with the next commit
    proposals: SavedProposals


def read_closed(value: Value) -> tuple[int, bytes]:
    """Return how many closed proposals a decoded snapshot counts, and the chain over them.

    Raises:
        PeerFault: `bad_field`.
    """
    if not isinstance(value, list | tuple) or not value:
        raise PeerFault("bad_field", "state: a list of fields expected")
    saved = SavedProposals.read(value[-1])  # they stand last
    return saved.closed_count, saved.closed_hash
