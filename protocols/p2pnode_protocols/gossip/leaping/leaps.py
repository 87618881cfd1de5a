"""Leaps: from one epoch to a later one without the log between them (docs/protocol.md R7.17).

Who joins, or was away for so long that nobody keeps the blocks it lacks, takes over a state
that receipts prove (`carried`), and goes on from there with blocks as ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ...messages.leaps import Leap, Leapt
from ...steps.writes import SaveEpoch
from ...wire import crypto
from ...wire.errors import PeerFault
from ...wire.ids import CommunityId, DeviceKey, EpochId, MonoMs
from ...wire.limits import PULL_BYTES, RECALL_BYTES
from ..asking.pulls import Pulls
from ..asking.turns import Turns
from ..peers.peer import LEAP_REQUESTS, Peer
from ..peers.peers import Peers
from .carried import LeapReader, Reached, Way
from .recalls import AGAIN_FIRST_MS, AGAIN_MOST_MS, PART_MS, PART_TIMEOUT_MS, Recalls

# All parts have so long at first, doubling with each try of a seat: few leaps take longer, and who
# lets one drip must not keep the others from being asked.
TRY_FIRST_MS = 30_000
REST_MS = 120_000  # … since nobody had the log that is to show that ours goes on: then without it
TRIED = 256  # peers of which is remembered that a leap came to nothing
FAR_BEHIND = 2  # epochs; a newcomer so far behind leaps at once
_MOST_DOUBLED = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer answered a leap with, whole."""

    data: bytes
    reader: LeapReader  # it has read the links
    closed: int  # proposals that were closed here when it was asked for
    after: int | None  # the log was asked for from after this commit on
    is_rest: bool  # without the log, though something was final here
    is_shown: bool  # what comes with it shows that the log here goes on; else nobody had that
    is_instead: bool  # of pulls


