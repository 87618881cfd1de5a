"""How much memory decoded objects take: what buffers count, as bytes on the wire tell too little.

Measured with blocks and ops of all kinds (tests/unit/protocols/record/test_memory.py): all but one
kind of fields take four to four and a half times their bytes. The value of a charter change is free
in its shape, and a list in a list takes one byte on the wire and sixty-four in memory.
"""

from __future__ import annotations

from ..agreement.blocks import Block
from ..record.actions import AmendAction
from ..record.bodies import Propose
from ..record.ops import Op
from ..wire.limits import KIB

PER_BYTE = 5
OF_ANY = 1024  # … and for its places in dicts
MESSAGE_BYTES = KIB  # of a message without what is counted apart, generously
KEY_BYTES = 34  # on the wire: a hash or key in a list
PAIR_BYTES = 48  # … and a key with a number
PER_CHANGE = 320  # of a charter: two lists, a path, two numbers


def compute_memory(wire_bytes: int) -> int:
    """Return the memory, in bytes, of something decoded; rather more."""
    return OF_ANY + PER_BYTE * wire_bytes


def memory_of_op(op: Op) -> int:
    """Return the memory, in bytes, that an op takes; rather more."""
    memory = compute_memory(len(op.wire))
    if isinstance(op.body, Propose) and isinstance(op.body.action, AmendAction):
        memory += PER_CHANGE * len(op.body.action.changes)
    return memory


def memory_of_block(block: Block) -> int:
    """Return the memory, in bytes, that a block takes with its ops; rather more."""
    return OF_ANY + PER_BYTE * (len(block.header) + 128) + sum(map(memory_of_op, block.ops))
