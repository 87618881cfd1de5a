"""A node with live peers: what a few members, a joiner and a stranger can say to it.

An input is a row of moves. Some are what honest members do, so that rounds go on, commits fall
and epochs end; others are whatever a liar, a broken program or a restored backup could send. In
half of the runs every signature passes, as if all keys but the node's had been stolen.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from support.cores.dag import FakeSigner, fake_verify

from p2pnode_protocols.agreement.blocks import Block, sign_block
from p2pnode_protocols.agreement.receipts import Receipt, Statement, sign_receipt
from p2pnode_protocols.messages.frames import Message, write_frame
from p2pnode_protocols.messages.greeting import PROTOCOL_VERSION, Bye, Genesis, Hello, Refused
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.proofs import Prove, Rebuilt, Receipts
from p2pnode_protocols.messages.spreading import Hurry, Pull, Pulled, Push, Want
from p2pnode_protocols.messages.standing import Contacts, Links, Status
from p2pnode_protocols.record.bodies import Body, Join, Propose, Revise, Vote, texts_of
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.steps.inputs import PeerDown, PeerUp, Submit, Tick
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.codec import encode
from p2pnode_protocols.wire.errors import PeerFault, UsageError
from p2pnode_protocols.wire.ids import BlockId, DeviceKey, EpochId, MemberId, OpId, Round, WallMs

from . import genuine, values
from .choices import Choices
from .live import LiveNode, small_limits
from .odd import odd_body

MOVES = 32  # of one input
STRANGER = FakeSigner(DeviceKey(b"\x77" * 32))
LIAR = 3  # the seat that lies where signatures are checked; f = 1


class Run:
    """One input against one node."""

    def __init__(self, data: bytes) -> None:
        self.choices = Choices(data)
        how = self.choices.byte()
        stages = genuine.stages()
        stage = stages[how % len(stages)]
        self.is_checked = not how & 4
        self.one_by_one = bool(how & 8)
        self.ends_with_restart = bool(how & 32)
        seats = stage.charter.members  # the founders; a later stage has one seat more
        self.signers = genuine.signers()
        self.members = [one.id for one in seats]
        self.node = LiveNode(
            stage, fake_verify if self.is_checked else genuine.accept, self.signers[0].device
        )
        self.node.new_blocks = self.note_block
        self.peers = (*self.signers[1:], genuine.JOINER, genuine.SPARE, STRANGER)
        self.proposals: list[OpId] = list(stage.proposals)
        self.revisions: list[OpId] = list(stage.proposals)
        self.nonces: dict[DeviceKey, int] = {}
        self.slots: dict[EpochId, dict[int, dict[MemberId, list[Block]]]] = {}
        self.withheld: list[Block] = []
        self.ops: list[Op] = []  # for blocks to carry
        self.frames: list[bytes] = []
        for block in self.node.store.blocks.values():
            self.note_block(block)
        for op in self.node.store.ops.values():
            self.nonces[op.device] = max(self.nonces.get(op.device, 0), op.nonce)
        for signer in self.signers[1:] if how & 16 else self.signers[1:2]:
            self.node.give(PeerUp(signer.device))
            self.say(
                signer,
                Hello(PROTOCOL_VERSION, self.node.community, self.node.core.status(), None, "", ()),
            )

    def play(self) -> None:
        for _ in range(MOVES):
            if self.choices.is_over:
                break
            self.choices.pick(self.MOVES)(self)
        self.node.check_views()
        if self.is_checked and self.ends_with_restart:
            self.node.check_restart()

    # --- saying -------------------------------------------------------------------------------

    def say(self, signer: FakeSigner, *messages: Message) -> None:
        frame = write_frame(messages)
        self.frames.append(frame)
        del self.frames[:-32]
        self.node.feed(signer.device, frame, one_by_one=self.one_by_one)

    def note_block(self, block: Block) -> None:
        rounds = self.slots.setdefault(block.epoch, {})
        held = rounds.setdefault(block.round, {}).setdefault(block.author, [])
        if all(one.id != block.id for one in held):
            held.append(block)

    # --- moves: time and connections ------------------------------------------------------------

    def wait(self) -> None:
        self.node.pass_time(self.choices.span_ms())
        self.node.give(Tick())

    def sleep(self) -> None:
        """Wake up when the node asks for it, some times."""
        for _ in range(1 + self.choices.byte() % 8):
            self.node.pass_time(max(0, self.node.wake_at - self.node.mono_ms))
            self.node.give(Tick())

    def jump(self) -> None:
        """The wall clock is set."""
        span = self.choices.span_ms()
        self.node.pass_time(1, -span if self.choices.flag() else span)
        self.node.give(Tick())

    def greet(self) -> None:
        signer = self.choices.pick(self.peers)
        if signer.device not in self.node.up or self.choices.rarely():
            self.node.give(PeerUp(signer.device))
        is_member = signer in self.signers
        status = self._status() if is_member or self.choices.flag() else None
        invite = None if is_member else genuine.admission(signer.device)
        addresses = ("/ip4/10.0.0.1/tcp/4001",) if self.choices.flag() else ()
        self.say(
            signer, Hello(PROTOCOL_VERSION, self.node.community, status, invite, "x/1", addresses)
        )

    def hang_up(self) -> None:
        signer = self.choices.pick(self.peers)
        if self.choices.flag():
            self.say(signer, Bye())
        self.node.give(PeerDown(signer.device))

    def restart(self) -> None:
        if not self.is_checked or not self.choices.rarely():
            return  # more liars than f can make the log come out otherwise
        self.node.check_restart()
        self.node.restart()

    # --- moves: blocks ----------------------------------------------------------------------------

    def rounds(self) -> None:
        """The others make some rounds, as honest nodes do."""
        count, mask = 1 + self.choices.byte() % 4, self.choices.byte() % 8 or 7
        carries = self.choices.flag()
        for _ in range(count):
            made = []
            for place in (1, 2, 3):
                if mask >> (place - 1) & 1:
                    made.append(self._honest_block(place, carries))
            self.node.pass_time(5)
            blocks = tuple(block for _, block in made if block is not None)
            for block in blocks:
                self.note_block(block)
            if not self.one_by_one:
                self.say(self._speaker(1), Push(blocks=blocks))
                continue
            for place, block in made:
                if block is not None:
                    self.say(self._speaker(place), Push(blocks=(block,)))

    def _speaker(self, place: int) -> FakeSigner:
        wanted = self.signers[place]
        if wanted.device in self.node.up or not self.node.up:
            return wanted
        return FakeSigner(min(self.node.up))

    def _honest_block(self, place: int, carries: bool) -> tuple[int, Block | None]:
        """Return the next block of a seat that plays by the rules, None when it must wait."""
        epoch, committee = self.node.core.epoch.id, self.node.core.epoch.committee
        author = self.members[place]
        if committee.key_index.get(self.signers[place].device) != committee.index.get(author, -1):
            return place, None  # no seat on the committee, or with another key
        rounds = self.slots.get(epoch, {})
        own = max((number for number, held in rounds.items() if author in held), default=0)
        reached = max(
            (number for number, held in rounds.items() if len(held) >= committee.quorum), default=0
        )
        round_ = max(own, reached) + 1
        below = rounds.get(round_ - 1, {})
        if round_ > 1 and len(below) < committee.quorum:
            return place, None
        parents = [rounds[own][author][0]] if own else []
        parents += [below[one][0] for one in committee.members if one != author and one in below]
        ops = tuple(self.ops[-4:]) if carries else ()
        time_ms = max(self.node.wall_ms, parents[0].time_ms + 1 if own else 0)
        return place, self._sign(place, epoch, round_, parents, ops, time_ms)

    def _sign(
        self,
        place: int,
        epoch: EpochId,
        round_: int,
        parents: Sequence[Block],
        ops: tuple[Op, ...],
        time_ms: int,
        sequence: int = 0,
    ) -> Block:
        own = parents and parents[0].author == self.members[place]
        return sign_block(
            self.node.community,
            self.signers[place],
            epoch=epoch,
            author=self.members[place],
            sequence=sequence or (parents[0].sequence + 1 if own else 1),
            round_=Round(round_),
            time_ms=WallMs(time_ms),
            parents=tuple(one.id for one in parents) or (BlockId(bytes(epoch)),),
            ops=ops,
            final_index=self.node.core.final_index,
            final_root=self.node.core.final_root,
        )

    def lie(self) -> None:
        """A block by the liar, or by anybody where nobody checks: of whatever it likes."""
        place = LIAR if self.is_checked else self.choices.byte() % 4
        source, author = self.choices.source(), self.members[place]
        epoch = source.choice([self.node.core.epoch.id] * 6 + [*self.slots, EpochId(b"?" * 32)])
        rounds = self.slots.get(epoch, {})
        top = max(rounds, default=0)
        round_ = source.choice((top + 1, top + 1, max(1, top), max(1, top - 1), 1, top + 5))
        parents = []
        for member in sorted(self.members, key=lambda one: (one != author, one)):
            below = [n for n, held in rounds.items() if n < round_ and member in held]
            if below and source.random() < 0.9:
                at = max(below) if source.random() < 0.9 else source.choice(sorted(below))
                parents.append(source.choice(rounds[at][member]))
        if source.random() < 0.1:
            source.shuffle(parents)
        ops = tuple(self.ops[-source.randrange(5) :]) if self.ops else ()
        time_ms = source.choice(
            (self.node.wall_ms, self.node.wall_ms, 0, 1 << 53, self.node.wall_ms + 86_400_000)
        )
        if parents and source.random() < 0.8:
            time_ms = max(time_ms, parents[0].time_ms + 1)
        sequence = source.choice((0, 0, 0, 0, 1, 2, 99))
        block = self._sign(
            place,
            epoch,
            round_,
            () if round_ == 1 else parents,
            ops,
            min(time_ms, 1 << 53),
            sequence,
        )
        self.note_block(block)
        if self.choices.flag():
            self.withheld.append(block)
        else:
            self.say(self._speaker(place), Push(blocks=(block,)))

    def reveal(self) -> None:
        """Blocks that were held back come, in an order of their own, as answer or unasked."""
        count = 1 + self.choices.byte() % 4
        blocks, self.withheld = self.withheld[-count:], self.withheld[:-count]
        if self.choices.flag():
            blocks.reverse()
        core = self.node.core
        is_answer = self.choices.flag()
        more = is_answer and self.choices.flag()
        signer = self.choices.pick(self.peers)
        peer = core.sync.peers.get(signer.device)
        after = None if peer is None else peer.pulled_after
        message = (
            Pulled(core.epoch.number, tuple(blocks), (), more, after)
            if is_answer
            else Push(blocks=tuple(blocks))
        )
        self.say(signer, message)

    # --- moves: ops -----------------------------------------------------------------------------

    def speak(self) -> None:
        """A member, joiner or stranger says something."""
        signer = self.choices.pick((*self.signers, *self.peers))
        body = self._body()
        author = crypto.compute_member_id(signer.device)
        if signer.device == genuine.SPARE.device:
            author = self.members[0]
        nonce = self.nonces.get(signer.device, 0) + self.choices.pick((1, 1, 1, 1, 0, 2, 3, 9))
        self.nonces[signer.device] = max(nonce, self.nonces.get(signer.device, 0))
        created = self.node.wall_ms + self.choices.pick((0, 0, 0, 60_000, -86_400_000, 1 << 50))
        try:
            op = sign_op(
                self.node.community, author, signer, max(nonce, 1), WallMs(max(created, 0)), body
            )
        except PeerFault:
            return
        if isinstance(body, Propose):
            self.proposals.append(op.id)
        if isinstance(body, Propose | Revise):
            self.revisions.append(op.id)
        self.ops.append(op)
        if self.choices.flag():
            return  # only blocks will bring it
        texts = (genuine.TITLE_BLOB,) if self.choices.flag() else ()
        by = self.choices.pick((signer, *self.peers))
        self.say(by, Push(ops=(op,), texts=texts))

    def crowd(self) -> None:
        """Many new devices want to join with one invite."""
        count, first = 1 + self.choices.byte() % 32, self.choices.byte()
        by = self.choices.pick(self.peers)
        for number in range(first * 64, first * 64 + count):
            signer = FakeSigner(DeviceKey(number.to_bytes(4, "big") * 8))
            author = crypto.compute_member_id(signer.device)
            body = genuine.join("x", signer.device)
            op = sign_op(self.node.community, author, signer, 1, WallMs(self.node.wall_ms), body)
            self.say(by, Push(ops=(op,)))

    def _body(self) -> Body:
        proposal = self._pick_known(self.proposals)
        body = self.choices.pick(genuine.bodies(proposal))
        if isinstance(body, Vote):
            body = replace(body, revision=self._pick_known(self.revisions))
        if isinstance(body, Join):
            body = genuine.join("erin", genuine.JOINER.device)
        if isinstance(body, Propose) and body.close_ms:
            body = replace(body, close_ms=WallMs(self.node.wall_ms + 60_000))
        return body

    def _pick_known(self, known: Sequence[OpId]) -> OpId:
        at = self.choices.byte()
        return known[-1 - at % len(known)] if known and at < 224 else OpId(bytes([at]) * 32)

    # --- moves: the rest of what peers say -----------------------------------------------------

    def _status(self) -> Status:
        status, how = self.node.core.status(), self.choices.byte()
        if how & 1:
            ahead = tuple((one, Round(number + (how >> 4))) for one, number in status.frontier)
            status = replace(status, frontier=ahead)
        if how & 2:
            number = max(0, status.epoch_number + (how >> 4) - 4)
            status = replace(status, epoch_number=number, epoch=EpochId(bytes([how]) * 32))
        if how & 4:
            nonces = dict(status.nonces)
            nonces[self.node.device] = 1 << (how >> 4)
            status = replace(status, nonces=tuple(sorted(nonces.items())))
        if how & 8:
            runs = ((1, 1 + (how >> 5)),) if how & 16 else ()
            root = bytes([how]) * 32
            status = replace(status, final_index=how >> 4, final_root=root, unproven=runs)
        return status

    def tell(self) -> None:
        self.say(self.choices.pick(self.peers), self._status())

    def ask(self) -> None:
        signer, source = self.choices.pick(self.peers), self.choices.source()
        status = self.node.core.status()
        known = [*self.node.store.blocks, *self.node.store.texts, source.randbytes(32)]
        devices = sorted(one.device for one in (*self.signers, STRANGER))
        messages: tuple[Message, ...] = (
            Pull(
                source.randrange(4),
                status.frontier if source.random() < 0.5 else (),
                source.choice((1, 4096, 262_144)),
                source.choice(
                    (None, *((one.round, one.id) for one in self.node.store.blocks.values()))
                ),
            ),
            Want(tuple(source.choices(known, k=source.randrange(5)))),
            Links(tuple(source.sample(devices, source.randrange(len(devices))))),
            Contacts(tuple((one, ("/ip4/10.0.0.2/tcp/1",)) for one in devices)),
            Genesis(self.node.charter),
            Refused("bad_time", "x" * 500),
            Push(texts=(genuine.TITLE_BLOB, b"s" * 16)),
            Pulled(source.randrange(3), (), (), False),
            Prove(source.randrange(9)),
            Receipts(tuple(self._receipt(source) for _ in range(source.randrange(4)))),
            Receipts(tuple(self.node.store.receipts.values())[:3], source.choice((None, 0, 1))),
            Leap(source.randrange(4), source.randrange(3), source.choice((None, 0, 5)), 0),
            self._leapt(source),
            Recall(source.randrange(3), source.randrange(1, 9), source.choice((1, 1 << 16)), 0),
            self._recalled(source),
            Hurry(tuple(one.op.id for one in self.node.core.pool)[:9]),
            Rebuilt(genuine.rebuild(self.node.core.epoch.id)),
        )
        message = source.choice(messages)
        self.say(signer, *[message] * source.choice((1, 1, 1, 30)))

    def _leapt(self, source: random.Random) -> Leapt:
        """Return what answers a leap from here, or does not."""
        data = source.choice((b"", b"\x90", source.randbytes(50)))
        digest = hashlib.sha256(data).digest() if source.random() < 0.8 else bytes(32)
        total = source.choice((len(data), len(data) + 1, 1 << 20))
        return Leapt(self.node.core.epoch.number, digest, total, 0, data[:total])

    @staticmethod
    def _recalled(source: random.Random) -> Recalled:
        """Return what might answer a recall."""
        data = source.choice((b"", b"\x90", encode([bytes(32), [b"record"]])))
        total = source.choice((len(data), len(data) + 1, 1 << 20))
        return Recalled(source.randrange(1, 9), total, 0, data[:total])

    def _receipt(self, source: random.Random) -> Receipt:
        """Return a member's receipt for what the node decided, or for something else."""
        statements = list(self.node.store.statements.values())
        one = Statement(EpochId(b"?" * 32), source.randrange(1, 9), b"r" * 32, None)
        if statements and source.random() < 0.8:
            one = source.choice(statements)
        if source.random() < 0.2:
            one = replace(one, root=b"?" * 32)
        signer = source.choice((*self.signers[1:], STRANGER))
        return sign_receipt(self.node.community, signer, one)

    def repeat(self) -> None:
        """Something is said again, perhaps by another; or the node's own words come back."""
        frames = self.node.said if self.choices.flag() else self.frames
        if frames:
            frame = frames[-1 - self.choices.byte() % len(frames)]
            self.node.feed(self.choices.pick(self.peers).device, frame)

    def bend(self) -> None:
        """As `repeat`, with a field changed."""
        frames = self.node.said if self.choices.flag() else self.frames
        source = self.choices.source()
        if frames:
            frame = values.edit(source.choice(frames), source, genuine.mend)
            self.node.feed(self.choices.pick(self.peers).device, frame)

    def raw(self) -> None:
        self.node.feed(self.choices.pick(self.peers).device, self.choices.take(40))

    # --- moves: the user of this node ------------------------------------------------------------

    def submit(self) -> None:
        """This node's own user says something, through the API or a program of theirs."""
        if self.choices.flag():
            body = self._body()
        else:
            charter, source = self.node.core.state.charter, self.choices.source()
            body = odd_body(source, charter, self.node.wall_ms, self.proposals)
        own = genuine.TITLE in texts_of(body) and self.choices.flag()
        texts = (genuine.TITLE_BLOB,) if own else ()
        before = self.node.core.status()
        try:
            self.node.give(Submit(body, texts, self.choices.flag()))
        except UsageError:
            assert self.node.core.status() == before, "refused, and something changed"

    MOVES: tuple[Callable[[Run], None], ...] = (
        wait,
        rounds,
        rounds,
        speak,
        speak,
        lie,
        lie,
        reveal,
        repeat,
        bend,
        bend,
        greet,
        hang_up,
        tell,
        ask,
        submit,
        sleep,
        jump,
        crowd,
        restart,
        raw,
    )