@dataclass(slots=True)
class _Under:
    """A leap under way: one peer, part by part."""

    device: DeviceKey  # the peer …
    seat: bytes  # … and whose it is
    reader: LeapReader
    way: Way | None  # from the end of which it leads on
    epoch_there: int  # in which the peer was when it was asked
    epoch: EpochId
    closed: int
    after: int | None
    is_rest: bool  # without the log, though something is final in this epoch
    is_instead: bool  # of pulls: the blocks in between are not wanted
    since: MonoMs
    until: MonoMs
    most_ms: int  # for all parts, however many
    digest: bytes | None = None  # of the whole; None: no part has come yet
    data: bytearray = field(default_factory=bytearray)

    def wait_from(self, now: MonoMs, total: int) -> None:
        """Give the next part its time, and all parts no more than their size takes."""
        parts = -(-total // PULL_BYTES)
        whole = self.since + min(PART_TIMEOUT_MS + parts * PART_MS, self.most_ms)
        self.until = MonoMs(min(now + PART_TIMEOUT_MS, whole))


@dataclass(frozen=True, slots=True)
class _Reaching:
    """A leap that has come: more links, or closed proposals that its state counts, follow."""

    epoch: EpochId
    device: DeviceKey  # who answered it
    answer: Answer
    reached: Way | Reached


@dataclass(slots=True)
class _Tried:
    """How often leaps from a peer came to nothing, and in which epoch it was the last time."""

    seat: bytes = b""
    times: int = 0
    lacks_log: bool = False  # one from this node's epoch, with the log
    epoch: int = -1  # it is asked again when it is in a later one …
    again_at: MonoMs | None = None  # … or at this time: receipts may have come there


class Leaps:
    """Decide when to leap, ask for the parts, put them together."""

    def __init__(
        self,
        peers: Peers,
        pulls: Pulls,
        community: CommunityId,
        verify: crypto.Verify,
        *,
        is_allowed: bool,
        piece_bytes: int = RECALL_BYTES,
    ) -> None:
        self._peers = peers
        self._pulls = pulls
        self._community = community
        self._verify = verify
        self._turns = Turns()
        self._is_allowed = is_allowed
        self._under: _Under | None = None
        self.recalls = Recalls(peers, piece_bytes)
        self._reaching: _Reaching | None = None
        self._is_paced = False  # the next leap only waits until a peer answers one question more
        self._tried: dict[DeviceKey, _Tried] = {}
        self._again_at: MonoMs | None = None  # when a peer that is ahead may be asked again
        self._epoch: EpochId | None = None  # of which is remembered …
        self._rest_at: MonoMs | None = None  # … when to go on without the log, …
        self._has_parted = False  # … and that it contradicts what is final here

    @property
    def is_under_way(self) -> bool:
        return self._under is not None or self._reaching is not None

    @property
    def is_instead_of_pulls(self) -> bool:
        """Return whether a leap is under way that is to spare this node the blocks."""
        reaching = self._reaching
        if reaching is not None and isinstance(reaching.reached, Reached):
            return reaching.answer.is_instead and not self.recalls.has_failed
        if self._under is not None:
            return self._under.is_instead
        return reaching is not None and reaching.answer.is_instead and self._is_paced

    def is_lost(self, begin: SaveEpoch) -> bool:
        """Return whether all peers in later epochs were asked for a leap in vain."""
        ahead = [
            peer
            for peer in self._peers.greeted
            if peer.epoch_number > begin.number and not peer.is_joiner
        ]
        is_spent = bool(ahead) and all(self._is_spent(peer) for peer in ahead)
        return is_spent and self._reaching is None

    def _is_spent(self, peer: Peer) -> bool:
        return peer.epoch_number <= self._tried_of(peer).epoch

    def work(self, begin: SaveEpoch, closed: int, final_index: int, now: MonoMs) -> None:
        """Begin a leap when that is the way on, or give up on a peer that takes too long.

        Args:
            closed: proposals that are closed here.
            final_index: the last commit here; 0: nothing is final here yet.
        """
        self._review_reaching(begin, final_index)
        reaching = self._reaching
        if reaching is not None and isinstance(reaching.reached, Reached):
            self.recalls.work(now)
            return
        way = None if reaching is None else reaching.reached
        start = begin.number if way is None else way.passed[-1].number
        is_new = final_index == 0
        under = self._under
        if under is not None:
            if under.epoch != begin.id:
                self._under = None  # blocks were quicker, and that is no fault of the peer
            elif now < under.until and under.device in self._peers:
                return
            else:
                self._give_up(now)
        if not self._is_allowed:
            return
        if self._epoch != begin.id:
            self._begin(begin.id)
        is_barren = self._pulls.is_barren
        ahead = [
            peer
            for peer in self._peers.greeted
            if peer.epoch_number > start
            and (way is not None or self._is_far(peer, begin, is_new) or is_barren(peer))
        ]
        if not ahead:
            self._again_at, self._is_paced = None, False
            return
        waits = {
            peer.device: max(self._again_of(peer, now), self.recalls.ready_at(peer.device, now))
            for peer in ahead
        }
        self._again_at = min((at for at in waits.values() if at > now), default=None)
        able = [peer for peer in ahead if waits[peer.device] <= now]
        self._is_paced = not able and not all(self._tried_of(peer).times for peer in ahead)
        if able:
            # Whose answers in vain took the longest comes last, with all devices of its seat: a
            # liar may say anything to be asked again, and let each answer drip.
            peer = min(able, key=self._turns.rank)
            # It must go on from what is final here. Up to the epoch's beginning its id says so.
            is_bound = final_index == begin.genesis_index or way is not None
            is_rest = not is_bound and self._may_go_without(peer, now)
            after = None if is_bound or is_rest else final_index
            is_instead = self._is_far(peer, begin, is_new)
            if reaching is not None:
                is_instead = reaching.answer.is_instead
            self._under = _Under(
                peer.device,
                peer.seat,
                LeapReader(self._community, begin, self._verify, way),
                way,
                peer.epoch_number,
                begin.id,
                closed,
                after,
                is_rest,
                is_instead and self._tried_of(peer).times == 0,
                now,
                MonoMs(now + PART_TIMEOUT_MS),
                TRY_FIRST_MS << min(self._tries_of(peer.seat), _MOST_DOUBLED),
            )
            self._turns.ask(peer, now)
            self._send(peer.device, Leap(start, closed, after, 0), now)

    def _send(self, device: DeviceKey, leap: Leap, now: MonoMs) -> None:
        self.recalls.count(device, now, LEAP_REQUESTS if leap.offset == 0 else 1)
        self._peers.send(device, leap)

    def _review_reaching(self, begin: SaveEpoch, final_index: int) -> None:
        """Give up on where a leap has led when this node has gone on by itself since."""
        reaching = self._reaching
        if reaching is None:
            return
        answer, is_bound = reaching.answer, final_index == begin.genesis_index
        has_gone_on = reaching.epoch != begin.id
        if not has_gone_on and answer.after is None and not (answer.is_rest or is_bound):
            has_gone_on = True  # does it go on from the blocks that have come?
            if reaching.device in self._tried:
                self._tried[reaching.device].epoch = -1
        if has_gone_on:
            self.end_reaching()

    def reach(self, peer: Peer, begin: SaveEpoch, answer: Answer, reached: Way | Reached) -> None:
        """Go on from where a leap has led; collect the closed proposals that lack at its end."""
        self._reaching = _Reaching(begin.id, peer.device, answer, reached)
        if not isinstance(reached, Reached):
            self._tried.pop(peer.device, None)  # it may be asked for the next part of the way
            return
        held = min(answer.closed, reached.run.last)
        self.recalls.begin(reached.run, held, reached.passed[-1].number)

    def complete(self, begin: SaveEpoch, final_index: int) -> tuple[Reached, bool] | None:
        """Return where a leap has led, with all that it takes; and whether that is shown."""
        self._review_reaching(begin, final_index)
        reaching = self._reaching
        if reaching is None or not isinstance(reaching.reached, Reached):
            return None
        return (reaching.reached, reaching.answer.is_shown) if self.recalls.is_complete else None

    def end_reaching(self) -> None:
        """Ask for no more of where a leap has led."""
        self._reaching = None
        self.recalls.stop()

    def _begin(self, epoch: EpochId) -> None:
        """Ask anew in another epoch of this node; who was asked in vain stays behind the others."""
        self._epoch, self._rest_at, self._has_parted = epoch, None, False
        for tried in self._tried.values():
            tried.epoch, tried.again_at, tried.lacks_log = -1, None, False

    @staticmethod
    def _is_far(peer: Peer, begin: SaveEpoch, is_new: bool) -> bool:
        return is_new and peer.epoch_number - begin.number >= FAR_BEHIND

    def take(
        self, peer: Peer, part: Leapt, begin: SaveEpoch, final_index: int, now: MonoMs
    ) -> Answer | None:
        """Take a part in; return the whole when it is complete.

        Raises:
            PeerFault: `bad_proof`: the parts do not make what was announced.
        """
        under = self._under
        if (
            under is None
            or under.device != peer.device
            or under.epoch != begin.id
            or part.epoch_number != under.reader.number
            or now >= under.until
        ):
            return None  # too late
        if part.total == 0:
            self._give_up(now)
            return None
        if under.digest not in (None, part.digest):
            # It has gone on to another epoch, or has other receipts: begin again, but once only.
            may_again = self._tried_of(peer).times == 0
            self._give_up(now)
            if may_again:
                self._tried[peer.device].epoch = -1
            return None
        is_short = len(part.data) < min(PULL_BYTES, part.total - part.offset)
        if part.offset != len(under.data) or is_short:
            self._give_up(now)
            raise PeerFault("bad_proof", f"a part at {part.offset}, {len(under.data)} expected")
        under.digest = part.digest
        under.data += part.data
        if len(under.data) < part.total:
            try:
                under.reader.read_links(under.data, is_whole=False)
            except PeerFault:
                self._give_up(now)
                raise
            under.wait_from(now, part.total)
            more = Leap(under.reader.number, under.closed, under.after, len(under.data))
            self._send(peer.device, more, now)
            return None
        self._give_up(now)  # if it proves nothing, not again from this peer in this epoch
        if hashlib.sha256(under.data).digest() != part.digest:
            raise PeerFault("bad_proof", "the parts of a leap do not fit together")
        self._review_reaching(begin, final_index)
        reaching = self._reaching
        is_bound = final_index == begin.genesis_index
        has_gone_on = under.after is None and not (under.is_rest or is_bound)
        if under.way is not None:
            has_gone_on = reaching is None or reaching.reached is not under.way
        if has_gone_on:
            self._tried[peer.device].epoch = -1  # blocks have come since: does it go on from them?
            return None
        data = bytes(under.data)
        if under.way is not None and reaching is not None:  # as it was asked for at first
            return replace(reaching.answer, data=data, reader=under.reader, closed=under.closed)
        is_shown = is_bound or not under.is_rest
        return Answer(
            data,
            under.reader,
            under.closed,
            under.after,
            under.is_rest,
            is_shown,
            under.is_instead,
        )

    def _again_of(self, peer: Peer, now: MonoMs) -> MonoMs:
        """Return when a peer that is ahead may be asked."""
        again_at = self._tried_of(peer).again_at
        return again_at if self._is_spent(peer) and again_at is not None else now

    def _may_go_without(self, peer: Peer, now: MonoMs) -> bool:
        """Return whether to ask a peer for all but the log, which it did not give before.

        Those who have it may be gone, or their link too slow. Up to f liars cannot make the
        rest prove another log than ours; what did prove one is not asked for so.
        """
        is_time = self._rest_at is not None and now >= self._rest_at
        return is_time and not self._has_parted and self._tried_of(peer).lacks_log

    def parted(self, epoch: EpochId) -> None:
        """A leap from this epoch, in which the node is, led to another log than the one here."""
        if self._epoch != epoch:
            self._begin(epoch)
        self._has_parted = True

    def _tried_of(self, peer: Peer) -> _Tried:
        return self._tried.get(peer.device, _UNTRIED)

    def _tries_of(self, seat: bytes) -> int:
        return sum(one.times for one in self._tried.values() if one.seat == seat)

    def _give_up(self, now: MonoMs) -> None:
        """Ask this peer no more for a while, or until it is further; then after the others."""
        under = self._under
        assert under is not None
        tried = self._tried.setdefault(under.device, _Tried(under.seat))
        tried.times += 1
        cost_ms = max(1, now - under.since)
        if under.device in self._peers:
            tried.epoch = under.epoch_there
        else:  # it hung up: that saves it nothing
            cost_ms = max(cost_ms, PART_TIMEOUT_MS)
        self._turns.fail(under, cost_ms)
        if under.after is not None:
            tried.lacks_log = True
            if self._rest_at is None:
                self._rest_at = MonoMs(now + REST_MS)
        wait_ms = min(AGAIN_FIRST_MS << min(tried.times - 1, _MOST_DOUBLED), AGAIN_MOST_MS)
        tried.again_at = MonoMs(now + wait_ms)
        if self._rest_at is not None and now < self._rest_at < tried.again_at:
            tried.again_at = self._rest_at
        if len(self._tried) > TRIED:
            del self._tried[next(iter(self._tried))]
        self._under = None

    def landed(self) -> None:
        """A leap succeeded: the next one is another matter."""
        self._tried.clear()
        self._turns = Turns()
        self._reaching = None
        self.recalls.landed()

    def lost(self, device: DeviceKey) -> None:
        """It may have been the connection's fault: once it is back it may be asked again."""
        tried = self._tried.get(device)
        if tried is not None:
            tried.epoch = -1
        self.recalls.lost(device)

    def wake_times(self) -> Iterable[MonoMs]:
        if self._reaching is not None and isinstance(self._reaching.reached, Reached):
            return self.recalls.wake_times()
        if self._under is not None:
            return (self._under.until,)
        return () if self._again_at is None else (self._again_at,)


_UNTRIED = _Tried()
