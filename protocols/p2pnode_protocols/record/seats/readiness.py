"""Readiness: whose nodes can follow what a community puts into force (docs/protocol.md R6.19)."""

from __future__ import annotations

from collections.abc import Mapping

from ...wire.errors import UsageError
from ...wire.ids import MemberId
from ..versions import Versions, find_lacking
from .charter import Charter, Member


def find_ready(
    wanted: Versions, charter: Charter, supports: Mapping[MemberId, Versions]
) -> tuple[Member, ...]:
    """Return the seats of the committee whose nodes can follow these versions.

    Args:
        supports: what seats' nodes have said; of others it is what is in force that they have.
    """
    return tuple(
        one
        for one in charter.committee
        if find_lacking(wanted, dict(supports.get(one.id, charter.practices))) is None
    )


def require_ready(after: Charter, before: Charter, supports: Mapping[MemberId, Versions]) -> None:
    """Refuse to put into force what fewer nodes than a quorum can follow.

    Raises:
        UsageError: `not_ready`, naming what, how many can follow, and how many have to.
    """
    new = tuple(one for one in after.practices if one not in before.practices)
    if not new:
        return
    quorum, ready = before.outer.quorum, find_ready(new, before, supports)
    if len(ready) < quorum:
        words = ", ".join(f"{name} {version}" for name, version in new)
        raise UsageError(
            "not_ready",
            f"{words}: the nodes of {len(ready)} of the {len(before.committee)} seats on the "
            f"committee support it, and {quorum} have to; the others need a newer program first",
        )
