"""What one node knows, shared by the parts of the core: `finalizing`, `hearing`, `making`.

Here are the parts it is made of, what it says of itself, and how a peer is refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from .. import crypto
from ..codec import decode
from ..decisions import Preview, State
from ..epoch import Epoch
from ..errors import PeerFault
from ..gossip.hurries import Hurries
from ..gossip.leaps import Leaps
from ..gossip.peer import Peer
from ..gossip.proofs import Proofs
from ..gossip.refusals import Refusals
from ..gossip.sync import Sync
from ..gossip.texts import NO_SEAT
from ..ids import CommunityId, DeviceKey, EpochId, MemberId, MonoMs, OpId, WallMs
from ..limits import ALARMS_PER_SEAT, DETAIL_CHARS, MEMBERS, PUSH_BYTES
from ..memory import KEY_BYTES, MESSAGE_BYTES, compute_memory
from ..messages import PROTOCOL_VERSION, Contacts, Hello, Refused, Status
from ..ops import Op, about
from ..plain import make_plain
from ..rebuild import Rebuild
from ..receipts import sign_receipt
from ..steps import (
    ContactTold,
    Disconnect,
    Diverged,
    Notice,
    Now,
    OwnOpSettled,
    PeerRefused,
    ProposalChanged,
    Restored,
    SaveFate,
    Sending,
    Write,
)
from .accuser import Accuser
from .fates import SHUT_OUT, Fates
from .pool import Pool

SETTLE_MS = 10_000  # how long to listen for one's own blocks when a quorum is not reachable
FAULTS_BEFORE_CUT = 10  # refusals within FAULT_WINDOW_MS after which a peer is cut off
FAULT_WINDOW_MS = 60_000
CUT_MS = 60_000
# A joiner may come before its invite is final here, a new member before its seat is: they
# did nothing wrong, and look again soon.
SOON = frozenset({"bad_invite", "invite_over", "not_a_member"})
SOON_MS = 2_000
TELL_AGAIN_MS = 10_000  # between two refusals, for one reason, of what a peer only carried


class Standing:
    """One node's view of one community. See `Core` for the arguments."""

    def __init__(  # noqa: PLR0915
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
        self.community = community
        self.device = signer.device
        self._signer = signer
        self._verify = verify
        self._admission = admission
        self._hosts = hosts
        self._agent = agent
        self.addresses: tuple[str, ...] = ()  # where this node listens; told in the hello
        self.contacts: dict[DeviceKey, tuple[str, ...]] = {}  # where peers said they listen
        self.genesis_charter: bytes = b""  # served to joiners; set by the shell at start
        record = restored.epoch
        self.state: State = State.read(
            decode(record.snapshot, len(record.snapshot)), restored.closed, verify
        )
        self.epoch = Epoch(record, self.state, self.device)
        self.final_index = record.genesis_index
        self.final_root = record.genesis_root
        self._roots = dict(restored.recent_roots)
        self._roots[record.genesis_index] = record.genesis_root
        self.rebuilds: dict[int, Rebuild] = dict(restored.rebuilds)  # by the epoch each began
        self.heard_rebuilds: dict[EpochId, Rebuild] = {}  # of this epoch, by the epoch to begin
        self.vow: Rebuild | None = None  # what this node has signed: it makes no block till then
        if restored.vow is not None and restored.vow.statement.epoch == self.epoch.id:
            self.vow = restored.vow
        self._heard_at: dict[DeviceKey, MonoMs] = {}  # when a node was last known to be there
        # Roots that contradict the log here and that the alarm was raised for, by seat (R7.13).
        self._alarms: dict[bytes, set[tuple[int, bytes]]] = {}
        self._past: dict[EpochId, None] = {
            rebuild.statement.epoch: None for rebuild in self.rebuilds.values()
        }
        self.pool = Pool(ops_per_minute)
        self.hurries, self.refusals = Hurries(), Refusals()
        self.fates = Fates(self.device, restored.own)
        self._sends = list[Sending]()
        self.sync = Sync(self.device, self._sends, pull_bytes)
        self.sync.begin_epoch(record.number, self.epoch.lace)
        for missing in restored.missing_texts:
            self.sync.texts.miss(missing, None, NO_SEAT)
        self._nonce = restored.own_nonce
        self.must_learn = restored.must_learn  # sign nothing yet (R4.10)
        self._signed = restored.signed
        self._heard: set[DeviceKey] = set()  # committee nodes compared with since the start
        self._tick_due: WallMs | None = None
        self._ticks, self._tick_at = 0, MonoMs(0)
        # Its last block, or its start; when it has heard enough of its own ones.
        self._made_at, self._settle_at = now.mono_ms, MonoMs(now.mono_ms + SETTLE_MS)
        self._due: MonoMs | None = None  # when ops are due (`making`) …
        self._due_basis: tuple[object, ...] = ()  # … and what that was found from
        self._writes, self._notices = list[Write](), list[Notice]()
        self.proofs = Proofs(self.sync.peers, self._writes, self._notices)
        self.proofs.give_up(self._past)
        self._stored_index = max(
            record.genesis_index, *(index for index, _ in restored.recent_roots[-1:]), 0
        )  # commits up to here were saved before this start, receipts and all
        self._wall_minus_mono = now.wall_ms - now.mono_ms
        self.preview = Preview(self.state, (), now.wall_ms)
        self._stale_preview = False
        self.leaps = Leaps(
            self.sync.peers,
            self.sync.pulls,
            community,
            verify,
            is_allowed=may_leap,
            piece_bytes=pull_bytes,
        )
        self.accuser = Accuser(self.device)
        for first, second in restored.forks:
            self.accuser.found(first, second)
        self._now = now

    @property
    def member(self) -> MemberId | None:
        """The seat this device belongs to in the finalized state, or None."""
        seat = self.state.charter.by_device(self.device)
        return None if seat is None else seat.id

    @property
    def _makes_blocks(self) -> bool:
        """Whether this node can begin a round for what its user waits for."""
        return self.epoch.me is not None and self.vow is None

    def status(self) -> Status:
        """Return where this node stands, as told to peers."""
        nonces = []
        for seat in self.state.charter.members:
            for device in seat.devices:
                highest = self.pool.highest_nonce(device, self.state)
                if highest > 0:
                    nonces.append((device, highest))
        return Status(
            self.epoch.number,
            self.epoch.id,
            self.sync.frontiers.frontier(),
            tuple(sorted(nonces)),
            self.final_index,
            self.final_root,
            self.proofs.unproven(),
        )

    def _is_known(self, device: DeviceKey) -> bool:
        """Return whether a device holds a seat here, or is a host that the invite names.

        Who begins anew does not know its host's seat before it has caught up.
        """
        return device in self._hosts or self.state.charter.by_device(device) is not None

    def _say_hello(self, peer: Peer) -> None:
        status = peer.told = self.status()
        hello = Hello(
            PROTOCOL_VERSION,
            self.community,
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

    def _tell_fate(self, op: OpId, code: str, index: int | None, at_ms: WallMs) -> None:
        """An own op waits no more: keep and tell what became of it (R5.7)."""
        has_waited = self.fates.settle(op)
        if code == "ok" and index is not None:
            if not has_waited:  # it had been given up: that is taken back
                self._writes.append(SaveFate(op, code, index, at_ms))
                self._notices.append(OwnOpSettled(op, code, index))
            return
        self._writes.append(SaveFate(op, code, index, at_ms))
        self._notices.append(OwnOpSettled(op, code, index))

    def _review_own(self, *, has_leapt: bool = False) -> None:
        """Tell of own ops for which no entry can come any more, by whatever way they were lost.

        Those that the pool does not hold though their turn may come are put back into it.
        """
        offered: list[Op] = []
        for op, code in self.fates.review(self.state, self.pool, has_leapt=has_leapt):
            if code is None:
                offered.append(op)
                continue
            self._tell_fate(op.id, code, None, self._now.wall_ms)
            self.fates.give_up(op)
        for op in (*offered, *self.fates.back_in_turn(self.state, self.pool)):
            with contextlib.suppress(PeerFault):  # over a limit: its place comes
                payer, size = self.state.payer_of(op), self._cost_of(op)
                self.pool.add(op, payer, self._now.mono_ms, size=size)

    def shut_out(self) -> str | None:
        """Return the code for which more than may lie do not let this device in (R5.9).

        Whoever lost its seat, or the invite it would join by, while it was cut off gets no log
        that says so. Who has heard that its seat is gone is refused as well, and knows why.
        """
        # Its hello shows the invite of its seat for as long as it runs, so either may be said.
        codes = ("bad_invite",) if self.member is None else ("not_a_member", "bad_invite")
        committee = self.epoch.committee
        inside = {
            peer.member for peer in self.sync.peers.greeted() if peer.member in committee.index
        }
        for code in codes:
            if self.refusals.confirm(code, committee.index, len(inside), committee.faults):
                return codes[0]
        return None

    @property
    def may_have_lost_seat(self) -> bool:
        """Whether members do not let this device in, and too few do to be sure that it has a seat.

        It is a suspicion: one member may lie. `shut_out` is what more than may lie have said.
        """
        committee = self.epoch.committee
        inside = {
            peer.member for peer in self.sync.peers.greeted() if peer.member in committee.index
        }
        return len(inside) <= committee.faults and self.refusals.any_of(committee.index)

    @property
    def surely_has_seat(self) -> bool:
        """Whether this device has a seat here, and no honest member's log says otherwise.

        More than may lie let it in and show nothing later than what is final here.
        """
        committee = self.epoch.committee
        alike = {
            peer.member
            for peer in self.sync.peers.greeted()
            if peer.member in committee.index
            and peer.status is not None
            and peer.epoch_number <= self.epoch.number
            and peer.status.final_index <= self.final_index
            and not self.sync.frontiers.is_behind(peer)
        }
        is_alone = set(committee.members) <= {self.member}
        return self.member is not None and (is_alone or len(alike) > committee.faults)

    def _tell_shut_out(self) -> None:
        """Tell of all that waits when nobody lets this device in any more.

        It stays in the pool: if somebody does so again, those after it need its nonce.
        """
        if self.shut_out() is None:
            return
        for op in list(self.fates):
            self._tell_fate(op.id, SHUT_OUT, None, self._now.wall_ms)
            self.fates.give_up(op)

    def _ready_ops(self) -> tuple[Op, ...]:
        return tuple(entry.op for entry in self.pool.ready(self.state))

    def _seat_of(self, op: Op) -> MemberId:
        """Return for whose sake the texts of an op are kept and asked for: its key's seat.

        Not whom it names: anybody can name another's seat. But a key without one names its last.
        """
        seat = self.state.charter.by_device(op.device)
        return op.author if seat is None else seat.id

    def _preview_op(self, op: Op) -> None:
        if not self._stale_preview:
            self.preview.add(op)
        proposal = about(op)
        if proposal is not None:
            self._notices.append(ProposalChanged(proposal))

    def _cost_of(self, op: Op) -> int:
        """Return what an op that is not here yet takes of its payer's share (R10.24)."""
        is_repeated = self.pool.proves_again(op, self.state.payer_of(op))
        return self.state.cost_of(op, is_repeated=is_repeated)

    def _known_contacts(self) -> tuple[DeviceKey, ...]:
        """Return which members' nodes said where they listen; forget what strangers did."""
        known = self.state.charter
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
            if addresses and self.state.charter.by_device(device) is not None:
                told.append((device, addresses))
                size += more
        if told:
            self.sync.peers.say(
                peer, Contacts(tuple(sorted(told))), compute_memory(MESSAGE_BYTES + size)
            )

    def _tell_status(self, peer: Peer) -> None:
        """Tell a peer where this node stands, as soon as it can take that (R7.4, R7.23)."""
        self.sync.peers.tell_status(peer, self.status)

    def _find_op(self, op: OpId) -> Op | None:
        entry = self.pool.get(op)
        return None if entry is None else entry.op

    def _note_contact(self, device: DeviceKey, addresses: tuple[str, ...]) -> bool:
        """Report where a device listens; False: it has no seat here, yet or any more."""
        if self.state.charter.by_device(device) is None:
            return False
        if device != self.device:
            self._notices.append(ContactTold(device, addresses))
        return True

    def _tell_early_contacts(self) -> None:
        """Report where devices listen, as peers said before these had a seat here."""
        early = self.sync.hearsay.early
        for key in list(early):
            _teller, device = key
            if self.state.charter.by_device(device) is not None:
                self._note_contact(device, early.remove(key))

    def _refuse(self, device: DeviceKey, fault: PeerFault, *, is_bearer: bool = False) -> None:
        """Count a fault, tell the peer; cut it off when it goes on (R7.10).

        Args:
            is_bearer: the peer only carried what another member said; it may know the
                seats as they were a moment ago, so it is told but not blamed.
        """
        detail = make_plain(fault.detail, DETAIL_CHARS)
        self._notices.append(PeerRefused(device, fault.code, detail))
        peer = self.sync.peers.get(device)
        if peer is None:
            return
        now = self._now.mono_ms
        if is_bearer:
            # It does nothing about it, and may carry a thousand of them: its log is its user's.
            told_at = peer.told_codes.get(fault.code)
            if told_at is None or now - told_at >= TELL_AGAIN_MS:
                peer.told_codes[fault.code] = now
                self.sync.peers.send(device, Refused(fault.code, detail))
            return
        peer.faults = [at for at in peer.faults if now - at < FAULT_WINDOW_MS]
        peer.faults.append(now)
        if len(peer.faults) >= FAULTS_BEFORE_CUT or not peer.greeted:
            self._cut(device, fault.code, detail)
        else:
            self.sync.peers.send(device, Refused(fault.code, detail))

    def _cut(self, device: DeviceKey, code: str, detail: str) -> None:
        retry_ms = SOON_MS if code in SOON else CUT_MS
        self._sends.append(Disconnect(device, code, detail, retry_ms))
        self.sync.lost(device)

    def _sign_receipts(self) -> None:
        """Sign what this node finalized on the committee and has not signed yet (R8.2)."""
        for statement in self.proofs.to_sign(self.device):
            receipt = sign_receipt(self.community, self._signer, statement)
            self.proofs.add_own(receipt, self._now.mono_ms)

    def _compare_root(self, member: MemberId | None, index: int, root: bytes) -> None:
        ours = self._roots.get(index)
        if ours is not None and ours != root:
            self._diverged(member, index, root)

    def _diverged(self, member: MemberId | None, index: int, theirs: bytes) -> bool:
        """Raise the alarm, once for each root that a seat reports; return whether it was new.

        Who signs ever new roots has been told of `ALARMS_PER_SEAT` times: that is enough.
        """
        seat = member or MemberId(bytes(32))
        raised = self._alarms.setdefault(seat, set())
        if (index, theirs) in raised or len(raised) >= ALARMS_PER_SEAT:
            return False
        raised.add((index, theirs))
        ours = self._roots.get(index, self.final_root)  # R7.13: ours stands
        self._notices.append(Diverged(seat, index, ours, theirs))
        return True
