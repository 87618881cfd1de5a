"""How much memory decoded objects take."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from support.cores.dag import COMMUNITY, EPOCH, FakeSigner, fake_verify

from p2pnode_protocols.agreement.blocks import sign_block
from p2pnode_protocols.gossip.memory import memory_of_block
from p2pnode_protocols.record.actions import AmendAction, EraseAction
from p2pnode_protocols.record.bodies import Away, Body, Propose, Vote
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.texts import TextRef
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, MemberId, OpId, Round, TextId, WallMs


def op_body(kind: str) -> Body:
    text = TextRef(TextId(bytes(32)), 5)
    match kind:
        case "vote":
            return Vote(OpId(b"p" * 32), OpId(b"p" * 32), "yes", text)
        case "erase":
            texts = tuple(TextId(number.to_bytes(32, "big")) for number in range(64))
            return Propose("implementation", text, (), EraseAction(texts), WallMs(0))
        case "amend":
            changes = tuple((f"p{number}", [number, 300 + number]) for number in range(32))
            return Propose("implementation", text, (), AmendAction(changes), WallMs(0))
        case _:
            return Away()


@pytest.mark.parametrize("parents", [1, 3, 256])
@pytest.mark.parametrize("kind", ["none", "vote", "erase", "amend", "away"])
def test_what_is_counted_for_a_block_is_no_less_than_the_memory_it_takes(
    kind: str, parents: int
) -> None:
    signer, member = FakeSigner(DeviceKey(b"d" * 32)), MemberId(b"m" * 32)
    bodies = [] if kind == "none" else [op_body(kind) for _ in range(50)]
    ops = tuple(
        sign_op(COMMUNITY, member, signer, nonce, WallMs(1), body)
        for nonce, body in enumerate(bodies, 1)
    )
    block = sign_block(
        COMMUNITY,
        signer,
        epoch=EPOCH,
        author=member,
        sequence=3,
        round_=Round(5),
        time_ms=WallMs(5),
        parents=tuple(BlockId(number.to_bytes(32, "big")) for number in range(parents)),
        ops=ops,
        final_index=0,
        final_root=bytes(32),
    )
    wires = [bytes(bytearray(block.wire)) for _ in range(10)]
    gc.collect()
    tracemalloc.start()
    opened = [Opener(COMMUNITY, fake_verify).block(wire) for wire in wires]
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] / len(opened) + len(block.wire)
    tracemalloc.stop()
    assert taken <= memory_of_block(opened[0]) <= 3 * taken
