"""What is still to be said to one peer, and whether it can take it now (R7.23).

A node says nothing into the blue: of what it sends unasked so much may be under way to a peer,
the rest waits here, by name only. When the shell reports that all has been written, the next
part is made. What waits is forgotten with the connection: the next hellos begin anew.
"""

from __future__ import annotations

from collections.abc import Callable

from ...agreement.blocklace import Vertex
from ...record.bodies import texts_of
from ...record.ops import Op
from ...wire.ids import BlockId, DeviceKey, OpId
from ...wire.limits import PENDING_PER_MEMBER, PULL_BYTES, PUSH_BYTES, WANT_HASHES
from ..memory import compute_memory, memory_of_block, memory_of_op

PUSH_CATCH_UP = 256  # blocks; a peer further behind pulls instead
PUSH_MEMORY = compute_memory(PUSH_BYTES)


class Backlog:
    """Counts what is under way to one peer, and names what waits for it."""

    def __init__(self) -> None:
        self.is_awaited = False  # the shell is to report when all is written
        self.owes_links = False
        self.owes_status = False
        self.owes_ops = False  # look again which it lacks once none waits
        self.contacts: dict[DeviceKey, None] = {}  # whose are to be told, the first first
        self._sent = 0  # memory of what may not be written yet
        self._blocks: dict[BlockId, Vertex] = {}
        self._block_bytes = 0
        self._ops: dict[bytes, dict[OpId, None]] = {}  # by who pays for them; seats take turns

    @property
    def is_open(self) -> bool:
        """Whether something more may be sent now."""
        return self._sent < PUSH_MEMORY

    @property
    def has_blocks(self) -> bool:
        return bool(self._blocks)

    @property
    def has_ops(self) -> bool:
        return bool(self._ops)

    @property
    def is_empty(self) -> bool:
        owes = self.owes_links or self.owes_status or self.owes_ops
        return not (self._blocks or self._ops or self.contacts or owes)

    def count(self, memory: int) -> bool:
        """Count what is sent; return whether to ask the shell now to report that it is written."""
        self._sent += memory
        was_awaited = self.is_awaited
        self.is_awaited = was_awaited or 2 * self._sent >= PUSH_MEMORY or not self.is_empty
        return self.is_awaited and not was_awaited

    def written(self) -> None:
        """All that was sent has been written."""
        self._sent = 0
        self.is_awaited = False

    # --- blocks --------------------------------------------------------------------------

    def owe_blocks(self, vertices: list[Vertex]) -> bool:
        """Let blocks wait; return False when it is too much, and the peer is to pull instead."""
        for vertex in vertices:
            if vertex.id not in self._blocks:
                self._blocks[vertex.id] = vertex
                self._block_bytes += len(vertex.block.wire)
        if len(self._blocks) <= PUSH_CATCH_UP and (
            self._block_bytes <= PULL_BYTES or len(self._blocks) == 1
        ):
            return True
        self.forget_blocks()
        return False

    def take_blocks(self, is_lacking: Callable[[Vertex], bool]) -> list[Vertex]:
        """Return the blocks to be sent now, parents first, and let them wait no more."""
        taken: list[Vertex] = []
        memory = 0
        for vertex in sorted(self._blocks.values(), key=lambda one: (one.round, one.author)):
            if is_lacking(vertex):
                more = memory_of_block(vertex.block)
                if taken and memory + more > PUSH_MEMORY:
                    break
                taken.append(vertex)
                memory += more
            del self._blocks[vertex.id]
            self._block_bytes -= len(vertex.block.wire)
        return taken

    def forget_blocks(self) -> None:
        self._blocks.clear()
        self._block_bytes = 0

    # --- ops -----------------------------------------------------------------------------

    def owe_op(self, op: OpId, payer: bytes, find: Callable[[OpId], object | None]) -> None:
        """Let an op wait, behind those of its payer.

        Args:
            find: finds an op by its id, if it is not final yet; what is, is forgotten.
        """
        queue = self._ops.setdefault(payer, {})
        queue[op] = None
        if len(queue) > 2 * PENDING_PER_MEMBER:  # more are not kept of one
            self._ops[payer] = dict.fromkeys(one for one in queue if find(one) is not None)

    def drop_op(self, op: OpId) -> None:
        """Let an op wait no more: the peer has it."""
        for payer, queue in list(self._ops.items()):
            if queue.pop(op, self) is None and not queue:
                del self._ops[payer]

    def take_ops(self, find: Callable[[OpId], Op | None]) -> list[Op]:
        """Return the ops to be sent now, one of each payer in turn, and let them wait no more.

        As many as `PUSH_BYTES` hold, with their texts; those of one device in order of nonce.
        """
        taken: list[Op] = []
        memory = texts = 0
        while self._ops:
            payer, queue = next(iter(self._ops.items()))
            op_id = next(iter(queue))
            op = find(op_id)
            if op is not None:
                refs = texts_of(op.body)
                more = memory_of_op(op) + sum(compute_memory(ref.size) for ref in refs)
                if taken and (memory + more > PUSH_MEMORY or texts + len(refs) > WANT_HASHES):
                    break
                taken.append(op)
                memory += more
                texts += len(refs)
            del queue[op_id], self._ops[payer]
            if queue:
                self._ops[payer] = queue  # behind the others
        return taken
