"""Pushes: what is new goes at once to those who lack it and do not get it directly (R7.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from ..agreement.blocklace import Vertex
from ..messages.spreading import Push
from ..messages.standing import Links
from ..record.bodies import texts_of
from ..record.ops import Op
from ..steps.sends import ServeWant
from ..wire.ids import DeviceKey, OpId, Round
from .frontiers import Frontiers
from .memory import compute_memory, memory_of_block, memory_of_op
from .peers.backlog import PUSH_CATCH_UP
from .peers.peer import Peer
from .peers.peers import Peers

FindOp = Callable[[OpId], Op | None]  # that is not final


class Offered(Protocol):
    """An op that is not final, and who pays for it."""

    @property
    def op(self) -> Op: ...
    @property
    def payer(self) -> bytes: ...


class Pushes:
    """What to send unasked, to whom, and what waits until they can take it."""

    def __init__(self, device: DeviceKey, peers: Peers, frontiers: Frontiers) -> None:
        self._device = device
        self._peers = peers
        self._frontiers = frontiers

    def begin_epoch(self) -> None:
        """Forget the blocks of the last epoch that wait for a peer."""
        for device in self._peers:
            self._peers[device].backlog.forget_blocks()

    def push_block(self, vertex: Vertex, sender: DeviceKey | None) -> None:
        """Send a block that is new here to those who lack it and do not get it directly (R7.5)."""
        lace = self._frontiers.lace
        assert lace is not None
        author_key = lace.committee.keys[vertex.author]
        message: Push | None = None  # made for the first who lacks it: mostly all get it directly
        memory = 0
        number = self._frontiers.epoch_number
        for peer in self._peers.greeted:
            if peer.device == sender or not 0 <= number - peer.epoch_number <= 1:
                continue  # one epoch behind it keeps the block; further behind it pulls
            if peer.has.get(vertex.author, 0) >= vertex.round:
                continue
            if author_key != self._device and (
                peer.device == author_key or author_key in peer.links
            ):
                continue
            if peer.backlog.has_blocks or not peer.backlog.is_open:
                if not peer.backlog.owe_blocks([vertex]):
                    self._peers.owe_status(peer)  # it pulls what it lacks
                self._peers.await_written(peer)
                continue
            if message is None:
                message, memory = Push(blocks=(vertex.block,)), memory_of_block(vertex.block)
            self._peers.say(peer, message, memory)
            peer.has[vertex.author] = vertex.round

    @staticmethod
    def note_op(peer: Peer, op: Op) -> None:
        """A peer sent an op of a device that is known here: it has that one."""
        Pushes.note_nonce(peer, op)
        peer.backlog.drop_op(op.id)

    @staticmethod
    def note_nonce(peer: Peer, op: Op) -> None:
        peer.nonces[op.device] = max(peer.nonces.get(op.device, 0), op.nonce)

    def push_op(
        self,
        op: Op,
        payer: bytes,
        texts: tuple[bytes, ...],
        sender: DeviceKey | None,
        find: FindOp,
    ) -> None:
        """Send an op that is new here, with its texts, to those who lack it.

        Args:
            payer: who answers for it (`State.payer_of`).
        """
        message = Push(ops=(op,), texts=texts)
        memory = memory_of_op(op) + sum(compute_memory(len(blob)) for blob in texts)
        for peer in self._peers.greeted:
            if peer.device == sender or peer.nonces.get(op.device, 0) >= op.nonce:
                continue
            if sender is not None and (op.device in peer.links or sender in peer.links):
                continue
            peer.nonces[op.device] = op.nonce  # from here on it has it, or it waits for it
            if peer.backlog.is_open and not peer.backlog.has_ops:
                self._peers.say(peer, message, memory)
            else:
                peer.backlog.owe_op(op.id, payer, find)
                self._peers.await_written(peer)

    def push_on(self, peer: Peer, find: FindOp) -> None:
        """Send what waits for a peer, as much as it can take (R7.23)."""
        if peer.backlog.owes_links:
            self._peers.tell_links_to(peer)
        self._push_blocks(peer)
        self._push_ops(peer, find)
        self._peers.await_written(peer)

    def _push_blocks(self, peer: Peer) -> None:
        blocks = peer.backlog.take_blocks(
            lambda vertex: peer.has.get(vertex.author, 0) < vertex.round
        )
        if not blocks:
            return
        for vertex in blocks:
            peer.has[vertex.author] = max(vertex.round, peer.has.get(vertex.author, Round(0)))
        message = Push(blocks=tuple(vertex.block for vertex in blocks))
        self._peers.say(peer, message, sum(map(memory_of_block, message.blocks)))

    def _push_ops(self, peer: Peer, find: FindOp) -> None:
        ops = peer.backlog.take_ops(find)
        if not ops:
            return
        self._peers.send(peer.device, Push(ops=tuple(ops)))
        for op in ops:
            self.note_nonce(peer, op)
        refs = [ref for op in ops for ref in texts_of(op.body)]
        if refs:
            self._peers.sends.append(ServeWant(peer.device, tuple(ref.id for ref in refs)))
        memory = sum(map(memory_of_op, ops)) + sum(compute_memory(ref.size) for ref in refs)
        self._peers.await_written(peer, memory)

    def push_missing_blocks(self, peer: Peer) -> bool:
        """Push what a peer in this epoch lacks; return False when it should pull instead."""
        lace = self._frontiers.lace
        assert lace is not None
        lacking: list[Vertex] = []
        for author in range(len(lace.committee)):
            lacking.extend(lace.chain_above(author, peer.has.get(author, Round(0))))
            if len(lacking) > PUSH_CATCH_UP:
                return False
        if not peer.backlog.owe_blocks(lacking):
            return False
        if peer.backlog.is_open:
            self._push_blocks(peer)
        self._peers.await_written(peer)
        return True

    def push_missing_ops(self, peer: Peer, entries: Iterable[Offered], find: FindOp) -> None:
        """Push the unfinalized ops that a peer's status does not cover.

        While some wait for it this is not looked at, however often it tells its status.
        """
        peer.backlog.owes_ops = peer.backlog.has_ops or not peer.backlog.is_open
        if peer.backlog.owes_ops:
            self._peers.await_written(peer)
            return
        lacking = [one for one in entries if peer.nonces.get(one.op.device, 0) < one.op.nonce]
        for one in lacking:
            peer.nonces[one.op.device] = one.op.nonce
            peer.backlog.owe_op(one.op.id, one.payer, find)
        self._push_ops(peer, find)
        self._peers.await_written(peer)

    def on_links(self, peer: Peer, links: Links) -> bool:
        """A peer's connections changed: what it no longer gets directly, it gets from here.

        Returns:
            False when that is so much that it should pull instead.
        """
        gone = peer.links - set(links.devices)
        peer.links = frozenset(links.devices)
        lace = self._frontiers.lace
        if lace is None or peer.epoch_number != self._frontiers.epoch_number:
            return True
        is_cut_off = any(key in lace.committee.key_index for key in gone)
        return not is_cut_off or self.push_missing_blocks(peer)