def check(data: bytes) -> None:
    with small_limits():
        Run(data).play()


def seeds() -> Iterator[bytes]:
    """Yield runs in which something happens: rounds, votes, a join, a fork, a restart."""
    move = {one.__name__: at for at, one in reversed(list(enumerate(Run.MOVES)))}
    rounds = bytes([move["rounds"], 5, 7, 1])
    speak = bytes([move["speak"], 1, 0, 0, 0, 0, 0, 1, 0])
    for how in range(64):
        yield bytes([how]) + rounds * 4 + bytes([move["sleep"], 7])
    for body in range(len(genuine.bodies(OpId(b"?" * 32)))):
        said = bytes([move["speak"], 1, 0, body, 0, 0, 0, 1, 0])
        voted = b"".join(bytes([move["speak"], seat, 0, 8, 0, 0, 0, 0, 1, 0]) for seat in range(4))
        yield bytes([17]) + said + voted + rounds * 3 + bytes([move["sleep"], 3])
    for at in move.values():
        yield bytes([16]) + (bytes([at]) + bytes(range(1, 8))) * 3 + speak + rounds * 3
        yield bytes([22]) + rounds + (bytes([at]) + bytes(range(7, 0, -1))) * 3 + rounds * 3


def mutate(data: bytes, source: random.Random) -> bytes:
    """Return `data` with a few bytes taken out, put in, repeated or moved: moves are short."""
    at, length = source.randrange(len(data) + 1), source.randrange(1, 12)
    piece = data[at : at + length]
    match source.randrange(4):
        case 0:
            return data[:at] + data[at + length :]
        case 1:
            return data[:at] + piece * source.randrange(2, 5) + data[at + length :]
        case 2:
            there = source.randrange(len(data) + 1)
            return data[:there] + piece + data[there:]
        case _:
            return data[:at] + source.randbytes(length) + data[at:]
