"""What the log and the events say about what happens: outcomes and alarms, not packets.

A vote's direction and a proposal's words never stand in a log: logs are sent to others
when something is wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from p2pnode_protocols.steps.notices import (
    Diverged,
    EpochStarted,
    ForkFound,
    LeaptOver,
    OwnChainLearned,
    PeerGreeted,
    PeerRefused,
    ProposalDecided,
    RebuildApplied,
    RebuildHeard,
    RefusedByPeer,
    UpdateNeeded,
)
from p2pnode_protocols.wire.ids import DeviceKey, WallMs, to_short

from ..net.seldom import Seldom
from .events import Happening, PeerConnected, PeerLost

log = logging.getLogger("p2pnode.community")


class SeldomTold:
    """Let through what is to be told of a step; the rest is told later, as a number."""

    def __init__(self, has_seat: Callable[[DeviceKey], bool]) -> None:
        self._has_seat = has_seat
        self._seldom = Seldom()
        self._last: dict[Hashable, PeerRefused | RefusedByPeer | Diverged | ForkFound] = {}

    def pass_on(self, at_ms: WallMs, happenings: Iterable[Happening]) -> Sequence[Happening]:
        """Return what to tell of these, and of earlier ones that have waited for a minute."""
        told: list[Happening] = []
        for key, times in self._seldom.due(at_ms):
            last = self._last.pop(key, None)
            if last is not None:
                told.append(replace(last, times=times))
        for one in happenings:
            key = self._key_of(one)
            if key is None:
                told.append(one)
                continue
            times = self._seldom.count(key, at_ms)
            if isinstance(one, PeerRefused | RefusedByPeer | Diverged | ForkFound):
                if times:
                    self._last.pop(key, None)
                    told.append(replace(one, times=times))
                else:
                    self._last[key] = one
            elif times:
                told.append(one)
        return told

    def _key_of(self, one: Happening) -> Hashable:
        """Return by what something is counted; None: it is always told."""
        match one:
            case PeerRefused(peer=device, code=code) | RefusedByPeer(peer=device, code=code):
                return type(one), self._whose(device), code
            case Diverged(member=member) | ForkFound(author=member):
                return type(one), member
            case PeerGreeted(peer=device):
                return type(one), self._whose(device)
            case PeerConnected(device=device) | PeerLost(device=device):
                # Of members each is told: it shows who is there.
                return None if self._has_seat(device) else (type(one), b"")
            case _:
                return None

    def _whose(self, device: DeviceKey) -> bytes:
        """Strangers come with ever new keys: they pass for one."""
        return device if self._has_seat(device) else b""


def log_happenings(happenings: Iterable[Happening]) -> None:
    for one in happenings:
        match one:
            case ProposalDecided(proposal=proposal, outcome=outcome):
                log.info("decided", extra={"proposal": to_short("pro", proposal), "is": outcome})
            case EpochStarted(number=number, members=members, committee=committee):
                log.info(
                    "epoch began",
                    extra={"epoch": number, "members": members, "committee": committee},
                )
            case LeaptOver(to_epoch=reached, index=index, is_shown=is_shown):
                words = "the log before it is not here"
                if not is_shown:
                    words = (
                        "nobody reachable could show that its log goes on from the last commits "
                        "of this node"
                    )
                log.log(
                    logging.INFO if is_shown else logging.WARNING,
                    "took over a proven state; " + words,
                    extra={"epoch": reached, "index": index},
                )
            case RebuildApplied(number=number, rebuild=rebuild):
                log.warning(
                    "the community was rebuilt: an epoch begins without its lost nodes",
                    extra={
                        "epoch": number,
                        "at_commit": rebuild.statement.index,
                        "kept": [to_short("mem", one) for one in rebuild.kept],
                        "lost": [to_short("mem", one) for one in rebuild.lost],
                    },
                )
            case RebuildHeard() | UpdateNeeded() | ForkFound() | Diverged():
                _log_alarm(one)
            case OwnChainLearned():
                log.info("compared with the others: this device signs on from what it had signed")
            case PeerGreeted() | PeerRefused() | RefusedByPeer():
                _log_peer(one)
            case _:
                pass


def _log_alarm(one: RebuildHeard | UpdateNeeded | ForkFound | Diverged) -> None:
    match one:
        case RebuildHeard(rebuild=rebuild):
            log.error(
                "others went on by a rebuild; this node does not follow: p2pnode status",
                extra={
                    "epoch": to_short("epo", rebuild.next_epoch),
                    "at_commit": rebuild.statement.index,
                    "kept": [to_short("mem", one) for one in rebuild.kept],
                },
            )
        case UpdateNeeded(practice=practice, version=version):
            log.error(
                "the community has put into force what this program does not have; it goes no "
                "further: update it",
                extra={"practice": practice, "version": version},
            )
        case ForkFound(author=author, round=round_, times=times):
            log.warning(
                "a member signed two blocks of one round; mostly a restored backup",
                extra={"member": to_short("mem", author), "round": round_} | _often(times),
            )
        case Diverged(member=member, index=index, ours=ours, theirs=theirs, times=times):
            log.error(
                "another node reports another log; run p2pnode verify-log on both",
                extra={
                    "member": to_short("mem", member),
                    "index": index,
                    "ours": ours.hex()[:16],
                    "theirs": theirs.hex()[:16],
                }
                | _often(times),
            )


def _log_peer(one: PeerGreeted | PeerRefused | RefusedByPeer) -> None:
    device = to_short("dev", one.peer)
    match one:
        case PeerGreeted(agent=agent):
            log.info("peer", extra={"device": device, "agent": agent})
        case PeerRefused(code=code, detail=detail, times=times):
            log.warning(
                f"refused what a peer sent: {detail}",
                extra={"device": device, "code": code} | _often(times),
            )
        case RefusedByPeer(code=code, detail=detail, times=times):
            log.warning(
                f"a peer refused what this node sent: {detail}",
                extra={"device": device, "code": code} | _often(times),
            )


def _often(times: int) -> dict[str, object]:
    """Return how often something was, for the log; once goes without saying."""
    return {"times": times} if times > 1 else {}
