"""Wants: single missing parents and texts, asked for by hash (R7.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..ids import BlockId, DeviceKey, MonoMs, TextId
from ..limits import WANT_HASHES
from ..messages import Want
from .held import HeldBlocks
from .peer import Peer
from .peers import Peers
from .texts import MissingTexts

WANT_FIRST_MS = 30  # a missing parent is mostly on its way from its author: wait a moment
WANT_RETRY_MS = 500  # then ask the next peer, doubling up to …
WANT_RETRY_MAX_MS = 300_000
WANT_EVERY_MS = 50  # one want to a peer in this time: half of what it allows, whoever floods us


@dataclass(slots=True)
class _Asked:
    peers: list[DeviceKey]  # connected, in the order to be asked; the sender first
    next_at: MonoMs
    seat: bytes  # for whose sake
    delay_ms: int = WANT_RETRY_MS
    turn: int = 0


class Wants:
    """What is asked for by hash: of whom next, and when."""

    def __init__(self, peers: Peers, held: HeldBlocks, texts: MissingTexts) -> None:
        """Args: `held`, `texts`: what is asked for no more once neither needs it."""
        self._peers = peers
        self._held = held
        self._texts = texts
        self._asked: dict[bytes, _Asked] = {}
        self._ask_at: MonoMs | None = None  # when the first of them is due; None: not known

    def begin_epoch(self) -> None:
        """Forget the blocks of the last epoch."""
        self._ask_at = None
        self._asked = {
            key: asked for key, asked in self._asked.items() if TextId(key) in self._texts.missing
        }

    def greet(self, peer: Peer, now: MonoMs) -> None:
        """Ask a peer whose hello was accepted for what is missing, and soon."""
        for text in self._texts.missing:
            self.want((text,), peer.device, b"", now)
        for asked in self._asked.values():
            asked.next_at = min(asked.next_at, MonoMs(now + WANT_FIRST_MS))
        self._ask_at = None

    def lost(self, device: DeviceKey) -> None:
        """A peer has gone: ask it no more."""
        for asked in self._asked.values():
            if device in asked.peers:
                asked.peers.remove(device)

    def want(self, hashes: Iterable[bytes], sender: DeviceKey, seat: bytes, now: MonoMs) -> None:
        """Note that these blocks or texts are missing and that `sender` should have them.

        Args:
            seat: who said what they belong to; none is asked for more often than others.
        """
        for one in hashes:
            asked = self._asked.get(one)
            if asked is None:
                # Who has gone is none that could be asked: a block may come after its bearer went.
                peers = [sender] if sender in self._peers else []
                self._asked[one] = _Asked(peers, MonoMs(now + WANT_FIRST_MS), seat)
                if self._ask_at is not None:
                    self._ask_at = min(self._ask_at, MonoMs(now + WANT_FIRST_MS))
            elif sender in self._peers and sender not in asked.peers:
                asked.peers.append(sender)

    def arrived(self, one: bytes) -> None:
        self._asked.pop(one, None)

    def ask(self, now: MonoMs) -> None:
        """Send the wants that are due: the sender first, then everyone, with back-off (R7.8)."""
        connected = [peer.device for peer in self._peers.greeted]
        if not connected or not self._asked or (self._ask_at is not None and now < self._ask_at):
            return
        due: dict[DeviceKey, list[bytes]] = {}
        texts, orphans = self._texts.missing, self._held.orphans
        for one, asked in list(self._asked.items()):
            if TextId(one) not in texts and not orphans.is_wanted(BlockId(one)):
                del self._asked[one]  # whatever waited for it was refused, or gave way
                continue
            if now < asked.next_at:
                continue
            candidates = self._candidates(asked, connected)
            target = candidates[asked.turn % len(candidates)]
            due.setdefault(target, []).append(one)
        for target in sorted(due):
            self._ask_peer(self._peers[target], due[target], connected, now)
        self._ask_at = min((asked.next_at for asked in self._asked.values()), default=None)

    def _candidates(self, asked: _Asked, connected: list[DeviceKey]) -> list[DeviceKey]:
        first = [key for key in asked.peers if key in self._peers]
        return first + [key for key in connected if key not in first]

    def _ask_peer(
        self, peer: Peer, due: list[bytes], connected: list[DeviceKey], now: MonoMs
    ) -> None:
        """Ask one peer for what fits into one want, the rest later: of each seat as much."""
        turns: Counter[bytes] = Counter()
        order: list[tuple[int, bytes]] = []
        for one in due:
            seat = self._asked[one].seat
            order.append((turns[seat], one))
            turns[seat] += 1
        order.sort(key=lambda entry: entry[0])  # stable
        room = WANT_HASHES if now >= peer.want_at else 0
        asked_for = [one for _, one in order[:room]]
        if asked_for:
            self._peers.send(peer.device, Want(tuple(asked_for)))
            peer.want_at = MonoMs(now + WANT_EVERY_MS)
        for one in asked_for:
            asked = self._asked[one]
            asked.turn += 1
            asked.next_at = MonoMs(now + asked.delay_ms)
            if asked.turn % len(self._candidates(asked, connected)) == 0:  # everyone was asked
                asked.delay_ms = min(2 * asked.delay_ms, WANT_RETRY_MAX_MS)
        for _, one in order[room:]:
            self._asked[one].next_at = MonoMs(peer.want_at)

    def wake_times(self) -> Iterable[MonoMs]:
        """Yield the time at which `ask` has something to do, if there is one."""
        if self._ask_at is not None and self._asked and self._peers.greeted:
            yield self._ask_at
