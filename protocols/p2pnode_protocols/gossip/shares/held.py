"""Blocks that are here and cannot be taken in yet: each counts for its author's seat."""

from __future__ import annotations

from ...agreement.blocks import Block
from ...wire.ids import BlockId, DeviceKey
from ...wire.limits import (
    FUTURE_EPOCH_BLOCKS,
    FUTURE_EPOCH_BLOCKS_PER_SEAT,
    FUTURE_EPOCH_BYTES,
    FUTURE_EPOCH_BYTES_PER_SEAT,
)
from ..memory import memory_of_block
from .forks import ForkPaces
from .orphans import Orphans
from .shares import Limits, Shares


class HeldBlocks:
    """Those that lack parents, those of epochs to come, and what forks have used up."""

    def __init__(self) -> None:
        self.orphans = Orphans()
        self.fork_paces = ForkPaces()
        self.future: Shares[BlockId, Block] = Shares(
            Limits(
                FUTURE_EPOCH_BLOCKS_PER_SEAT,
                FUTURE_EPOCH_BYTES_PER_SEAT,
                FUTURE_EPOCH_BLOCKS,
                FUTURE_EPOCH_BYTES,
            )
        )

    def begin_epoch(self) -> None:
        """Forget those of the last epoch."""
        self.orphans = Orphans()
        self.fork_paces = ForkPaces()

    def lost(self, device: DeviceKey) -> None:
        """A peer has gone: forget what only it had brought."""
        self.orphans.lost(device)
        for block in self.future.lost(device):
            self.future.remove(block)

    def hold_future(self, block: Block, sender: DeviceKey) -> None:
        """Keep a block of an epoch this node has not reached, for its author's seat (R6.7)."""
        self.future.put(
            block.id,
            block,
            seat=block.author,
            size=memory_of_block(block),
            rank=block.round,
            carrier=sender,
        )

    def take_future(self) -> list[tuple[Block, DeviceKey]]:
        return [(block, next(iter(carriers))) for block, carriers in self.future.clear()]
