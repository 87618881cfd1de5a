"""Found a community of one with nothing but the protocol core, and decide something."""

from __future__ import annotations

import sys

from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose, Vote
from p2pnode_protocols.record.seats.charter import default_charter, founder_seat
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Now, Submit
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.writes import SaveCommit
from p2pnode_protocols.wire.crypto import Ed25519Signer
from p2pnode_protocols.wire.ids import MonoMs, WallMs

BEGIN_MS = 1_760_000_000_000


def now(ms: int) -> Now:
    return Now(MonoMs(ms), WallMs(BEGIN_MS + ms))


def main() -> None:
    signer = Ed25519Signer(bytes(range(32)))
    charter = default_charter("Ops", founder_seat("alice", signer.device), WallMs(BEGIN_MS))
    store = Restored(found_epoch(charter), (), (), (), (), 0)
    core = Core(charter.community_id, signer, store, now(0))

    title, blob = make_text(bytes(16), "Tea at four")
    body = Propose("tactical", title, (), NoAction(), WallMs(0))
    proposal = core.handle(Submit(body, (blob,)), now(10)).accepted
    assert proposal is not None
    vote = Vote(proposal.id, proposal.id, "yes", None)
    step = core.handle(Submit(vote, urgent=True), now(20))

    for write in step.writes:
        if isinstance(write, SaveCommit):
            for decided, outcome, *_rest in write.commit.decided:
                assert decided == proposal.id
                print(f"{outcome}, final at commit {write.commit.index}")
    assert not {"trio", "libp2p", "sqlite3", "asyncio"} & set(sys.modules)


main()
