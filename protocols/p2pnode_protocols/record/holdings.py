"""All that the state holds: what ops are weighed against, and what a commit changes as a whole."""

from __future__ import annotations

import copy
from collections import ChainMap, deque
from collections.abc import MutableMapping

from ..wire import crypto
from ..wire.ids import MemberId, OpId, TextId, WallMs
from .questions.register import Register
from .seam.in_force import NO_PRACTICES, Practices
from .seam.practice import Fact
from .seam.slices import make_slices, upgrade_slices
from .seats.charter import Charter
from .seats.roster import Roster
from .table.times import Dues, Times
from .turn.budget import Budget
from .turn.nonces import Nonces
from .turn.parking import Parking


class Holdings:
    """Seats, questions, slices, ops that wait, shares, erased texts: as the log has made them."""

    def __init__(
        self,
        roster: Roster,
        epoch: int,
        epoch_charter: Charter,
        time_ms: WallMs,
        practices: Practices = NO_PRACTICES,
    ) -> None:
        """Raises `UsageError` `update_needed`: one of the epoch's practices is not among these."""
        self.practices = practices  # that this program has
        self.in_force = practices.in_force(epoch_charter.practices)
        self.roster, self.charter = roster, roster.charter
        self.epoch = epoch  # its number, 0 for the founding one
        self.epoch_charter = epoch_charter  # as it began
        self.time_ms = time_ms  # of the last commit
        self.nonces = Nonces()
        self.parking = Parking()
        self.dues: Dues = Times()
        self.register = Register(self.dues)
        self.slices = make_slices(self.in_force, self.dues)
        self.facts: deque[Fact] = deque()  # that practices hear with the next commit (R10.29)
        self.budget = Budget()
        self.erased: MutableMapping[TextId, OpId] = {}  # and the proposals that decided so
        self._bind_devices()

    def become(self, roster: Roster) -> None:
        """Go on with these seats; the keys of new ones count from here."""
        before = self.charter
        self.roster, self.charter = roster, roster.charter
        if self.charter is before:
            return
        self._bind_devices()
        for seat in before.members:
            for device in seat.devices:
                if self.charter.by_device(device) is None:
                    has_joined = self.roster.has_given_seat(crypto.compute_member_id(device))
                    self.nonces.unseat(device, has_joined=has_joined)

    def _bind_devices(self) -> None:
        for seat in self.charter.members:
            for device in seat.devices:
                self.nonces.bind(device)

    def begin_epoch(self) -> None:
        """From here on, proposals that open ask the members of this moment's charter (R6.6)."""
        self.epoch += 1
        self.budget = self.budget.without_whole(self.time_ms)
        self.epoch_charter = self.charter
        if self.charter.practices != self.in_force.versions:
            after = self.practices.in_force(self.charter.practices)
            self.slices = upgrade_slices(self.slices, self.in_force, after, self.dues)
            self.in_force = after

    def twin(self) -> Holdings:
        """Return what goes on from here, to be thrown away before this does."""
        twin = copy.copy(self)
        twin.nonces, twin.parking = self.nonces.twin(), self.parking.twin()
        twin.dues, twin.budget = self.dues.twin(), self.budget.twin()
        twin.register = self.register.twin(twin.dues)
        twin.slices = {name: held.twin(twin.dues) for name, held in self.slices.items()}
        twin.facts = deque(self.facts)
        twin.erased = ChainMap({}, self.erased)
        return twin

    def rebuilt(self, kept: frozenset[MemberId]) -> Holdings:
        """Return what a rebuild would make of this, to be read only: they share parts."""
        twin = copy.copy(self)
        twin.roster = self.roster.rebuilt(kept)  # it changes no key, so no nonce
        twin.charter = twin.roster.charter
        twin.begin_epoch()
        return twin
