"""What one node knows, shared by the parts of the core: `finalizing`, `hearing`, `making`.

Here are the parts it is made of, what it says of itself, and how a peer is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from .. import crypto
from ..decisions import Preview, State
from ..epoch import Epoch
from ..gossip.hurries import Hurries
from ..gossip.leaps import Leaps
from ..gossip.peer import Peer
from ..gossip.proofs import Proofs
from ..gossip.sync import Sync
from ..gossip.texts import NO_SEAT
from ..ids import CommunityId, DeviceKey, MemberId, MonoMs, WallMs
from ..limits import MEMBERS, PUSH_BYTES
from ..memory import KEY_BYTES, MESSAGE_BYTES, compute_memory
from ..messages import PROTOCOL_VERSION, Contacts, Hello, Status
from ..receipts import sign_receipt
from ..steps import ContactTold, Now, ProposalChanged, Restored
from .accuser import Accuser
from .alarms import Alarms
from .clock import Clock
from .identity import Identity
from .ledger import Ledger
from .manners import Manners
from .outbox import Outbox
from .own_ops import OwnOps
from .own_seat import OwnSeat
from .pool import Pool
from .provisional import Provisional
from .rebuilds import Rebuilds
from .sightings import Sightings

SETTLE_MS = 10_000  # how long to listen for one's own blocks when a quorum is not reachable


class Base:
    """One node's view of one community. See `Core` for the arguments."""

    def __init__(
        self,
        community: CommunityId,
        signer: crypto.Signer,
        restored: Restored,
        now: Now,
        *,
        admission: tuple[DeviceKey, bytes] | None,
        hosts: frozenset[DeviceKey],
        agent: str,
        ops_per_minute: int,
        pull_bytes: int,
        verify: crypto.Verify,
        may_leap: bool,
    ) -> None:
        self.community, self.device = community, signer.device
        self.me = Identity.of(community, signer, verify)
        self._now, out = Clock(now), Outbox()
        self.out, self._writes, self._sends, self._notices = out, out.writes, out.sends, out.notices
        self._admission = admission
        self._hosts = hosts
        self._agent = agent
        self.addresses: tuple[str, ...] = ()  # where this node listens; told in the hello
        self.contacts: dict[DeviceKey, tuple[str, ...]] = {}  # where peers said they listen
        self.genesis_charter: bytes = b""  # served to joiners; set by the shell at start
        record = restored.epoch
        self.ledger = Ledger(self.me, restored)
        self.pool = Pool(ops_per_minute)
        self.hurries = Hurries()
        self.sync = Sync(self.me.device, out.sends, pull_bytes)
        self.sync.begin_epoch(record.number, self.ledger.epoch.lace)
        for missing in restored.missing_texts:
            self.sync.texts.miss(missing, None, NO_SEAT)
        self.alarms = Alarms(self.ledger, out)
        self.manners = Manners(self.ledger, self.sync, self._now, out)
        self.sightings = Sightings()
        self.rebuilds = Rebuilds(restored, self.ledger, self.sync.peers, out)
        self.provisional = Provisional(self.ledger, self.pool, self._now, out)
        self.own_ops = OwnOps(self.me, restored, self.ledger, self.pool, self._now, out)
        self.fates = self.own_ops.fates
        self.own_seat = OwnSeat(
            self.ledger, self.sync.peers, self.sync.frontiers, self.own_ops, self._now
        )
        self.must_learn = restored.must_learn  # sign nothing yet (R4.10)
        self._signed = restored.signed
        self._heard: set[DeviceKey] = set()  # committee nodes compared with since the start
        self._tick_due: WallMs | None = None
        self._ticks, self._tick_at = 0, MonoMs(0)
        # Its last block, or its start; when it has heard enough of its own ones.
        self._made_at, self._settle_at = now.mono_ms, MonoMs(now.mono_ms + SETTLE_MS)
        self._due: MonoMs | None = None  # when ops are due (`making`) …
        self._due_basis: tuple[object, ...] = ()  # … and what that was found from
        self.proofs = Proofs(self.sync.peers, self._writes, self._notices)
        self.proofs.give_up(self.ledger.past)
        self._stored_index = max(
            record.genesis_index, *(index for index, _ in restored.recent_roots[-1:]), 0
        )  # commits up to here were saved before this start, receipts and all
        self.leaps = Leaps(
            self.sync.peers,
            self.sync.pulls,
            community,
            verify,
            is_allowed=may_leap,
            piece_bytes=pull_bytes,
        )
        self.accuser = Accuser(self.me.device)
        for first, second in restored.forks:
            self.accuser.found(first, second)

    @property
    def state(self) -> State:
        """The finalized state."""
        return self.ledger.state

    @property
    def epoch(self) -> Epoch:
        return self.ledger.epoch

    @property
    def final_index(self) -> int:
        """The last commit here; 0: nothing is final here yet."""
        return self.ledger.final_index

    @property
    def final_root(self) -> bytes:
        return self.ledger.final_root

    @property
    def member(self) -> MemberId | None:
        """The seat this device belongs to in the finalized state, or None."""
        return self.ledger.member

    @property
    def preview(self) -> Preview:
        return self.provisional.preview

    def look(self, wall_ms: WallMs) -> tuple[ProposalChanged, ...]:
        return self.provisional.look(wall_ms)

    def status(self) -> Status:
        """Return where this node stands, as told to peers."""
        nonces = []
        for seat in self.ledger.state.charter.members:
            for device in seat.devices:
                highest = self.pool.highest_nonce(device, self.ledger.state)
                if highest > 0:
                    nonces.append((device, highest))
        return Status(
            self.ledger.epoch.number,
            self.ledger.epoch.id,
            self.sync.frontiers.frontier(),
            tuple(sorted(nonces)),
            self.ledger.final_index,
            self.ledger.final_root,
            self.proofs.unproven(),
        )

    def _is_known(self, device: DeviceKey) -> bool:
        """Return whether a device holds a seat here, or is a host that the invite names.

        Who begins anew does not know its host's seat before it has caught up.
        """
        return device in self._hosts or self.ledger.state.charter.by_device(device) is not None

    def _say_hello(self, peer: Peer) -> None:
        status = peer.told = self.status()
        hello = Hello(
            PROTOCOL_VERSION,
            self.me.community,
            status,
            self._admission,  # also with a seat here: it may be gone where this is heard
            self._agent,
            self.addresses,
        )
        self.sync.peers.send(peer.device, hello)

    def _greet_the_known(self) -> None:
        """Say hello to those who were strangers when they connected, and hold a seat now."""
        for device in self.sync.peers:
            peer = self.sync.peers[device]
            if peer.told is None and not peer.greeted and self._is_known(device):
                self._say_hello(peer)

    def _known_contacts(self) -> tuple[DeviceKey, ...]:
        """Return which members' nodes said where they listen; forget what strangers did."""
        known = self.ledger.state.charter
        for device in [one for one in self.contacts if known.by_device(one) is None]:
            if device not in self.sync.peers:
                del self.contacts[device]
        return tuple(one for one in sorted(self.contacts) if known.by_device(one) is not None)

    def _tell_contacts(self, peer: Peer, devices: Iterable[DeviceKey]) -> None:
        """Tell a peer where devices listen, as far as it can take that now (R7.16, R7.23)."""
        peer.backlog.contacts.update(dict.fromkeys(devices))
        while peer.backlog.contacts and peer.backlog.is_open:
            self._tell_next_contacts(peer)
        self.sync.peers.await_written(peer)

    def _tell_next_contacts(self, peer: Peer) -> None:
        owed = peer.backlog.contacts
        told: list[tuple[DeviceKey, tuple[str, ...]]] = []
        size = 0
        while owed and len(told) < MEMBERS:
            device = next(iter(owed))
            addresses = self.contacts.get(device, ())
            more = KEY_BYTES + sum(len(one.encode()) for one in addresses)
            if told and size + more > PUSH_BYTES:
                break
            del owed[device]
            if addresses and self.ledger.state.charter.by_device(device) is not None:
                told.append((device, addresses))
                size += more
        if told:
            self.sync.peers.say(
                peer, Contacts(tuple(sorted(told))), compute_memory(MESSAGE_BYTES + size)
            )

    def _tell_status(self, peer: Peer) -> None:
        """Tell a peer where this node stands, as soon as it can take that (R7.4, R7.23)."""
        self.sync.peers.tell_status(peer, self.status)

    def _note_contact(self, device: DeviceKey, addresses: tuple[str, ...]) -> bool:
        """Report where a device listens; False: it has no seat here, yet or any more."""
        if self.ledger.state.charter.by_device(device) is None:
            return False
        if device != self.me.device:
            self._notices.append(ContactTold(device, addresses))
        return True

    def _tell_early_contacts(self) -> None:
        """Report where devices listen, as peers said before these had a seat here."""
        early = self.sync.hearsay.early
        for key in list(early):
            _teller, device = key
            if self.ledger.state.charter.by_device(device) is not None:
                self._note_contact(device, early.remove(key))

    def _sign_receipts(self) -> None:
        """Sign what this node finalized on the committee and has not signed yet (R8.2)."""
        for statement in self.proofs.to_sign(self.me.device):
            receipt = sign_receipt(self.me.community, self.me.signer, statement)
            self.proofs.add_own(receipt, self._now.mono_ms)
