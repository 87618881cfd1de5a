"""Ops that no commit holds yet: kept, offered to blocks, and the reason to make blocks.

Rules: docs/protocol.md §5 (urgency) and §2 (nonce order). An op is *ready* when every
lower nonce of its device is finalized or here; only ready ops count, drive or travel in
blocks, so a gap nobody can fill keeps nobody busy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ...record.actions import InviteAction
from ...record.bodies import STRUCTURAL, Body, Evidence, Propose, Revise, Vote, Withdraw
from ...record.opaque import OpaqueBody
from ...record.ops import Op, about
from ...record.state import State
from ...wire.errors import PeerFault
from ...wire.ids import DeviceKey, MemberId, MonoMs, OpId, Round, to_short
from ...wire.limits import BLOCK_BYTES, BLOCK_OPS, MEMBERS, PENDING_PER_MEMBER

# A block's own fields and 256 parents fit beside this many bytes of ops.
_BLOCK_OPS_BYTES = BLOCK_BYTES - 16 * 1024
# An op about a proposal that closes within this time is due at once (R5.2): to count it must be
# built on before the close, and messages take their time.
_CLOSE_MARGIN_MS = 30_000
# A block that carries an op may never get into the log: a liar's, on which nobody builds. One
# that does is output within a few rounds; after so many the op is carried anew.
_CARRY_ROUNDS = 8
_PER_NONCE = 2  # two ops with one nonce prove the equivocation; a third adds nothing


@dataclass(slots=True)
class Entry:
    op: Op
    payer: bytes  # who answers for it (`State.payer_of`)
    seen_at: MonoMs
    urgent: bool
    size: int  # what it takes of its payer's share (R10.24), as it came
    proves: bytes | None = None  # the key whose fork it is evidence of, if it is evidence
    carried: Round | None = None  # lowest round of this epoch's blocks, not output, that carry it


@dataclass(frozen=True, slots=True)
class Linger:
    """How long ops may wait: for company (`linger_ms`), for their author's node (`patience_ms`)."""

    linger_ms: int
    patience_ms: int


