"""The first words: who is let in, and what this node says of itself (R7.9, R7.20)."""

from __future__ import annotations

from ...gossip.peers.peer import Peer
from ...gossip.peers.vain import GREETING
from ...gossip.proofs import Proofs
from ...gossip.sync import Sync
from ...messages.greeting import PROTOCOL_VERSION, Genesis, Hello, Refused
from ...record.invites import InviteFate
from ...steps.notices import PeerGreeted, RefusedByPeer
from ...steps.sends import Disconnect
from ...wire import crypto
from ...wire.errors import PeerFault
from ...wire.ids import DeviceKey, to_short
from ...wire.limits import STRANGERS
from ..clock import Clock
from ..identity import Identity
from ..log.ledger import Ledger
from ..outbox import Outbox
from ..own.seat import OwnSeat
from .contacts import ContactBook
from .manners import SOON_MS, Manners
from .standing import Standing

STAY_MS = 10_000  # that a joiner has before it gives way to another by the same invite
BEFORE_HELLO = 256  # messages passed over; what one frame of an honest peer may hold
REFUSALS_BEFORE_HELLO = 3  # heard of a stranger: one hello is refused once, each frame of it once
# What the holder of an invite's secret is told of it; nothing of the community (R7.20).
TOLD_OF_INVITE: dict[InviteFate, str] = {
    # Who proposed it says this as well, until it is in the log: a stranger's word is no reason to
    # search what is on its way.
    "unknown": "the invite is not decided here yet: no proposal of it is in the record so far",
    "proposed": "the invite is not decided here yet; it opens once the members have agreed",
    "open": "the invite is open",
    "used_up": "the invite is used up: every seat that it opened is taken; ask for a new one",
    "expired": "the invite has expired; ask for a new one",
    "rejected": "the invite was rejected: the members decided against it; ask for a new one",
    "withdrawn": "the invite was withdrawn before it was decided; ask for a new one",
    "lapsed": "the invite lapsed: too few voted on it in time; ask for a new one",
}


