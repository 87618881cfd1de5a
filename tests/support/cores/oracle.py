"""The commit rule and the times of commits, literally and slowly, from docs/protocol.md §3 alone.

No masks, no memory, no incremental state: sets of authors over all blocks each time. It
takes the members and the epoch's id from the committee and nothing else; quorum and slot order
are worked out here once more, for the byzantine fault model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.record.bodies import Propose
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.wire.ids import BlockId, MemberId


class Oracle:
    """Everything the rule says about one set of blocks, closed under parents.

    Closes are those of proposals that were open when the epoch began; and each proposal in a block
    wishes for one, in a tier without a least open time.
    """

    def __init__(
        self, committee: Committee, blocks: list[Block], closes: Iterable[int] = ()
    ) -> None:
        self.closes = sorted(closes)
        self._fates: dict[tuple[int, int], tuple[bool, BlockId | None]] = {}
        self.members = committee.members
        self.epoch = committee.epoch
        self.faults = (len(self.members) - 1) // 3  # R1.8
        self.quorum = (len(self.members) + self.faults) // 2 + 1
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

    def parents_before(self, block: Block) -> list[Block]:
        """Return the parents that are of the round before the block's."""
        parents = [self.by_id[one] for one in block.parents if one in self.by_id]
        return [one for one in parents if one.round == block.round - 1]

    def middle(self, block: Block) -> int:
        """Return the lower median of those parents' times (R3.2): half of the others above it."""
        times = [one.time_ms for one in self.parents_before(block)]
        if not times:
            return 0
        for time_ms in sorted(times):
            at_most = sum(one <= time_ms for one in times)
            if 2 * at_most >= len(times):
                return time_ms
        raise AssertionError("the last one is above no other")

    def votes_for(self, voter: Block, block: Block) -> bool:
        is_parent = voter.round == block.round + 1 and block.id in voter.parents
        return is_parent and block.time_ms <= self.middle(voter) + 2_000

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

    def fate(self, round_: int, place: int) -> tuple[bool, BlockId | None]:
        """Return (decided, committed block or None for skipped) by R3.4 to R3.6."""
        if (round_, place) not in self._fates:
            self._fates[round_, place] = self._find_fate(round_, place)
        return self._fates[round_, place]

    def _find_fate(self, round_: int, place: int) -> tuple[bool, BlockId | None]:
        author = self.members[place]
        decided, block = self.direct(round_, author)
        if decided:
            return True, block
        anchor = self.anchor(round_)
        if anchor is None:
            return False, None
        behind = self.history(anchor)
        for candidate in self.of(round_, author):
            if any(
                one.id in behind and self.certifies(one, candidate) for one in self.of(round_ + 2)
            ):
                return True, candidate.id
        return True, None

    def anchor(self, round_: int) -> Block | None:
        """Return the block of the first slot of round r + 3 and later that is not skipped."""
        for later in range(round_ + 3, self.top + 1):
            for other in self.slot_order(later):
                done, anchor = self.fate(later, other)
                if not done:
                    return None
                if anchor is not None:
                    return self.by_id[anchor]
        return None

    # --- times (R3.9) -----------------------------------------------------------------------

    def prompt_votes(
        self, block: Block, word: int, closes: list[int], wished: list[int], before: list[Block]
    ) -> list[Block]:
        is_soon = any(word < one < word + 10_000 for one in wished)
        found = []
        for voter in self.of(block.round + 1):
            time_ms = voter.time_ms
            parted = [one for one in closes + wished if (word < one) != (time_ms < one)]
            if is_soon and not all(self.votes_for(voter, one) for one in before):
                continue
            if self.votes_for(voter, block) and time_ms < word + 10_000 and not parted:
                found.append(voter)
        return found

    def time_of(
        self, block: Block, previous: int, closes: list[int], brought: list[Op], before: list[Block]
    ) -> int | None:
        """Return the time of a commit, or None where it is not known yet.

        Args:
            closes: of the proposals that are open before it.
            brought: the ops it outputs that none before it did.
            before: the blocks of its round that are committed before it.
        """
        word = max(previous, block.time_ms, self.middle(block))
        if not brought and all(one > word for one in closes):
            return max(previous, self.middle(block))
        wished = [int(op.body.close_ms) for op in brought if isinstance(op.body, Propose)]
        prompt = {one.id for one in self.prompt_votes(block, word, closes, wished, before)}

        def is_enough(blocks: Iterable[BlockId]) -> bool:
            return len({self.by_id[one].author for one in blocks if one in prompt}) > self.faults

        over = {one.author for one in self.of(block.round + 2) if is_enough(one.parents)}
        if len(over) >= self.quorum:
            return word
        anchor = self.anchor(block.round)
        if anchor is None:
            return None
        return word if is_enough(self.history(anchor)) else max(previous, self.middle(anchor))

    # --- the log ----------------------------------------------------------------------------

    def output(self) -> list[tuple[int, int, Block | None, int, list[BlockId]]]:
        """Return what is output, in slot order: slot, block, time and what it brings (R3.7)."""
        found: list[tuple[int, int, Block | None, int, list[BlockId]]] = []
        known: set[BlockId] = set()
        ops: set[bytes] = set()
        previous, closes = 0, list(self.closes)
        for round_ in range(1, self.top + 1):
            before: list[Block] = []
            for place in self.slot_order(round_):
                done, committed = self.fate(round_, place)
                if not done:
                    return found
                if committed is None:
                    found.append((round_, place, None, 0, []))
                    continue
                block = self.by_id[committed]
                new = self.history(block) - known
                said = {op.id: op for one in new for op in self.by_id[one].ops}
                brought = [op for op in said.values() if op.id not in ops]
                time_ms = self.time_of(block, previous, closes, brought, before)
                if time_ms is None:
                    return found
                found.append((round_, place, block, time_ms, sorted(new, key=self._log_key)))
                known |= new
                ops |= said.keys()
                closes += [op.body.close_ms for op in brought if isinstance(op.body, Propose)]
                previous, closes = time_ms, [one for one in closes if one > time_ms]
                before.append(block)
        return found

    def fates(self) -> list[tuple[int, int, bytes | None]]:
        """Return what is output, in slot order, as Reader does."""
        return [
            (round_, place, None if block is None else block.id)
            for round_, place, block, _, _ in self.output()
        ]

    def times(self) -> list[tuple[BlockId, int]]:
        """Return the commits, each with its time."""
        return [(block.id, time) for _, _, block, time, _ in self.output() if block is not None]

    def log(self) -> list[BlockId]:
        """Return the blocks that the committed slots output, in the order of R3.8."""
        return [one for *_, new in self.output() for one in new]

    def _log_key(self, block: BlockId) -> tuple[int, int, bytes]:
        one = self.by_id[block]
        author = self.members.index(one.author)
        return one.round, self.slot_order(one.round).index(author), block
