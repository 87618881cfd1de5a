"""Pulls: a node that is behind asks one peer at a time for an epoch's blocks (R7.7, R7.18).

The store answers; that is the flow control of catching up.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...messages.fields import Place
from ...messages.spreading import Pull, Pulled
from ...wire.ids import BlockId, MonoMs, Round
from ...wire.limits import KIB, PULL_BYTES
from ..frontiers import Frontiers
from ..peers.peer import Frontier, Peer
from ..peers.peers import Peers
from .turns import Turns

PULL_TIMEOUT_MS = 5_000  # an answer of PULL_BYTES takes well under a second on a LAN
PULLS_REFUSED = frozenset({"bad_epoch", "limit_rate"})  # codes with which a pull is refused
# A frontier says nothing of forks: the other block of a slot may be what a commit needs. Who has
# finalized more with the same frontier is asked once more for all that may decide what is open
# here, and for the last rounds at least.
FORK_ROUNDS = 4  # a commit takes three rounds
SEARCH_BEGIN: Place = (Round(1), BlockId(bytes(32)))  # before all blocks
LEAST_PULL_BYTES = 16 * KIB  # asked for of a peer that takes too long; passes at 30 kbit/s


class Pulls:
    """Whom to ask for blocks next, and what became of the last question."""

    def __init__(self, peers: Peers, frontiers: Frontiers, pull_bytes: int = PULL_BYTES) -> None:
        """Args: `pull_bytes`: of blocks, asked for in one pull."""
        self._peers = peers
        self._frontiers = frontiers
        self._pull_bytes = pull_bytes
        # Two, as they alternate: else one peer might get all pulls and another all searches.
        self._pulls = Turns()
        self._searches = Turns()
        self._has_searched = False  # for forks, when it could have pulled
        self._search_again_at: MonoMs | None = None  # all peers: forks were left out

    def begin_epoch(self) -> None:
        """Forget what was asked of the last epoch."""
        self._search_again_at = None
        for device in self._peers:
            peer = self._peers[device]
            peer.barren = peer.search_after = None

    def lost(self, peer: Peer) -> None:
        """A peer has gone: a pull that was in flight comes to nothing."""
        if peer.pull_until is not None:
            self._turns_of(peer).fail(peer, PULL_TIMEOUT_MS)

    def pull(self, now: MonoMs, final_index: int, undecided: Round, *, may_ask: bool) -> None:
        """Ask one peer that is ahead, unless a pull is in flight (R7.7).

        Args:
            final_index: the last commit here.
            undecided: the lowest round of which not all is decided here.
            may_ask: else only note that a peer took too long.
        """
        greeted = self._peers.greeted
        is_under_way = False
        for peer in greeted:
            if peer.rests_until is not None and now >= peer.rests_until:
                peer.rests_until = None
            if peer.pull_until is not None:
                is_under_way = True
        for peer in greeted if is_under_way else ():
            if peer.pull_until is not None:
                if now < peer.pull_until:
                    return
                peer.pull_until = None
                peer.unanswered += 1
                self._turns_of(peer).fail(peer, PULL_TIMEOUT_MS)
        if not may_ask:
            return
        ahead = [peer for peer in greeted if self._frontiers.is_behind(peer)]
        frontier = self._frontiers.frontier() if ahead else ()
        able = [
            peer
            for peer in ahead
            if peer.barren != (self._frontiers.epoch_number, frontier) and peer.rests_until is None
        ]
        chosen = min(able, key=self._pulls.rank, default=None)
        # Who never answers must not keep this node from asking the others for forks, nor who
        # claims ever more from being asked for blocks.
        is_turn = chosen is None or (self._pulls.has_failed(chosen) and not self._has_searched)
        self._has_searched = is_turn and self._search_forks(now, final_index, undecided)
        if chosen is not None and not self._has_searched:
            self._send_pull(chosen, frontier, None, now)

    def _send_pull(self, peer: Peer, frontier: Frontier, after: Place | None, now: MonoMs) -> None:
        most = self._pull_bytes
        if peer.unanswered > 0:  # its link may be too slow for as much
            most = min(most, max(LEAST_PULL_BYTES, most >> peer.unanswered))
        self._peers.send(peer.device, Pull(self._frontiers.epoch_number, frontier, most, after))
        peer.pull_until = MonoMs(now + PULL_TIMEOUT_MS)
        peer.pulled, peer.pulled_after = self._frontiers.epoch_number, after
        peer.pulled_from = self._frontiers.frontier()
        self._turns_of(peer).ask(peer, now)

    def _turns_of(self, peer: Peer) -> Turns:
        """Return the turns to which the last question to a peer belongs."""
        return self._pulls if peer.pulled_after is None else self._searches

    def _search_forks(self, now: MonoMs, final_index: int, undecided: Round) -> bool:
        """Ask a peer that has finalized more for the open rounds, forks included (R7.18).

        Nothing below the first undecided round has a part in deciding it. What is held is
        answered as well, so the answer may take many pulls: each goes on after the last. Once
        all is answered this goes on until a whole answer has brought nothing that was taken.

        Returns:
            Whether there was one that had not been asked so, or has more to answer.
        """
        if self._search_again_at is not None and now >= self._search_again_at:
            self._search_again_at = None
            for peer in self._peers.greeted:
                peer.searched = None
        greeted = self._peers.greeted
        able = [peer for peer in greeted if self._has_finalized_more(peer, final_index)]
        if not able:  # nearly always, and asked in each step
            return False
        held = 0 if self._frontiers.lace is None else len(self._frontiers.lace)
        # A liar claims more each time, to be asked again, or has ever more to answer.
        for peer in sorted(able, key=self._searches.rank):
            status = peer.status
            assert status is not None
            frontier = self._frontiers.frontier()
            # A fork that was taken may make others telling which an answer brought in vain.
            standing = (
                self._frontiers.epoch_number,
                held,
                status.epoch_number,
                status.final_index,
            )
            if peer.search_after is None and peer.searched == standing:
                continue
            if peer.search_after is None:
                peer.searched, peer.search_after = standing, SEARCH_BEGIN
            below = tuple(
                (member, Round(max(0, min(round_ - FORK_ROUNDS, undecided - 1))))
                for member, round_ in frontier
            )
            self._send_pull(peer, below, peer.search_after, now)
            return True
        return False

    def search_again(self, at: MonoMs) -> None:
        """Ask for forks anew at this time, also who was asked: one that decides was left out."""
        if self._search_again_at is None:
            self._search_again_at = at

    def _has_finalized_more(self, peer: Peer, final_index: int) -> bool:
        """Return whether a peer has finalized more, and shows no block that would explain it.

        One that has just refused a pull has not, for the time being.
        """
        status = peer.status
        if status is None or status.final_index <= final_index or peer.rests_until is not None:
            return False
        if status.epoch_number == self._frontiers.epoch_number:
            return not self._frontiers.is_behind(peer)
        return status.epoch_number > self._frontiers.epoch_number

    def is_barren(self, peer: Peer) -> bool:
        """Return whether a peer that is ahead had nothing to bring this node on."""
        ours = self._frontiers
        return peer.barren is not None and peer.barren == (ours.epoch_number, ours.frontier())

    def on_pulled(self, peer: Peer, answer: Pulled, brought: bool, now: MonoMs) -> None:
        """A pull was answered; `brought`: with at least one block that was new here."""
        if (answer.epoch_number, answer.after) != (peer.pulled, peer.pulled_after):
            return  # not what was asked for: as good as no answer
        if peer.pull_until is not None:  # else it is late
            self._turns_of(peer).answered(peer, now)
            peer.pull_until = None
        peer.unanswered = 0
        if brought:
            self._pulls.bring(peer)
        if answer.epoch_number != self._frontiers.epoch_number:
            return
        if answer.after is not None:
            last = max(((one.round, one.id) for one in answer.blocks), default=answer.after)
            peer.search_after = last if answer.more and last > answer.after else None
            if peer.search_after is not None:
                return
        if not brought:
            # What came from others meanwhile may be all that it told: then there may be more.
            peer.barren = (
                self._frontiers.epoch_number,
                peer.pulled_from if answer.more else self._frontiers.frontier(),
            )

    def on_refused(self, peer: Peer, code: str) -> None:
        """A peer says that it does not do what was asked; if that is a pull, ask another (R7.7).

        It may be about something else: then the answer comes all the same.
        """
        if peer.pull_until is not None and code in PULLS_REFUSED:
            peer.rests_until, peer.pull_until = peer.pull_until, None
            peer.unanswered += 1
            self._turns_of(peer).fail(peer, PULL_TIMEOUT_MS)

    def wake_times(self) -> Iterable[MonoMs]:
        """Yield the times at which `pull` has something to do."""
        if self._search_again_at is not None:
            yield self._search_again_at
        for peer in self._peers.greeted:
            if peer.pull_until is not None:
                yield peer.pull_until
            if peer.rests_until is not None:
                yield peer.rests_until
