"""Asking for the closed proposals that a leap leads over, piece by piece (docs/protocol.md R7.22).

What has come is proved (`pieces`), whoever sent it, so nothing of it is lost when another is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...messages.leaps import Recall, Recalled
from ...wire.codec import Scroll
from ...wire.errors import PeerFault
from ...wire.ids import DeviceKey, MonoMs
from ...wire.limits import KIB, PULL_BYTES, RECALL_BYTES, RECALLED_BYTES
from ..asking.turns import Turns
from ..peers.peer import Peer
from ..peers.peers import Peers
from .pieces import Run

PART_TIMEOUT_MS = 5_000  # for the next part …
PART_MS = 2_000  # … and, on top of it, for all of them together: 1 Mbit/s
AGAIN_FIRST_MS = 30_000  # until a peer that failed is asked again, doubling up to …
AGAIN_MOST_MS = 1_800_000
# A peer answers 400 requests in 10 s, and wants may take half of them.
PACE_MS = 66  # of one peer is asked no more than one part in this time, …
BURST_MS = 50 * PACE_MS  # … and fifty more at first
LEAST_BYTES = 16 * KIB  # asked for of a peer that failed; passes at 30 kbit/s
FAILED = 256  # peers of which is remembered that they failed
_MOST_DOUBLED = 16
_AT_ONCE = MonoMs(0)


@dataclass(slots=True)
class _Asked:
    """A question that is open: one peer, one piece, part by part."""

    device: DeviceKey
    seat: bytes
    recall: Recall
    since: MonoMs
    until: MonoMs
    total: int | None = None  # None: no part has come yet
    data: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Failed:
    times: int = 0  # one after the other
    again_at: MonoMs = _AT_ONCE


class Recalls:
    """Decide whom to ask for which piece, put the parts together."""

    def __init__(self, peers: Peers, piece_bytes: int = RECALL_BYTES) -> None:
        """Args: `piece_bytes`: of records, asked for in one piece."""
        self._peers = peers
        self._piece_bytes = min(piece_bytes, RECALL_BYTES)
        self._turns = Turns()
        self._run: Run | None = None
        self._held = 0
        self._epoch_number = 0  # that of the state which counts them: who is there has them
        self._kept: Run | None = None  # of an earlier leap that came to nothing
        self._asked: _Asked | None = None
        self._failed: dict[DeviceKey, _Failed] = {}
        self._paced: dict[DeviceKey, MonoMs] = {}  # when all that it was asked for is due
        self._next_at: MonoMs | None = None

    def begin(self, run: Run, held: int, epoch_number: int) -> None:
        """Collect what a state counts, before what is in `run` and after the `held`-th."""
        self._run, self._held, self._epoch_number = run, held, epoch_number
        self._asked = None
        if self._kept is not None:
            self._kept = self._kept.cut(run.before)
        self._join()

    def stop(self) -> None:
        """Ask for no more. What is here is kept: another leap may lead over it."""
        left = [one for one in (self._run, self._kept) if one is not None]
        self._kept = max(left, key=lambda one: len(one.last_first), default=None)
        self._run = self._asked = None

    def landed(self) -> None:
        """All is taken over."""
        self._kept = self._run = self._asked = None
        self._failed.clear()

    @property
    def is_complete(self) -> bool:
        return self._run is not None and self._run.before <= self._held

    @property
    def has_failed(self) -> bool:
        return bool(self._failed)

    def lost(self, device: DeviceKey) -> None:
        """It may have been the connection's fault: once it is back it may be asked again."""
        failed = self._failed.get(device)
        if failed is not None:
            failed.again_at = _AT_ONCE

    def count(self, device: DeviceKey, now: MonoMs, weight: int = 1) -> None:
        """Note that a peer is asked for a part, or for what counts as so many."""
        self._paced[device] = MonoMs(max(self._paced.get(device, now), now) + weight * PACE_MS)
        for one in [key for key, at in self._paced.items() if at <= now]:
            del self._paced[one]

    def work(self, now: MonoMs) -> None:
        """Ask for the next piece, or give up on a peer that takes too long."""
        self._next_at = None
        run, asked = self._run, self._asked
        if asked is not None:
            if now < asked.until and asked.device in self._peers:
                return
            self._fail(asked, now)
        if run is None or self.is_complete:
            return
        ahead = [peer for peer in self._peers.greeted if peer.epoch_number >= self._epoch_number]
        waits = {peer.device: self._may_ask_at(peer.device, now) for peer in ahead}
        able = [peer for peer in ahead if waits[peer.device] <= now]
        if able:
            self._ask(min(able, key=self._turns.rank), run, now)
        else:
            self._next_at = min(waits.values(), default=None)

    def ready_at(self, device: DeviceKey, now: MonoMs) -> MonoMs:
        """Return when a peer answers one question more."""
        return MonoMs(self._paced.get(device, now) - BURST_MS)

    def _may_ask_at(self, device: DeviceKey, now: MonoMs) -> MonoMs:
        ready_at, failed = self.ready_at(device, now), self._failed.get(device)
        return ready_at if failed is None else max(ready_at, failed.again_at)

    def _ask(self, peer: Peer, run: Run, now: MonoMs) -> None:
        held = self._held if self._kept is None else max(self._held, self._kept.last)
        failed = self._failed.get(peer.device, _NEVER)
        least = max(min(LEAST_BYTES, self._piece_bytes), self._piece_bytes >> failed.times)
        recall = Recall(held, run.before, least, 0)
        until = MonoMs(now + PART_TIMEOUT_MS)
        self._asked = _Asked(peer.device, peer.seat, recall, now, until)
        self._turns.ask(peer, now)
        self._send(peer.device, recall, now)

    def _send(self, device: DeviceKey, recall: Recall, now: MonoMs) -> None:
        self.count(device, now)
        self._peers.send(device, recall)

    def take(self, peer: Peer, part: Recalled, now: MonoMs) -> None:
        """Take a part in, and the piece when it is complete.

        Raises:
            PeerFault: `bad_proof`, or what is wrong with a part: another is asked.
        """
        asked, run = self._asked, self._run
        if (
            asked is None
            or run is None
            or (asked.device, asked.recall.until) != (peer.device, part.until)
            or now >= asked.until
        ):
            return  # too late
        if part.total == 0:
            self._fail(asked, now)
            return
        try:
            is_whole = _add(asked, part)
            if is_whole:
                scroll = Scroll(bytes(asked.data), RECALLED_BYTES, "closed proposals")
                run.take(scroll, asked.recall.held, asked.recall.least)
                scroll.end()
        except PeerFault:
            self._fail(asked, now)
            raise
        if not is_whole:
            parts = -(-part.total // PULL_BYTES)
            whole = asked.since + PART_TIMEOUT_MS + parts * PART_MS
            asked.until = MonoMs(min(now + PART_TIMEOUT_MS, whole))
            recall = asked.recall
            more = Recall(recall.held, recall.until, recall.least, len(asked.data))
            self._send(peer.device, more, now)
            return
        self._asked = None
        self._turns.answered(peer, now)
        self._failed.pop(peer.device, None)
        self._join()

    def _join(self) -> None:
        """Go on from what an earlier leap brought, once that is reached."""
        run, kept = self._run, self._kept
        if run is not None and kept is not None and kept.last >= run.before:
            run.join(kept)
            self._kept = None

    def _fail(self, asked: _Asked, now: MonoMs) -> None:
        self._asked = None
        cost_ms = max(1, now - asked.since)
        is_here = asked.device in self._peers
        # Who hung up saves nothing by it; once it is back it may be asked again, in its turn.
        self._turns.fail(asked, cost_ms if is_here else max(cost_ms, PART_TIMEOUT_MS))
        failed = self._failed.setdefault(asked.device, _Failed())
        wait_ms = min(AGAIN_FIRST_MS << min(failed.times, _MOST_DOUBLED), AGAIN_MOST_MS)
        failed.times += 1
        failed.again_at = MonoMs(now + wait_ms) if is_here else _AT_ONCE
        if len(self._failed) > FAILED:
            del self._failed[next(iter(self._failed))]

    def wake_times(self) -> Iterable[MonoMs]:
        if self._asked is not None:
            yield self._asked.until
        elif self._next_at is not None:
            yield self._next_at


_NEVER = _Failed()


def _add(asked: _Asked, part: Recalled) -> bool:
    """Add a part to those before it; return whether all are here."""
    is_short = len(part.data) < min(PULL_BYTES, part.total - part.offset)
    if (
        part.total > RECALLED_BYTES
        or asked.total not in (None, part.total)
        or part.offset != len(asked.data)
        or is_short
    ):
        raise PeerFault("bad_proof", f"a part at {part.offset}, {len(asked.data)} expected")
    asked.total = part.total
    asked.data += part.data
    return len(asked.data) >= part.total
