"""What peers say: greetings, statuses, ops, requests, and what is wrong with them."""

from __future__ import annotations

from .. import crypto
from ..errors import PeerFault
from ..gossip.peer import Peer
from ..gossip.vain import weigh
from ..ids import DeviceKey
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
from ..steps import (
    ServeLeap,
    ServePull,
    ServeRecall,
    ServeReceipts,
    ServeWant,
)
from .base import Base
from .op_intake import check_lengths


class Hearing(Base):
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
                self.lander.on_leapt(peer, message)
            case Contacts():
                self.contacts.on_contacts(peer, message)
            case Rebuilt(rebuild=rebuild):
                self.rebuilder.on_rebuilt(peer, rebuild)
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

    def _on_pulled(self, peer: Peer, message: Pulled) -> None:
        self.texts.take(message.texts)
        before = (self.ledger.epoch.number, len(self.ledger.epoch.lace))
        for block in message.blocks:
            self.intake.receive(block, peer.device)
        self.finalizer.commit_all()
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
