"""What peers say: greetings, statuses, ops, requests, and what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .. import crypto
from ..errors import PeerFault
from ..gossip.leaping import Reached, Way
from ..gossip.peer import Peer
from ..gossip.pieces import chain_of
from ..gossip.vain import weigh
from ..ids import DeviceKey, Round
from ..limits import PULL_BYTES
from ..messages import (
    Contacts,
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
from ..receipts import Receipt
from ..steps import (
    OwnChainLearned,
    SaveContradiction,
    ServeLeap,
    ServePull,
    ServeRecall,
    ServeReceipts,
    ServeWant,
    Signed,
)
from .finality import Learning
from .op_intake import check_lengths
from .rebuilding import Rebuilding

SETTLE_MS = 10_000  # how long to listen for one's own blocks when a quorum is not reachable
CATCH_UP_MS = 2_000  # after a start: how long one peer that says it has more own ops is awaited
LEAP_MS = 60_000  # … and how much longer while a leap is under way; a liar may begin ever new ones
UNANSWERED = 3  # pulls that came to nothing: as good as not connected


class Hearing(Rebuilding):
    """Listen to peers, and answer them."""

    def _on_written(self, device: DeviceKey) -> None:
        """All that was sent to a peer is written: what waits for it comes next (R7.23)."""
        peer = self.sync.peers.get(device)
        if peer is None:
            return
        peer.backlog.written()
        if peer.backlog.owes_status:
            self.standing.tell(peer)
        if peer.backlog.contacts:
            self.contacts.tell(peer, ())
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
                self.greeting.on_hello(peer, message)
            elif isinstance(message, Refused):
                self.greeting.on_refused(peer, message)
            elif not peer.greeted:
                self.greeting.before_hello(peer)
            else:
                self._on_message(peer, message)
        except PeerFault as fault:
            self.manners.refuse(device, fault)
        self.manners.count_vain(peer, weigh(message) - (self.sync.peers.vain.new - new_before))

    def _on_message(self, peer: Peer, message: Message) -> None:
        match message:
            case Status():
                self.standing.on_later_status(peer, message)
            case Push():
                self._on_push(peer, message)
            case Pull() | Want() | Prove() | Leap() | Recall() | Hurry():
                self._on_request(peer, message)
            case Pulled():
                self._on_pulled(peer, message)
            case Receipts():
                self.prover.on_receipts(peer, message)
            case Leapt() | Recalled():
                self._on_leapt(peer, message)
            case Contacts():
                self.contacts.on_contacts(peer, message)
            case Rebuilt(rebuild=rebuild):
                self._on_rebuilt(peer, rebuild)
            case Links():
                self._on_links(peer, message)
            case _:
                pass  # heartbeats and goodbyes are the transport's; a genesis came unasked

    def _on_links(self, peer: Peer, links: Links) -> None:
        if not self.sync.pushes.on_links(peer, links):
            self.standing.tell(peer)  # it pulls what it does not get directly any more

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
                self.hurrying.on_hurry(peer, ops)
            case Prove(after=after):
                self._sends.append(ServeReceipts(peer.device, after))
            case Leap():
                self._sends.append(ServeLeap(peer.device, message))
            case Recall():
                self._sends.append(ServeRecall(peer.device, message))

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
        self.texts.take(message.texts)
        before = (self.ledger.epoch.number, len(self.ledger.epoch.lace))
        for block in message.blocks:
            self.intake.receive(block, peer.device)
        self._commit_all()
        brought = (self.ledger.epoch.number, len(self.ledger.epoch.lace)) != before
        self.sync.pulls.on_pulled(peer, message, brought, self._now.mono_ms)

    def _on_push(self, peer: Peer, message: Push) -> None:
        texts = {crypto.compute_text_id(blob): blob for blob in message.texts}
        check_lengths(message.ops, texts)
        for op in message.ops:
            try:
                self.op_intake.receive(op, texts, peer)
            except PeerFault as fault:
                self.manners.refuse(peer.device, fault, is_bearer=peer.device != op.device)
        self.texts.take(message.texts)
        for block in message.blocks:
            self.intake.receive(block, peer.device)
