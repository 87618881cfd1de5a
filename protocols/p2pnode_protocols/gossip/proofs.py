"""Which commits still lack a quorum's receipts here, and who should be told of new ones.

Rules: docs/protocol.md §8. Receipts are no hurry: they go out together, a moment after the
commits they are about, and who missed some asks for them when a peer says that it has more.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..agreement.receipts import Receipt, Statement
from ..messages.proofs import Prove, Receipts
from ..record.seats.charter import Charter
from ..steps.notices import CommitProven, Notice
from ..steps.writes import SaveProven, SaveReceipt, Write
from ..wire.errors import PeerFault
from ..wire.ids import DeviceKey, EpochId, MonoMs, to_short
from ..wire.limits import (
    MEMBERS,
    RECEIPT_BYTES,
    RECEIPTS_EARLY_PER_DEVICE,
    RECEIPTS_IN_MESSAGE,
    UNPROVEN,
    UNPROVEN_TOLD,
)
from .memory import MESSAGE_BYTES, compute_memory
from .peers.peer import Peer
from .peers.peers import Peers

LINGER_MS = 500  # receipts of decisions that come close together travel together
ASK_TIMEOUT_MS = 5_000
# When nobody says to have what lacks here, what they said may have been overtaken, and what they
# then learned may have been lost: ask all the same after so long, doubling …
GUESS_FIRST_MS = 5_000
GUESSES = 6  # … so many times: it may be that nobody ever will


@dataclass(slots=True)
class _Proof:
    """One commit that lacks receipts."""

    statement: Statement
    keys: frozenset[DeviceKey]  # node keys of its epoch's committee
    quorum: int
    receipts: dict[DeviceKey, Receipt] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Asked:
    peer: DeviceKey
    commit: int  # the first that it has receipts for and that lacks them here
    until: MonoMs


class Proofs:
    """Collect receipts; whatever learns something appends to `writes` and `notices`."""

    def __init__(self, peers: Peers, writes: list[Write], notices: list[Notice]) -> None:
        self._peers = peers
        self._writes = writes
        self._notices = notices
        self._open: dict[int, _Proof] = {}  # by commit index, ascending
        self._begun: dict[int, _Proof] = {}  # those with a receipt, by when that came
        self._lacking: list[int] = []  # ascending; those of epochs given up are not in it
        self._unsigned: list[int] = []  # expected since `to_sign` was asked
        # of commits not final here yet: by device and index, and who sent each
        self._early: dict[DeviceKey, dict[int, tuple[Receipt, DeviceKey]]] = {}
        self._outgoing: list[tuple[Receipt, DeviceKey | None]] = []  # and who sent it
        self._send_at: MonoMs | None = None
        # Epochs that a rebuild ended: their committee may be gone, so nobody waits for them.
        self._given_up: set[EpochId] = set()
        self._asked: _Asked | None = None  # one request at a time
        self._may_ask = False  # something has changed since nobody was left to be asked
        # Who was asked in vain, the last one last, and for which commit; 0: that was before
        # its last status.
        self._vain: dict[DeviceKey, int] = {}
        self._guesses = 0  # since anything changed
        self._guess_at: MonoMs | None = None

    def __len__(self) -> int:
        return len(self._open)

    def early(self) -> dict[DeviceKey, int]:
        """Return how many receipts of commits to come are held, by who signed them."""
        return {device: len(held) for device, held in self._early.items()}

    def lacking(self) -> tuple[int, ...]:
        """Return the commits that want receipts and lack a quorum's here, ascending.

        Without those of epochs that a rebuild ended (R6.14).
        """
        return tuple(self._lacking)

    def unproven(self) -> tuple[tuple[int, int], ...]:
        """Return `lacking` as told in a status: of more than fit, the oldest as one run."""
        lacking = self._lacking
        joined = max(len(lacking) - UNPROVEN_TOLD + 1, 1)
        runs = [(index, index) for index in lacking[joined:]]
        return ((lacking[0], lacking[joined - 1]), *runs) if lacking else ()

    def give_up(self, epochs: Iterable[EpochId]) -> None:
        """Neither ask for receipts of these epochs nor say that they lack (R6.14)."""
        self._given_up.update(epochs)
        self._lacking = [
            index
            for index in self._lacking
            if self._open[index].statement.epoch not in self._given_up
        ]
        self._note_change()

    def _close(self, index: int) -> None:
        del self._open[index]
        self._begun.pop(index, None)
        at = bisect.bisect_left(self._lacking, index)
        if self._lacking[at : at + 1] == [index]:
            del self._lacking[at]

    def _note_change(self) -> None:
        self._may_ask = True
        self._guesses, self._guess_at = 0, None

    def signed_ahead(self, epoch: EpochId, final_index: int) -> frozenset[DeviceKey]:
        """Return who signed receipts of commits of this epoch that are not final here yet."""
        return frozenset(
            device
            for device, held in self._early.items()
            if any(
                index > final_index and receipt.statement.epoch == epoch
                for index, (receipt, _sender) in held.items()
            )
        )

    def expect(
        self, statement: Statement, keys: Iterable[DeviceKey], quorum: int, now: MonoMs
    ) -> None:
        """Collect receipts for a commit that is final here; the oldest are given up."""
        self._open[statement.index] = _Proof(statement, frozenset(keys), quorum)
        self._unsigned.append(statement.index)
        if statement.epoch not in self._given_up:
            bisect.insort(self._lacking, statement.index)
        if len(self._open) > UNPROVEN:
            self._close(next(iter(self._open)))
        self._note_change()
        for device in sorted(self._early):
            held = self._early[device].pop(statement.index, None)
            if not self._early[device]:
                del self._early[device]
            proof = self._open.get(statement.index)
            if held is None or proof is None or device not in proof.keys:
                continue
            receipt, sender = held
            if receipt.statement == statement:
                self._add(receipt)
                self._spread(receipt, sender, now)

    def add_own(self, receipt: Receipt, now: MonoMs) -> None:
        """Count a receipt that this node signed for a commit it expects; tell everyone."""
        self._add(receipt, own=True)
        self._spread(receipt, None, now)

    def restore(self, receipts: Iterable[Receipt]) -> None:
        """Count receipts out of the store."""
        for receipt in receipts:
            proof = self._open.get(receipt.statement.index)
            if (
                proof is not None
                and receipt.device in proof.keys
                and receipt.statement == proof.statement
            ):
                proof.receipts[receipt.device] = receipt
                self._begun[receipt.statement.index] = proof

    def to_sign(self, device: DeviceKey) -> tuple[Statement, ...]:
        """Return what this device could sign of what is expected since this was asked last."""
        fresh = [self._open[index] for index in self._unsigned if index in self._open]
        self._unsigned.clear()
        return tuple(
            proof.statement
            for proof in fresh
            if device in proof.keys and device not in proof.receipts
        )

    def hold(self, receipt: Receipt, sender: DeviceKey) -> None:
        """Keep a receipt by a node key of a member for a commit that is not final here yet."""
        held = self._early.setdefault(receipt.device, {})
        held.setdefault(receipt.statement.index, (receipt, sender))
        if len(held) > RECEIPTS_EARLY_PER_DEVICE:
            del held[max(held)]  # it will be asked for when its turn comes

    def begin_epoch(self, final_index: int, charter: Charter) -> None:
        """Forget early receipts that count for nothing any more.

        They are of commits that wanted none or were leapt over, or by keys that make no
        blocks from here on. Those of the last commit may be about to count.
        """
        for device, held in list(self._early.items()):
            seat = charter.by_device(device)
            counts = seat is not None and seat.node_key == device
            for index in list(held):
                if index < final_index or (index > final_index and not counts):
                    del held[index]
            if not held:
                del self._early[device]

    def take(self, receipt: Receipt, sender: DeviceKey, now: MonoMs) -> bool:
        """Count a receipt for a final commit; return False when it contradicts that.

        Raises:
            PeerFault: `not_on_committee`: no member of that epoch's committee signed it.
        """
        index = receipt.statement.index
        proof = self._open.get(index)
        if proof is None:
            return True  # a quorum's are here already
        if receipt.device not in proof.keys:
            raise PeerFault(
                "not_on_committee",
                f"receipt for commit {index} by {to_short('dev', receipt.device)}: not a node key "
                "of its epoch",
            )
        if receipt.statement != proof.statement:
            return False
        if receipt.device not in proof.receipts:
            self._add(receipt)
            self._spread(receipt, sender, now)
        return True

    def _add(self, receipt: Receipt, *, own: bool = False) -> None:
        index = receipt.statement.index
        proof = self._open[index]
        proof.receipts[receipt.device] = receipt
        self._begun[index] = proof
        self._peers.vain.note_new(1)
        self._writes.append(SaveReceipt(receipt, own))
        if len(proof.receipts) >= proof.quorum:
            self._close(index)
            self._note_change()
            self._writes.append(SaveProven(index))
            self._notices.append(CommitProven(index))

    # --- telling others ------------------------------------------------------------------

    def _spread(self, receipt: Receipt, sender: DeviceKey | None, now: MonoMs) -> None:
        self._outgoing.append((receipt, sender))
        # Who leaves with this commit is not connected for long.
        linger = 0 if receipt.statement.next_epoch is not None else LINGER_MS
        due = MonoMs(now + linger)
        self._send_at = due if self._send_at is None else min(due, self._send_at)

    def greet(self, peer: Peer) -> None:
        """Tell a peer what is known of commits which lack receipts here, the latest (R8.3)."""
        if not peer.is_joiner:  # who come with ever new keys
            self._guesses = 0
        told: list[Receipt] = []
        for proof in reversed(self._begun.values()):
            told += [one for one in proof.receipts.values() if one.device != peer.device]
            if len(told) >= RECEIPTS_IN_MESSAGE:
                break
        told.sort(key=lambda one: one.statement.index)
        self._send(peer, told[-RECEIPTS_IN_MESSAGE:])

    def _send(self, peer: Peer, receipts: Sequence[Receipt]) -> None:
        for start in range(0, len(receipts), RECEIPTS_IN_MESSAGE):
            part = tuple(receipts[start : start + RECEIPTS_IN_MESSAGE])
            if not peer.backlog.is_open:
                self._peers.owe_status(peer)  # it says what may be asked for
                return
            memory = compute_memory(MESSAGE_BYTES + RECEIPT_BYTES * len(part))
            self._peers.say(peer, Receipts(part), memory)

    def work(self, final_index: int, now: MonoMs) -> None:
        """Send what has waited long enough; ask for what is missing."""
        if self._send_at is not None and now >= self._send_at:
            outgoing, self._outgoing, self._send_at = self._outgoing, [], None
            for peer in self._peers.greeted:
                self._send(
                    peer,
                    [one for one, sender in outgoing if _needs(peer, one, sender)],
                )
        self._ask(now)

    def on_status(self, peer: Peer) -> None:
        """A peer said anew what lacks receipts there: it may be asked again, in its turn."""
        if peer.device in self._vain:
            self._vain[peer.device] = 0
        self._may_ask = True

    def _ask(self, now: MonoMs) -> None:
        """Ask one peer for receipts that lack here and, as it says, not there (R8.3).

        If nobody says so, ask one in its turn all the same, a few times.
        """
        if self._asked is not None:
            if now < self._asked.until:
                return
            self._note_vain(self._asked)
        is_guess = self._guess_at is not None and now >= self._guess_at
        if not self._may_ask and not is_guess:
            return
        self._may_ask = False
        lacking = self._lacking
        if not lacking:
            return
        # Last comes who was asked in vain last: who only claims to have them must not keep
        # the others from being asked.
        turns = {device: turn for turn, device in enumerate(self._vain, 1)}
        peers = sorted(
            self._peers.greeted,
            key=lambda peer: (peer.member is None, turns.get(peer.device, 0)),
        )
        for peer in peers:
            commit = self._first_held(peer, lacking)
            if commit is not None:
                self._ask_for(commit, peer, now)
                return
        if not peers or self._guesses == GUESSES:
            self._guess_at = None
        elif is_guess:
            self._guesses, self._guess_at = self._guesses + 1, None
            self._ask_for(lacking[0], peers[0], now)
        elif self._guess_at is None:
            self._guess_at = MonoMs(now + (GUESS_FIRST_MS << self._guesses))

    def _ask_for(self, commit: int, peer: Peer, now: MonoMs) -> None:
        self._peers.send(peer.device, Prove(commit - 1))
        self._asked = _Asked(peer.device, commit, MonoMs(now + ASK_TIMEOUT_MS))

    def _first_held(self, peer: Peer, lacking: Sequence[int]) -> int | None:
        """Return the first commit that a peer says to have receipts for and lacks them here."""
        if peer.status is None:
            return None
        runs = peer.status.unproven
        at = bisect.bisect_right(lacking, self._vain.get(peer.device, 0))
        while at < len(lacking) and lacking[at] <= peer.status.final_index:
            commit = lacking[at]
            place = bisect.bisect_right(runs, commit, key=lambda run: run[0])
            if place == 0 or runs[place - 1][1] < commit:
                return commit
            at = bisect.bisect_right(lacking, runs[place - 1][1])  # it lacks all of the run
        return None

    def answered(self, peer: DeviceKey, after: int | None) -> None:
        """Note an answer; one that did not bring what was asked for was in vain."""
        asked = self._asked
        if asked is None or (asked.peer, asked.commit - 1) != (peer, after):
            return
        if asked.commit in self._open:
            self._note_vain(asked)
        else:
            self._vain.pop(peer, None)
            self._asked = None
            self._may_ask = True

    def _note_vain(self, asked: _Asked) -> None:
        self._asked = None
        self._may_ask = True
        self._vain.pop(asked.peer, None)
        self._vain[asked.peer] = asked.commit
        if len(self._vain) > MEMBERS:
            del self._vain[next(iter(self._vain))]

    def lost(self, device: DeviceKey) -> None:
        if self._asked is not None and self._asked.peer == device:
            self._note_vain(self._asked)

    def wake_times(self) -> Iterable[MonoMs]:
        if self._send_at is not None:
            yield self._send_at
        if self._asked is not None:
            yield self._asked.until
        elif self._guess_at is not None:
            yield self._guess_at


def _needs(peer: Peer, receipt: Receipt, sender: DeviceKey | None) -> bool:
    """Return whether a peer does not get this receipt from its author or the sender."""
    if peer.device in (receipt.device, sender):
        return False
    return sender is None or not (receipt.device in peer.links or sender in peer.links)
