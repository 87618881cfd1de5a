"""Whatever happened in a run, each node can prove every decision to somebody who knows the id.

Crashes, partitions, ends of epochs, lost disks and odd clocks lie behind these decisions; the
certificates are made of what each node has in its store when all has been healed. Both
verifiers look at them, with the simulator's signatures.
"""

from __future__ import annotations

import pytest
from sim.simulator.ending import members_nodes
from sim.simulator.parts.keys import verify_simulated
from sim.simulator.run import run_seed
from support.certified.verifier import load_verifier

from p2pnode.answers.certifying import Certifier
from p2pnode.answers.verdicts import describe
from p2pnode.errors import RequestError
from p2pnode_protocols.record.certificates.checking import check_certificate
from p2pnode_protocols.steps.writes import SaveLeap
from p2pnode_protocols.wire.ids import DeviceKey, OpId


@pytest.mark.parametrize("seed", range(301, 313))
def test_every_decision_of_a_run_is_proved_by_every_node(seed: int) -> None:
    """R8.6, R8.8."""
    alone = load_verifier()

    def is_signed(name: str, community: bytes, content: bytes, key: bytes, given: bytes) -> bool:
        message: bytes = alone.tag(name) + community + content
        return verify_simulated(DeviceKey(key), message, given)

    alone.is_signed = is_signed  # type: ignore[attr-defined]
    world = run_seed(seed)
    decided = world.promises.outcomes
    proved: set[OpId] = set()
    for node in members_nodes(world):
        assert node.core is not None
        certifier = Certifier(node.core, node.disk.store)
        for proposal, outcome in decided.items():
            try:
                file = certifier.certify(proposal)
            except RequestError as error:
                # Who leapt over the epoch of a decision has not the commit; others do.
                leapt = any(isinstance(one, SaveLeap) for one in node.disk.store.by_number.values())
                if error.code != "not_kept" or not leapt:
                    raise
                continue
            proved.add(proposal)
            verdict = check_certificate(node.core.community, file.content, verify_simulated)
            assert (verdict.proposal.id, verdict.proposal.outcome) == (proposal, outcome)
            assert verdict.root == world.promises.log[verdict.commit.index - 1][0].root
            assert alone.verify(node.core.community, file.content) == describe(verdict)
    assert proved == set(decided)
