"""Lies on the line: silence, withholding, false statuses, replays, floods of rubbish."""

from __future__ import annotations

from dataclasses import replace

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import Hello
from p2pnode_protocols.messages.spreading import Push
from p2pnode_protocols.messages.standing import Links, Status
from p2pnode_protocols.record.bodies import Away
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.steps.inputs import Input, PeerUp, Received
from p2pnode_protocols.steps.sends import Disconnect, Send, Sending, ServePull, ServeWant
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.wire.ids import BlockId, CommunityId, DeviceKey, EpochId, Round

from ..parts.drafting import Draft
from ..parts.keys import SimSigner
from ..parts.node import CoreLike, SimNode
from .liar import Liar, Restless


class Silence(Restless):
    """Stays connected and says nothing for a while; then speaks again, and so on."""

    EVERY_MS = 4_000
    is_silent = False

    def lie(self, event: Input, step: Step) -> Step:
        step = super().lie(event, step)
        if self.is_silent and not self.is_over:
            kept = tuple(one for one in step.sends if _is_hello(one))
            return replace(step, sends=kept)
        return step

    def act(self, step: Step) -> Step:
        self.is_silent = not self.is_silent
        return step


class Withhold(Liar):
    """Keeps its blocks and ops from some, and says that it links everyone with everyone."""

    def lie(self, event: Input, step: Step) -> Step:
        sends: list[Sending] = []
        for sending in step.sends:
            match sending:
                case Send(peer=peer, message=Links()):
                    sends.append(Send(peer, Links(tuple(sorted(self.core.epoch.committee.keys)))))
                case Send(peer=peer, message=Push(blocks=blocks, ops=ops, texts=texts)):
                    if self.is_chosen(peer):
                        blocks = tuple(b for b in blocks if b.device != self.node.device)
                        ops = tuple(op for op in ops if op.device != self.node.device)
                    if blocks or ops or texts:
                        sends.append(Send(peer, Push(blocks, ops, texts)))
                case ServePull(peer=peer) | ServeWant(peer=peer) if self.is_chosen(peer):
                    pass
                case _:
                    sends.append(sending)
        return replace(step, sends=tuple(sends))


class TextWithholder(Liar):
    """Says things but keeps their texts to itself, until told to stop."""

    is_withholding = True

    def lie(self, event: Input, step: Step) -> Step:
        if not self.is_withholding:
            return step
        sends: list[Sending] = []
        for sending in step.sends:
            match sending:
                case Send(peer=peer, message=Push(blocks=blocks, ops=ops)):
                    sends.append(Send(peer, Push(blocks, ops)))
                case ServeWant():
                    pass
                case _:
                    sends.append(sending)
        return replace(step, sends=tuple(sends))


class FalseStatus(Liar):
    """Says it stands where it does not: other frontiers, nonces, roots, epochs."""

    def lie(self, event: Input, step: Step) -> Step:
        sends: list[Sending] = []
        for sending in step.sends:
            match sending:
                case Send(peer=peer, message=Status() as status):
                    sends.append(Send(peer, self._bend(status)))
                case Send(peer=peer, message=Hello(status=Status() as status) as hello):
                    sends.append(Send(peer, replace(hello, status=self._bend(status))))
                case _:
                    sends.append(sending)
        return replace(step, sends=tuple(sends))

    def _bend(self, status: Status) -> Status:
        rng, charter = self.rng, self.core.state.charter
        match rng.choice(("frontier", "empty", "nonces", "no nonces", "root", "epoch", "other")):
            case "frontier":
                frontier = [(seat.id, Round(rng.randint(1, 10_000))) for seat in charter.members]
                return replace(status, frontier=tuple(frontier))
            case "empty":
                return replace(status, frontier=())
            case "nonces":
                devices = sorted(key for seat in charter.members for key in seat.devices)
                nonces = tuple((device, rng.randint(1, 100)) for device in devices)
                return replace(status, nonces=nonces)
            case "no nonces":
                return replace(status, nonces=())
            case "root":
                index = max(0, status.final_index + rng.randint(-3, 3))
                return replace(status, final_index=index, final_root=rng.randbytes(32))
            case "epoch":
                number = status.epoch_number + rng.randint(1, 5)
                return replace(status, epoch_number=number, epoch=EpochId(rng.randbytes(32)))
            case _:
                return replace(status, epoch=EpochId(rng.randbytes(32)))


