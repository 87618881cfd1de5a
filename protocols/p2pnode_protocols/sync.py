"""Who lacks what, what to send next, what to ask for: dissemination as pure state.

Rules: docs/protocol.md §7. Three movements:

- *push*: new blocks and ops go at once to every peer that is not known to have them and
  does not get them directly (`Links` tells who is connected to whom);
- *pull*: a node that is behind asks one peer at a time for an epoch's blocks beyond its
  frontier, and the store answers; that is the flow control of catching up;
- *want*: single missing parents and texts, by hash, from the sender first.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, KeysView
from dataclasses import dataclass, field
from typing import Literal

from .backlog import PUSH_CATCH_UP, Backlog
from .blocklace import Blocklace, Vertex
from .blocks import Block
from .errors import PeerFault
from .forks import ForkPaces
from .ids import BlockId, DeviceKey, MemberId, MonoMs, OpId, Round, TextId
from .limits import (
    CONTACTS_EARLY,
    CONTACTS_EARLY_BYTES,
    CONTACTS_EARLY_BYTES_PER_SEAT,
    CONTACTS_EARLY_PER_SEAT,
    FUTURE_EPOCH_BLOCKS,
    FUTURE_EPOCH_BLOCKS_PER_SEAT,
    FUTURE_EPOCH_BYTES,
    FUTURE_EPOCH_BYTES_PER_SEAT,
    KIB,
    MEMBERS,
    MISSING_TEXTS,
    PULL_BYTES,
    STRANGERS,
    WANT_HASHES,
)
from .memory import (
    KEY_BYTES,
    MESSAGE_BYTES,
    PAIR_BYTES,
    compute_memory,
    memory_of_block,
    memory_of_op,
)
from .messages import Leap, Links, Message, Place, Pull, Pulled, Push, Status, Want
from .ops import Op, TextRef, texts_of
from .orphans import Orphans
from .pool import Entry
from .shares import Limits, Shares
from .steps import ReportWritten, Send, Sending, ServeWant
from .turns import Turns
from .vain import Vain
from .wants import WANT_EVERY_MS, Wanted, Wants

PULL_TIMEOUT_MS = 5_000  # an answer of PULL_BYTES takes well under a second on a LAN
PULLS_REFUSED = frozenset({"bad_epoch", "limit_rate"})  # codes with which a pull is refused
WANT_FIRST_MS = 30  # a missing parent is mostly on its way from its author: wait a moment
WANT_RETRY_MAX_MS = 300_000  # what no peer has is asked for as rarely in the end
REQUEST_WINDOW_MS = 10_000
REQUESTS_PER_WINDOW = 400  # 40 a second bring 40 MiB: more than a laptop verifies
LEAP_REQUESTS = 40  # what another leap than the last counts as: its answer is put together anew
PROBE_FIRST_MS = 1_000  # no progress for this long: tell everyone our frontier, doubling up to …
PROBE_MAX_MS = 30_000
NO_SEAT = b""  # of texts of which this node has not noted who refers to them
# A frontier says nothing of forks: the other block of a slot may be what a commit needs. Who has
# finalized more with the same frontier is asked once more for all that may decide what is open
# here, and for the last rounds at least.
FORK_ROUNDS = 4  # a commit takes three rounds
SEARCH_BEGIN: Place = (Round(1), BlockId(bytes(32)))  # before all blocks
LEAST_PULL_BYTES = 16 * KIB  # asked for of a peer that takes too long; passes at 30 kbit/s


FindOp = Callable[[OpId], Op | None]  # that is not final
Frontier = tuple[tuple[MemberId, Round], ...]  # highest round held, of each author


@dataclass(slots=True)
class Peer:
    """What this node knows of one connected node."""

    device: DeviceKey
    member: MemberId | None = None
    invite: DeviceKey | None = None  # by which it was let in; None: it has a seat, or no hello
    greeted: bool = False
    greeted_at: int = 0  # monotonic ms
    ungreeted: int = 0  # messages that came before its hello
    told: Status | None = None  # where this node stood when it said hello
    status: Status | None = None
    has: dict[int, Round] = field(default_factory=dict)  # by committee place, this epoch
    nonces: dict[DeviceKey, int] = field(default_factory=dict)
    links: frozenset[DeviceKey] = frozenset()
    backlog: Backlog = field(default_factory=Backlog)
    is_ahead: bool = True  # its status may show blocks that this node lacks: look
    want_at: int = 0  # monotonic ms; it is sent no want before
    pull_until: MonoMs | None = None  # a pull is in flight; give up then
    rests_until: MonoMs | None = None  # it refused a pull: ask others meanwhile
    pulled: int = -1  # the epoch of that pull, or of the last one
    pulled_from: Frontier = ()  # … what this node had of it then
    pulled_after: Place | None = None  # … and the place after which; None: not for forks
    unanswered: int = 0  # pulls one after the other
    barren: tuple[int, Frontier] | None = None  # pulled: brought nothing
    searched: tuple[object, ...] | None = None  # where both stood when it was last asked for forks
    search_after: Place | None = None  # … and how far it has answered, if there is more
    lacked_at: MonoMs | None = None  # when it was last told that its ops are not here
    faults: list[MonoMs] = field(default_factory=list)
    part_at: MonoMs | None = None  # it has lost its seat: then the connection ends

    asked_since: MonoMs | None = None  # start of the window in which its requests are counted
    asked: int = 0
    vain: int = 0  # units that it said in vain …
    vain_window: int = 0  # … in this minute (`Vain.window`)
    told_codes: dict[str, MonoMs] = field(default_factory=dict)  # as a bearer: when last
    leap: tuple[int, int, int | None] | None = None  # the last that it asked for

    def count_request(self, now: MonoMs, weight: int = 1) -> None:
        """Count a pull or want of this peer: each makes this node read its disk.

        Raises:
            PeerFault: `limit_rate` when it asks more than anyone who catches up would.
        """
        if self.asked_since is None or now - self.asked_since >= REQUEST_WINDOW_MS:
            self.asked_since, self.asked = now, 0
        self.asked += weight
        if self.asked > REQUESTS_PER_WINDOW:
            raise PeerFault(
                "limit_rate",
                f"more than {REQUESTS_PER_WINDOW} requests in {REQUEST_WINDOW_MS // 1000} s",
            )

    def weigh_leap(self, leap: Leap) -> int:
        """Return what a leap of this peer counts as, as it comes."""
        asked = (leap.epoch_number, leap.closed, leap.after)
        is_next_part = self.leap == asked
        self.leap = asked
        return 1 if is_next_part else LEAP_REQUESTS

    @property
    def is_joiner(self) -> bool:
        """Whether an open invite lets it in: it is nobody's word that this node goes by."""
        return self.invite is not None

    @property
    def epoch_number(self) -> int:
        return -1 if self.status is None else self.status.epoch_number

    @property
    def seat(self) -> bytes:
        """Return whose it is; all devices without a seat here pass for one."""
        return b"" if self.member is None else self.member

    @property
    def sharer(self) -> bytes:
        """Return with whom it shares: its seat, or the holders of one invite (R7.9)."""
        return self.member or self.invite or b""


