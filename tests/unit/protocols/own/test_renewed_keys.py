"""What a node has accepted with a key that it had before this one has its end told, too.

`p2pnode devices renew` and a restore with a new key put another key in the place of the one that
signed. Rules: R5.7.
"""

from __future__ import annotations

import pytest
from support.cores.authors import Authors
from support.cores.cluster import START_WALL_MS
from support.cores.dag import FakeSigner

from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Propose,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.steps.notices import OwnOpSettled
from p2pnode_protocols.steps.writes import SaveFate
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import DeviceKey, OpId, WallMs

TITLE, BLOB = make_text(b"s" * 16, "a title")
MINUTE = 60_000
NEW = DeviceKey(b"n" * 32)


def renewing() -> tuple[Authors, DeviceKey, OpId]:
    """Return a community in which a seat has made a new key its node key, and a proposal.

    Its node still runs with the old key, which is given too, and is cut off.
    """
    town = Authors(4)
    town.connect()
    town.run(100)
    old, seat = town.devices[3], town.node(3).core.member
    assert seat is not None
    close_ms = WallMs(START_WALL_MS + town.now_ms + 5 * MINUTE)
    body = Propose("tactical", TITLE, (), NoAction(), close_ms)
    proposal = town.say(0, body, (BLOB,), urgent=True)
    assert proposal is not None
    town.run(2_000)
    message = crypto.signed_message(crypto.TAG_BIND, town.charter.community_id, seat)
    town.say(3, AddDevice(NEW, FakeSigner(NEW).sign(message)))
    town.run(2_000)
    town.say(3, SetNodeKey(NEW))
    town.run(5_000)
    town.isolate(3)
    return town, old, proposal


@pytest.mark.parametrize("restarts", [0, 1, 2])
@pytest.mark.parametrize("cause", ["nothing", "closed", "revoked", "decided"])
def test_what_the_old_key_signed_has_an_end_and_it_is_told(cause: str, restarts: int) -> None:
    town, old, proposal = renewing()
    said = [
        town.say(3, Vote(proposal, proposal, "no", None)),
        town.say(3, Propose("tactical", TITLE, (), NoAction(), WallMs(0)), (BLOB,)),
    ]
    ops = [op for op in said if op is not None]
    assert len(ops) == 2
    town.renew(3, NEW)
    match cause:
        case "closed":
            town.run(6 * MINUTE)
        case "decided":
            town.say(0, Withdraw(proposal, None), urgent=True)
            town.run(2_000)
        case "revoked":
            other = town.node(3).core.member
            assert other is not None
            town.heal(3)
            town.muted.add(NEW)  # what it offers gets lost; its user is quicker on another device
            town.say(3, RevokeDevice(old), urgent=True)
            town.muted.clear()
            town.run(2_000)
        case _:
            pass
    for _ in range(restarts):
        town.restart(3)
    town.heal(3)
    town.run(5 * MINUTE)
    ends = [town.fate(op) for op in ops]
    assert "waits" not in ends
    if cause != "revoked":
        assert ends[1] == "counted"
        assert (ends[0] == "counted") == (cause == "nothing")
    node = town.node(3)
    codes = {one.code for one in node.notices if isinstance(one, OwnOpSettled) and one.op in ops}
    saved = {one.op for one in node.writes if isinstance(one, SaveFate)}
    assert (codes != set()) == (saved & set(ops) != set())


def test_what_another_key_signed_elsewhere_is_not_ones_own() -> None:
    """Its author's node tells of it; this one was not asked to say it."""
    town, _old, proposal = renewing()
    town.renew(3, NEW)
    town.heal(3)
    town.run(MINUTE)
    other = town.say(0, Vote(proposal, proposal, "yes", None))
    assert other is not None
    town.run(MINUTE)
    town.restart(3)
    core = town.node(3).core
    assert other not in core.fates
    assert not core.fates.is_own(town.said[other].op)
