"""A community with real signatures whose epochs are short, for tests of what a store forgets."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

from p2pnode.store.store import Store
from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.record.seats.charter import founder_seat
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.wire.crypto import Ed25519Signer
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs

from ..cores.cluster import Cluster
from ..cores.dag import make_charter

EPOCH_ROUNDS = 50  # the fewest there may be
KEPT = 2  # epochs whose blocks stay


class SignedCluster(Cluster):
    """A cluster with real signatures, whose first node's writes go to a store as they come."""

    def __init__(self, store: Store) -> None:
        signers = [Ed25519Signer(hashlib.sha256(b"%d" % i).digest()) for i in range(3)]
        self.signers = {one.device: one for one in signers}
        seats = [founder_seat(f"m{i}", one.device) for i, one in enumerate(signers)]
        charter = make_charter(1).with_members(seats)
        timing = replace(charter.timing, epoch_rounds=EPOCH_ROUNDS)
        super().__init__(3, replace(charter, created_ms=WallMs(1_700_000_000_000), timing=timing))
        store.adopt(self.charter.to_bytes())
        store.apply([found_epoch(self.charter)], durable=True)

    def make_core(self, device: DeviceKey, restored: Restored) -> Core:
        return Core(self.charter.community_id, self.signers[device], restored, self.now())

    def decide(self, proposals: int) -> None:
        for _ in range(proposals):
            proposal = self.propose(0)
            for place in range(3):
                self.vote(place, proposal)
            self.run(800)
            assert self.outcome(0, proposal) == "passed"


def prune(path: Path, keep: int = KEPT, coming: Container[OpId] = ()) -> int:
    """Prune all that may go; return in how many slices."""
    slices = 0
    with Store.open(path) as store:
        while store.prune(keep, coming):
            slices += 1
    return slices