class Sync:
    """Everything about peers; the core tells it what is new, it fills `sends`."""

    def __init__(self, device: DeviceKey, pull_bytes: int = PULL_BYTES) -> None:
        self._device = device
        self._pull_bytes = pull_bytes  # of blocks, asked for in one pull
        self.peers: dict[DeviceKey, Peer] = {}
        self._greeted: tuple[Peer, ...] = ()
        # Two, as they alternate: else one peer might get all pulls and another all searches.
        self._pulls = Turns()
        self._searches = Turns()
        self._has_searched = False  # for forks, when it could have pulled
        self._search_again_at: MonoMs | None = None  # all peers: forks were left out
        self._connected: frozenset[DeviceKey] = frozenset()
        self._links: tuple[DeviceKey, ...] = ()  # of them, those that peers are told of
        self.sends: list[Sending] = []
        self.vain = Vain()
        self.orphans = Orphans()
        self.fork_paces = ForkPaces()
        self.future: Shares[BlockId, Block] = Shares(
            Limits(
                FUTURE_EPOCH_BLOCKS_PER_SEAT,
                FUTURE_EPOCH_BYTES_PER_SEAT,
                FUTURE_EPOCH_BLOCKS,
                FUTURE_EPOCH_BYTES,
            )
        )
        # Where devices listen that have no seat here yet, by who said so and the device.
        self.early_contacts: Shares[tuple[bytes, DeviceKey], tuple[str, ...]] = Shares(
            Limits(
                CONTACTS_EARLY_PER_SEAT,
                CONTACTS_EARLY_BYTES_PER_SEAT,
                CONTACTS_EARLY,
                CONTACTS_EARLY_BYTES,
            )
        )
        self._contacts_told = 0
        # Of devices that have a seat: what a seat last told of each, and how often others had told
        # something new of that device by then.
        self._contacts_heard: dict[tuple[bytes, DeviceKey], tuple[bytes, int]] = {}
        self._contacts_new: dict[DeviceKey, int] = {}
        self._seats_asked: dict[bytes, tuple[MonoMs, int]] = {}  # since when, how often
        self._wants = Wants()
        self._ask_at: MonoMs | None = None  # when the first of them is due; None: not known
        # And the proposal each is about; by whose words refer to it. Counted in numbers only.
        self._missing: Shares[TextRef, OpId | None] = Shares(
            Limits(MISSING_TEXTS, MISSING_TEXTS, MISSING_TEXTS, MISSING_TEXTS)
        )
        # The same by their ids: a liar may say another length than who says the truth (R2.22).
        self._claims: dict[TextId, set[TextRef]] = {}
        self._texts_missed = 0
        # Of those, the ops that need each, where all that do are known.
        self._needed_by: dict[TextId, set[OpId]] = {}
        self._lace: Blocklace | None = None
        self._epoch_number = 0
        self._probe_at: MonoMs | None = None
        self._probe_delay = PROBE_FIRST_MS

    # --- peers ---------------------------------------------------------------------------

    def send(self, peer: DeviceKey, message: Message) -> None:
        self.sends.append(Send(peer, message))
        known = self.peers.get(peer)
        if known is not None:
            self.vain.note_question(known.sharer, message)

    def say(self, peer: Peer, message: Message, memory: int) -> None:
        """Send what nobody asked for, and count it (R7.23).

        Args:
            memory: that of the message, in bytes, or rather more.
        """
        self.send(peer.device, message)
        self.await_written(peer, memory)

    def await_written(self, peer: Peer, memory: int = 0) -> None:
        """Let the shell report when all is written if much is under way, or something waits."""
        if peer.backlog.count(memory):
            self.sends.append(ReportWritten(peer.device))

    @property
    def connected(self) -> frozenset[DeviceKey]:
        """The devices past their hello."""
        return self._connected

    def greeted(self) -> tuple[Peer, ...]:
        """Return the peers past their hello, in order of device key."""
        return self._greeted

    def greet(self, peer: Peer, now: MonoMs) -> None:
        """Count a peer in whose hello was accepted, tell everyone, ask it what is missing."""
        peer.greeted, peer.greeted_at = True, now
        self._review()
        if peer.is_joiner:
            return  # it has a turn like others, the last; but ever new ones hurry nobody
        for text in self.missing_texts:
            self.want((text,), peer.device, b"", now)
        self._wants.hurry(MonoMs(now + WANT_FIRST_MS))
        self._ask_at = None

    def _review(self) -> None:
        self._greeted = tuple(
            self.peers[key] for key in sorted(self.peers) if self.peers[key].greeted
        )
        self._connected = frozenset(peer.device for peer in self._greeted)
        self._links = self._choose_links()
        self.tell_links()

    def _choose_links(self) -> tuple[DeviceKey, ...]:
        """Return whom peers are told that this node is connected to: those who make blocks first.

        What one message holds. Who is not told of gets some things twice.
        """
        makers = {} if self._lace is None else self._lace.committee.key_index
        keys = [peer.device for peer in self._greeted]
        return tuple(sorted(sorted(keys, key=lambda key: key not in makers)[:MEMBERS]))

    def may_ask(self, peer: Peer, now: MonoMs, weight: int = 1) -> bool:
        """Count a request for a peer's seat; return whether it is answered (R7.21).

        All devices of a seat together ask as much as one may, over all their connections; all
        holders of an invite as much as may be connected at once.
        """
        most = REQUESTS_PER_WINDOW * (STRANGERS if peer.member is None else 1)
        if peer.sharer not in self._seats_asked:  # invites are ever new ones: keep none for good
            self._seats_asked = {
                key: (since, count)
                for key, (since, count) in self._seats_asked.items()
                if now - since < REQUEST_WINDOW_MS
            }
        since, count = self._seats_asked.get(peer.sharer, (now, 0))
        if now - since >= REQUEST_WINDOW_MS:
            since, count = now, 0
        self._seats_asked[peer.sharer] = (since, count + weight)
        return count + weight <= most

    def holders_of(self, invite: DeviceKey) -> list[Peer]:
        """Return who is connected by an invite and has no seat, who was greeted first at first."""
        holders = [one for one in self._greeted if one.invite == invite]
        return sorted(holders, key=lambda one: one.greeted_at)  # stable: then by device key

    def tell_links(self) -> None:
        """Tell everyone whom this node is connected to (R7.6)."""
        for peer in self._greeted:
            self._tell_links_to(peer)

    def _tell_links_to(self, peer: Peer) -> None:
        peer.backlog.owes_links = not peer.backlog.is_open
        if peer.backlog.owes_links:
            self.await_written(peer)
            return
        told = self._links
        self.say(peer, Links(told), compute_memory(MESSAGE_BYTES + KEY_BYTES * len(told)))

    def owe_status(self, peer: Peer) -> None:
        """Let a peer be told where this node stands once it has taken what it is sent."""
        peer.backlog.owes_status = True
        self.await_written(peer)

    def tell_status(self, peer: Peer, status: Callable[[], Status]) -> None:
        """Tell a peer where this node stands when it can take that: then, not as it is now."""
        if not peer.backlog.is_open:
            self.owe_status(peer)
            return
        peer.backlog.owes_status = False
        told = status()
        pairs = len(told.frontier) + len(told.nonces) + len(told.unproven)
        self.say(peer, told, compute_memory(MESSAGE_BYTES + PAIR_BYTES * pairs))

    def add(self, device: DeviceKey) -> None:
        """A stream to this device is open; a second one begins anew, from the hello on."""
        self.lost(device)
        self.peers[device] = Peer(device)

    def lost(self, device: DeviceKey) -> None:
        """Nothing is kept of who hung up, but what something else waits for."""
        peer = self.peers.pop(device, None)
        self._wants.lost(device)
        self.orphans.lost(device)
        for block in self.future.lost(device):
            self.future.remove(block)
        for key in self.early_contacts.lost(device):
            self.early_contacts.remove(key)
        if peer is None:
            return
        if peer.pull_until is not None:
            self._turns_of(peer).fail(peer, PULL_TIMEOUT_MS)
        if peer.greeted:
            self._review()

    def begin_epoch(self, number: int, lace: Blocklace) -> None:
        """Forget what was about the last epoch's blocks."""
        self._epoch_number = number
        self._lace = lace
        self.orphans = Orphans()
        self.fork_paces = ForkPaces()
        self._search_again_at = None
        self._ask_at = None
        self._wants.keep(lambda one: TextId(one) in self.missing_texts)
        for device in sorted(self.peers):
            peer = self.peers[device]
            peer.has = {}
            peer.backlog.forget_blocks()
            peer.barren = peer.search_after = None
            peer.is_ahead = True
            if peer.status is not None and peer.status.epoch_number == number:
                self._note_frontier(peer, peer.status.frontier)

    # --- push ----------------------------------------------------------------------------

    def push_block(self, vertex: Vertex, sender: DeviceKey | None) -> None:
        """Send a block that is new here to those who lack it and do not get it directly (R7.5)."""
        lace = self._lace
        assert lace is not None
        author_key = lace.committee.keys[vertex.author]
        message, memory = Push(blocks=(vertex.block,)), memory_of_block(vertex.block)
        for peer in self.greeted():
            if peer.device == sender or not 0 <= self._epoch_number - peer.epoch_number <= 1:
                continue  # one epoch behind it keeps the block; further behind it pulls
            if peer.has.get(vertex.author, 0) >= vertex.round:
                continue
            if author_key != self._device and (
                peer.device == author_key or author_key in peer.links
            ):
                continue
            if peer.backlog.has_blocks or not peer.backlog.is_open:
                if not peer.backlog.owe_blocks([vertex]):
                    self.owe_status(peer)  # it pulls what it lacks
                self.await_written(peer)
                continue
            self.say(peer, message, memory)
            peer.has[vertex.author] = vertex.round

    def note_block(self, device: DeviceKey, vertex: Vertex) -> None:
        """A peer sent a block: it has that one and, as it knows them, its parents."""
        peer = self.peers.get(device)
        if peer is None:
            return
        for one in (vertex, *vertex.parents):
            if peer.has.get(one.author, 0) < one.round:
                peer.has[one.author] = one.round

    @staticmethod
    def note_op(peer: Peer, op: Op) -> None:
        """A peer sent an op of a device that is known here: it has that one."""
        Sync.note_nonce(peer, op)
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
        for peer in self.greeted():
            if peer.device == sender or peer.nonces.get(op.device, 0) >= op.nonce:
                continue
            if sender is not None and (op.device in peer.links or sender in peer.links):
                continue
            peer.nonces[op.device] = op.nonce  # from here on it has it, or it waits for it
            if peer.backlog.is_open and not peer.backlog.has_ops:
                self.say(peer, message, memory)
            else:
                peer.backlog.owe_op(op.id, payer, find)
                self.await_written(peer)

    def push_on(self, peer: Peer, find: FindOp) -> None:
        """Send what waits for a peer, as much as it can take (R7.23)."""
        if peer.backlog.owes_links:
            self._tell_links_to(peer)
        self._push_blocks(peer)
        self._push_ops(peer, find)
        self.await_written(peer)

    def _push_blocks(self, peer: Peer) -> None:
        blocks = peer.backlog.take_blocks(
            lambda vertex: peer.has.get(vertex.author, 0) < vertex.round
        )
        if not blocks:
            return
        for vertex in blocks:
            peer.has[vertex.author] = max(vertex.round, peer.has.get(vertex.author, Round(0)))
        message = Push(blocks=tuple(vertex.block for vertex in blocks))
        self.say(peer, message, sum(map(memory_of_block, message.blocks)))

    def _push_ops(self, peer: Peer, find: FindOp) -> None:
        ops = peer.backlog.take_ops(find)
        if not ops:
            return
        self.send(peer.device, Push(ops=tuple(ops)))
        for op in ops:
            self.note_nonce(peer, op)
        refs = [ref for op in ops for ref in texts_of(op.body)]
        if refs:
            self.sends.append(ServeWant(peer.device, tuple(ref.id for ref in refs)))
        memory = sum(map(memory_of_op, ops)) + sum(compute_memory(ref.size) for ref in refs)
        self.await_written(peer, memory)

    def push_missing_blocks(self, peer: Peer) -> bool:
        """Push what a peer in this epoch lacks; return False when it should pull instead."""
        lace = self._lace
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
        self.await_written(peer)
        return True

    def push_missing_ops(self, peer: Peer, entries: Iterable[Entry], find: FindOp) -> None:
        """Push the unfinalized ops that a peer's status does not cover.

        While some wait for it this is not looked at, however often it tells its status.
        """
        peer.backlog.owes_ops = peer.backlog.has_ops or not peer.backlog.is_open
        if peer.backlog.owes_ops:
            self.await_written(peer)
            return
        lacking = [one for one in entries if peer.nonces.get(one.op.device, 0) < one.op.nonce]
        for one in lacking:
            peer.nonces[one.op.device] = one.op.nonce
            peer.backlog.owe_op(one.op.id, one.payer, find)
        self._push_ops(peer, find)
        self.await_written(peer)

    def on_links(self, peer: Peer, links: Links) -> bool:
        """A peer's connections changed: what it no longer gets directly, it gets from here.

        Returns:
            False when that is so much that it should pull instead.
        """
        gone = peer.links - set(links.devices)
        peer.links = frozenset(links.devices)
        lace = self._lace
        if lace is None or peer.epoch_number != self._epoch_number:
            return True
        is_cut_off = any(key in lace.committee.key_index for key in gone)
        return not is_cut_off or self.push_missing_blocks(peer)

    # --- status and pull -----------------------------------------------------------------

    def _note_frontier(self, peer: Peer, frontier: Iterable[tuple[MemberId, Round]]) -> None:
        lace = self._lace
        assert lace is not None
        for member, round_ in frontier:
            author = lace.committee.index.get(member)
            if author is not None:
                # What it says now replaces what was assumed: a push may have been lost.
                peer.has[author] = round_

    def on_status(self, peer: Peer, status: Status) -> None:
        peer.status = status
        peer.is_ahead = True
        peer.nonces = dict(status.nonces)
        if status.epoch_number == self._epoch_number:
            peer.has = {}
            self._note_frontier(peer, status.frontier)

    def frontier(self) -> Frontier:
        lace = self._lace
        assert lace is not None
        return tuple(
            (member, lace.highest(author))
            for author, member in enumerate(lace.committee.members)
            if lace.highest(author) > 0
        )

    def is_behind(self, peer: Peer) -> bool:
        """Return whether the peer's last status shows blocks that this node lacks.

        Once it does not, it never will again before the next status or epoch.
        """
        peer.is_ahead = peer.is_ahead and self._shows_more(peer)
        return peer.is_ahead

    def _shows_more(self, peer: Peer) -> bool:
        lace, status = self._lace, peer.status
        if lace is None or status is None or status.epoch_number < self._epoch_number:
            return False
        if status.epoch_number > self._epoch_number:
            return True
        for member, round_ in status.frontier:
            author = lace.committee.index.get(member)
            if author is not None and lace.highest(author) < round_:
                return True
        return False

    def pull(self, now: MonoMs, final_index: int, undecided: Round, *, may_ask: bool) -> None:
        """Ask one peer that is ahead, unless a pull is in flight (R7.7).

        Args:
            final_index: the last commit here.
            undecided: the lowest round of which not all is decided here.
            may_ask: else only note that a peer took too long.
        """
        greeted = self.greeted()
        for peer in greeted:
            if peer.rests_until is not None and now >= peer.rests_until:
                peer.rests_until = None
        for peer in greeted:
            if peer.pull_until is not None:
                if now < peer.pull_until:
                    return
                peer.pull_until = None
                peer.unanswered += 1
                self._turns_of(peer).fail(peer, PULL_TIMEOUT_MS)
        if not may_ask:
            return
        ahead = [peer for peer in greeted if self.is_behind(peer)]
        frontier = self.frontier() if ahead else ()
        able = [
            peer
            for peer in ahead
            if peer.barren != (self._epoch_number, frontier) and peer.rests_until is None
        ]
        chosen = min(able, key=self._pulls.rank, default=None)
        # Who never answers must not keep this node from asking the others for forks, nor who
        # claims ever more from being asked for blocks.
        is_turn = chosen is None or (self._pulls.has_failed(chosen) and not self._has_searched)
        self._has_searched = is_turn and self._search_forks(now, final_index, undecided)
        if chosen is not None and not self._has_searched:
            self._send_pull(chosen, frontier, None, now)

    def _send_pull(self, peer: Peer, frontier: Frontier, after: Place | None, now: MonoMs) -> None:
        most = self._pull_bytes
        if peer.unanswered > 0:  # its link may be too slow for as much
            most = min(most, max(LEAST_PULL_BYTES, most >> peer.unanswered))
        self.send(peer.device, Pull(self._epoch_number, frontier, most, after))
        peer.pull_until = MonoMs(now + PULL_TIMEOUT_MS)
        peer.pulled, peer.pulled_after = self._epoch_number, after
        peer.pulled_from = self.frontier()
        self._turns_of(peer).ask(peer, now)

    def _turns_of(self, peer: Peer) -> Turns:
        """Return the turns to which the last question to a peer belongs."""
        return self._pulls if peer.pulled_after is None else self._searches

    def _search_forks(self, now: MonoMs, final_index: int, undecided: Round) -> bool:
        """Ask a peer that has finalized more for the open rounds, forks included (R7.18).

        Nothing below the first undecided round has a part in deciding it. What is held is
        answered as well, so the answer may take many pulls: each goes on after the last. Once
        all is answered this goes on until a whole answer has brought nothing that was taken.

        Returns:
            Whether there was one that had not been asked so, or has more to answer.
        """
        if self._search_again_at is not None and now >= self._search_again_at:
            self._search_again_at = None
            for peer in self._greeted:
                peer.searched = None
        held = 0 if self._lace is None else len(self._lace)
        able = [peer for peer in self._greeted if self._has_finalized_more(peer, final_index)]
        # A liar claims more each time, to be asked again, or has ever more to answer.
        for peer in sorted(able, key=self._searches.rank):
            status = peer.status
            assert status is not None
            frontier = self.frontier()
            # A fork that was taken may make others telling which an answer brought in vain.
            standing = (
                self._epoch_number,
                held,
                status.epoch_number,
                status.final_index,
            )
            if peer.search_after is None and peer.searched == standing:
                continue
            if peer.search_after is None:
                peer.searched, peer.search_after = standing, SEARCH_BEGIN
            below = tuple(
                (member, Round(max(0, min(round_ - FORK_ROUNDS, undecided - 1))))
                for member, round_ in frontier
            )
            self._send_pull(peer, below, peer.search_after, now)
            return True
        return False

    def search_again(self, at: MonoMs) -> None:
        """Ask for forks anew at this time, also who was asked: one that decides was left out."""
        if self._search_again_at is None:
            self._search_again_at = at

    def _has_finalized_more(self, peer: Peer, final_index: int) -> bool:
        """Return whether a peer has finalized more, and shows no block that would explain it.

        One that has just refused a pull has not, for the time being.
        """
        status = peer.status
        if status is None or status.final_index <= final_index or peer.rests_until is not None:
            return False
        if status.epoch_number == self._epoch_number:
            return not self.is_behind(peer)
        return status.epoch_number > self._epoch_number

    def is_barren(self, peer: Peer) -> bool:
        """Return whether a peer that is ahead had nothing to bring this node on."""
        return peer.barren is not None and peer.barren == (self._epoch_number, self.frontier())

    def on_pulled(self, peer: Peer, answer: Pulled, brought: bool, now: MonoMs) -> None:
        """A pull was answered; `brought`: with at least one block that was new here."""
        if (answer.epoch_number, answer.after) != (peer.pulled, peer.pulled_after):
            return  # not what was asked for: as good as no answer
        if peer.pull_until is not None:  # else it is late
            self._turns_of(peer).answered(peer, now)
            peer.pull_until = None
        peer.unanswered = 0
        if brought:
            self._pulls.bring(peer)
        if answer.epoch_number != self._epoch_number:
            return
        if answer.after is not None:
            last = max(((one.round, one.id) for one in answer.blocks), default=answer.after)
            peer.search_after = last if answer.more and last > answer.after else None
            if peer.search_after is not None:
                return
        if not brought:
            # What came from others meanwhile may be all that it told: then there may be more.
            peer.barren = (
                self._epoch_number,
                peer.pulled_from if answer.more else self.frontier(),
            )

    def on_refused(self, peer: Peer, code: str) -> None:
        """A peer says that it does not do what was asked; if that is a pull, ask another (R7.7).

        It may be about something else: then the answer comes all the same.
        """
        if peer.pull_until is not None and code in PULLS_REFUSED:
            peer.rests_until, peer.pull_until = peer.pull_until, None
            peer.unanswered += 1
            self._turns_of(peer).fail(peer, PULL_TIMEOUT_MS)

    # --- want ----------------------------------------------------------------------------

    @property
    def missing_texts(self) -> KeysView[TextId]:
        """The ids of the texts that are not here and that somebody's words refer to."""
        return self._claims.keys()

    def hold_future(self, block: Block, sender: DeviceKey) -> None:
        """Keep a block of an epoch this node has not reached, for its author's seat (R6.7)."""
        self.future.put(
            block.id,
            block,
            seat=block.author,
            size=memory_of_block(block),
            rank=block.round,
            carrier=sender,
        )

    def take_future(self) -> list[tuple[Block, DeviceKey]]:
        return [(block, next(iter(carriers))) for block, carriers in self.future.clear()]

    def hear_contact(
        self, peer: Peer, device: DeviceKey, addresses: tuple[str, ...], *, is_known: bool
    ) -> Literal["known", "again", "new"]:
        """Return whether what a peer tells of a device is what its seat told before.

        Args:
            is_known: whether the device has a seat here.

        Returns:
            `again`: it is, but others have told something new since, which may be a lie.
        """
        if not is_known:
            held = self.early_contacts.get((peer.member or peer.device, device))
            return "known" if held == addresses else "new"
        key, now = (peer.seat, device), self._contacts_new.get(device, 0)
        digest = hashlib.sha256("\n".join(addresses).encode()).digest()
        before, told = self._contacts_heard.get(key, (b"", 0))
        if digest == before:
            self._contacts_heard[key] = digest, now
            return "known" if told == now else "again"
        self._contacts_new[device] = now + 1
        self._contacts_heard[key] = digest, now + 1
        return "new"

    def forget_contacts(self, has_seat: Callable[[DeviceKey], bool]) -> None:
        """Forget what was told of devices that have no seat any more."""
        for device in [one for one in self._contacts_new if not has_seat(one)]:
            del self._contacts_new[device]
        for key in [one for one in self._contacts_heard if one[1] not in self._contacts_new]:
            del self._contacts_heard[key]

    def hold_contact(self, peer: Peer, device: DeviceKey, addresses: tuple[str, ...]) -> None:
        """Keep where a device without a seat here listens, as a peer says; the last stay."""
        teller = peer.member or peer.device
        key = (teller, device)
        if key in self.early_contacts:
            self.early_contacts.remove(key)
        self._contacts_told += 1
        self.early_contacts.put(
            key,
            addresses,
            seat=peer.sharer or teller,
            size=compute_memory(sum(map(len, addresses))),
            rank=-self._contacts_told,
            carrier=peer.device,
        )

    def miss_text(
        self, ref: TextRef, proposal: OpId | None, seat: bytes, op: OpId | None = None
    ) -> None:
        """Note that a seat's words refer to a text that is not here.

        Of more than are asked for, the oldest of the seat that refers to most are given up.

        Args:
            op: which words; None: more than one op that is known here may refer to it.
        """
        text = ref.id
        is_new = text not in self._claims
        self._texts_missed += 1
        self._claims.setdefault(text, set()).add(ref)
        gone = self._missing.put(
            ref, proposal, seat=seat, size=1, rank=-self._texts_missed, carrier=self._device
        )
        if op is not None and is_new:
            self._needed_by[text] = {op}
        elif op is not None and text in self._needed_by:
            self._needed_by[text].add(op)
        else:
            self._needed_by.pop(text, None)
        for one in gone:
            self._claims[one.id].discard(one)
            if not self._claims[one.id]:
                del self._claims[one.id]
                self._needed_by.pop(one.id, None)
                self._forget_unneeded(one.id)

    def found_text(self, text: TextId, blob: bytes) -> tuple[bool, OpId | None]:
        """Note that a missing text has come, which settles what anybody says of its length.

        Returns:
            Whether somebody's words refer to it as it is, and the proposal it is about, if any.
        """
        fitting = [ref for ref in self._claims[text] if ref.fits(blob)]
        proposal = self._missing.get(fitting[0]) if fitting else None
        self.forget_text(text)
        return bool(fitting), proposal

    def forget_text(self, text: TextId) -> None:
        """Ask for a text no more."""
        for ref in self._claims.pop(text, ()):
            self._missing.remove(ref)
        self._needed_by.pop(text, None)
        self.arrived(text)

    def drop_text(self, text: TextId, op: OpId) -> None:
        """Ask no more for a text that only this op referred to, as it needs it no more (R10.9)."""
        needed_by = self._needed_by.get(text)
        if needed_by is not None:
            needed_by.discard(op)
            if not needed_by:
                self.forget_text(text)

    def want(self, hashes: Iterable[bytes], sender: DeviceKey, seat: bytes, now: MonoMs) -> None:
        """Note that these blocks or texts are missing and that `sender` should have them.

        Args:
            seat: who said what they belong to; none is asked for more often than others.
        """
        for one in hashes:
            asked = self._wants.get(one)
            if asked is None:
                # Who has gone is none that could be asked: a block may come after its bearer went.
                peers = [sender] if sender in self.peers else []
                self._wants.add(one, peers, MonoMs(now + WANT_FIRST_MS), seat)
                if self._ask_at is not None:
                    self._ask_at = min(self._ask_at, MonoMs(now + WANT_FIRST_MS))
            elif sender in self.peers and sender not in asked.peers:
                asked.peers.append(sender)

    def arrived(self, one: bytes) -> None:
        self._wants.forget(one)

    def ask(self, now: MonoMs) -> None:
        """Send the wants that are due: the sender first, then everyone, with back-off (R7.8)."""
        connected = [peer.device for peer in sorted(self._greeted, key=lambda one: one.is_joiner)]
        if not connected or not self._wants or (self._ask_at is not None and now < self._ask_at):
            return
        due: dict[DeviceKey, list[bytes]] = {}
        for gone in self.orphans.take_unwanted():
            self._forget_unneeded(gone)
        for one in self._wants.take_due(now):
            if self._forget_unneeded(one):
                continue
            candidates = self._candidates(self._wants[one], connected)
            target = candidates[self._wants[one].turn % len(candidates)]
            due.setdefault(target, []).append(one)
        for target in sorted(due):
            self._ask_peer(self.peers[target], due[target], connected, now)
        self._ask_at = min(self._wants.times(), default=None)

    def _forget_unneeded(self, one: bytes) -> bool:
        """Ask no more for what nothing needs: whatever did was refused, or gave way."""
        if TextId(one) in self.missing_texts or self.orphans.is_wanted(BlockId(one)):
            return False
        self._wants.forget(one)
        return True

    def _candidates(self, asked: Wanted, connected: list[DeviceKey]) -> list[DeviceKey]:
        first = [key for key in asked.peers if key in self.peers]
        return first + [key for key in connected if key not in first]

    def _ask_peer(
        self, peer: Peer, due: list[bytes], connected: list[DeviceKey], now: MonoMs
    ) -> None:
        """Ask one peer for what fits into one want, the rest later: of each seat as much."""
        turns: Counter[bytes] = Counter()
        order: list[tuple[int, bytes]] = []
        for one in due:
            seat = self._wants[one].seat
            order.append((turns[seat], one))
            turns[seat] += 1
        order.sort(key=lambda entry: entry[0])  # stable
        room = WANT_HASHES if now >= peer.want_at else 0
        asked_for = [one for _, one in order[:room]]
        if asked_for:
            self.send(peer.device, Want(tuple(asked_for)))
            peer.want_at = MonoMs(now + WANT_EVERY_MS)
        for one in asked_for:
            asked = self._wants[one]
            asked.turn += 1
            self._wants.wait(one, MonoMs(now + asked.delay_ms))
            if asked.turn % len(self._candidates(asked, connected)) == 0:  # everyone was asked
                asked.delay_ms = min(2 * asked.delay_ms, WANT_RETRY_MAX_MS)
        for _, one in order[room:]:
            self._wants.wait(one, MonoMs(peer.want_at))

    # --- time ----------------------------------------------------------------------------

    def probe(self, is_waiting: bool, status: Callable[[], Status], now: MonoMs) -> None:
        """Tell everyone where this node stands when it waits and nothing comes for long (R7.15).

        A liar may have sent its block to some only, and have said that it is connected to
        all: then nobody forwards. The status makes those who have it push it, and those who
        lack what this node awaits say so.
        """
        if not is_waiting or not self.peers:
            self._probe_at = None
            self._probe_delay = PROBE_FIRST_MS
            return
        if self._probe_at is None:
            self._probe_at = MonoMs(now + self._probe_delay)
        elif now >= self._probe_at:
            told = status()
            for peer in self._greeted:
                self.tell_status(peer, lambda: told)
            self._probe_delay = min(2 * self._probe_delay, PROBE_MAX_MS)
            self._probe_at = MonoMs(now + self._probe_delay)

    def on_progress(self) -> None:
        """A block was new: whatever was awaited may come by itself."""
        self._probe_at = None
        self._probe_delay = PROBE_FIRST_MS

    def wake_times(self) -> Iterable[MonoMs]:
        """Yield the times at which `pull`, `ask` or `probe` have something to do."""
        if self._probe_at is not None:
            yield self._probe_at
        if self._search_again_at is not None:
            yield self._search_again_at
        for peer in self._greeted:
            if peer.pull_until is not None:
                yield peer.pull_until
            if peer.rests_until is not None:
                yield peer.rests_until
        if self._greeted and self._wants and self._ask_at is not None:
            yield self._ask_at
