"""What peers say goes to the part it is about; requests are answered (docs/protocol.md §7)."""

from __future__ import annotations

from ..gossip.peers.peer import Peer
from ..gossip.peers.vain import STEPS, weigh
from ..gossip.sync import Sync
from ..messages.frames import Message
from ..messages.greeting import Hello, Refused
from ..messages.leaps import Leap, Leapt, Recall, Recalled
from ..messages.proofs import Prove, Rebuilt, Receipts
from ..messages.spreading import Hurry, Pull, Pulled, Push, Want
from ..messages.standing import Contacts, Links, Status
from ..steps.sends import ServeLeap, ServePull, ServeRecall, ServeReceipts, ServeWant
from ..wire import crypto
from ..wire.errors import PeerFault
from ..wire.ids import DeviceKey
from ..wire.limits import PULL_BYTES
from .clock import Clock
from .finalizing.finalizer import Finalizer
from .finalizing.landing import Lander
from .finalizing.prover import Prover
from .finalizing.rebuilder import Rebuilder
from .intake.blocks import Intake
from .intake.ops import OpIntake, check_lengths
from .intake.texts import Texts
from .log.ledger import Ledger
from .outbox import Outbox
from .own.hurrying import Hurrying
from .peers.contacts import ContactBook
from .peers.greeting import Greeting
from .peers.manners import Manners
from .peers.standing import Standing
from .pending.pool import Pool


class Answering:
    """One message at a time: to whom it goes, and what it cost here."""

    def __init__(
        self,
        ledger: Ledger,
        sync: Sync,
        pool: Pool,
        texts: Texts,
        standing: Standing,
        contacts: ContactBook,
        greeting: Greeting,
        hurrying: Hurrying,
        op_intake: OpIntake,
        intake: Intake,
        finalizer: Finalizer,
        prover: Prover,
        lander: Lander,
        rebuilder: Rebuilder,
        manners: Manners,
        now: Clock,
        out: Outbox,
    ) -> None:
        self._ledger = ledger
        self._peers = sync.peers
        self._pushes = sync.pushes
        self._pulls = sync.pulls
        self._held = sync.held
        self._pool = pool
        self._texts = texts
        self._standing = standing
        self._contacts = contacts
        self._greeting = greeting
        self._hurrying = hurrying
        self._op_intake = op_intake
        self._intake = intake
        self._finalizer = finalizer
        self._prover = prover
        self._lander = lander
        self._rebuilder = rebuilder
        self._manners = manners
        self._now = now
        self._sends = out.sends

    def received(self, device: DeviceKey, message: Message) -> None:
        peer = self._peers.get(device)
        if peer is None:
            return  # it has gone in the meantime
        new_before = self._peers.vain.new
        try:
            if isinstance(message, Hello):
                self._greeting.on_hello(peer, message)
            elif isinstance(message, Refused):
                self._greeting.on_refused(peer, message)
            elif not peer.greeted:
                self._greeting.before_hello(peer)
            else:
                self._on_message(peer, message)
        except PeerFault as fault:
            self._manners.refuse(device, fault)
        units = weigh(message) + self._held.orphans.take_steps() // STEPS
        self._manners.count_vain(peer, units - (self._peers.vain.new - new_before))

    def on_written(self, device: DeviceKey) -> None:
        """All that was sent to a peer is written: what waits for it comes next (R7.23)."""
        peer = self._peers.get(device)
        if peer is None:
            return
        peer.backlog.written()
        if peer.backlog.owes_status:
            self._standing.tell(peer)
        if peer.backlog.contacts:
            self._contacts.tell(peer, ())
        self._pushes.push_on(peer, self._pool.find_op)
        if peer.backlog.owes_ops:
            ready = self._pool.ready(self._ledger.state)
            self._pushes.push_missing_ops(peer, ready, self._pool.find_op)

    def _on_message(self, peer: Peer, message: Message) -> None:
        match message:
            case Status():
                self._standing.on_later_status(peer, message)
            case Push():
                self._on_push(peer, message)
            case Pull() | Want() | Prove() | Leap() | Recall() | Hurry():
                self._on_request(peer, message)
            case Pulled():
                self._on_pulled(peer, message)
            case Receipts():
                self._prover.on_receipts(peer, message)
            case Leapt() | Recalled():
                self._lander.on_leapt(peer, message)
            case Contacts():
                self._contacts.on_contacts(peer, message)
            case Rebuilt(rebuild=rebuild):
                self._rebuilder.on_rebuilt(peer, rebuild)
            case Links():
                self._on_links(peer, message)
            case _:
                pass  # heartbeats and goodbyes are the transport's; a genesis came unasked

    def _on_links(self, peer: Peer, links: Links) -> None:
        if not self._pushes.on_links(peer, links):
            self._standing.tell(peer)  # it pulls what it does not get directly any more

    def _on_request(self, peer: Peer, message: Pull | Want | Prove | Leap | Recall | Hurry) -> None:
        weight = peer.weigh_leap(message) if isinstance(message, Leap) else 1
        if not self._manners.may_ask(peer, weight):
            return
        match message:
            case Pull(epoch_number=number) if number > self._ledger.epoch.number:
                raise PeerFault("bad_epoch", f"epoch {number} has not begun here")
            case Pull(epoch_number=number, frontier=frontier):
                pull = Pull(number, frontier, min(message.most_bytes, PULL_BYTES), message.after)
                self._sends.append(ServePull(peer.device, pull))
            case Want(hashes=hashes):
                self._sends.append(ServeWant(peer.device, hashes))
            case Hurry(ops=ops):
                self._hurrying.on_hurry(peer, ops)
            case Prove(after=after):
                self._sends.append(ServeReceipts(peer.device, after))
            case Leap():
                self._sends.append(ServeLeap(peer.device, message))
            case Recall():
                self._sends.append(ServeRecall(peer.device, message))

    def _on_pulled(self, peer: Peer, message: Pulled) -> None:
        self._texts.take(message.texts)
        before = (self._ledger.epoch.number, len(self._ledger.epoch.lace))
        for block in message.blocks:
            self._intake.receive(block, peer.device)
        self._finalizer.commit_all()
        brought = (self._ledger.epoch.number, len(self._ledger.epoch.lace)) != before
        self._pulls.on_pulled(peer, message, brought, self._now.mono_ms)

    def _on_push(self, peer: Peer, message: Push) -> None:
        texts = {crypto.compute_text_id(blob): blob for blob in message.texts}
        check_lengths(message.ops, texts)
        for op in message.ops:
            try:
                self._op_intake.receive(op, texts, peer)
            except PeerFault as fault:
                self._manners.refuse(peer.device, fault, is_bearer=peer.device != op.device)
        self._texts.take(message.texts)
        for block in message.blocks:
            self._intake.receive(block, peer.device)
