"""Which practices a community has, and whose nodes can follow the next version of each."""

from __future__ import annotations

from p2pnode_protocols.core import Core
from p2pnode_protocols.record.seats.readiness import find_ready
from p2pnode_protocols.record.versions import Versions, version_of

from . import PracticeHere, PracticesHere
from .words import people_of


def describe_practices(core: Core, had: Versions) -> PracticesHere:
    """Return those in force, those of this program, and those that seats' nodes have, by name.

    Args:
        had: what this program has.
    """
    state = core.state
    in_force, supports = state.charter.practices, state.roster.supports
    seats = [one.id for one in state.charter.committee]
    said = [supports[seat] for seat in seats if seat in supports]
    names = sorted({name for versions in (in_force, had, *said) for name, _ in versions})
    return PracticesHere(tuple(_describe(core, had, name) for name in names))


def _describe(core: Core, had: Versions, name: str) -> PracticeHere:
    state = core.state
    version = version_of(name, state.charter.practices)
    following = version + 1
    found = find_ready(((name, following),), state.charter, state.roster.supports)
    ready = [one.id for one in found]
    others = [one.id for one in state.charter.committee if one.id not in ready]
    return PracticeHere(
        name=name,
        in_force=version,
        here=version_of(name, had),
        next=following,
        ready=people_of(core, ready),
        not_ready=people_of(core, others),
        needed=state.charter.outer.quorum,
    )
