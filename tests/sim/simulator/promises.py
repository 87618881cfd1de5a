"""What every node is promised (docs/protocol.md, Promises), checked while a run goes on.

Safety is looked at with each write, send and notice, so that the first wrong moment is
the one that is reported; `check_ending` looks at what must hold once all is healed and still.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from p2pnode_protocols.agreement.blocks import Block, open_header
from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.spreading import Pulled, Push
from p2pnode_protocols.record.bodies import Evidence, Supports
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.steps.inputs import Input, Now, Received
from p2pnode_protocols.steps.notices import (
    Diverged,
    ForkFound,
    LeaptOver,
    Notice,
    PeerRefused,
    ProposalDecided,
    RefusedByPeer,
)
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveClosed,
    SaveCommit,
    SaveEpoch,
    SaveFork,
    SaveOp,
    Write,
)
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.errors import PeerFault
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, EpochId, MemberId, OpId, Round
from p2pnode_protocols.wire.limits import (
    CONTACTS_EARLY_PER_SEAT,
    FORK_BYTES_PER_SEAT,
    FORKS_NAMED_PER_SLOT,
    FUTURE_EPOCH_BLOCKS_PER_SEAT,
    FUTURE_EPOCH_BYTES_PER_SEAT,
    MEMBERS,
    ORPHAN_BYTES_PER_SEAT,
    ORPHANS_PER_SEAT,
)

from .parts.keys import verify_simulated
from .times import Times

if TYPE_CHECKING:
    from .parts.node import SimNode
    from .world import World

# What an honest node may refuse of another honest one, and why it may happen.
EXCUSED = {
    "not_a_member": "the news that it left, or joined, had not reached it",
    "bad_invite": "the newcomer was faster than the news that its seat is open",
    "invite_over": "others took its seat, or it has left that seat since",
    "bad_epoch": "its epoch ended while the block was under way",
}
# Told, but not held against whoever only carries what another member said (R7.10).
TOLD = frozenset({"conflicting_nonce", "limit_buffer", "limit_rate"})


# What one node may hold of one seat, whatever that does (R7.19, R2.19).
BOUNDS = {
    "blocks of one slot": FORKS_NAMED_PER_SLOT + 2 * MEMBERS,  # and one a second for each namer
    "bytes of forks in one epoch": 2 * FORK_BYTES_PER_SEAT,  # … and three full blocks a second
    "bytes of memory of blocks of epochs to come": FUTURE_EPOCH_BYTES_PER_SEAT,
    "bytes of memory of orphans": ORPHAN_BYTES_PER_SEAT,
    "blocks of epochs to come": FUTURE_EPOCH_BLOCKS_PER_SEAT,
    "early contacts": CONTACTS_EARLY_PER_SEAT,
    "orphans": ORPHANS_PER_SEAT,
}


class BrokenPromise(AssertionError):
    """A run in which something promised did not hold; the text says where to begin."""


@dataclass
class Said:
    """An op that a node was asked to say."""

    op: Op
    node: SimNode
    is_acknowledged: bool = False


@dataclass
class Observed:
    """What one honest node has shown so far; survives its crashes."""

    final_index: int = 0
    epoch_number: int = -1
    blocks_made: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    slots: dict[tuple[EpochId, MemberId, Round], set[BlockId]] = field(default_factory=dict)


class Promises:
    """The one place that knows what all nodes did."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.times = Times(world)
        self.said: dict[OpId, Said] = {}
        self.log: list[tuple[Commit, SimNode]] = []  # the first node's word on each index
        self.entry_of: dict[OpId, tuple[int, str]] = {}  # op -> commit index, code
        self.ops: dict[OpId, Op] = {}  # of the entries
        self.outcomes: dict[OpId, str] = {}
        self.epochs: dict[int, tuple[EpochId, int, bytes, SimNode]] = {}
        self.observed: dict[DeviceKey, Observed] = {}
        self.slots: dict[tuple[EpochId, MemberId, Round], BlockId] = {}  # honest, made durable
        self.nonces: dict[tuple[DeviceKey, int], OpId] = {}  # used up by an entry
        self.forks: set[tuple[BlockId, BlockId]] = set()  # evidence that honest nodes keep
        self.checked: Counter[str] = Counter()  # how often each promise was looked at
        self.most: dict[str, int] = {}  # that an honest node held of one seat (`BOUNDS`)
        self.last_block_us = 0
        self.refusals: Counter[str] = Counter()
        self.excuses: dict[str, str] = dict(EXCUSED)  # a scenario that lies adds its own

    def of(self, node: SimNode) -> Observed:
        return self.observed.setdefault(node.device, Observed())

    def fail(self, what: str, *lines: str) -> None:
        raise BrokenPromise("\n".join([what, *(f"  {line}" for line in lines)]))

    # --- while it runs -------------------------------------------------------------------

    def on_boot(self, node: SimNode, restored: Restored) -> None:
        """A store that lost its tail gives the same commits again, from where it stands."""
        roots = restored.recent_roots
        self.of(node).final_index = max(restored.epoch.genesis_index, roots[-1][0] if roots else 0)

    def on_step(self, node: SimNode, event: Input, step: Step, now: Now) -> None:
        if step.wake_at is not None and step.wake_at <= now.mono_ms:
            self.fail(
                "the node would spin: wake_at is not in the future",
                f"{node.name}  {type(event).__name__} at {now.mono_ms} ms: wake_at {step.wake_at}",
            )

        if node.is_honest and node.core is not None and isinstance(event, Received):
            sync = node.core.sync
            for what, memory, shares in (
                ("orphans", "bytes of memory of orphans", sync.held.orphans.held()),
                (
                    "blocks of epochs to come",
                    "bytes of memory of blocks of epochs to come",
                    sync.held.future.held(),
                ),
                ("early contacts", None, sync.hearsay.early.held()),
            ):
                for count, size in shares.values():
                    self._note_held(node, what, count)
                    if memory is not None:
                        self._note_held(node, memory, size)
            for size in sync.held.fork_paces.held().values():
                self._note_held(node, "bytes of forks in one epoch", size)

    def _note_held(self, node: SimNode, what: str, count: int) -> None:
        self.checked["budgets: bounded for each seat"] += 1
        self.most[what] = max(count, self.most.get(what, 0))
        if count > BOUNDS[what]:
            self.fail(
                f"budgets: {count} {what} of one seat", f"{node.name}  {BOUNDS[what]} at most"
            )

    def on_writes(self, node: SimNode, writes: Sequence[Write]) -> None:
        if not node.is_honest:
            return
        for write in writes:
            if isinstance(write, SaveBlock):
                block = write.block
                slot = (block.epoch, block.author, block.round)
                kept = self.of(node).slots.setdefault(slot, set())
                kept.add(block.id)
                self._note_held(node, "blocks of one slot", len(kept))
            match write:
                case SaveCommit():
                    self._on_commit(node, write)
                case SaveEpoch():
                    self._on_epoch(node, write)
                case SaveBlock(block=block, own=True):
                    self.of(node).blocks_made += 1
                    self._on_held(block)
                    self.last_block_us = self.world.clock.now_us
                    key = (block.epoch, block.author, block.round)
                    if self.slots.setdefault(key, block.id) != block.id:
                        self.fail(
                            "accountability (R1.7): an honest node forked",
                            f"{node.name}  round {block.round}: {self.slots[key].hex()[:8]} "
                            f"and {block.id.hex()[:8]}",
                        )
                case SaveBlock(block=block):
                    self._on_held(block)
                case SaveClosed(closed=closed):
                    self.times.on_closed(closed)
                case SaveOp(op=op, own=True) if isinstance(op.body, Evidence | Supports):
                    self._on_said_by_itself(node, op)
                case SaveFork(first=first, second=second):
                    self.forks.add((first.id, second.id))
                    self._on_fork(node, first.author, first.round)
                case _:
                    pass

    def _on_held(self, block: Block) -> None:
        for op in block.ops:
            self.times.note_held(op)

    def _on_said_by_itself(self, node: SimNode, op: Op) -> None:
        """A node says by itself who forked and what it supports; like all it says, it is final."""
        self.said.setdefault(op.id, Said(op, node, is_acknowledged=True))
        self.times.note_said(op)
        if not isinstance(op.body, Evidence):
            return
        header = open_header(
            self.world.community, op.body.first, op.body.first_signature, verify_simulated
        )
        self._on_fork(node, header.author, header.round)

    def _on_fork(self, node: SimNode, author: MemberId, round_: Round) -> None:
        self.checked["accountability: no evidence against the honest"] += 1
        if self.world.is_honest_member(author):
            self.fail(
                "accountability (R1.7): fork evidence against an honest member",
                f"{node.name}  {self.world.name_of(author)} round {round_}",
            )

    def _on_commit(self, node: SimNode, saved: SaveCommit) -> None:
        commit, ops = saved.commit, saved.ops
        seen = self.of(node)
        if commit.index > seen.final_index + 1:
            self.fail(
                "total order (R1.2): a node left commits out",
                f"{node.name}  has {seen.final_index}, then {commit.index}",
            )
        seen.final_index = max(seen.final_index, commit.index)
        self.checked["total order: equal commits"] += 1
        if commit.index <= len(self.log):
            known, first = self.log[commit.index - 1]
            if known != commit:
                self.fail(
                    f"logs diverge at index {commit.index}",
                    f"{first.name}  {self._describe(known)}",
                    f"{node.name}  {self._describe(commit)}",
                )
            return
        if commit.index != len(self.log) + 1:
            self.fail(f"total order (R1.2): index {commit.index} follows {len(self.log)}")
        self._check_root(node, commit)
        self.log.append((commit, node))
        self.times.on_commit(commit, [op.id for op in saved.taken])
        if [op.id for op in ops] != [op for op, _ in commit.entries]:
            self.fail("a commit is saved with other ops than its entries", f"{node.name}")
        for op, (op_id, code) in zip(ops, commit.entries, strict=True):
            self._on_entry(node, commit.index, op, op_id, code)
        for proposal, outcome, *_rest in commit.decided:
            self.checked["graded agreement: one outcome"] += 1
            if self.outcomes.setdefault(proposal, outcome) != outcome:
                self.fail(
                    "graded agreement (R1.1): a proposal was decided twice",
                    f"{proposal.hex()[:8]}  {self.outcomes[proposal]}, then {outcome}",
                )
            self.world.on_outcome(proposal, outcome)

    def _check_root(self, node: SimNode, commit: Commit) -> None:
        """The root, written out once more from R3.10: a chain over all that was decided."""
        founding = self.world.genesis
        epoch = self.epochs[commit.epoch_number][0] if commit.epoch_number else founding.id
        before = self.log[-1][0].root if self.log else founding.genesis_root
        entries = encode([list(entry) for entry in commit.entries])
        content = encode(
            [
                before,
                epoch,
                commit.round,
                commit.author,
                commit.block,
                commit.time_ms,
                hashlib.sha256(b"p2pnode/entries/1\0" + entries).digest(),
                [list(one) for one in commit.decided],
                [list(one) for one in commit.derived],
            ]
        )
        tag = b"p2pnode/log/1\0"
        self.checked["total order: roots chained"] += 1
        if commit.root != hashlib.sha256(tag + self.world.community + content).digest():
            self.fail(f"the log root at index {commit.index} is not that of R3.10", f"{node.name}")

    def _on_entry(self, node: SimNode, index: int, op: Op, op_id: OpId, code: str) -> None:
        if op_id in self.entry_of:
            self.fail(
                "validity (R1.3): an op counted twice",
                f"{node.name}  op {op_id.hex()[:8]} at {self.entry_of[op_id][0]} and {index}",
            )
        nonce = self.nonces.setdefault((op.device, op.nonce), op_id)
        if nonce != op_id:
            self.fail(
                "validity (R2.11): two ops with one nonce counted",
                f"{node.name}  nonce {op.nonce}: {nonce.hex()[:8]}, then {op_id.hex()[:8]}",
            )
        self.checked["validity: said by a member, once"] += 1
        said = self.said.get(op_id)
        is_said = said is not None and said.op.wire == op.wire
        if not is_said and not self.world.may_invent(op):
            self.fail(
                "validity (R1.3): an op that no member said is final",
                f"{node.name}  op {op_id.hex()[:8]} {op.body.KIND} at {index}",
            )
        self.entry_of[op_id] = (index, code)
        self.ops[op_id] = op
        self.world.on_entry(op_id, code)

    def _on_epoch(self, node: SimNode, epoch: SaveEpoch) -> None:
        self.of(node).epoch_number = epoch.number
        # A leap (R7.17) leads over commits; what it lands on is compared below.
        self.of(node).final_index = max(self.of(node).final_index, epoch.genesis_index)
        self.checked["total order: equal epochs"] += 1
        known = self.epochs.setdefault(
            epoch.number, (epoch.id, epoch.genesis_index, epoch.genesis_root, node)
        )
        if known[:3] != (epoch.id, epoch.genesis_index, epoch.genesis_root):
            self.fail(
                f"epochs diverge at number {epoch.number}",
                f"{known[3].name}  {known[0].hex()[:8]} after index {known[1]}",
                f"{node.name}  {epoch.id.hex()[:8]} after index {epoch.genesis_index}",
            )

        elif known[3] is node:
            self._check_id(epoch)

    def _check_id(self, epoch: SaveEpoch) -> None:
        """The id, written out once more from R6.4 and R6.11."""
        founding = self.world.genesis
        before = self.epochs.get(epoch.number - 1, (founding.id,))[0]
        if epoch.number > 1 and epoch.number - 1 not in self.epochs:
            return  # everybody has leapt over how it began
        charter = cast("list[Any]", decode(epoch.charter, len(epoch.charter)))
        _name, _created, faults, members, _tiers, _rules, _timing, practices, _ = charter
        keys = sorted(key for _id, _name, _kind, _devices, key, away in members if key and not away)
        persons = sum(kind == "person" for _id, _name, kind, *_rest in members)
        outer = encode([dict(practices)["core"], faults, keys, persons, len(members) - persons])
        hashes = [
            hashlib.sha256(b"p2pnode/%s/1\0" % tag + said).digest()
            for tag, said in (
                (b"outer", outer),
                (b"charter", epoch.charter),
                (b"state", epoch.snapshot),
            )
        ]
        tag = b"p2pnode/epoch/1\0"
        place: list[Value] = [epoch.round, epoch.author]
        if epoch.rebuild is not None:
            tag, place = b"p2pnode/rebuild/1\0", [epoch.genesis_index]
        content = encode([before, *place, epoch.genesis_root, *hashes])
        self.checked["total order: ids of epochs chained"] += 1
        if epoch.id != hashlib.sha256(tag + content).digest():
            self.fail(f"the id of epoch {epoch.number} is not that of R6.4")

    def on_send(self, node: SimNode, messages: Sequence[Message]) -> None:
        if not node.is_honest:
            return
        for message in messages:
            if isinstance(message, Push | Pulled):
                for block in message.blocks:
                    if block.device == node.device and not node.disk.has_block(block.id):
                        self.fail("an unsaved block was sent", f"{node.name}  round {block.round}")
            if isinstance(message, Push):
                for op in message.ops:
                    if op.device == node.device and not node.disk.has_op(op.id):
                        self.fail("an unsaved op was sent", f"{node.name}  {op.body.KIND}")

    def on_notice(self, node: SimNode, notice: Notice) -> None:
        if not node.is_honest:
            return
        match notice:
            case LeaptOver():
                self.checked["agreement: states that leaps led to"] += 1  # compared in `_on_epoch`
            case ForkFound(author=author, round=round_):
                self._on_fork(node, author, round_)
            case Diverged(member=member, index=index):
                self._on_alarm(node, member, index)
            case ProposalDecided(proposal=proposal, outcome=outcome):
                if self.outcomes.get(proposal) != outcome:
                    self.fail(
                        "graded agreement (R1.1): shown as final, but not in the log",
                        f"{node.name}  {proposal.hex()[:8]} {outcome}, "
                        f"log {self.outcomes.get(proposal)}",
                    )
            case PeerRefused(peer=peer, code=code, detail=detail):
                self._on_refusal(node, peer, code, detail)
            case RefusedByPeer(code=code):
                self.of(node).refused[code] += 1
            case _:
                pass

    def _on_alarm(self, node: SimNode, member: MemberId, index: int) -> None:
        """A liar may claim any root; the honest have one log."""
        self.checked["no alarm against the honest"] += 1
        if self.world.is_honest_member(member) or not self.world.has_liars:
            self.fail(
                f"the divergence alarm went off at index {index}",
                f"{node.name}  against {self.world.name_of(member)}",
            )

    def on_disconnect(self, node: SimNode, peer: DeviceKey, code: str, detail: str) -> None:
        if node.is_honest:
            self._on_refusal(node, peer, code, detail)

    def on_bad_frame(self, node: SimNode, peer: DeviceKey, fault: PeerFault) -> None:
        if node.is_honest:
            self._on_refusal(node, peer, fault.code, fault.detail)

    def _on_refusal(self, node: SimNode, peer: DeviceKey, code: str, detail: str) -> None:
        self.refusals[code] += 1
        sender = self.world.by_device(peer)
        if not sender.is_honest or code in self.excuses:
            return
        self.checked["no blame on the honest"] += 1
        if not (self.world.has_liars and code in TOLD and not _is_blamed(node, peer)):
            self.fail(
                f"an honest node was blamed: {code}", f"{node.name}  of {sender.name}: {detail}"
            )

    def says_something(self, index: int) -> bool:
        """Whether this commit changed anything that people or the committee see."""
        commit = self.log[index - 1][0]
        ends_epoch = any(known[1] == index for known in self.epochs.values())
        return bool(commit.entries or commit.decided or commit.derived or ends_epoch)

    def _describe(self, commit: Commit) -> str:
        entries = ", ".join(f"{op.hex()[:8]}={code}" for op, code in commit.entries[:4])
        slot = f"slot ({commit.round}, {self.world.name_of(commit.author)})"
        return (
            f"{slot} of epoch {commit.epoch_number}, time {commit.time_ms}, "
            f"root {commit.root.hex()[:8]}, {len(commit.entries)} ops {entries}"
        )


def _is_blamed(node: SimNode, peer: DeviceKey) -> bool:
    """Whether the node holds something it refused just now against the peer."""
    known = None if node.core is None else node.core.sync.peers.get(peer)
    return known is None or node.now.mono_ms in known.faults
