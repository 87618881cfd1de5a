"""What people should look at in a community as it runs here."""

from __future__ import annotations

from p2pnode_protocols.core import Core
from p2pnode_protocols.wire.ids import WallMs

from ...answers import Check
from ...answers.checks import (
    absence_checks,
    alone_checks,
    check,
    clock_checks,
    copy_checks,
    fork_checks,
    learning_check,
    node_checks,
    rebuild_checks,
    update_checks,
)
from ...answers.overview import Overview
from ...answers.removal import describe_removal
from ...answers.words import names_of
from ..counters import Counters
from ..here import Here
from ..session import Session


def check_community(here: Here, counters: Counters, started_ms: WallMs) -> list[Check]:
    """Return what a person should look at, in any stage.

    Args:
        here: where the home stands to the community.
        counters: of it.
        started_ms: when it began to count.
    """
    session = here.session
    if session is None and here.trouble is not None:
        return []  # whose it is stands in the store, which cannot be used
    if session is None:
        lost = here.find_lost()
        return [] if lost is None else [check(lost.code, "critical", lost.detail, *lost.steps)]
    checks: list[Check] = []
    if session.stage == "joining":
        checks.append(check("community", "info", session.arrival.progress.detail, "p2pnode status"))
    if counters.divergences > 0:
        detail = "a member reports another log than this node's: one of the two is wrong"
        checks.append(check("log", "critical", detail, "on both nodes:", "p2pnode verify-log"))
    if session.core is None:
        return checks
    if session.stage == "removed":
        return [
            *checks,
            *rebuild_checks(session.core, here.now),
            check("seat", "critical", *describe_removal(session.core, session.store)),
        ]
    if session.core.ledger.lacking is not None:  # of a later log it can say nothing
        return [*checks, *update_checks(session.core)]
    if (other := session.other_name) is not None:
        checks.append(check("name", "info", other, "p2pnode members"))
    forked = fork_checks(session.core, session.store.forks())
    checks.extend(forked or node_checks(session.core, here.now_ms))
    checks.extend(copy_checks(session.store.fates("unseen")))
    checks.extend(rebuild_checks(session.core, here.now))
    if session.core.own_chain.is_left_behind and not session.core.rebuilds.heard:
        detail = (
            f"others are in a later epoch, and nobody reachable has what leads there from commit "
            f"{session.core.final_index}, the last one here"
        )
        todo = "wait, or ask more members to go online: docs/operations.md, Left behind"
        checks.append(check("left_behind", "warning", detail, todo))
    if session.core.own_chain.must_learn:
        checks.append(learning_check(session.core))
    turned_away = _turned_away(session, session.core)
    checks.extend(turned_away)
    if not turned_away:
        checks.extend(_cut_off(session, session.core, started_ms, now_ms=here.now_ms))
    committee = Overview(session, session.core).committee()
    checks.extend(absence_checks(committee, session.core, started_ms, here.now_ms))
    offsets_ms = {
        one.device: round(one.clock_offset_ms)
        for one in session.net.statistics().peers
        if one.clock_offset_ms is not None
    }
    checks.extend(clock_checks(session.core, offsets_ms))
    return checks


def _turned_away(session: Session, core: Core) -> list[Check]:
    """Return what it means that members' nodes do not let this one in: who was away hears no more.

    More than may lie have to say so; and they may lack the news that this device was added.
    """
    refusing = session.refusing
    if core.member is None or len(refusing) <= core.epoch.committee.faults:
        return []
    detail = (
        f"to {names_of(core, refusing)} this node has no seat, so they do not let it in: while it "
        "was away its key was taken off the seat, or the seat was given up or taken away"
    )
    following = (
        "ask them; if the seat is still there, on another device of it:",
        "p2pnode devices",
        "else, with a new invite:",
        "p2pnode join LINK --name NAME",
    )
    return [check("seat", "critical", detail, *following)]


def _cut_off(session: Session, core: Core, started_ms: WallMs, now_ms: WallMs) -> list[Check]:
    """Return what is known when too few of the committee answer to say more than that.

    Of a committee that others have replaced, most are gone: then nobody tells this node so.
    """
    committee, connected = core.epoch.committee, session.neighbours.connected
    others = {
        member: key
        for key, member in zip(committee.keys, committee.members, strict=True)
        if key != core.device
    }
    turned_away, seen_ms = session.neighbours.turned_away(now_ms), session.neighbours.last_seen
    refusing = [member for member, key in others.items() if key in turned_away]
    if refusing and core.member is not None and core.own_seat.may_have_lost_seat:
        verb = "does" if len(refusing) == 1 else "do"
        detail = (
            f"{names_of(core, refusing)} {verb} not let this node in, as it has no seat there; "
            f"of the {len(others)} others on the committee known here too few answer to be sure"
        )
        again = "if it has no seat any more, join with a new invite:"
        todo = ("ask the others how it stands", again, "p2pnode join LINK --name NAME")
        return [check("seat", "warning", detail, *todo)]
    if not connected and not refusing:
        times = [seen for key in others.values() if (seen := seen_ms.get(key)) is not None]
        return alone_checks(core, tuple(others), max([started_ms, *times]), now_ms)
    return []
