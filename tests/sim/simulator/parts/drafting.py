"""What a liar's node runs inside: the honest core, except that its blocks are drafted first.

A draft says what the next block will say. The strategies of `liars/` change it before it is
signed, so that a liar stands on what it really sent and not on an honest block beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from p2pnode_protocols.agreement.blocklace import Vertex
from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.core import Core
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import NotYet, PeerFault
from p2pnode_protocols.wire.ids import BlockId, CommunityId, EpochId, MemberId, Round, WallMs


@dataclass
class Draft:
    """A block before it is signed. Strategies change any field."""

    epoch: EpochId
    author: MemberId
    round: Round
    time_ms: WallMs
    parents: list[Vertex]
    ops: tuple[Op, ...]
    final_index: int
    final_root: bytes
    sequence: int | None = None  # else what its parents make it

    def sign(
        self, community: CommunityId, signer: crypto.Signer, names: Sequence[BlockId] = ()
    ) -> Block:
        """Return the block. `names`: parents that nobody has, after those that are here."""
        ids = (*(parent.id for parent in self.parents), *names)
        first = self.parents[0].block if self.parents else None
        follows = first is not None and first.author == self.author
        sequence = 1 + (first.sequence if first is not None and follows else 0)
        return sign_block(
            community,
            signer,
            epoch=self.epoch,
            author=self.author,
            sequence=sequence if self.sequence is None else self.sequence,
            round_=self.round,
            time_ms=self.time_ms,
            parents=ids or (BlockId(bytes(self.epoch)),),
            ops=self.ops,
            final_index=self.final_index,
            final_root=self.final_root,
        )


class DraftingCore(Core):
    """The honest core whose drafts pass through `shapers` before they are signed."""

    shapers: Sequence[Callable[[Draft], None]] = ()

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.maker.make_block = self._make_block

    def _make_block(self, round_: Round) -> None:
        """Make the block that the strategies want, or the honest one where that is invalid."""
        honest = self.draft(round_)
        shaped = self.draft(round_)
        for shape in self.shapers:
            shape(shaped)
        vertex: Vertex | None = None
        for draft in (shaped, honest):
            try:
                vertex = self.epoch.lace.check(draft.sign(self.community, self.me.signer))
                break
            except (NotYet, PeerFault):
                continue  # it would be refused everywhere: not the lie that was meant
        assert vertex is not None, "an honest block is valid"
        self.pool.carry_anew(op for op in vertex.block.ops if op.id in self.pool)
        self.intake.add(vertex, None)
        self.epoch.cover(vertex)

    def draft(self, round_: Round) -> Draft:
        """Return what the honest core would sign (R4.8, R4.9, R5.5)."""
        epoch = self.epoch
        assert epoch.me is not None
        return Draft(
            epoch.id,
            epoch.committee.members[epoch.me],
            round_,
            epoch.time_for(self._now.wall_ms),
            list(epoch.parents_for(round_)) if round_ > 1 else [],
            self.pool.select(
                self.state,
                round_,
                self.agenda.deferred(),
                set(self.preview.changed),
                self._now.mono_ms - self.agenda.linger().patience_ms,
            ),
            self.final_index,
            self.final_root,
        )
