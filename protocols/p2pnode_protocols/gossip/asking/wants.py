"""Wants: single missing parents and texts, asked for by hash (R7.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...messages.spreading import Want
from ...wire.ids import BlockId, DeviceKey, MonoMs, TextId
from ...wire.limits import WANT_HASHES
from ..peers.peer import Peer
from ..peers.peers import Peers
from ..shares.held import HeldBlocks
from .texts import MissingTexts
from .want_queues import WANT_EVERY_MS, Wanted, WantQueues

WANT_FIRST_MS = 30  # a missing parent is mostly on its way from its author: wait a moment
WANT_RETRY_MAX_MS = 300_000  # what no peer has is asked for as rarely in the end


class Wants:
    """What is asked for by hash: of whom next, and when."""

    def __init__(self, peers: Peers, held: HeldBlocks, texts: MissingTexts) -> None:
        """Args: `held`, `texts`: what is asked for no more once neither needs it."""
        self._peers = peers
        self._held = held
        self._texts = texts
        self._queues = WantQueues()
        self._ask_at: MonoMs | None = None  # when the first of them is due; None: not known

    def begin_epoch(self) -> None:
        """Forget the blocks of the last epoch."""
        self._ask_at = None
        self._queues.keep(lambda one: TextId(one) in self._texts.missing)

    def greet(self, peer: Peer, now: MonoMs) -> None:
        """Ask a peer whose hello was accepted for what is missing, and soon."""
        if peer.is_joiner:
            return  # it has a turn like others, the last; but ever new ones hurry nobody
        for text in self._texts.missing:
            self.want((text,), peer.device, b"", now)
        self._queues.hurry(MonoMs(now + WANT_FIRST_MS))
        self._ask_at = None

    def lost(self, device: DeviceKey) -> None:
        """A peer has gone: ask it no more."""
        self._queues.lost(device)

    def want(self, hashes: Iterable[bytes], sender: DeviceKey, seat: bytes, now: MonoMs) -> None:
        """Note that these blocks or texts are missing and that `sender` should have them.

        Args:
            seat: who said what they belong to; none is asked for more often than others.
        """
        for one in hashes:
            asked = self._queues.get(one)
            if asked is None:
                # Who has gone is none that could be asked: a block may come after its bearer went.
                peers = [sender] if sender in self._peers else []
                self._queues.add(one, peers, MonoMs(now + WANT_FIRST_MS), seat)
                if self._ask_at is not None:
                    self._ask_at = min(self._ask_at, MonoMs(now + WANT_FIRST_MS))
            elif sender in self._peers and sender not in asked.peers:
                asked.peers.append(sender)

    def arrived(self, one: bytes) -> None:
        self._queues.forget(one)

    def ask(self, now: MonoMs) -> None:
        """Send the wants that are due: the sender first, then everyone, with back-off (R7.8)."""
        if not self._queues or (self._ask_at is not None and now < self._ask_at):
            return
        greeted = sorted(self._peers.greeted, key=lambda one: one.is_joiner)
        connected = [peer.device for peer in greeted]
        if not connected:
            return
        due: dict[DeviceKey, list[bytes]] = {}
        for gone in self._held.orphans.take_unwanted():
            self.forget_unneeded(gone)
        for one in self._queues.take_due(now):
            if self.forget_unneeded(one):
                continue
            candidates = self._candidates(self._queues[one], connected)
            target = candidates[self._queues[one].turn % len(candidates)]
            due.setdefault(target, []).append(one)
        for target in sorted(due):
            self._ask_peer(self._peers[target], due[target], connected, now)
        self._ask_at = min(self._queues.times(), default=None)

    def forget_unneeded(self, one: bytes) -> bool:
        """Ask no more for what nothing needs: whatever did was refused, or gave way."""
        if TextId(one) in self._texts.missing or self._held.orphans.is_wanted(BlockId(one)):
            return False
        self._queues.forget(one)
        return True

    def _candidates(self, asked: Wanted, connected: list[DeviceKey]) -> list[DeviceKey]:
        first = [key for key in asked.peers if key in self._peers]
        return first + [key for key in connected if key not in first]

    def _ask_peer(
        self, peer: Peer, due: list[bytes], connected: list[DeviceKey], now: MonoMs
    ) -> None:
        """Ask one peer for what fits into one want, the rest later: of each seat as much."""
        turns: Counter[bytes] = Counter()
        order: list[tuple[int, bytes]] = []
        for one in due:
            seat = self._queues[one].seat
            order.append((turns[seat], one))
            turns[seat] += 1
        order.sort(key=lambda entry: entry[0])  # stable
        room = WANT_HASHES if now >= peer.want_at else 0
        asked_for = [one for _, one in order[:room]]
        if asked_for:
            self._peers.send(peer.device, Want(tuple(asked_for)))
            peer.want_at = MonoMs(now + WANT_EVERY_MS)
        for one in asked_for:
            asked = self._queues[one]
            asked.turn += 1
            self._queues.wait(one, MonoMs(now + asked.delay_ms))
            if asked.turn % len(self._candidates(asked, connected)) == 0:  # everyone was asked
                asked.delay_ms = min(2 * asked.delay_ms, WANT_RETRY_MAX_MS)
        for _, one in order[room:]:
            self._queues.wait(one, MonoMs(peer.want_at))

    def wake_times(self) -> Iterable[MonoMs]:
        """Return the time at which `ask` has something to do, if there is one."""
        if self._ask_at is not None and self._queues and self._peers.greeted:
            return (self._ask_at,)
        return ()
