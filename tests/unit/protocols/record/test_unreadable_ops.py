"""What no peer could read is refused before it is signed: a block with it would never count.

Found by fuzzing `Submit` with all that the types of bodies allow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.cores.cluster import START_WALL_MS, Cluster
from support.cores.dag import make_charter
from support.cores.town import text_of

from p2pnode_protocols.record.actions import Action, AmendAction, InviteAction, NoAction
from p2pnode_protocols.record.bodies import Propose, Vote
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.errors import PeerFault, UsageError
from p2pnode_protocols.wire.ids import DeviceKey, WallMs

HALF = "\ud800"  # half of a pair: Python and JSON hold it, UTF-8 does not


def invite(uses: int) -> InviteAction:
    return InviteAction("erin", DeviceKey(b"k" * 32), WallMs(START_WALL_MS + 60_000), uses)


def many_changes() -> tuple[tuple[str, Value], ...]:
    """Return 33 changes of a charter, each allowed; an op holds 32."""
    charter = make_charter(4)
    paths: list[tuple[str, Value]] = [
        (f"tiers.{tier.name}.{name}", value)
        for tier in charter.tiers
        for name, value in zip(type(tier).__slots__[1:], tier.to_wire()[1:], strict=True)
    ]
    return (("name", "other"), *paths[:32])


@pytest.mark.parametrize(
    "action",
    [
        invite(0),
        invite(257),
        invite(10**30),
        AmendAction(many_changes()),
        AmendAction((("name", HALF),)),
    ],
    ids=["no use", "too many uses", "no number of 64 bits", "too many changes", "no text"],
)
def test_an_action_that_no_peer_could_read_is_refused(action: Action) -> None:
    charter = replace(make_charter(4), created_ms=WallMs(START_WALL_MS))
    cluster = Cluster(4, charter)
    core = cluster.node(0).core
    before = core.status()
    body = Propose("constitutional", text_of("t"), (), action, WallMs(0))
    with pytest.raises(UsageError) as caught:
        cluster.give(cluster.devices[0], Submit(body))
    assert caught.value.code in ("bad_field", "bad_charter")
    assert core.status() == before
    assert len(core.pool) == 0


@pytest.mark.parametrize(
    "fields",
    [{"tier": HALF}, {"title": replace(text_of("t"), size=1 << 20)}],
    ids=["tier", "title"],
)
def test_a_proposal_that_no_peer_could_read_is_refused(fields: dict[str, Any]) -> None:
    cluster = Cluster(4)
    body = Propose("tactical", text_of("t"), (), NoAction(), WallMs(0))
    with pytest.raises(UsageError):
        cluster.give(cluster.devices[0], Submit(replace(body, **fields)))


def test_a_vote_with_an_oversized_reason_is_refused() -> None:
    cluster = Cluster(4)
    cluster.connect()
    proposal = cluster.propose(0)
    reason = replace(text_of("because"), size=1 << 20)
    with pytest.raises(UsageError, match="bad_field"):
        cluster.give(cluster.devices[0], Submit(Vote(proposal, proposal, "no", reason)))


def test_half_a_character_is_no_text() -> None:
    with pytest.raises(PeerFault, match="bad_field"):
        make_text(b"s" * crypto.SALT_BYTES, HALF)
