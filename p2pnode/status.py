"""The node's status and health: what a person, a script or a supervisor looks at first."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from p2pnode_protocols.agreement.blocks import Header
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.core import Core
from p2pnode_protocols.steps.inputs import Now
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, WallMs, to_short
from p2pnode_protocols.wire.lengths import show_about

from . import __version__, answers
from .answers import Check, Severity
from .backup import last_backup
from .describe import (
    Filter,
    describe_heard,
    describe_rebuild,
    learning_words,
    names_of,
)
from .fates import OwnOps
from .net import compute_peer_id
from .overview import Overview
from .removal import describe_removal
from .store.errors import StoreError
from .store.interface import StoredFate

if TYPE_CHECKING:
    from .node import Node
    from .session import Session

DISK_LOW_BYTES = 256 * 1024 * 1024  # a year of a busy community is some tens of MB
DISK_OUT_BYTES = 16 * 1024 * 1024
# Clocks further apart than this make deadlines look wrong to their people.
CLOCK_OFF_MS = 5_000
# Shorter than this a node is missing as laptops are, every evening.
ABSENT_MS = 3_600_000
REFUSED_SHOWN = 20  # of own refused ops in a status; all are in `own_ops`
_ORDER: tuple[Severity, ...] = ("ok", "info", "warning", "critical")


def check(name: str, severity: Severity, detail: str, *following: str) -> Check:
    """Return a check with the steps to go on with, best first."""
    return Check(name, severity, detail, following)


def describe_status(node: Node, *, timed_out: bool) -> answers.Status:
    """Return the status of a home in any stage."""
    session = node.session
    core = None if session is None else session.core
    if session is not None:
        session.look()
    overview = None if session is None or core is None else Overview(session, core)
    needs_my_vote: tuple[answers.ProposalSummary, ...] = ()
    if overview is not None and session is not None and session.stage == "member":
        proposals = overview.proposals
        asked = proposals.matching(Filter(needs_my_vote=True))
        needs_my_vote = tuple(proposals.summary(view) for view in asked)
    refused: list[answers.OwnOp] = []
    refused_total = 0
    if session is not None and core is not None:
        refused = OwnOps(core, session.store).refused(
            session.store.fates("unseen", limit=REFUSED_SHOWN)
        )
        refused_total = session.store.count_fates("unseen")
    counters = node.counters
    return answers.Status(
        state=node.stage,
        version=__version__,
        pid=os.getpid(),
        home=str(node.paths.data_dir),
        started_at=node.started_ms,
        now=node.now_ms,
        device=answers.OwnDevice(node.device, compute_peer_id(node.device)),
        addresses=() if session is None else session.net.addresses,
        member=None if overview is None else overview.my_seat(),
        community=None if overview is None else overview.community(),
        epoch=None if core is None else answers.EpochStatus(core.epoch.number, core.epoch.id),
        log=(
            None
            if core is None
            else answers.LogStatus(core.final_index, core.final_root, core.state.time_ms)
        ),
        committee=None if overview is None else overview.committee(),
        needs_my_vote=needs_my_vote,
        open_proposals=(
            0
            if overview is None
            else sum(1 for _ in overview.proposals.matching(Filter(which="open")))
        ),
        refused_ops=tuple(refused),
        refused_ops_total=refused_total,
        pending_ops=0 if core is None else len(core.pool),
        round=0 if core is None else core.epoch.lace.max_round,
        joining=(
            node.join_status()
            if session is not None
            and (session.stage in ("joining", "observer") or session.progress.ended is not None)
            else None
        ),
        warnings=tuple(
            one for one in quick_checks(node) if one.severity != "ok" and one.name != "backup"
        ),
        counters=answers.Counts(
            steps=counters.steps,
            rounds=counters.rounds,
            commits=counters.commits,
            ops_final=counters.ops_final,
            forks=counters.forks,
            divergences=counters.divergences,
            refused_from_peers=dict(counters.refused_from_peers),
            refused_by_peers=dict(counters.refused_by_peers),
        ),
        timed_out=timed_out,
    )


def describe_health(node: Node, *more: Check) -> answers.Health:
    """Return every check, and `more` that cost much, with the worst severity."""
    checks = [*quick_checks(node), *more]
    worst: Severity = max((one.severity for one in checks), key=_ORDER.index)
    return answers.Health(worst, tuple(checks))


def quick_checks(node: Node) -> list[Check]:
    """Return the checks that cost next to nothing."""
    return [
        _store_writable(node),
        _disk_space(node),
        _key_permissions(node),
        _backup(node),
        *_configuration(node.config.warnings),
        *_community(node),
    ]


def _store_writable(node: Node) -> Check:
    trouble = node.trouble
    if trouble is not None:
        return check("store_writable", "critical", trouble.detail, *trouble.steps)
    for place in (node.paths.store_file, node.paths.data_dir, node.paths.state_dir):
        if not os.access(place, os.W_OK):
            detail = f"{place} cannot be written: its disk is mounted read-only, or it is not yours"
            return check("store_writable", "critical", detail, "mount it writable")
    return check("store_writable", "ok", "the store can be written")


def _disk_space(node: Node) -> Check:
    free = shutil.disk_usage(node.paths.data_dir).free
    detail = f"{free // (1024 * 1024)} MiB free in {node.paths.data_dir}"
    if free < DISK_OUT_BYTES:
        return check("disk_space", "critical", detail, "free some space")
    if free < DISK_LOW_BYTES:
        return check("disk_space", "warning", detail, "free some space")
    return check("disk_space", "ok", detail)


def _key_permissions(node: Node) -> Check:
    file = node.paths.key_file
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError as error:
        detail = f"{file} cannot be looked at: {error.strerror}"
        return check("key_permissions", "critical", detail, "restore it from a backup")
    if os.name == "posix" and mode & 0o077:
        detail = f"{file} has mode {mode:04o}: others may read it"
        return check("key_permissions", "critical", detail, f"chmod 600 {file}")
    return check("key_permissions", "ok", "only this user can read the device key")


def _backup(node: Node) -> Check:
    made = last_backup(node.paths)
    if made is None:
        return check("backup", "info", "no backup was made here", "p2pnode backup")
    days = max(0, node.now_ms - made.at_ms) // 86_400_000
    age = "today" if days == 0 else f"{days} day{'s' if days > 1 else ''} ago"
    key = "without the device key" if made.key == "none" else "with the device key"
    return check("backup", "ok", f"last backup {age}, {key}: {made.file}")


def _configuration(warnings: Iterable[str]) -> list[Check]:
    return [check("configuration", "warning", one, "p2pnode config check") for one in warnings]


def _community(node: Node) -> list[Check]:
    session = node.session
    if session is None and node.trouble is not None:
        return []  # whose it is stands in the store, which cannot be used
    if session is None and (behind := node.find_other_record(None)) is not None:
        return [check(behind.code, "critical", behind.detail, *behind.steps)]
    if session is None:
        detail = "this home belongs to no community yet"
        return [
            check(
                "community",
                "info",
                detail,
                "p2pnode found NAME --name YOU",
                "p2pnode join LINK --name YOU",
            )
        ]
    checks: list[Check] = []
    if session.stage == "joining":
        checks.append(check("community", "info", session.progress.detail, "p2pnode status"))
    if node.counters.divergences > 0:
        detail = "a member reports another log than this node's: one of the two is wrong"
        checks.append(check("log", "critical", detail, "on both nodes:", "p2pnode verify-log"))
    if session.core is None:
        return checks
    if session.stage == "removed":
        return [
            *checks,
            *rebuild_checks(session.core, node.now),
            check("seat", "critical", *describe_removal(session.core, session.store)),
        ]
    if (other := session.other_name) is not None:
        checks.append(check("name", "info", other, "p2pnode members"))
    forked = fork_checks(session.core, session.store.forks())
    checks.extend(forked or node_checks(session.core, node.now_ms))
    checks.extend(copy_checks(session.store.fates("unseen")))
    checks.extend(rebuild_checks(session.core, node.now))
    if session.core.own_chain.is_left_behind and not session.core.rebuilds.heard:
        detail = (
            f"others are in a later epoch, and nobody reachable has what leads there from commit "
            f"{session.core.final_index}, the last one here"
        )
        todo = "wait, or ask more members to go online: docs/operations.md, Left behind"
        checks.append(check("left_behind", "warning", detail, todo))
    if session.core.own_chain.must_learn:
        checks.append(_learning(Overview(session, session.core), session.core))
    turned_away = _turned_away(session, session.core)
    checks.extend(turned_away)
    if not turned_away:
        checks.extend(_cut_off(session, session.core, now_ms=node.now_ms))
    committee = Overview(session, session.core).committee()
    checks.extend(absence_checks(committee, session.core, node.started_ms, node.now_ms))
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


def _cut_off(session: Session, core: Core, now_ms: WallMs) -> list[Check]:
    """Return what is known when too few of the committee answer to say more than that.

    Of a committee that others have replaced, most are gone: then nobody tells this node so.
    """
    committee, connected = core.epoch.committee, session.neighbours.connected
    others = {
        member: key
        for key, member in zip(committee.keys, committee.members, strict=True)
        if key != core.device
    }
    turned_away = session.neighbours.turned_away(now_ms)
    refusing = [member for member, key in others.items() if key in turned_away]
    again = "if it has no seat any more, join with a new invite:", "p2pnode join LINK --name NAME"
    if refusing and core.member is not None and core.own_seat.may_have_lost_seat:
        verb = "does" if len(refusing) == 1 else "do"
        detail = (
            f"{names_of(core, refusing)} {verb} not let this node in, as it has no seat there; "
            f"of the {len(others)} others on the committee known here too few answer to be sure"
        )
        return [check("seat", "warning", detail, "ask the others how it stands", *again)]
    if others and not connected and not refusing:
        detail = (
            "nobody of the committee that this node knows can be reached: "
            f"{names_of(core, tuple(others))}; what the others do meanwhile is not known here"
        )
        return [check("peers", "warning", detail, "p2pnode peers", *again)]
    return []


def fork_checks(core: Core, forks: Sequence[tuple[Header, Header]]) -> list[Check]:
    """Tell the owner of a key that forked: most are honest, and their home runs twice (R6.9).

    Args:
        core: this node's.
        forks: those seen here, final or not.
    """
    roster = core.state.roster
    seat = None if core.member is None else roster.charter.member(core.member)
    if seat is None:
        return []
    proved = {first.device for first, _second in forks} | set(roster.forked)
    forked = [one for one in seat.devices if one in proved]
    if not forked or seat.node_key not in (None, *forked):
        return []  # another device is the node: all is as it should be
    whose = "this device's key" if core.device in forked else f"your {to_short('dev', forked[0])}"
    detail = (
        f"{whose} signed two blocks where one was due, as a node does that runs twice, or was put "
        "back from a copy. It makes no blocks any more; seat and vote stay"
    )
    todo = ["find and stop the other copy, then:", "p2pnode devices renew"]
    if core.device not in forked:
        todo = [f"p2pnode devices use {to_short('dev', core.device)}"]
    return [check("fork", "critical", detail, *todo)]


def node_checks(core: Core, now_ms: WallMs) -> list[Check]:
    """Tell the owner of a seat that none of its devices makes blocks, and how one comes to."""
    roster = core.state.roster
    seat = None if core.member is None else roster.charter.member(core.member)
    if seat is None or seat.node_key is not None:
        return []
    detail = (
        "none of your seat's devices is its node: your vote counts, but no device of yours helps "
        "to make decisions final"
    )
    last_ms = roster.node_key_ms.get(seat.id)
    wait_ms = 0 if last_ms is None else last_ms + roster.charter.rules.away_interval_ms - now_ms
    if wait_ms > 0:
        detail += f"; one can be chosen in {show_about(wait_ms)}"
    return [check("node", "warning", detail, f"p2pnode devices use {to_short('dev', core.device)}")]


def absence_checks(
    committee: answers.CommitteeStatus, core: Core, started_ms: WallMs, now_ms: WallMs
) -> list[Check]:
    """Say whether nodes are missing, and after a while how to do without them for good."""
    interval_ms = core.state.charter.rules.away_interval_ms
    silent_ms = {
        one.name: now_ms - (started_ms if one.last_seen_at is None else one.last_seen_at)
        for one in committee.missing
        if not one.connected
    }
    if not committee.can_finalize and core.rebuilds.vow is not None:
        return [check("quorum", "warning", committee.message)]  # what to do: check `rebuild`
    if not committee.can_finalize:
        holding = [one.name for one in committee.missing if one.connected]
        todo = [f"ask {', '.join(holding)} why:"] if holding else []
        todo.append("p2pnode members")
        lost = [name for name, silence in silent_ms.items() if silence >= interval_ms]
        is_member = core.member in core.epoch.committee.members
        if is_member and committee.size - len(lost) < committee.quorum:
            without = " ".join(f"--without {shlex.quote(name)}" for name in lost)
            todo.append("if they are lost for good:")
            todo.append(f"p2pnode rebuild propose {without} --dry-run")
        return [check("quorum", "warning", committee.message, *todo)]
    absent = [name for name, silence in silent_ms.items() if silence >= ABSENT_MS]
    if not absent or committee.reachable > committee.quorum:
        return []
    name = absent[0]
    words = shlex.quote(f"{name} is away")
    detail = (
        f"not reached for {show_about(silent_ms[name])}: {name}; with one more node off, decisions "
        "stay provisional"
    )
    tier = core.state.charter.rules.membership_tier
    todo_ = f"p2pnode propose {words} --tier {tier} --set-away {shlex.quote(name)}"
    return [check("absent", "info", detail, "should that last:", todo_)]


def copy_checks(fates: Iterable[StoredFate]) -> list[Check]:
    """Tell that ops of another copy of this home came before its own, though no block forked."""
    lost = sum(one.code == "conflicting_nonce" for one in fates)
    if not lost:
        return []
    detail = (
        "another copy of this home signs as well, with the same key: of what was said here "
        f"{lost} {'does' if lost == 1 else 'do'} not count"
    )
    todo = "find and stop the other copy; what to say again, and then that you know of it:"
    return [check("copy", "critical", detail, todo, "p2pnode ops", "p2pnode ops --seen")]


def _vow_check(core: Core, vow: Rebuild, now: Now) -> Check:
    """Say what can be done about the rebuild signed here: to apply it only where that works."""
    detail = "this node has signed a rebuild and makes no blocks until that is applied or withdrawn"
    unsigned = describe_rebuild(core, vow).unsigned
    try:
        if unsigned:
            core.rebuilder.check_signing(vow, now)
        else:
            core.rebuilder.check_applying(vow, now)
    except UsageError as error:
        detail += f"; applying it is refused now: {error.detail}"
        return check("rebuild", "warning", detail, "p2pnode rebuild withdraw")
    steps = ["p2pnode rebuild apply FILE", "p2pnode rebuild withdraw"]
    if unsigned:
        names = ", ".join(one.name for one in unsigned)
        steps.insert(0, f"once the file is signed by {names} too:")
        steps.insert(2, "to make blocks again:")
    return check("rebuild", "warning", detail, *steps)


def rebuild_checks(core: Core, now: Now) -> list[Check]:
    """Return what waits for a person: a rebuild signed here, or one that others went on by."""
    checks: list[Check] = []
    if core.rebuilds.vow is not None and core.rebuilds.vow.next_epoch not in core.rebuilds.heard:
        checks.append(_vow_check(core, core.rebuilds.vow, now))
    for rebuild in core.rebuilds.heard.values():
        is_ahead = core.final_index > rebuild.statement.index
        todo = ["docs/operations.md, Two records of one community"]
        if core.rebuilder.has_quorum_here:
            todo = [f"ask {names_of(core, rebuild.kept)} why they signed it"]
        elif not is_ahead:
            todo = [f"p2pnode rebuild apply {to_short('epo', rebuild.next_epoch)}"]
            if core.rebuilds.vow is not None and core.rebuilds.vow.statement != rebuild.statement:
                todo = ["to follow it, first:", "p2pnode rebuild withdraw"]  # else it is refused
        checks.append(check("rebuild", "critical", describe_heard(core, rebuild), *todo))
    return checks


def _learning(overview: Overview, core: Core) -> Check:
    missing = core.own_chain.learning().missing
    names = ", ".join(overview.proposals.person(one).name for one in missing)
    return check("learning", "warning", learning_words(core, names), "p2pnode peers")


def clock_checks(core: Core, offsets_ms: Mapping[DeviceKey, int]) -> list[Check]:
    """Compare this clock with those of the committee's other seats, one for each.

    It is this one that is wrong if most say so, and more than may lie: by as much as one at least
    says that does not lie. Else only those who differ are known, and not which of them are wrong.

    Args:
        core: this node's.
        offsets_ms: how far the clocks of connected devices are ahead of this one; those of
            strangers, and a seat's further devices, are not looked at.
    """
    committee = core.epoch.committee
    others = {
        member: offsets_ms[key]
        for key, member in zip(committee.keys, committee.members, strict=True)
        if key in offsets_ms and member != core.member
    }
    if not others:
        return []
    ahead = {member: ms for member, ms in others.items() if ms > CLOCK_OFF_MS}
    behind = {member: -ms for member, ms in others.items() if ms < -CLOCK_OFF_MS}
    if not ahead and not behind:
        detail = f"no member's clock differs by more than {show_about(CLOCK_OFF_MS)} from this one"
        return [check("clock", "ok", detail)]
    for apart, side in ((ahead, "behind"), (behind, "ahead of")):
        if len(apart) > committee.faults and 2 * len(apart) > len(others) + 1:
            off_ms = sorted(apart.values(), reverse=True)[committee.faults]
            detail = f"this clock is {show_about(off_ms)} {side} those of most members"
            return [check("clock", "warning", detail, "set the clock, best by NTP")]
    told = "; ".join(
        f"{side} this clock by more than {show_about(CLOCK_OFF_MS)}: {names_of(core, apart)}"
        for apart, side in ((ahead, "ahead of"), (behind, "behind"))
        if apart
    )
    todo = "see which is right, and have the others set, best by NTP:"
    return [check("clock", "info", told, todo, "p2pnode peers")]


def store_integrity(damage: StoreError | None) -> Check:
    """Return the check of the whole store, which costs much. `damage`: what was found."""
    if damage is None:
        return check("store_integrity", "ok", "everything in the store is what it was")
    return check("store_integrity", "critical", damage.detail, *damage.steps)
