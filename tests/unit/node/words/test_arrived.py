"""What a node says of words that it does not have: under way is not the same as none."""

from __future__ import annotations

import os

import pytest
from sim.memory_store import MemoryStore
from support.cores.cluster import Cluster

from p2pnode.answers.proposals import Proposals
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.texts import Part, make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.steps.writes import SaveMissing, SaveText
from p2pnode_protocols.wire.crypto import SALT_BYTES
from p2pnode_protocols.wire.ids import OpId, WallMs


@pytest.mark.parametrize("has_body", [False, True])
@pytest.mark.parametrize("held", ["nothing", "title", "body", "both"])
def test_text_that_has_not_arrived_is_told_from_one_that_there_is_not(
    held: str, has_body: bool
) -> None:
    town = Cluster(1)
    title, title_blob = make_text(os.urandom(SALT_BYTES), "Tea at four")
    body, body_blob = make_text(os.urandom(SALT_BYTES), "With cake.")
    said = Propose("tactical", title, (Part(1, body),) if has_body else (), NoAction(), WallMs(0))
    blobs = (title_blob, body_blob) if has_body else (title_blob,)
    step = town.give(town.devices[0], Submit(said, blobs))
    assert step.accepted is not None
    store = MemoryStore()
    store.adopt(town.charter.to_bytes())
    has_title, has_text = held in ("title", "both"), held in ("body", "both")
    here = [(title, title_blob)] * has_title + [(body, body_blob)] * has_text
    for ref, blob in here:
        store.apply([SaveMissing(ref, OpId(bytes(32))), SaveText(ref.id, blob)], durable=True)
    proposals = Proposals(town.node(0).core, store)
    shown = proposals.proposal(proposals.view(step.accepted.id))
    (revision,) = shown.revisions
    assert revision.title == ("Tea at four" if has_title else None)
    assert revision.text == ("With cake." if has_text and has_body else None)
    assert revision.arrived is (has_title and (has_text or not has_body))
