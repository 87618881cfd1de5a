"""Where members' nodes listen, as they and others say (docs/protocol.md R7.16)."""

from __future__ import annotations

from collections.abc import Iterable

from ...gossip.memory import KEY_BYTES, MESSAGE_BYTES, compute_memory
from ...gossip.peers.peer import Peer
from ...gossip.peers.vain import CONTACT, EARLY_CONTACT
from ...gossip.sync import Sync
from ...messages.standing import Contacts
from ...steps.notices import ContactTold
from ...wire.ids import DeviceKey, MemberId
from ...wire.limits import MEMBERS, PUSH_BYTES
from ..identity import Identity
from ..log.ledger import Ledger
from ..outbox import Outbox
from .manners import Manners


class ContactBook:
    """What is known of it, telling peers, and hearing it from them."""

    def __init__(
        self, me: Identity, ledger: Ledger, sync: Sync, manners: Manners, out: Outbox
    ) -> None:
        self._me = me
        self._ledger = ledger
        self._peers = sync.peers
        self._hearsay = sync.hearsay
        self._manners = manners
        self._notices = out.notices
        self.addresses: dict[DeviceKey, tuple[str, ...]] = {}  # where peers said they listen

    def known(self) -> tuple[DeviceKey, ...]:
        """Return which members' nodes said where they listen; forget what strangers did."""
        known = self._ledger.state.charter
        for device in [one for one in self.addresses if known.by_device(one) is None]:
            if device not in self._peers:
                del self.addresses[device]
        return tuple(one for one in sorted(self.addresses) if known.by_device(one) is not None)

    def tell(self, peer: Peer, devices: Iterable[DeviceKey]) -> None:
        """Tell a peer where devices listen, as far as it can take that now (R7.16, R7.23)."""
        peer.backlog.contacts.update(dict.fromkeys(devices))
        while peer.backlog.contacts and peer.backlog.is_open:
            self._tell_next(peer)
        self._peers.await_written(peer)

    def _tell_next(self, peer: Peer) -> None:
        owed = peer.backlog.contacts
        told: list[tuple[DeviceKey, tuple[str, ...]]] = []
        size = 0
        while owed and len(told) < MEMBERS:
            device = next(iter(owed))
            addresses = self.addresses.get(device, ())
            more = KEY_BYTES + sum(len(one.encode()) for one in addresses)
            if told and size + more > PUSH_BYTES:
                break
            del owed[device]
            if addresses and self._ledger.state.charter.by_device(device) is not None:
                told.append((device, addresses))
                size += more
        if told:
            self._peers.say(
                peer, Contacts(tuple(sorted(told))), compute_memory(MESSAGE_BYTES + size)
            )

    def note(self, device: DeviceKey, addresses: tuple[str, ...], teller: MemberId | None) -> bool:
        """Report where a device listens; False: it has no seat here, yet or any more."""
        if self._ledger.state.charter.by_device(device) is None:
            return False
        if device != self._me.device:
            self._notices.append(ContactTold(device, addresses, teller))
        return True

    def tell_early(self) -> None:
        """Report where devices listen, as peers said before these had a seat here."""
        early = self._hearsay.early
        known = self._ledger.state.charter
        for key in list(early):
            teller, device = key
            if known.by_device(device) is not None:
                # It was kept for a seat, or for a device that may have one by now.
                seat = known.by_device(DeviceKey(teller)) or known.member(MemberId(teller))
                self.note(device, early.remove(key), None if seat is None else seat.id)

    def introduce(self, newcomer: Peer) -> None:
        """Tell a newcomer where the others listen, and the others where it does."""
        known = self.known()
        self.tell(newcomer, [one for one in known if one != newcomer.device])
        if newcomer.member is not None:  # else its seat's first epoch is time enough
            own = [one for one in known if one == newcomer.device]
            for peer in self._peers.greeted:
                if peer is not newcomer:
                    self.tell(peer, own)

    def on_contacts(self, peer: Peer, contacts: Contacts) -> None:
        """Note where others listen. Nobody tells it again soon, so none is lost for being early.

        Of those who have a seat here members know more than a joiner, who may be anybody.
        """
        for device, addresses in contacts.contacts:
            is_known = self._ledger.state.charter.by_device(device) is not None
            if is_known and peer.is_joiner:
                continue
            heard = self._hearsay.hear(peer, device, addresses, is_known=is_known)
            if heard == "known":
                continue
            if heard == "new":
                self._manners.spend(peer, CONTACT if is_known else EARLY_CONTACT)
            if not self.note(device, addresses, peer.member):
                self._hearsay.hold(peer, device, addresses)
