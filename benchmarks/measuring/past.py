"""A community with a past, made at once: closed proposals, erased texts, unproven commits.

What is old is written into the snapshot and the records that a store would give back, so a
past of any length costs no more than its records. No signature of it is anybody's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from p2pnode_protocols.agreement.receipts import Statement
from p2pnode_protocols.core.log.epoch import begin_epoch, found_epoch
from p2pnode_protocols.record.actions import NoAction
from p2pnode_protocols.record.bodies import Propose, Vote
from p2pnode_protocols.record.questions.judging import compute_rule
from p2pnode_protocols.record.questions.opening import open_proposal
from p2pnode_protocols.record.questions.proposal import EFFECT_NONE
from p2pnode_protocols.record.questions.register import Closed, extend_closed_hash
from p2pnode_protocols.record.seats.charter import Charter, founder_seat
from p2pnode_protocols.record.state import State
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.steps.restored import Restored, Unproven
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.ids import DeviceKey, OpId, Round, TextId, WallMs
from p2pnode_protocols.wire.limits import UNPROVEN

TIER = "implementation"


def digest(*parts: object) -> bytes:
    return hashlib.sha256(":".join(map(str, parts)).encode()).digest()


def close_many(charter: Charter, count: int) -> tuple[Closed, ...]:
    """Return so many proposals that everybody said yes to, numbered 1, 2, …"""
    electorate = tuple(one.id for one in charter.members)
    opened, decided = charter.created_ms, WallMs(charter.created_ms + 10)
    first = OpId(digest("proposal"))
    body = Propose(TIER, TextRef(TextId(digest("title")), 5), (), NoAction(), WallMs(0))
    one = open_proposal(first, 1, electorate[0], body, charter, 0, electorate, opened)
    for member in electorate:
        vote = Vote(first, first, "yes", None)
        one = one.voted(member, OpId(digest("vote", member.hex())), vote, opened)
    one = one.decided("passed", compute_rule(one, charter), EFFECT_NONE, decided)
    found: list[Closed] = []
    chain = bytes(32)
    for number in range(1, count + 1):
        op = OpId(digest("proposal", number))
        record = replace(one, id=op, number=number).to_bytes()
        chain = extend_closed_hash(chain, record, None)
        found.append(Closed(number, op, number, "passed", decided, one.close_ms, record, chain))
    return tuple(found)


def make_past(
    charter: Charter, past: int, verify: crypto.Verify = crypto.verify_ed25519
) -> Restored:
    """Return what a store gives back in epoch 1 after `past` of everything that stays.

    Closed proposals, erased texts, ended invites, names of former members, and commits of
    the founding epoch whose receipts nobody can give any more.
    """
    closed = close_many(charter, past)
    chain = closed[-1].chain if closed else bytes(32)
    wire = list(_items(State.genesis(charter, verify).to_wire()))
    wire[-4] = [[digest("text", n), digest("erasure", n)] for n in range(past)]
    wire[-1] = [[], past, chain]
    roster = list(_items(wire[0]))
    invites = {digest("invite", n): digest("opened", n) for n in range(past)}
    roster[2] = [[key, "guest", charter.created_ms, 0, invites[key]] for key in sorted(invites)]
    former = {digest("former", n): f"former {n}" for n in range(past)}
    roster[5] = [[member, former[member]] for member in sorted(former)]
    wire[0] = roster
    state = State.read(wire, closed, verify)
    state.begin_epoch()
    founding, root = found_epoch(charter), digest("root")
    record = begin_epoch(founding, state, Round(5), charter.members[0].id, past + 1, root)
    gone = [founder_seat(f"gone {n}", DeviceKey(digest("gone", n))) for n in range(4)]
    elsewhere = charter.with_members(gone).to_bytes()
    unproven = tuple(
        Unproven(Statement(founding.id, n, digest("root", n), None), elsewhere, ())
        for n in range(1, min(past, UNPROVEN) + 1)
    )
    return Restored(record, (), (), (), ((past + 1, root),), 0, closed, unproven)


def _items(value: Value) -> Sequence[Value]:
    assert isinstance(value, list | tuple)
    return value
