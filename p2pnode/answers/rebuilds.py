"""Rebuilds as the node answers them: what one is, and what it means."""

from __future__ import annotations

from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.core import Core
from p2pnode_protocols.record.seats.charter import Member
from p2pnode_protocols.wire.ids import to_short

from .. import answers
from .words import names_of, people_of


def describe_rebuild(core: Core, rebuild: Rebuild) -> answers.Rebuild:
    """Return a rebuild for people, applied or not."""
    statement = rebuild.statement
    keys = {
        seat.id: seat.node_key for seat in core.state.charter.members if seat.node_key is not None
    }
    is_past = statement.epoch != core.epoch.id  # all signed it, with the keys they had then
    unsigned = [
        one
        for one in rebuild.kept
        if not is_past and (one not in keys or not rebuild.signed_by(keys[one]))
    ]
    return answers.Rebuild(
        id=rebuild.next_epoch,
        ends=statement.epoch,
        index=statement.index,
        root=statement.root,
        kept=people_of(core, rebuild.kept),
        lost=people_of(core, rebuild.lost),
        unsigned=people_of(core, unsigned),
        text=f"rebuilt at commit {statement.index} by {len(rebuild.kept)} of "
        f"{len(rebuild.kept) + len(rebuild.lost)} seats: {names_of(core, rebuild.kept)}",
    )


def lost_at(core: Core, seat: Member) -> int | None:
    """Return the commit at which a rebuild took this seat's node off; None: it did not."""
    if not seat.away:
        return None
    found = [one.statement.index for one in core.rebuilds.applied.values() if seat.id in one.lost]
    return found[-1] if found else None


def describe_heard(core: Core, rebuild: Rebuild) -> str:
    """Return what it means that others have gone on by a rebuild and this node has not."""
    said = describe_rebuild(core, rebuild)
    index = rebuild.statement.index
    if core.rebuilder.has_quorum_here:
        return (
            f"others have {said.text}, and left out nodes that are connected to this one: a quorum "
            "of the epoch is here, so nothing is lost, and the record goes on without them"
        )
    if core.final_index > index:
        return (
            f"others have {said.text}; here the log goes on to commit {core.final_index}, "
            "which their record leaves out: there are two records of this community, and its "
            "people have to choose one"
        )
    return (
        f"others have {said.text}, and go on without this node; it does not follow by itself. "
        f"Ask them whether that is so and whether {to_short('epo', rebuild.next_epoch)} is its id"
    )


def describe_consequences(core: Core, rebuild: Rebuild) -> tuple[str, ...]:
    """Return what people must know before they agree, in plain words."""
    kept, lost = names_of(core, rebuild.kept), names_of(core, rebuild.lost)
    size, quorum = len(core.epoch.committee), core.epoch.committee.quorum
    said = [
        f"The record stands up to commit {rebuild.statement.index}, and goes on from there with "
        f"the nodes of {kept} alone.",
        f"The nodes of {lost} leave the committee. Seats, votes and rules stay: a decision "
        f"needs the same share of all {len(core.state.charter.members)} members as before.",
        "What became final only at a node left out is not in the record that goes on.",
    ]
    if len(rebuild.lost) >= quorum:
        said.append(
            f"The {len(rebuild.lost)} nodes left out of {size} are a quorum by themselves. If they "
            "are cut off from you and not lost, they go on as well: there will be two communities."
        )
    else:
        said.append(
            "If the others are not lost and do the same without you, there will be two records. "
            "The nodes notice when they meet, and one of the two has to be given up."
        )
    said.append("It is shown to everybody, for ever, with the names of those who signed.")
    return tuple(said)
