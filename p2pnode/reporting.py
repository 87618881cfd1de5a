"""What the log says about what happens: outcomes and alarms, not packets.

A vote's direction and a proposal's words never stand in a log: logs are sent to others
when something is wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from p2pnode_protocols.ids import to_short
from p2pnode_protocols.steps import (
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
)

from .events import Happening

log = logging.getLogger("p2pnode.community")


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
            case LeaptOver(to_epoch=reached, index=index, is_shown=False):
                log.warning(
                    "took over a proven state; nobody reachable could show that its log goes on "
                    "from the last commits of this node",
                    extra={"epoch": reached, "index": index},
                )
            case LeaptOver(to_epoch=reached, index=index):
                log.info(
                    "took over a proven state; the log before it is not here",
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
            case RebuildHeard(rebuild=rebuild):
                log.error(
                    "others went on by a rebuild; this node does not follow: p2pnode status",
                    extra={
                        "epoch": to_short("epo", rebuild.next_epoch),
                        "at_commit": rebuild.statement.index,
                        "kept": [to_short("mem", one) for one in rebuild.kept],
                    },
                )
            case ForkFound(author=author, round=round_):
                log.warning(
                    "a member signed two blocks of one round; mostly a restored backup",
                    extra={"member": to_short("mem", author), "round": round_},
                )
            case Diverged(member=member, index=index, ours=ours, theirs=theirs):
                log.error(
                    "another node reports another log; run p2pnode verify-log on both",
                    extra={
                        "member": to_short("mem", member),
                        "index": index,
                        "ours": ours.hex()[:16],
                        "theirs": theirs.hex()[:16],
                    },
                )
            case OwnChainLearned():
                log.info("compared with the others: this device signs on from what it had signed")
            case PeerGreeted() | PeerRefused() | RefusedByPeer():
                _log_peer(one)
            case _:
                pass


def _log_peer(one: PeerGreeted | PeerRefused | RefusedByPeer) -> None:
    device = to_short("dev", one.peer)
    match one:
        case PeerGreeted(agent=agent):
            log.info("peer", extra={"device": device, "agent": agent})
        case PeerRefused(code=code, detail=detail):
            log.warning(
                f"refused what a peer sent: {detail}",
                extra={"device": device, "code": code},
            )
        case RefusedByPeer(code=code, detail=detail):
            log.warning(
                f"a peer refused what this node sent: {detail}",
                extra={"device": device, "code": code},
            )
