"""How a newcomer gets from a link to a seat, one-sided and resumable.

    contacting → syncing → waiting_for_invite → joining → admitted (or refused)

Refused is said as soon as a node says what waiting does not change: the invite opens no seat
any more. One node may lie, so the others are heard for a while; when all who answer say so, the
join ends, and what became of it is kept (`Ended`). Only those are heard whom the link names, or who
have a seat by the log that is here: anybody may call.

First the founding charter: any of the link's nodes serves it, and its hash must be the
community id in the link, so nobody need be trusted. Then the node follows the log like any
other, and submits its `Join` once the invite is final in its own state.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, field

import trio

from p2pnode_protocols.core import Core
from p2pnode_protocols.core.peers.greeting import TOLD_OF_INVITE
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Genesis, Hello, Refused
from p2pnode_protocols.record.bodies import Join
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.seats.charter import Charter, Member
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Received
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import CODES, PeerFault, UsageError
from p2pnode_protocols.wire.ids import DeviceKey, to_short, to_text

from ..answers import JoinStep
from ..home.pending import Ended
from ..net import Network
from .driver import Item
from .events import Bus
from .links import JoinLink

log = logging.getLogger("p2pnode.joining")

HEAR_S = 10.0  # how long all who answer have to say that the invite is over, to end a join
ANSWERS = 256  # kept, the last: a member may have any number of devices, one after the other
WRONG_MS = 60_000  # before a node that serves another community is asked again


@dataclass(slots=True)
class Progress:
    """Where the join stands, for people to read.

    What a node says counts if the link names it or it has a seat here. Else anybody who calls could
    end a join, or say why it does not go on.
    """

    hosts: frozenset[DeviceKey] = frozenset()  # that the link names
    step: JoinStep = "contacting"
    detail: str = "asking the nodes named in the link for the community's charter"
    code: str | None = None  # for which it is refused
    errors: dict[DeviceKey, str] = field(default_factory=dict)  # what each node answered last
    over_at: float | None = None  # since when (trio) all who answer say that the invite is over
    ended: Ended | None = None  # nothing is asked any more
    asked_name: str | None = None  # of the seat that this device asked for; None: it asked for none
    _codes: dict[str, str] = field(default_factory=dict)  # by the seat's name, or the device
    tell: Callable[[], None] = lambda: None  # called when the step is another

    def move(self, step: JoinStep, detail: str) -> None:
        if self.ended is not None and step != "admitted":
            return
        is_other = step != self.step
        self.step, self.detail = step, detail
        if step != "refused":
            self.code = None
        if is_other:
            log.info("%s", detail, extra={"step": step})
            self.tell()

    def refused_by(self, peer: DeviceKey, code: str, detail: str, name: str | None = None) -> None:
        """A node does not let this device in: waiting helps, or does not.

        Args:
            peer: whose device.
            code: of the refusal.
            detail: its words.
            name: of the member, once the charter is here; None: it has no seat by that.
        """
        if not self.counts(peer, has_seat=name is not None):
            return
        self._note(peer, f"{detail} [{code}]")
        whose = name or to_text("dev", peer)  # a seat has one say, with any number of devices
        self._codes.pop(whose, None)
        self._codes[whose] = code
        if len(self._codes) > ANSWERS:
            del self._codes[next(iter(self._codes))]
        if code in ("bad_invite", "invite_over"):
            step: JoinStep = "waiting_for_invite" if code == "bad_invite" else "refused"
            if step == "refused":
                self.code = code
            self.move(step, f"{name or to_short('dev', peer)} says: {detail}")
        self._review()

    def counts(self, peer: DeviceKey, *, has_seat: bool) -> bool:
        """Return whether what this device says of the join is heard."""
        return has_seat or peer in self.hosts

    def _note(self, peer: DeviceKey, answer: str) -> None:
        self.errors.pop(peer, None)
        self.errors[peer] = answer
        if len(self.errors) > ANSWERS:
            del self.errors[next(iter(self.errors))]

    def served_another(self, peer: DeviceKey, wrong: str) -> None:
        """A node's charter is not the one that the link names."""
        if self.counts(peer, has_seat=False):
            self._note(peer, wrong)

    def let_in(self) -> None:
        """A node that counts lets this device in: its log says what became of the invite."""
        self._codes.clear()
        self._review()

    def _review(self) -> None:
        if not self._codes or set(self._codes.values()) != {"invite_over"}:
            self.over_at = None
        elif self.over_at is None:
            self.over_at = trio.current_time()

    def end_if_sure(self) -> None:
        """End the join once all who answer have said for a while that its invite is over."""
        if self.over_at is not None and trio.current_time() - self.over_at >= HEAR_S:
            self.end("invite_over", self.detail)

    def end(self, code: str, detail: str) -> None:
        """This join leads nowhere: say so, and keep it."""
        if self.ended is None:
            self.code = code
            self.move("refused", detail)
            self.ended = Ended(code, detail)

    def expired(self) -> None:
        """The link's time is over, and no seat was asked for."""
        if self.step not in ("joining", "unbound", "admitted"):
            self.end("invite_over", TOLD_OF_INVITE["expired"])


