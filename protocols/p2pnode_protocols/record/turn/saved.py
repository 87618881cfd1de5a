"""How ops that the log has brought stand in a snapshot."""

from __future__ import annotations

from ...wire.kinds import Opened
from ...wire.limits import OP_BYTES
from ..ops import Op, open_op
from ..seats.roster import Roster


def _open_saved(roster: Roster, wire: bytes) -> Op:
    """Return an op that was verified before it was saved."""
    return open_op(roster.community, wire, lambda *_: True)


SAVED_OP = Opened(OP_BYTES, _open_saved, "op")  # in the light of the snapshot's roster
