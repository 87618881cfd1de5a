"""What people should look at, as the core and its store show it: forks, clocks, absences."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from p2pnode_protocols.agreement.blocks import Header
from p2pnode_protocols.agreement.rebuild import Rebuild
from p2pnode_protocols.core import Core
from p2pnode_protocols.steps.inputs import Now
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import DeviceKey, MemberId, WallMs, to_short
from p2pnode_protocols.wire.lengths import show_about

from .. import answers
from ..home.errors import StoreError
from ..store.interface import StoredFate
from . import Check, Severity
from .rebuilds import describe_heard, describe_rebuild
from .words import learning_words, names_of

# Clocks further apart than this make deadlines look wrong to their people.
CLOCK_OFF_MS = 5_000
# Shorter than this a node is missing as laptops are, every evening.
ABSENT_MS = 3_600_000


def check(name: str, severity: Severity, detail: str, *following: str) -> Check:
    """Return a check with the steps to go on with, best first."""
    return Check(name, severity, detail, following)


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


def update_checks(core: Core) -> list[Check]:
    """Say that this node has stopped, as its program lacks what is in force (R6.20)."""
    if core.ledger.lacking is None:
        return []
    name, version = core.ledger.lacking
    detail = (
        f"the community has put {name} {version} into force, and this program does not have it: "
        "the node shows what was so until then, and takes no part any more; update p2pnode, and "
        "start it again"
    )
    return [check("update", "critical", detail)]


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


def alone_checks(
    core: Core, others: Sequence[MemberId], since_ms: WallMs, now_ms: WallMs
) -> list[Check]:
    """Say, once that has lasted, that no other node of the committee is reached.

    Not at once: others close their laptops, and `quorum` says who is missing. But a committee
    that others have replaced while this node was away is silent as well, and nobody tells it so.

    Args:
        core: this node's.
        others: of the committee, without this node's seat.
        since_ms: when the last of them was reached, or this node started.
        now_ms: by this node's clock.
    """
    silent_ms = now_ms - since_ms
    if not others or silent_ms < ABSENT_MS:
        return []
    detail = (
        f"no other node has been reached for {show_about(silent_ms)}: {names_of(core, others)}; "
        "this goes on by itself once one is back, and what they do meanwhile is not known here"
    )
    todo = (
        "should they be online all the same:",
        "p2pnode peers",
        "should they say that your seat is gone, with a new invite:",
        "p2pnode join LINK --name NAME",
    )
    return [check("peers", "info", detail, *todo)]


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
    heard = list(core.rebuilds.heard.values())
    if heard and core.rebuilder.has_quorum_here:
        # One liar can sign any number that keep nobody else: a line for who did, and no alarm.
        signers = sorted({member for rebuild in heard for member in rebuild.kept})
        todo = [f"ask {names_of(core, signers)} why they signed it"]
        checks.append(check("rebuild", "warning", describe_heard(core, heard[-1]), *todo))
        return checks
    for rebuild in heard:
        is_ahead = core.final_index > rebuild.statement.index
        todo = ["docs/operations.md, Two records of one community"]
        if not is_ahead:
            todo = [f"p2pnode rebuild apply {to_short('epo', rebuild.next_epoch)}"]
            if core.rebuilds.vow is not None and core.rebuilds.vow.statement != rebuild.statement:
                todo = ["to follow it, first:", "p2pnode rebuild withdraw"]  # else it is refused
        checks.append(check("rebuild", "critical", describe_heard(core, rebuild), *todo))
    return checks


def learning_check(core: Core) -> Check:
    """Say whom a restored device waits for before it signs anything."""
    missing = core.own_chain.learning().missing
    names = ", ".join(core.state.roster.name_of(one) for one in missing)
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