async def fetch_charter(
    link: JoinLink,
    device: DeviceKey,
    net: Network,
    inbox: trio.MemoryReceiveChannel[Item],
    progress: Progress,
    *,
    agent: str,
    called: Container[DeviceKey],
) -> tuple[bytes, list[Item]]:
    """Ask every node that this one calls for the charter; return its bytes once one is right.

    Whoever else connects is told nothing, and what it says of the join counts for nothing (R7.20).

    Args:
        called: those in the link and in the configuration.

    Returns:
        The bytes whose hash is the community id, and what a core must be told of the
        connections made meanwhile: who is up, and the hellos already received.
    """
    hellos: dict[DeviceKey, Received] = {}
    up: dict[DeviceKey, PeerUp] = {}
    while True:
        match await inbox.receive():
            case PeerUp(peer=peer) as event:
                up[peer] = event
                if peer in called:
                    net.enqueue(peer, _hello(link, device, net, agent))
            case PeerDown(peer=peer):
                up.pop(peer, None)
                hellos.pop(peer, None)
            case Received(peer=peer, message=Hello()) as event:
                hellos[peer] = event
                if progress.counts(peer, has_seat=False):
                    progress.let_in()
            case Received(peer=peer, message=Refused(code=code, detail=detail)):
                progress.refused_by(peer, code, detail)
            case Received(peer=peer, message=Genesis(charter=charter)):
                wrong = _fault_of(charter, link)
                if wrong is not None and is_named_by(charter, link):
                    progress.move("refused", f"{wrong}; install a newer p2pnode")
                if wrong is None:
                    return charter, _connections(up, hellos)
                progress.served_another(peer, wrong)
                net.disconnect(peer, "wrong_community", wrong, WRONG_MS)
            case _:
                pass  # blocks and ops mean nothing before the charter; they come again


def _connections(
    up: Mapping[DeviceKey, PeerUp], hellos: Mapping[DeviceKey, Received]
) -> list[Item]:
    known: list[Item] = []
    for one, event in up.items():
        known.append(event)
        if one in hellos:
            known.append(hellos[one])
    return known


def is_named_by(charter: bytes, link: JoinLink) -> bool:
    """Return whether it is the charter that founded the link's community."""
    return crypto.digest(crypto.TAG_CHARTER, charter) == link.community


def _fault_of(charter: bytes, link: JoinLink) -> str | None:
    if not is_named_by(charter, link):
        return "its charter is not the one the link names"
    try:
        Charter.from_bytes(charter)
    except PeerFault as fault:  # founded by a version that knows more than this one
        return f"this version cannot read the community's charter: {fault.detail}"
    return None


def _hello(link: JoinLink, device: DeviceKey, net: Network, agent: str) -> Hello:
    return Hello(
        PROTOCOL_VERSION, link.community, None, link.admission(device), agent, net.addresses
    )


async def take_seat(
    link: JoinLink,
    name: str,
    core: Core,
    bus: Bus,
    submit: Callable[[Join], Awaitable[Op]],
    progress: Progress,
) -> None:
    """Submit a join once the invite is final here; return when that is admitted or refused."""
    proof = link.join_proof(core.device)
    if proof is None:  # a further device of a member: its other device adds it
        progress.move("syncing", "waiting for another device of this seat to add this one")
        return
    await _join(name, proof, core, bus, submit, progress)


async def _join(
    name: str,
    proof: tuple[DeviceKey, bytes],
    core: Core,
    bus: Bus,
    submit: Callable[[Join], Awaitable[Op]],
    progress: Progress,
) -> None:
    invite_key = proof[0]
    if invite_key not in core.state.roster.invites:
        progress.move("syncing", "following the log until it has the invite")
        await bus.wait_until(
            lambda: (
                core.member is not None
                or invite_key in core.state.roster.invites
                or core.state.is_invite_over(invite_key)
            )
        )
    if core.member is not None:
        return
    if core.state.is_invite_over(invite_key):
        progress.end("invite_over", _fate(core, invite_key))
        return
    if invite_key not in core.state.roster.invites:  # the node stops
        return
    progress.move("joining", "the invite is decided; asking for the seat")
    op = _asked_before(core, invite_key)
    if op is None:
        try:
            op = await submit(Join(name, *proof))
        except UsageError as refusal:
            progress.end(refusal.code, refusal.detail)
            return
    if isinstance(op.body, Join):  # perhaps one of before, by another name
        progress.asked_name = op.body.name
    asked = op.id
    await bus.wait_until(
        lambda: core.member is not None or bus.is_final(asked) or bus.lost_code(asked) is not None
    )
    if core.member is None and (bus.is_final(asked) or bus.lost_code(asked) is not None):
        code = bus.final_code(asked) or bus.lost_code(asked)
        if code in ("bad_invite", "invite_over") and core.state.is_invite_over(invite_key):
            why = _fate(core, invite_key)
        else:
            why = "why is in a part of the log that is not here" if code is None else CODES[code]
        progress.end(code or "leapt_over", f"the community refused the seat: {why}")


def other_name(asked: str | None, seat: Member | None, device: DeviceKey) -> str | None:
    """Return what to tell a joiner whose seat has another name than it asked for (R2.20).

    Args:
        asked: the name it asked for; None: it has not asked, as it had the seat before.
        seat: that it has.
        device: its key. In another's seat, to which it was bound, it has no say in the name.
    """
    if asked is None or seat is None or seat.id != crypto.compute_member_id(device):
        return None
    if seat.name == asked:
        return None
    return f"somebody has a name that reads as {asked} does: the others see you as {seat.name}"


def _asked_before(core: Core, invite_key: DeviceKey) -> Op | None:
    """Return the request of before a restart that is on its way."""
    for op in core.pool.of_kind(Join):
        body = op.body
        is_own = op.device == core.device
        if is_own and isinstance(body, Join) and body.invite_key == invite_key:
            return op
    return None


def _fate(core: Core, invite_key: DeviceKey) -> str:
    return TOLD_OF_INVITE[core.state.fate_of_invite(invite_key)]
