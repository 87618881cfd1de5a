"""What peers say: greetings, statuses, ops, requests, and what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from .. import crypto
from ..decisions import InviteFate
from ..errors import PeerFault
from ..gossip.leaping import Reached, Way
from ..gossip.peer import Peer
from ..gossip.pieces import chain_of
from ..gossip.vain import CONTACT, EARLY_CONTACT, GREETING, weigh, weigh_op
from ..ids import DeviceKey, OpId, Round, TextId, to_short
from ..limits import HURRIED_OPS, PULL_BYTES, STRANGERS
from ..messages import (
    PROTOCOL_VERSION,
    Contacts,
    Genesis,
    Hello,
    Hurry,
    Leap,
    Leapt,
    Links,
    Message,
    Prove,
    Pull,
    Pulled,
    Push,
    Rebuilt,
    Recall,
    Recalled,
    Receipts,
    Refused,
    Status,
    Want,
)
from ..ops import Join, Op, texts_of
from ..receipts import Receipt
from ..steps import (
    Disconnect,
    OwnChainLearned,
    PeerGreeted,
    RefusedByPeer,
    SaveContradiction,
    SaveOp,
    ServeLeap,
    ServePull,
    ServeRecall,
    ServeReceipts,
    ServeWant,
    Signed,
)
from .finality import Learning
from .manners import SOON_MS
from .rebuilding import Rebuilding

SETTLE_MS = 10_000  # how long to listen for one's own blocks when a quorum is not reachable
CATCH_UP_MS = 2_000  # after a start: how long one peer that says it has more own ops is awaited
LEAP_MS = 60_000  # … and how much longer while a leap is under way; a liar may begin ever new ones
LACK_AGAIN_MS = 10_000  # two nodes that refuse each other's ops must not go on and on
UNANSWERED = 3  # pulls that came to nothing: as good as not connected
STAY_MS = 10_000  # that a joiner has before it gives way to another by the same invite
BEFORE_HELLO = 256  # messages passed over; what one frame of an honest peer may hold
REFUSALS_BEFORE_HELLO = 3  # heard of a stranger: one hello is refused once, each frame of it once

# What the holder of an invite's secret is told of it; nothing of the community (R7.20).
TOLD_OF_INVITE: dict[InviteFate, str] = {
    "unknown": "the invite is not known here yet; its proposal may still come",
    "proposed": "the invite is not decided here yet; it opens once the members have agreed",
    "open": "the invite is open",
    "used_up": "the invite is used up: every seat that it opened is taken; ask for a new one",
    "expired": "the invite has expired; ask for a new one",
    "rejected": "the invite was rejected: the members decided against it; ask for a new one",
    "withdrawn": "the invite was withdrawn before it was decided; ask for a new one",
    "lapsed": "the invite lapsed: too few voted on it in time; ask for a new one",
}


class Hearing(Rebuilding):
    """Listen to peers, and answer them."""

    def _peer_up(self, device: DeviceKey) -> None:
        """A stream is open: say hello, unless it is to a stranger, who says hello first (R7.20).

        What a hello tells is for members, and for whom an open invite admits.
        """
        self.sync.add(device)
        if self._is_known(device):
            self._say_hello(self.sync.peers[device])

    def _on_written(self, device: DeviceKey) -> None:
        """All that was sent to a peer is written: what waits for it comes next (R7.23)."""
        peer = self.sync.peers.get(device)
        if peer is None:
            return
        peer.backlog.written()
        if peer.backlog.owes_status:
            self._tell_status(peer)
        if peer.backlog.contacts:
            self._tell_contacts(peer, ())
        self.sync.pushes.push_on(peer, self.pool.find_op)
        if peer.backlog.owes_ops:
            self.sync.pushes.push_missing_ops(
                peer, self.pool.ready(self.ledger.state), self.pool.find_op
            )

    def _received(self, device: DeviceKey, message: Message) -> None:
        peer = self.sync.peers.get(device)
        if peer is None:
            return  # it has gone in the meantime
        new_before = self.sync.peers.vain.new
        try:
            if isinstance(message, Hello):
                self._on_hello(peer, message)
            elif isinstance(message, Refused):
                self._on_refused(peer, message)
            elif not peer.greeted:
                self._before_hello(peer)
            else:
                self._on_message(peer, message)
        except PeerFault as fault:
            self.manners.refuse(device, fault)
        self.manners.count_vain(peer, weigh(message) - (self.sync.peers.vain.new - new_before))

    def _on_refused(self, peer: Peer, message: Refused) -> None:
        """Note who does not let this device in; later refusals are of what it said or carried."""
        if not peer.greeted:
            self._before_hello(peer, is_refusal=True)
        self._notices.append(RefusedByPeer(peer.device, message.code, message.detail))
        self.sync.pulls.on_refused(peer, message.code)
        seat = self.ledger.state.charter.by_device(peer.device)
        # Who has no seat here yet is told nothing new by that, and may be about to get one.
        is_known = self.ledger.member is None and message.code == "not_a_member"
        if seat is not None and not peer.greeted and not is_known:
            self.own_seat.refusals.note(seat.id, message.code, self._now.mono_ms)
            self.own_seat.tell_shut_out()

    def _before_hello(self, peer: Peer, *, is_refusal: bool = False) -> None:
        """Pass a message over that came before the hello.

        When a connection replaces another, the peer may send on the new one what it meant
        for the old, before it notices and greets. It forgets then that it sent it. So a member
        may. A stranger has nothing to say but why it refuses this node (R7.20).
        """
        peer.ungreeted += 1
        if self._is_known(peer.device):
            most = BEFORE_HELLO
        else:
            most = REFUSALS_BEFORE_HELLO if is_refusal else 0
        if peer.ungreeted > most:
            raise PeerFault("bad_frame", f"{peer.ungreeted} messages and no hello")

    def _check_speaker(self, hello: Hello) -> None:
        if hello.version != PROTOCOL_VERSION:
            raise PeerFault(
                "bad_frame",
                f"protocol version {hello.version}; this node speaks {PROTOCOL_VERSION}",
            )
        if hello.community != self.me.community:  # which this one is, is nothing for strangers
            raise PeerFault(
                "wrong_community",
                f"community {to_short('com', hello.community)}; this node is in another",
            )

    def _on_hello(self, peer: Peer, hello: Hello) -> None:
        self._check_speaker(hello)
        seat = self.ledger.state.charter.by_device(peer.device)
        first = not peer.greeted
        if seat is None:
            invite = self._check_admission(peer.device, hello.invite)
            if first and not self._find_place(peer, invite):
                return
        if not first and not self.manners.may_ask(peer):
            return
        if first and peer.told is None:  # it was a stranger until now
            self._say_hello(peer)
        peer.member = None if seat is None else seat.id
        self.own_seat.refusals.let_in(peer.member)
        if first:
            self._notices.append(
                PeerGreeted(peer.device, peer.member, hello.agent, hello.addresses)
            )
            self.sync.greet(peer, self._now.mono_ms)
            self.manners.spend(peer, GREETING)
        has_moved = hello.addresses not in ((), self.contacts.get(peer.device))
        if has_moved:
            self.contacts[peer.device] = hello.addresses
        if first or has_moved:
            self._introduce(peer)
        if first:
            self.proofs.greet(peer)
            status = self.status()
            if status != peer.told:  # what came between the two hellos was pushed to others only
                self.sync.peers.tell_status(peer, lambda: status)
            peer.told = None
        if hello.status is None:
            self.sync.peers.send(peer.device, Genesis(self.genesis_charter))
        else:
            self._on_status(peer, hello.status)  # who is behind pulls, from one peer only

    def _introduce(self, newcomer: Peer) -> None:
        """Tell a newcomer where the others listen, and the others where it does."""
        known = self._known_contacts()
        self._tell_contacts(newcomer, [one for one in known if one != newcomer.device])
        if newcomer.member is not None:  # else its seat's first epoch is time enough
            own = [one for one in known if one == newcomer.device]
            for peer in self.sync.peers.greeted():
                if peer is not newcomer:
                    self._tell_contacts(peer, own)

    def _on_contacts(self, peer: Peer, contacts: Contacts) -> None:
        """Note where others listen. Nobody tells it again soon, so none is lost for being early."""
        for device, addresses in contacts.contacts:
            is_known = self.ledger.state.charter.by_device(device) is not None
            heard = self.sync.hearsay.hear(peer, device, addresses, is_known=is_known)
            if heard == "known":
                continue
            if heard == "new":
                self.manners.spend(peer, CONTACT if is_known else EARLY_CONTACT)
            if not self._note_contact(device, addresses):
                self.sync.hearsay.hold(peer, device, addresses)

    def _find_place(self, peer: Peer, invite: DeviceKey | None) -> bool:
        """Let a joiner in if its invite has a place for it, or one of its holders gives way (R7.9).

        They share the places of their invite alone, so they keep out nobody who has another.
        """
        holders = [] if invite is None else self.sync.peers.holders_of(invite)
        if len(holders) >= STRANGERS:
            first = holders[0]
            is_early = self._now.mono_ms - first.greeted_at < STAY_MS
            victim = peer if is_early else first
            detail = f"{STRANGERS} are joining by this invite; come again in a moment"
            self._sends.append(Disconnect(victim.device, "limit_buffer", detail, SOON_MS))
            self.sync.lost(victim.device)
            if is_early:
                return False
        peer.invite = invite
        return True

    def _check_admission(
        self, device: DeviceKey, invite: tuple[DeviceKey, bytes] | None
    ) -> DeviceKey | None:
        """Return the key of the open invite that lets a device in; None: it needs none."""
        if self._is_known(device):  # R7.9; it may show the invite of its own seat all the same
            return None
        if invite is None:
            raise PeerFault("not_a_member", f"device {to_short('dev', device)} belongs to no seat")
        key, signature = invite
        message = crypto.signed_message(crypto.TAG_ADMIT, self.me.community, device)
        if not self.me.verify(key, message, signature):
            raise PeerFault("bad_signature", "the admission is not signed by the invite's secret")
        fate = self.ledger.state.fate_of_invite(key)
        if fate != "open":
            # What is not decided here may be tomorrow; what is over opens no seat any more.
            code = "invite_over" if self.ledger.state.is_invite_over(key) else "bad_invite"
            raise PeerFault(code, TOLD_OF_INVITE[fate])
        return key

    def _on_message(self, peer: Peer, message: Message) -> None:
        match message:
            case Status():
                self._on_later_status(peer, message)
            case Push():
                self._on_push(peer, message)
            case Pull() | Want() | Prove() | Leap() | Recall() | Hurry():
                self._on_request(peer, message)
            case Pulled():
                self._on_pulled(peer, message)
            case Receipts():
                self._on_receipts(peer, message)
            case Leapt() | Recalled():
                self._on_leapt(peer, message)
            case Contacts():
                self._on_contacts(peer, message)
            case Rebuilt(rebuild=rebuild):
                self._on_rebuilt(peer, rebuild)
            case Links():
                self._on_links(peer, message)
            case _:
                pass  # heartbeats and goodbyes are the transport's; a genesis came unasked

    def _on_later_status(self, peer: Peer, status: Status) -> None:
        if not self.manners.may_ask(peer):  # it is answered with all that it lacks
            return
        self._on_status(peer, status)
        if status.epoch_number != self.ledger.epoch.number:
            return
        is_pushed = self.sync.pushes.push_missing_blocks(peer)
        # It may lack a fork (R7.18), or hold ops that were lost on their way here.
        is_ahead = status.final_index < self.ledger.final_index
        if not is_pushed or is_ahead or self._lacks_ops(peer, status):
            self._tell_status(peer)

    def _on_links(self, peer: Peer, links: Links) -> None:
        if not self.sync.pushes.on_links(peer, links):
            self._tell_status(peer)  # it pulls what it does not get directly any more

    def _on_request(self, peer: Peer, message: Pull | Want | Prove | Leap | Recall | Hurry) -> None:
        weight = peer.weigh_leap(message) if isinstance(message, Leap) else 1
        if not self.manners.may_ask(peer, weight):
            return
        match message:
            case Pull(epoch_number=number) if number > self.ledger.epoch.number:
                raise PeerFault("bad_epoch", f"epoch {number} has not begun here")
            case Pull(epoch_number=number, frontier=frontier):
                pull = Pull(number, frontier, min(message.most_bytes, PULL_BYTES), message.after)
                self._sends.append(ServePull(peer.device, pull))
            case Want(hashes=hashes):
                self._sends.append(ServeWant(peer.device, hashes))
            case Hurry(ops=ops):
                self._on_hurry(peer, ops)
            case Prove(after=after):
                self._sends.append(ServeReceipts(peer.device, after))
            case Leap():
                self._sends.append(ServeLeap(peer.device, message))
            case Recall():
                self._sends.append(ServeRecall(peer.device, message))

    def _on_status(self, peer: Peer, status: Status) -> None:
        self.alarms.compare(peer.member, status.final_index, status.final_root)
        if status.epoch_number == self.ledger.epoch.number and status.epoch != self.ledger.epoch.id:
            self.alarms.diverged(peer.member, self.ledger.final_index, status.epoch)
            raise PeerFault(
                "bad_epoch",
                f"epoch {status.epoch_number} is {to_short('epo', self.ledger.epoch.id)} here, "
                f"{to_short('epo', status.epoch)} there",
            )
        self.sync.frontiers.on_status(peer, status)
        self.proofs.on_status(peer)
        self.rebuilds.tell(peer)
        if status.epoch_number >= self.ledger.epoch.number - 1:
            # Further behind it does not know yet who may say what. It tells when it gets here.
            self.sync.pushes.push_missing_ops(
                peer, self.pool.ready(self.ledger.state), self.pool.find_op
            )
        self._tell_hurry(peer)

    def _tell_hurry(self, peer: Peer) -> None:
        """Ask a peer for what this device's user waits for; it may not have been told (R5.8)."""
        if self.rebuilds.makes_blocks:
            return
        waited = [op.id for op in self.fates if self.pool.is_urgent(op.id)][:HURRIED_OPS]
        if waited:
            self.sync.peers.send(peer.device, Hurry(tuple(waited)))

    def _ask_to_hurry(self, ops: Sequence[OpId], sender: DeviceKey | None = None) -> None:
        """Ask everyone but the sender to make ops final at once, unless this node does itself."""
        if self.rebuilds.makes_blocks or not ops:
            return
        for peer in self.sync.peers.greeted():
            if peer.device != sender:
                self.sync.peers.send(peer.device, Hurry(tuple(ops[:HURRIED_OPS])))

    def _on_hurry(self, peer: Peer, ops: Sequence[OpId]) -> None:
        """Do as a member asks, and pass it on; the budget is that of who asks here."""
        if peer.member is None:
            return
        taken: list[OpId] = []
        for op in ops:
            entry = self.pool.get(op)
            if entry is None or entry.urgent:
                continue
            if not self.hurries.take(peer.member, self._now.mono_ms):
                break
            self.pool.hurry(op)
            taken.append(op)
        self._ask_to_hurry(taken, peer.device)

    def _lacks_ops(self, peer: Peer, status: Status) -> bool:
        """Return whether to tell a peer that it has said more than came here: now and then."""
        now = self._now.mono_ms
        if peer.lacked_at is not None and now - peer.lacked_at < LACK_AGAIN_MS:
            return False
        for device, nonce in status.nonces:
            if self.pool.highest_nonce(device, self.ledger.state) < nonce:
                peer.lacked_at = now
                return True
        return False

    def _on_leapt(self, peer: Peer, part: Leapt | Recalled) -> None:
        begin = self.ledger.epoch.record
        if isinstance(part, Recalled):
            self.leaps.recalls.take(peer, part, self._now.mono_ms)
            self._land_when_complete(peer)
            return
        answer = self.leaps.take(peer, part, begin, self.ledger.final_index, self._now.mono_ms)
        if answer is None:
            return
        reached = answer.reader.finish(answer.data, answer.closed, answer.after)
        if self._has_parted(peer, reached):
            self.leaps.end_reaching()
        else:
            self.leaps.reach(peer, begin, answer, reached)
            self._land_when_complete(peer)

    def _land_when_complete(self, peer: Peer) -> None:
        """Take over where a leap has led once all that it takes is here.

        Args:
            peer: who brought the last of it.
        """
        found = self.leaps.complete(self.ledger.epoch.record, self.ledger.final_index)
        if found is None:
            return
        reached, is_shown = found
        if self._has_parted(peer, reached):
            self.leaps.end_reaching()
        else:
            try:
                landing = reached.land(self.ledger.state.closed_proposals, self.me.verify)
            except PeerFault:
                self.leaps.end_reaching()
                raise
            self._land(landing, is_shown=is_shown)

    def _has_parted(self, peer: Peer, reached: Way | Reached) -> bool:
        """Return whether a leap leads to another log than the one here, loudly if so."""
        parted = self._find_contradiction(reached)
        if parted is None:
            return False
        self.leaps.parted(self.ledger.epoch.id)
        for receipt in reached.passed[0].link.receipts.receipts:
            self._writes.append(SaveContradiction(receipt))
        self.alarms.diverged(peer.member, *parted)
        return True

    def _find_contradiction(self, reached: Way | Reached) -> tuple[int, bytes] | None:
        """Return where a leap leads elsewhere than this node's log has gone already (R7.13).

        The commit, and its root there. Receipts by a quorum do not outweigh what is final
        here: it means that more lied than may, and what was final stays.
        """
        for followed in reached.passed:
            ours = self.ledger.roots.get(followed.index)
            behind = followed.index < self.ledger.final_index and ours is None
            if behind or ours not in (None, followed.root):
                return followed.index, followed.root
        first = reached.passed[0]
        for index, root in reached.roots:
            if self.ledger.roots.get(index, root) != root:
                return index, root
        # Some may have closed since the leap was asked for. The chain over all tells of each.
        closed, count, is_prefix = (
            self.ledger.state.closed_proposals,
            self.ledger.state.closed_count,
            True,
        )
        if isinstance(reached, Reached):
            run = reached.run
            is_prefix = count <= run.last and (
                count < run.before or run.chain_at(count) == chain_of(closed, count)
            )
        if (
            first.index < self.ledger.final_index or not is_prefix
        ):  # their epoch goes on otherwise here
            return first.index, first.root
        return None

    def _note_contradictions(self, kept: Sequence[Receipt]) -> None:
        """After a start: remember that a leap contradicted what is final here.

        One member's receipts for anything do not say so, those of a quorum for one thing do.
        """
        committee = self.ledger.epoch.committee
        signed = Counter(
            one.statement
            for one in kept
            if one.statement.epoch == self.ledger.epoch.id and one.device in committee.key_index
        )
        if any(count >= committee.quorum for count in signed.values()):
            self.leaps.parted(self.ledger.epoch.id)

    def _on_receipts(self, peer: Peer, message: Receipts) -> None:
        fault: PeerFault | None = None
        for receipt in message.receipts:
            try:
                self._take_receipt(receipt, peer.device)
            except PeerFault as found:  # the others count all the same
                fault = found
        self.proofs.answered(peer.device, message.after)
        if fault is not None:
            raise fault

    def _take_receipt(self, receipt: Receipt, sender: DeviceKey) -> None:
        index, root = receipt.statement.index, receipt.statement.root
        seat = self.ledger.state.charter.by_device(receipt.device)
        if index > self.ledger.final_index:
            if seat is not None and seat.node_key == receipt.device:
                self.proofs.hold(receipt, sender)
            return
        # Of others than those who finalize now, a root says nothing.
        counts = seat is not None and seat.node_key == receipt.device
        agrees = not counts or self.ledger.roots.get(index, root) == root
        contradicts = not self.proofs.take(receipt, sender, self._now.mono_ms) or not agrees
        if contradicts and self.alarms.diverged(None if seat is None else seat.id, index, root):
            self._writes.append(SaveContradiction(receipt))

    def _told_nonce(self) -> int:
        """Return how far peers say this device has counted: its store may be older (R4.6).

        One more than may lie must say so, as an op after a gap would wait for ever.
        """
        committee = self.ledger.epoch.committee
        told = [0] * (committee.faults + 1)
        for peer in self.sync.peers.greeted():
            if peer.device in committee.key_index:
                told.append(peer.nonces.get(self.me.device, 0))
        return sorted(told, reverse=True)[committee.faults]

    def _may_lack_own_ops(self, highest: int) -> bool:
        """Return whether a peer is about to show ops of this device above a nonce.

        Just after a start one peer's word is reason enough to wait for what it shows: the
        others may have been put back to an older state together with this node.
        """
        if self._now.mono_ms >= self._settle_at - SETTLE_MS + CATCH_UP_MS:
            return False
        return any(
            peer.device in self.ledger.epoch.committee.key_index
            and peer.nonces.get(self.me.device, 0) > highest
            and self.sync.frontiers.is_behind(peer)
            for peer in self.sync.peers.greeted()
        )

    def _note_heard(self) -> None:
        """Count whom this node has compared its own chain with since it started (R4.6)."""
        held = self.pool.highest_nonce(self.me.device, self.ledger.state)
        for peer in self.sync.peers.greeted():
            if peer.status is None or self._may_know_more(peer):
                continue
            if self.must_learn and peer.nonces.get(self.me.device, 0) > held:
                continue  # it is sending the ops that this node lacks
            self._heard.add(peer.device)

    def _learn(self) -> None:
        """Begin to sign once this device knows again how far it had signed (R4.10)."""
        if self.must_learn and self.learning().is_enough:
            self.must_learn = False
            self._notices.append(OwnChainLearned())

    def learning(self) -> Learning:
        """Return how far a restored device has come in learning what it had signed.

        A block that anything was built on is with Q - 1 others of its committee. Of Q
        others, the one asking left out, more than f are among those, so an honest one is.
        """
        committee = self.ledger.epoch.committee
        others = [
            (key, member)
            for key, member in zip(committee.keys, committee.members, strict=True)
            if key != self.me.device
        ]
        missing = tuple(member for key, member in others if key not in self._heard)
        needed = min(committee.quorum, len(others))
        # What was never sent is nowhere. To tell that from what somebody absent holds
        # takes everybody.
        if not self.holds_all_signed():
            needed = len(others)
        # Alone, it has nobody to ask. The record may be that of the founding, before the
        # others came; whether that is all there ever was only its owner knows.
        return Learning(len(others) - len(missing), max(needed, 1), missing)

    def signed(self) -> Signed:
        """Return how far this device has signed, as this node knows it."""
        epoch = self.ledger.epoch
        highest = Round(0) if epoch.me is None else epoch.lace.highest(epoch.me)
        nonce = self.pool.highest_nonce(self.me.device, self.ledger.state)
        return Signed(epoch.number, highest, max(nonce, self.own_ops.nonce))

    def holds_all_signed(self) -> bool:
        """Return whether all that this device is known to have signed is here."""
        epoch, signed = self.ledger.epoch, self._signed
        if self.pool.highest_nonce(self.me.device, self.ledger.state) < signed.nonce:
            return False
        if epoch.number != signed.epoch_number:
            return epoch.number > signed.epoch_number
        return epoch.me is None or epoch.lace.highest(epoch.me) >= signed.round

    def _may_know_more(self, peer: Peer) -> bool:
        """Return whether a peer may hold blocks of this node that are not here.

        What it holds of others does not matter: a liar can show blocks that it gives to
        nobody. What it says of this node's own it has to show when it is asked; who does
        not is believed by a restored node alone, which waits for the others (R4.10).
        """
        assert peer.status is not None
        if peer.status.epoch_number < self.ledger.epoch.number:
            return False
        is_mute = self.sync.pulls.is_barren(peer) or peer.unanswered >= UNANSWERED
        is_later = peer.status.epoch_number > self.ledger.epoch.number
        if is_later and is_mute:
            # Blocks of an epoch that has ended complete what those who went on left open.
            # But one who only says that it has ended must not hold this node for good.
            patience_ms = LEAP_MS if self.leaps.is_under_way else 0
            is_late = self._now.mono_ms >= self._settle_at + patience_ms
            is_mute = is_late and not self._has_surely_ended()
        if is_mute and not self.must_learn:
            return False
        if is_later:
            return True
        me = self.ledger.epoch.me
        if me is None:
            return self.sync.frontiers.is_behind(peer)
        claims = dict(peer.status.frontier)
        return claims.get(
            self.ledger.epoch.committee.members[me], 0
        ) > self.ledger.epoch.lace.highest(me)

    @property
    def is_left_behind(self) -> bool:
        """Whether others are in later epochs, and nobody reachable can show the way there."""
        return self._has_surely_ended() and self.leaps.is_lost(self.ledger.epoch.record)

    def _has_surely_ended(self) -> bool:
        """Return whether an honest member says that this epoch has ended.

        It has gone on by a rebuild, or keeps this epoch's blocks no more: f + 1 are in a later
        epoch, or have signed a rebuild.
        """
        committee = self.ledger.epoch.committee
        gone = {
            peer.member
            for peer in self.sync.peers.greeted()
            if peer.member in committee.index and peer.epoch_number > self.ledger.epoch.number
        }
        signed = (len(one.kept) for one in self.rebuilds.heard.values())
        return max(len(gone), *signed, 0) > committee.faults

    def _on_pulled(self, peer: Peer, message: Pulled) -> None:
        self._take_texts(message.texts)
        before = (self.ledger.epoch.number, len(self.ledger.epoch.lace))
        for block in message.blocks:
            self._receive_block(block, peer.device)
        self._commit_all()
        brought = (self.ledger.epoch.number, len(self.ledger.epoch.lace)) != before
        self.sync.pulls.on_pulled(peer, message, brought, self._now.mono_ms)

    def _on_push(self, peer: Peer, message: Push) -> None:
        texts = {crypto.compute_text_id(blob): blob for blob in message.texts}
        _check_lengths(message.ops, texts)
        for op in message.ops:
            try:
                self._receive_op(op, texts, peer)
            except PeerFault as fault:
                self.manners.refuse(peer.device, fault, is_bearer=peer.device != op.device)
        self._take_texts(message.texts)
        for block in message.blocks:
            self._receive_block(block, peer.device)

    def _receive_op(self, op: Op, texts: dict[TextId, bytes], peer: Peer) -> None:
        if op.device == self.me.device:
            self.own_ops.nonce = max(
                self.own_ops.nonce, op.nonce
            )  # our store is older than what we signed
        if op.id in self.pool or self.ledger.state.next_nonce(op.device) > op.nonce:
            self.sync.pushes.note_op(peer, op)
            return
        code = self.ledger.state.may_author(op)
        if code != "ok":
            if self.sync.frontiers.is_behind(peer) or isinstance(op.body, Join):
                return  # we may not know its seat or invite yet; it will be offered again
            raise PeerFault(code, f"op {op.body.KIND} by {to_short('mem', op.author)}")
        size = self._check_share(op)
        payer = self.ledger.state.payer_of(op)
        self.pool.check_rate(op, payer, self._now.mono_ms)
        self.pool.add(op, payer, self._now.mono_ms, size=size)
        self.sync.peers.vain.note_new(weigh_op(op))
        self.fates.wait_for(op)  # this device's, if it said it before its store was
        self.sync.pushes.note_op(
            peer, op
        )  # not before: who holds an invite has any number of devices
        self._writes.append(SaveOp(op, own=False))
        held = self._note_texts(op, texts, peer.device)
        self.provisional.add(op)
        self.sync.pushes.push_op(op, payer, held, peer.device, self.pool.find_op)


def _check_lengths(ops: Sequence[Op], texts: Mapping[TextId, bytes]) -> None:
    """Refuse an op together with a text that is not as long as it says.

    Who passes an op on sends no such text with it, so this is its bearer's own doing (R2.22).

    Raises:
        PeerFault: `bad_field`.
    """
    for op in ops:
        for ref in texts_of(op.body):
            blob = texts.get(ref.id)
            if blob is not None and not ref.fits(blob):
                size = len(blob) - crypto.SALT_BYTES
                raise PeerFault(
                    "bad_field", f"a text of {size} bytes; its op says that it has {ref.size}"
                )
