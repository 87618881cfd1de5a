"""What is promised of times (docs/protocol.md, Lemmas 9 to 13), checked at every commit of a run.

A run knows the true time, how far each honest clock has ever been off, and when each op was said
and first reached an honest node. What f members may do wrong, liars or clocks, is taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.questions.register import Closed
from p2pnode_protocols.wire.ids import DeviceKey, OpId
from p2pnode_protocols.wire.limits import PROMPT_MS, SKEW_MS

from .parts.clockwork import MS

if TYPE_CHECKING:
    from .parts.node import SimNode
    from .world import World

# Blocks of one millisecond are dated one after the other (R4.9).
CROWD_MS = 100


class Times:
    """Fed by `Promises`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._off_ms: dict[DeviceKey, int] = {}  # honest clocks, at their worst so far
        self._said_ms: dict[OpId, int] = {}  # the true time
        self._held_ms: dict[OpId, int] = {}  # since when an honest node has it in a block
        self._brought: set[OpId] = set()  # by a commit, whether they had to wait then or not
        self._last_ms = 0
        self._windows: set[OpId] = set()

    @property
    def now_ms(self) -> int:
        """The true wall time."""
        return self.world.start_ms + self.world.clock.now_us // MS

    def note_said(self, op: Op) -> None:
        self._said_ms.setdefault(op.id, self.now_ms)

    def note_held(self, op: Op) -> None:
        self._held_ms.setdefault(op.id, self.now_ms)

    def note_clock(self, node: SimNode) -> None:
        """A clock may be put right before a block that it dated is committed."""
        if node.is_honest:
            worst = max(self._off_ms.get(node.device, 0), abs(node.wall_offset_ms))
            self._off_ms[node.device] = worst

    def _worst_good_clock(self) -> int | None:
        """Return by how much honest clocks may be off; None: more than f members are bad.

        The worst ones count as faulty, as far as the liars leave f to them.
        """
        for node in self.world.nodes:
            self.note_clock(node)
        faults = [
            node.core.epoch.committee.faults
            for node in self.world.nodes
            if node.core is not None and node.is_honest
        ]
        liars = sum(not node.is_honest for node in self.world.nodes)
        bad = min(faults, default=0) - liars
        if bad < 0:
            return None
        good = sorted(self._off_ms.values(), reverse=True)[bad:]
        return max(good, default=0) + CROWD_MS

    def on_commit(self, commit: Commit, brought: Sequence[OpId]) -> None:
        """Look at a commit that nobody has shown before.

        Args:
            brought: by its blocks, and taken by the log. What took effect now and waited since an
                earlier commit was looked at with that one: times do not fall.
        """
        promises, fail = self.world.promises, self.world.promises.fail
        fresh = [op for op in brought if op not in self._brought]
        self._brought.update(fresh)
        for op, _code in commit.entries:
            if op not in self._brought:
                fail(f"index {commit.index} has an entry that no commit's blocks brought", op.hex())
        if commit.time_ms < self._last_ms:
            fail(f"time (R3.9) fell at index {commit.index}")
        self._last_ms = int(commit.time_ms)
        off_ms = self._worst_good_clock()
        if off_ms is None:
            return
        promises.checked["time: none in the future"] += 1
        if commit.time_ms > max(self.now_ms + off_ms + SKEW_MS, self.world.start_ms + off_ms):
            fail(
                f"time (Lemma 12): index {commit.index} is dated in the future",
                f"{commit.time_ms - self.now_ms} ms ahead, clocks are off by {off_ms}",
            )
        author = next((one for one in self.world.nodes if one.member == commit.author), None)
        is_good = author is not None and author.is_honest
        if author is not None and is_good:
            is_good = self._off_ms.get(author.device, 0) <= off_ms
        early_ms = 0 if is_good else PROMPT_MS
        for op in fresh:
            said_ms = self._said_ms.get(op)
            if said_ms is None:
                continue
            promises.checked["time: not before it was said"] += 1
            if commit.time_ms < said_ms - off_ms - early_ms:
                fail(
                    f"time (Lemma 11): index {commit.index} is dated before what it brings",
                    f"op {op.hex()[:8]} was said {said_ms - commit.time_ms} ms later; "
                    f"clocks are off by {off_ms}",
                )

    def on_closed(self, closed: Closed) -> None:
        """Look at a record that nobody has saved before."""
        if closed.id in self._windows:
            return
        self._windows.add(closed.id)
        promises, fail = self.world.promises, self.world.promises.fail
        off_ms = self._worst_good_clock()
        if off_ms is None:
            return
        proposal = Proposal.from_bytes(closed.record)
        if proposal.decided_ms >= proposal.close_ms:
            promises.checked["time: no window closed early"] += 1
            if self.now_ms < proposal.close_ms - off_ms:
                fail(
                    "time (Lemma 12): a window closed early",
                    f"{closed.id.hex()[:8]} by {proposal.close_ms - self.now_ms} ms",
                )
        for revision in proposal.revisions:
            for ballot in revision.votes.values():
                promises.checked["time: counted votes were seen in time"] += 1
                held_ms = self._held_ms.get(ballot.op)
                if held_ms is None or held_ms > proposal.close_ms + off_ms:
                    fail(
                        "time (Lemma 13): a vote counted that no honest node had at the close",
                        f"{ballot.op.hex()[:8]} on {closed.id.hex()[:8]}",
                    )
