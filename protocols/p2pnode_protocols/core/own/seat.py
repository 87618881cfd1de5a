"""Whether this device has a seat, by what it hears when none of its own log can tell (R5.9)."""

from __future__ import annotations

from ...gossip.frontiers import Frontiers
from ...gossip.peers.peers import Peers
from ...gossip.peers.refusals import Refusals
from ..clock import Clock
from ..log.ledger import Ledger
from .fates import SHUT_OUT
from .ops import OwnOps


class OwnSeat:
    """Who lets this device in, and who does not."""

    def __init__(
        self, ledger: Ledger, peers: Peers, frontiers: Frontiers, own_ops: OwnOps, now: Clock
    ) -> None:
        self._ledger = ledger
        self._peers = peers
        self._frontiers = frontiers
        self._own_ops = own_ops
        self._now = now
        self.refusals = Refusals()

    def shut_out(self) -> str | None:
        """Return the code for which more than may lie do not let this device in (R5.9).

        Whoever lost its seat, or the invite it would join by, while it was cut off gets no log
        that says so. Who has heard that its seat is gone is refused as well, and knows why.
        """
        # Its hello shows the invite of its seat for as long as it runs, so either may be said.
        codes = ("bad_invite",) if self._ledger.member is None else ("not_a_member", "bad_invite")
        committee = self._ledger.epoch.committee
        inside = {peer.member for peer in self._peers.greeted if peer.member in committee.index}
        for code in codes:
            if self.refusals.confirm(code, committee.index, len(inside), committee.faults):
                return codes[0]
        return None

    @property
    def may_have_lost_seat(self) -> bool:
        """Whether members do not let this device in, and too few do to be sure that it has a seat.

        It is a suspicion: one member may lie. `shut_out` is what more than may lie have said.
        """
        committee = self._ledger.epoch.committee
        inside = {peer.member for peer in self._peers.greeted if peer.member in committee.index}
        return len(inside) <= committee.faults and self.refusals.any_of(committee.index)

    @property
    def surely_has_seat(self) -> bool:
        """Whether this device has a seat here, and no honest member's log says otherwise.

        More than may lie let it in and show nothing later than what is final here.
        """
        committee = self._ledger.epoch.committee
        alike = {
            peer.member
            for peer in self._peers.greeted
            if peer.member in committee.index
            and peer.status is not None
            and peer.epoch_number <= self._ledger.epoch.number
            and peer.status.final_index <= self._ledger.final_index
            and not self._frontiers.is_behind(peer)
        }
        is_alone = set(committee.members) <= {self._ledger.member}
        return self._ledger.member is not None and (is_alone or len(alike) > committee.faults)

    def tell_shut_out(self) -> None:
        """Tell of all that waits when nobody lets this device in any more.

        It stays in the pool: if somebody does so again, those after it need its nonce.
        """
        if self.shut_out() is None:
            return
        for op in list(self._own_ops.fates):
            self._own_ops.tell_fate(op.id, SHUT_OUT, None, self._now.wall_ms)
            self._own_ops.fates.give_up(op)
