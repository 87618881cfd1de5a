"""The commit rule once more, literally and slowly, from docs/protocol.md §3 alone.

No masks, no memory, no incremental state: sets of authors over all blocks each time. It
takes the members and the epoch's id from the committee and nothing else; quorum and slot order
are worked out here once more, for the byzantine fault model.
"""

from __future__ import annotations

import hashlib
from functools import cache

from p2pnode_protocols.blocks import Block
from p2pnode_protocols.committee import Committee
from p2pnode_protocols.ids import BlockId, MemberId


class Oracle:
    """Everything the rule says about one set of blocks, closed under parents."""

    def __init__(self, committee: Committee, blocks: list[Block]) -> None:
        self.members = committee.members
        self.epoch = committee.epoch
        faults = (len(self.members) - 1) // 3  # R1.8
        self.quorum = (len(self.members) + faults) // 2 + 1
        self.by_id: dict[BlockId, Block] = {block.id: block for block in blocks}
        self.top = max((block.round for block in blocks), default=0)

    def slot_order(self, round_: int) -> list[int]:
        """Return the places of the members in the order of their slots (R3.1)."""

        def key(place: int) -> bytes:
            content = self.epoch + round_.to_bytes(8, "big") + self.members[place]
            return hashlib.sha256(b"p2pnode/slot/1\0" + content).digest()

        return sorted(range(len(self.members)), key=key)

    def of(self, round_: int, author: MemberId | None = None) -> list[Block]:
        return [
            block
            for block in self.by_id.values()
            if block.round == round_ and author in (None, block.author)
        ]

    def votes_for(self, voter: Block, block: Block) -> bool:
        return voter.round == block.round + 1 and block.id in voter.parents

    def certifies(self, certifier: Block, block: Block) -> bool:
        voters = {
            parent.author
            for parent in (self.by_id[one] for one in certifier.parents if one in self.by_id)
            if self.votes_for(parent, block)
        }
        return certifier.round == block.round + 2 and len(voters) >= self.quorum

    def direct(self, round_: int, author: MemberId) -> tuple[bool, BlockId | None]:
        """Return (decided, committed block or None for skipped)."""
        for block in self.of(round_, author):
            certifiers = {one.author for one in self.of(round_ + 2) if self.certifies(one, block)}
            if len(certifiers) >= self.quorum:
                return True, block.id
        skippers = {
            voter.author
            for voter in self.of(round_ + 1)
            if not any(self.votes_for(voter, block) for block in self.of(round_, author))
        }
        return len(skippers) >= self.quorum, None

    def history(self, block: Block) -> set[BlockId]:
        found, stack = {block.id}, [block]
        while stack:
            for one in stack.pop().parents:
                if one in self.by_id and one not in found:
                    found.add(one)
                    stack.append(self.by_id[one])
        return found

    def fates(self) -> list[tuple[int, int, bytes | None]]:
        """Return what is decided, in slot order, up to the first undecided slot."""

        @cache
        def fate(round_: int, place: int) -> tuple[bool, BlockId | None]:
            author = self.members[place]
            decided, block = self.direct(round_, author)
            if decided:
                return True, block
            for later in range(round_ + 3, self.top + 1):
                for other in self.slot_order(later):
                    done, anchor = fate(later, other)
                    if not done:
                        return False, None
                    if anchor is None:
                        continue
                    behind = self.history(self.by_id[anchor])
                    for candidate in self.of(round_, author):
                        if any(
                            one.id in behind and self.certifies(one, candidate)
                            for one in self.of(round_ + 2)
                        ):
                            return True, candidate.id
                    return True, None
            return False, None

        found: list[tuple[int, int, bytes | None]] = []
        for round_ in range(1, self.top + 1):
            for place in self.slot_order(round_):
                done, block = fate(round_, place)
                if not done:
                    return found
                found.append((round_, place, block))
        return found

    def log(self) -> list[BlockId]:
        """Return the blocks that the committed slots output, in the order of R3.8."""
        output: list[BlockId] = []
        for _round, _place, committed in self.fates():
            if committed is None:
                continue
            new = self.history(self.by_id[BlockId(committed)]) - set(output)
            output += sorted(new, key=self._log_key)
        return output

    def _log_key(self, block: BlockId) -> tuple[int, int, bytes]:
        one = self.by_id[block]
        author = self.members.index(one.author)
        return one.round, self.slot_order(one.round).index(author), block
