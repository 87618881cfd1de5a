"""What became of an invite (docs/protocol.md R10.13)."""

from __future__ import annotations

from typing import Literal

from ..wire.ids import DeviceKey
from .holdings import Holdings
from .questions.proposal import Outcome

# "unknown": no finalized proposal has its key.
InviteFate = Literal[
    "unknown", "proposed", "open", "used_up", "expired", "rejected", "withdrawn", "lapsed"
]
_FATES: dict[Outcome, InviteFate] = {
    "open": "proposed",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "lapsed": "lapsed",
}


def fate_of_invite(holds: Holdings, key: DeviceKey) -> InviteFate:
    """Return what became of the invite with this key by the last commit's time."""
    invite = holds.roster.invites.get(key)
    if invite is not None:
        if invite.uses_left == 0:
            return "used_up"
        return "open" if invite.is_open(holds.time_ms) else "expired"
    ids = holds.register.invites_with(key)
    if not ids:
        return "unknown"
    if any(holds.register.get_open(one) is not None for one in ids):
        return "proposed"
    last = holds.register.get_closed(ids[-1])
    assert last is not None, "none of them is open"
    # Passed, and no invite: it had expired by then.
    return "expired" if last.outcome == "passed" else _FATES[last.outcome]


def is_invite_over(holds: Holdings, key: DeviceKey) -> bool:
    """Return whether no seat can be had by this invite any more."""
    return fate_of_invite(holds, key) not in ("unknown", "proposed", "open")