class Pool:
    """Unfinalized ops, bounded per member."""

    def __init__(self, ops_per_minute: int) -> None:
        """Args: `ops_per_minute`: of one member, taken when they arrive by themselves."""
        self._per_minute = ops_per_minute
        self._every_ms = 60_000 // ops_per_minute
        self._entries: dict[OpId, Entry] = {}
        self._chains: dict[DeviceKey, dict[int, list[Entry]]] = {}
        self._counts: dict[bytes, int] = {}  # by payer
        self._bytes: dict[bytes, int] = {}  # of these ops and their texts (R10.24), by payer
        self._rates: dict[bytes, MonoMs] = {}  # when its share of ops is whole again
        self._proofs: Counter[tuple[bytes, bytes]] = Counter()  # by payer, of which key
        self._ready: tuple[Entry, ...] | None = None  # None: to be put together anew
        self.version = 0  # another one: what is ready, or who carries it, may have changed

    def __contains__(self, op: OpId) -> bool:
        return op in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def get(self, op: OpId) -> Entry | None:
        return self._entries.get(op)

    def find_op(self, op: OpId) -> Op | None:
        entry = self._entries.get(op)
        return None if entry is None else entry.op

    def of_kind(self, kind: type[Body]) -> tuple[Op, ...]:
        """Return the ops here that say something of this kind."""
        ops = (entry.op for entry in self._entries.values())
        return tuple(op for op in ops if isinstance(op.body, kind))

    def check_rate(self, op: Op, payer: bytes, now: MonoMs) -> None:
        """Count one op that arrived by itself.

        So many a minute in the long run, with room for all that an honest member can have said
        while it was cut off: whoever comes back from a journey is no flooder.

        Raises:
            PeerFault: `limit_rate` when the member has used up its share.
        """
        # The moment at which the share is whole again (virtual scheduling, as in GCRA).
        whole_at = max(self._rates.get(payer, now), now) + self._every_ms
        if whole_at - now > PENDING_PER_MEMBER * self._every_ms:
            raise PeerFault(
                "limit_rate",
                f"member {to_short('mem', op.author)}: {PENDING_PER_MEMBER} ops at once and "
                f"{self._per_minute} a minute from then on are taken",
            )
        if len(self._rates) >= 2 * MEMBERS:  # seats and invites that are gone, above all
            self._rates = {one: at for one, at in self._rates.items() if at > now}
        self._rates[payer] = MonoMs(whole_at)

    def add(
        self, op: Op, payer: bytes, now: MonoMs, *, size: int = 0, urgent: bool = False
    ) -> bool:
        """Keep an op; return whether it is new.

        Args:
            payer: its member, or the invite whose secret lets a stranger join: else who holds one
                invite would have a member's share for each key they make up.
            size: what it takes of its payer's share.

        Raises:
            PeerFault: `limit_buffer` when its member has too many unfinalized ops here, or
                `conflicting_nonce` when two others with its nonce are here already.
        """
        held = self._entries.get(op.id)
        if held is not None:
            held.urgent = held.urgent or urgent
            self.version += 1
            return False
        count = self._counts.get(payer, 0)
        if count >= PENDING_PER_MEMBER:
            raise PeerFault(
                "limit_buffer",
                f"member {to_short('mem', op.author)}: {PENDING_PER_MEMBER} unfinalized ops are "
                "kept",
            )
        chain = self._chains.setdefault(op.device, {})
        rivals = chain.setdefault(op.nonce, [])
        if len(rivals) >= _PER_NONCE:
            raise PeerFault(
                "conflicting_nonce",
                f"device {to_short('dev', op.device)}: a third op with nonce {op.nonce}",
            )
        entry = Entry(op, payer, now, urgent, size)
        if isinstance(op.body, Evidence):
            entry.proves = op.body.accused
            self._proofs[payer, entry.proves] += 1
        self._entries[op.id] = entry
        rivals.append(entry)
        self._counts[payer] = count + 1
        if size:
            self._bytes[payer] = self.bytes_of(payer) + size
        self._note_change()
        return True

    def proves_again(self, op: Op, payer: bytes) -> bool:
        """Return whether an op is evidence of a fork of which its payer's is here already.

        What the log has not taken yet is true any number of times: of a liar's own key, above all.
        """
        return isinstance(op.body, Evidence) and (payer, op.body.accused) in self._proofs

    def cost_of(self, op: Op, state: State) -> int:
        """Return what an op that is not here yet takes of its payer's share (R10.24)."""
        is_repeated = self.proves_again(op, state.payer_of(op))
        return state.cost_of(op, is_repeated=is_repeated)

    def bytes_of(self, payer: bytes) -> int:
        """Return how many bytes the ops that one pays for, with their texts, will take."""
        return self._bytes.get(payer, 0)

    def check_bytes(self, payer: bytes, size: int, left: int) -> None:
        """Refuse an op that the log would refuse for its payer's share (R10.24).

        Args:
            size: what it takes of its payer's share.
            left: of that share, by the log.

        Raises:
            PeerFault: `limit_bytes`.
        """
        pending = self.bytes_of(payer)
        if size and size > left - pending:
            raise PeerFault(
                "limit_bytes",
                f"{size} bytes, and {max(left - pending, 0)} are left of what the charter lets a "
                "member put on everybody's disk in a day (rules.bytes_per_day): wait, or say less",
            )

    def devices(self) -> set[DeviceKey]:
        """Return whose ops are here."""
        return set(self._chains)

    def _note_change(self) -> None:
        self._ready = None
        self.version += 1

    def drop_final(self, state: State, devices: set[DeviceKey]) -> list[Op]:
        """Forget the ops of these devices whose nonces a commit has used; return them."""
        self._note_change()  # whose turn it is
        gone: list[Op] = []
        for device in sorted(devices):
            chain = self._chains.get(device)
            if chain is None:
                continue
            following = state.next_nonce(device)
            for nonce in [one for one in chain if one < following]:
                for entry in chain.pop(nonce):
                    self._forget(entry)
                    gone.append(entry.op)
            if not chain:
                del self._chains[device]
        return gone

    def drop_unauthored(self, state: State) -> list[Op]:
        """Forget the ops whose devices a new epoch no longer lets speak; return them."""
        self._note_change()  # who has a seat
        ops = [entry.op for entry in self._entries.values()]
        gone = [op for op in ops if state.may_author(op) != "ok"]
        for op in gone:
            self.drop(op.id)
        return gone

    def drop(self, op: OpId) -> None:
        """Forget one op."""
        entry = self._entries[op]
        chain = self._chains[entry.op.device]
        rivals = chain[entry.op.nonce]
        rivals.remove(entry)
        if not rivals:
            del chain[entry.op.nonce]
        if not chain:
            del self._chains[entry.op.device]
        self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        self._note_change()
        del self._entries[entry.op.id]
        if entry.proves is not None:
            said = entry.payer, entry.proves
            self._proofs[said] -= 1
            if not self._proofs[said]:
                del self._proofs[said]
        pending = self.bytes_of(entry.payer) - entry.size
        if pending:
            self._bytes[entry.payer] = pending
        else:
            self._bytes.pop(entry.payer, None)
        left = self._counts[entry.payer] - 1
        if left:
            self._counts[entry.payer] = left
        else:
            del self._counts[entry.payer]

    def hurry(self, op: OpId) -> bool:
        """Let an op be due at once (R5.2); return whether it is here and was not before."""
        entry = self._entries.get(op)
        if entry is None or entry.urgent:
            return False
        entry.urgent = True
        self.version += 1
        return True

    def is_urgent(self, op: OpId) -> bool:
        """Return whether an op is here and somebody waits for it."""
        entry = self._entries.get(op)
        return entry is not None and entry.urgent

    def due_of(self, op: OpId, state: State, pace: Linger, wall_minus_mono: int) -> MonoMs | None:
        """Return when one op is due by itself, at the latest; None: it is not here."""
        entry = self._entries.get(op)
        return None if entry is None else self._due_at(entry, state, pace, wall_minus_mono)

    def carry_anew(self, ops: Iterable[Op]) -> None:
        """Count these ops by the block this node makes now, not by those that did not get far."""
        for op in ops:
            self._entries[op.id].carried = None
        self.version += 1

    def carry_over(self) -> None:
        """Start an epoch: blocks of the last one carry nothing any more."""
        for entry in self._entries.values():
            entry.carried = None
        self.version += 1

    def ready(self, state: State) -> tuple[Entry, ...]:
        """Return the ops whose predecessors are final or come before them here.

        A join needs none (R2.10): an earlier try may be one that nobody has kept.

        In order of device key and nonce: the same for all nodes that hold the same ops. It
        is asked for several times a step, and put together after a change only.
        """
        if self._ready is None:
            self._ready = tuple(self._find_ready(state))
        return self._ready

    def _find_ready(self, state: State) -> Iterator[Entry]:
        for device in sorted(self._chains):
            chain = self._chains[device]
            if not state.has_seat(device):
                for one in sorted(chain):
                    yield from _in_order(chain[one])
                continue
            following = nonce = state.next_nonce(device)
            while (rivals := chain.get(following)) is not None:
                yield from _in_order(rivals)
                following += 1
            if state.charter.by_device(device) is None:
                held = (entry for one in sorted(chain) if one > nonce for entry in chain[one])
                yield from (entry for entry in held if state.asks_for_seat(entry.op))

    def highest_nonce(self, device: DeviceKey, state: State) -> int:
        """Return the highest nonce up to which every op of this device is final or here."""
        nonce = state.next_nonce(device)
        chain = self._chains.get(device, {})
        while nonce in chain:
            nonce += 1
        return nonce - 1

    def next_due(
        self,
        state: State,
        find_deferred: Callable[[], set[MemberId]],
        pace: Linger,
        now: MonoMs,
        wall_minus_mono: int,
    ) -> MonoMs | None:
        """Return when the first ready op is due (R5.3, R5.4), or None when there is none.

        Args:
            find_deferred: finds the members whose own node attends: it carries their ops, and
                this one steps in only after `pace.patience_ms`. Asked if it matters.
            now: what is due by now is enough to know; something else may be due earlier.
            wall_minus_mono: adds up to a wall time from a monotonic one.
        """
        due: MonoMs | None = None
        deferred: set[MemberId] | None = None
        for entry in self.ready(state):
            at = self._due_at(entry, state, pace, wall_minus_mono)
            if entry.carried is None:
                if deferred is None:
                    deferred = find_deferred()
                if entry.payer in deferred:
                    at = MonoMs(max(at, entry.seen_at + pace.patience_ms))
            if due is None or at < due:
                due = at
                if due <= now:
                    break
        return due

    @staticmethod
    def _due_at(entry: Entry, state: State, pace: Linger, wall_minus_mono: int) -> MonoMs:
        if entry.urgent or entry.carried is not None or isinstance(entry.op.body, STRUCTURAL):
            return entry.seen_at
        if isinstance(entry.op.body, OpaqueBody) and state.is_urgent(entry.op):
            return entry.seen_at
        due = entry.seen_at + pace.linger_ms
        body = entry.op.body
        closes: list[int | None] = []
        if isinstance(body, Vote | Revise | Withdraw):
            closes.append(state.close_of(body.proposal))
        if isinstance(body, Propose | Revise):  # else it might close before it opens (R10.20)
            closes.append(body.close_ms or None)
        if isinstance(body, Propose) and isinstance(body.action, InviteAction):
            closes.append(body.action.expires_ms)  # later it would open no seat
        for close in closes:
            if close is not None:
                due = min(due, close - _CLOSE_MARGIN_MS - wall_minus_mono)
        return MonoMs(max(due, entry.seen_at))

    def select(
        self,
        state: State,
        round_: Round,
        deferred: set[MemberId],
        deciding: set[OpId],
        seen_before: int,
    ) -> tuple[Op, ...]:
        """Return the ops that this node's block of `round_` should carry, in nonce order (R5.5).

        Args:
            deferred: members whose own node attends and carries their ops, except those
                this node has had since before `seen_before` (monotonic ms).
            deciding: proposals that the ops here decide. Slots of one round have an order
                nobody chose; if each vote came only in its voter's slot, the decision would
                fall before some had been counted. So whoever makes a block carries them
                all, unless they are in its history already.
        """
        chosen: list[Op] = []
        size = 0
        for entry in self.ready(state):
            op = entry.op
            is_carried = entry.carried is not None and round_ - entry.carried < _CARRY_ROUNDS
            if about(op) in deciding:
                if is_carried and entry.carried != round_:
                    continue
            elif is_carried or (entry.payer in deferred and entry.seen_at > seen_before):
                continue
            if len(chosen) == BLOCK_OPS or size + len(op.wire) > _BLOCK_OPS_BYTES:
                break
            chosen.append(op)
            size += len(op.wire)
        return tuple(chosen)


def _in_order(rivals: list[Entry]) -> list[Entry]:
    """Return ops of one nonce in the order that all nodes give them."""
    return rivals if len(rivals) == 1 else sorted(rivals, key=lambda entry: entry.op.id)