class OrphanFlood(Liar):
    """Answers each message with blocks whose parents exist nowhere."""

    PER_MESSAGE = 40

    def lie(self, event: Input, step: Step) -> Step:
        if not isinstance(event, Received) or self.core.epoch.me is None:
            return step
        return self.to_all(step, [Push(blocks=self._make(self.PER_MESSAGE))])

    def _make(self, count: int) -> tuple[Block, ...]:
        return tuple(self._orphan() for _ in range(count))

    def _orphan(self) -> Block:
        return sign_orphan(self, self.node.signer)


class Orphans(OrphanFlood, Restless):
    """The same at times: too few to be cut off for, so that their parents are asked for."""

    def lie(self, event: Input, step: Step) -> Step:
        return Restless.lie(self, event, step)

    def act(self, step: Step) -> Step:
        if self.core.epoch.me is None:
            return step
        return self.to_all(step, [Push(blocks=self._make(5))])


class OrphanCaller(Restless):
    """A further device of a liar: calls, brings orphans that its seat's node has signed, hangs up.

    It calls again a moment later. No device brings more than one may; together they are many.
    """

    EVERY_MS = 500
    PER_CALL = 120

    def act(self, step: Step) -> Step:
        keys = self.core.epoch.committee.key_index
        world = self.node.world
        owner = [
            one for one in world.nodes if one.member == self.node.member and one.device in keys
        ]
        if not owner:
            return step  # its node has no place on the committee any more
        blocks = tuple(sign_orphan(self, owner[0].signer) for _ in range(self.PER_CALL))
        step = self.to_all(step, [Push(blocks=blocks)])
        going = [peer for peer in self.peers() if self.rng.random() < 0.5]
        ends = tuple(Disconnect(peer, "bad_frame", "good-bye", 300) for peer in going)
        return replace(step, sends=(*step.sends, *ends))


def sign_orphan(liar: Liar, signer: SimSigner) -> Block:
    """Return a block of the liar's seat whose parents are nowhere."""
    core, number = liar.core, liar.rng.randint(2, 100_000)  # of one slot two are kept
    names = [BlockId(liar.rng.randbytes(32)) for _ in range(3)]
    draft = Draft(
        core.epoch.id,
        liar.node.member,
        Round(number),
        liar.node.now.wall_ms,
        [],
        (),
        0,
        core.final_root,
        number,
    )
    return draft.sign(core.community, signer, names)


class Replayer(Liar):
    """Sends everything it has ever stored again, old epochs and final ops included."""

    EVERY = 10  # inputs

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        self._inputs = 0

    def lie(self, event: Input, step: Step) -> Step:
        self._inputs += 1
        if self._inputs % self.EVERY or isinstance(event, PeerUp):
            return step
        store = self.node.disk.store
        return self.to_all(
            step, [Push(blocks=tuple(store.blocks.values()), ops=tuple(store.ops.values()))]
        )


class Replay(Restless):
    """Sends some of what it stored again: past epochs, final ops, other members' words."""

    MOST = 24

    def act(self, step: Step) -> Step:
        store = self.node.disk.store
        blocks, ops = list(store.blocks.values()), list(store.ops.values())
        some = tuple(self.rng.sample(blocks, min(self.MOST, len(blocks))))
        said = tuple(self.rng.sample(ops, min(self.MOST, len(ops))))
        return self.to_all(step, [Push(blocks=some, ops=said)])


class Forge(Restless):
    """Speaks for others: by its own key, by a key it has not, from another community."""

    def __init__(self, node: SimNode, inner: CoreLike) -> None:
        super().__init__(node, inner)
        node.on_wire = True  # what it signs wrongly has to be read and checked

    def act(self, step: Step) -> Step:
        told = Push(ops=(self._forge(),))
        return self.to_each(step, lambda peer: told if self.is_chosen(peer) else None)

    def _forge(self) -> Op:
        core, node = self.core, self.node
        victim = self.rng.choice(core.state.charter.members)
        nonce = core.state.next_nonce(victim.devices[0])
        wall_ms = node.now.wall_ms
        match self.rng.choice(("own key", "bad signature", "other community")):
            case "own key":
                return sign_op(core.community, victim.id, node.signer, nonce, wall_ms, Away())
            case "bad signature":
                signer = _Borrowed(victim.devices[0])
                return sign_op(core.community, victim.id, signer, nonce, wall_ms, Away())
            case _:
                other = CommunityId(bytes(32))
                return sign_op(other, node.member, node.signer, nonce, wall_ms, Away())


class _Borrowed:
    """A key of which only the public half is known."""

    def __init__(self, device: DeviceKey) -> None:
        self.device = device

    def sign(self, message: bytes) -> bytes:
        return bytes(64)


def _is_hello(sending: Sending) -> bool:
    message: Message | None = sending.message if isinstance(sending, Send) else None
    return isinstance(message, Hello)