class Greeting:
    """Hellos, and what may come before them."""

    def __init__(
        self,
        me: Identity,
        ledger: Ledger,
        sync: Sync,
        contacts: ContactBook,
        standing: Standing,
        proofs: Proofs,
        own_seat: OwnSeat,
        manners: Manners,
        now: Clock,
        out: Outbox,
        *,
        admission: tuple[DeviceKey, bytes] | None,
        hosts: frozenset[DeviceKey],
        agent: str,
    ) -> None:
        """Args: `admission`, `hosts`, `agent`: as of `Core`."""
        self._me = me
        self._ledger = ledger
        self._sync = sync
        self._peers = sync.peers
        self._pulls = sync.pulls
        self._contacts = contacts
        self._standing = standing
        self._proofs = proofs
        self._own_seat = own_seat
        self._manners = manners
        self._now = now
        self._sends = out.sends
        self._notices = out.notices
        self._admission = admission
        self._hosts = hosts
        self._agent = agent
        self.addresses: tuple[str, ...] = ()  # where this node listens; told in the hello
        self.genesis_charter: bytes = b""  # served to joiners; set by the shell at start

    def is_known(self, device: DeviceKey) -> bool:
        """Return whether a device holds a seat here, or is a host that the invite names.

        Who begins anew does not know its host's seat before it has caught up.
        """
        return device in self._hosts or self._ledger.state.charter.by_device(device) is not None

    def _say_hello(self, peer: Peer) -> None:
        status = peer.told = self._standing.status()
        hello = Hello(
            PROTOCOL_VERSION,
            self._me.community,
            status,
            self._admission,  # also with a seat here: it may be gone where this is heard
            self._agent,
            self.addresses,
        )
        self._peers.send(peer.device, hello)

    def greet_the_known(self) -> None:
        """Say hello to those who were strangers when they connected, and hold a seat now."""
        for device in self._peers:
            peer = self._peers[device]
            if peer.told is None and not peer.greeted and self.is_known(device):
                self._say_hello(peer)

    def peer_up(self, device: DeviceKey) -> None:
        """A stream is open: say hello, unless it is to a stranger, who says hello first (R7.20).

        What a hello tells is for members, and for whom an open invite admits.
        """
        self._sync.add(device)
        if self.is_known(device):
            self._say_hello(self._peers[device])

    def on_refused(self, peer: Peer, message: Refused) -> None:
        """Note who does not let this device in; later refusals are of what it said or carried."""
        if not peer.greeted:
            self.before_hello(peer, is_refusal=True)
        self._notices.append(RefusedByPeer(peer.device, message.code, message.detail))
        self._pulls.on_refused(peer, message.code)
        seat = self._ledger.state.charter.by_device(peer.device)
        # Who has no seat here yet is told nothing new by that, and may be about to get one.
        is_known = self._ledger.member is None and message.code == "not_a_member"
        if seat is not None and not peer.greeted and not is_known:
            self._own_seat.refusals.note(seat.id, message.code, self._now.mono_ms)
            self._own_seat.tell_shut_out()

    def before_hello(self, peer: Peer, *, is_refusal: bool = False) -> None:
        """Pass a message over that came before the hello.

        When a connection replaces another, the peer may send on the new one what it meant
        for the old, before it notices and greets. It forgets then that it sent it. So a member
        may. A stranger has nothing to say but why it refuses this node (R7.20).
        """
        peer.ungreeted += 1
        if self.is_known(peer.device):
            most = BEFORE_HELLO
        else:
            most = REFUSALS_BEFORE_HELLO if is_refusal else 0
        if peer.ungreeted > most:
            raise PeerFault("bad_frame", f"{peer.ungreeted} messages and no hello")

    def _check_speaker(self, hello: Hello) -> None:
        if hello.version != PROTOCOL_VERSION:
            raise PeerFault(
                "wrong_version",
                f"needs version {PROTOCOL_VERSION} of the protocol; the hello is of version "
                f"{hello.version}: one of the two programs is older",
            )
        if hello.community != self._me.community:  # which this one is, is nothing for strangers
            raise PeerFault(
                "wrong_community",
                f"community {to_short('com', hello.community)}; this node is in another",
            )

    def on_hello(self, peer: Peer, hello: Hello) -> None:
        self._check_speaker(hello)
        seat = self._ledger.state.charter.by_device(peer.device)
        first = not peer.greeted
        if seat is None:
            invite = self._check_admission(peer.device, hello.invite)
            if first and not self._find_place(peer, invite):
                return
        if not first and not self._manners.may_ask(peer):
            return
        if first and peer.told is None:  # it was a stranger until now
            self._say_hello(peer)
        peer.member = None if seat is None else seat.id
        self._own_seat.refusals.let_in(peer.member)
        if first:
            self._notices.append(
                PeerGreeted(peer.device, peer.member, hello.agent, hello.addresses)
            )
            self._sync.greet(peer, self._now.mono_ms)
            self._manners.spend(peer, GREETING)
        has_moved = hello.addresses not in ((), self._contacts.addresses.get(peer.device))
        if has_moved:
            self._contacts.addresses[peer.device] = hello.addresses
        if first or has_moved:
            self._contacts.introduce(peer)
        if first:
            self._proofs.greet(peer)
            status = self._standing.status()
            if status != peer.told:  # what came between the two hellos was pushed to others only
                self._peers.tell_status(peer, lambda: status)
            peer.told = None
        if hello.status is None:
            self._peers.send(peer.device, Genesis(self.genesis_charter))
        else:
            self._standing.on_status(peer, hello.status)  # who is behind pulls, from one peer only

    def _find_place(self, peer: Peer, invite: DeviceKey | None) -> bool:
        """Let a joiner in if its invite has a place for it, or one of its holders gives way (R7.9).

        They share the places of their invite alone, so they keep out nobody who has another.
        """
        holders = [] if invite is None else self._peers.holders_of(invite)
        if len(holders) >= STRANGERS:
            first = holders[0]
            is_early = self._now.mono_ms - first.greeted_at < STAY_MS
            victim = peer if is_early else first
            detail = f"{STRANGERS} are joining by this invite; come again in a moment"
            self._sends.append(Disconnect(victim.device, "limit_buffer", detail, SOON_MS))
            self._sync.lost(victim.device)
            if is_early:
                return False
        peer.invite = invite
        return True

    def _check_admission(
        self, device: DeviceKey, invite: tuple[DeviceKey, bytes] | None
    ) -> DeviceKey | None:
        """Return the key of the open invite that lets a device in; None: it needs none."""
        if self.is_known(device):  # R7.9; it may show the invite of its own seat all the same
            return None
        if invite is None:
            raise PeerFault("not_a_member", f"device {to_short('dev', device)} belongs to no seat")
        key, signature = invite
        message = crypto.signed_message(crypto.TAG_ADMIT, self._me.community, device)
        if not self._me.verify(key, message, signature):
            raise PeerFault("bad_signature", "the admission is not signed by the invite's secret")
        fate = self._ledger.state.fate_of_invite(key)
        if fate != "open":
            # What is not decided here may be tomorrow; what is over opens no seat any more.
            code = "invite_over" if self._ledger.state.is_invite_over(key) else "bad_invite"
            raise PeerFault(code, TOLD_OF_INVITE[fate])
        return key
