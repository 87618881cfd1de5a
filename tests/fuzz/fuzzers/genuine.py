"""Genuine objects of one small community, made by the code itself: what fuzzers begin with.

Nothing of this is kept as bytes, so a change of a wire format changes the seeds with it.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, replace

from support.cores.cluster import Cluster
from support.cores.dag import FakeSigner, make_charter

from p2pnode_protocols.agreement.blocks import Block, compute_ops_hash, sign_block
from p2pnode_protocols.agreement.rebuild import Rebuild, sign_rebuild
from p2pnode_protocols.agreement.receipts import Receipt, Statement
from p2pnode_protocols.core.log.epoch import found_epoch
from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import (
    PROTOCOL_VERSION,
    Bye,
    Genesis,
    Hello,
    Ping,
    Pong,
    Refused,
)
from p2pnode_protocols.messages.leaps import Leap, Leapt, Recall, Recalled
from p2pnode_protocols.messages.proofs import Prove, Rebuilt, Receipts
from p2pnode_protocols.messages.spreading import Hurry, Pull, Pulled, Push, Want
from p2pnode_protocols.messages.standing import Contacts, Links
from p2pnode_protocols.record.actions import (
    Action,
    AmendAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import (
    AddDevice,
    Away,
    Back,
    Body,
    Evidence,
    Join,
    Leave,
    Propose,
    Revise,
    RevokeDevice,
    SetNodeKey,
    Vote,
    Withdraw,
)
from p2pnode_protocols.record.ops import Op, sign_op
from p2pnode_protocols.record.questions.register import Closed
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.texts import Part, make_text
from p2pnode_protocols.steps.inputs import Submit
from p2pnode_protocols.steps.writes import SaveBlock, SaveClosed, SaveEpoch, SaveReceipt, Write
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.ids import BlockId, CommunityId, DeviceKey, EpochId, OpId, Round, WallMs

from .values import Packed, pack

SIZE = 4
_OPS_HASH = 7  # its place in a block's header
START_MS = 1_700_000_000_000
INVITE = FakeSigner(DeviceKey(b"\x11" * 32))  # whoever holds this secret may join
JOINER = FakeSigner(DeviceKey(b"\x22" * 32))
SPARE = FakeSigner(DeviceKey(b"\x33" * 32))  # a further device of the first seat
TITLE, TITLE_BLOB = make_text(b"s" * crypto.SALT_BYTES, "a title")


@dataclass(frozen=True)
class Stage:
    """Where a node under test begins: all that its store was told, and when that was."""

    charter: Charter
    writes: tuple[Write, ...]  # of the node in the first seat
    now_ms: int
    proposals: tuple[OpId, ...]


def accept(device: bytes, message: bytes, signature: bytes) -> bool:
    """Take any signature: what lies behind a signature must hold against its owner too."""
    return True


@functools.cache
def charter() -> Charter:
    made = replace(make_charter(SIZE), created_ms=WallMs(START_MS))
    return replace(made, timing=replace(made.timing, epoch_rounds=50, linger_ms=1_000))


def community() -> CommunityId:
    return charter().community_id


def signers() -> tuple[FakeSigner, ...]:
    """Return the members' keys in the order of their seats."""
    return tuple(FakeSigner(one.devices[0]) for one in charter().members)


def admission(device: DeviceKey, tag: bytes = crypto.TAG_ADMIT) -> tuple[DeviceKey, bytes]:
    return INVITE.device, INVITE.sign(crypto.signed_message(tag, community(), device))


def join(name: str, device: DeviceKey) -> Join:
    return Join(name, *admission(device, crypto.TAG_JOIN))


def evidence() -> Evidence:
    """Return proof that the node of the last seat has forked: two first blocks of one epoch."""
    seat, signer = charter().members[-1], signers()[-1]
    epoch = found_epoch(charter()).id
    first, second = (
        sign_block(
            community(),
            signer,
            epoch=epoch,
            author=seat.id,
            sequence=1,
            round_=Round(1),
            time_ms=WallMs(START_MS + at),
            parents=(BlockId(bytes(epoch)),),
            ops=(),
            final_index=0,
            final_root=bytes(32),
        )
        for at in (1, 2)
    )
    return Evidence(first.header, first.signature, second.header, second.signature)


def bodies(proposal: OpId) -> tuple[Body, ...]:
    """Return one op body of each kind, and a proposal for each action."""
    seat = charter().members[-1]
    bound = SPARE.sign(crypto.signed_message(crypto.TAG_BIND, community(), charter().members[0].id))
    actions: tuple[Action, ...] = (
        InviteAction("erin", INVITE.device, WallMs(START_MS + 86_400_000), 2),
        RemoveAction(seat.id),
        SetAwayAction(seat.id, True),
        AmendAction((("tiers.tactical.threshold", [2, 3]), ("name", "other"))),
        RekeyAction(charter().members[0].id, SPARE.device, bound),
        EraseAction((TITLE.id,)),
    )
    return (
        Propose("implementation", TITLE, (), NoAction(), WallMs(0)),
        Propose(
            "individual",
            TITLE,
            (Part(1, TITLE), Part(2, TITLE)),
            NoAction(),
            WallMs(START_MS + 86_400_000),
        ),
        *(Propose("constitutional", TITLE, (), one, WallMs(0)) for one in actions),
        Revise(proposal, TITLE, (Part(2, TITLE), Part(3, TITLE)), WallMs(0)),
        Withdraw(proposal, TITLE),
        Vote(proposal, proposal, "yes", None),
        Vote(proposal, proposal, "no", TITLE),
        join("erin", JOINER.device),
        Away(),
        Back(),
        Leave(),
        AddDevice(SPARE.device, bound),
        RevokeDevice(SPARE.device),
        SetNodeKey(SPARE.device),
        SetNodeKey(None),
        evidence(),
    )


def ops() -> tuple[Op, ...]:
    """Return one signed op of each kind, by the first seat; the join by the joiner."""
    first, seat = signers()[0], charter().members[0].id
    made = []
    for nonce, body in enumerate(bodies(OpId(b"\x44" * 32)), 1):
        signer, author = (
            (JOINER, crypto.compute_member_id(JOINER.device))
            if isinstance(body, Join)
            else (first, seat)
        )
        made.append(sign_op(community(), author, signer, nonce, WallMs(START_MS + nonce), body))
    return tuple(made)


@functools.cache
def stages() -> tuple[Stage, ...]:
    """Return: founded just now; with an invite, open proposals and some blocks; one more seat.

    The last two begin early in an epoch, as a start replays its blocks.
    """
    cluster = Cluster(SIZE, charter())
    founded = Stage(charter(), tuple(_founding(cluster)), 0, ())
    cluster.connect()
    cluster.run(200)
    invite = InviteAction("erin", INVITE.device, WallMs(START_MS + 20 * 86_400_000), 3)
    actions = (invite, AmendAction((("name", "another name"),)))
    decided = [_decide(cluster, action) for action in actions]
    proposals = [cluster.propose(1), cluster.propose(2, "tactical", urgent=False)]
    cluster.vote(3, proposals[0])
    cluster.run(100)
    busy = _stage(cluster, (*decided, *proposals))
    op = sign_op(
        community(),
        crypto.compute_member_id(JOINER.device),
        JOINER,
        1,
        WallMs(START_MS + cluster.now_ms),
        join("erin", JOINER.device),
    )
    cluster.tell(0, cluster.devices[1], Push(ops=(op,)))
    cluster.run(500)
    grown = _stage(cluster, (*decided, *proposals))
    assert len(cluster.node(0).core.state.charter.members) == SIZE + 1
    return founded, busy, grown


def _decide(cluster: Cluster, action: Action) -> OpId:
    body = Propose("constitutional", TITLE, (), action, WallMs(0))
    step = cluster.give(cluster.devices[0], Submit(body, (TITLE_BLOB,), True))
    assert step.accepted is not None
    cluster.run(10)
    for place in range(SIZE):
        cluster.vote(place, step.accepted.id, urgent=True)
    cluster.run(500)
    assert cluster.outcome(0, step.accepted.id) == "passed"
    return step.accepted.id


def _founding(cluster: Cluster) -> list[Write]:
    return [cluster.restored(0).epoch]


def _stage(cluster: Cluster, proposals: tuple[OpId, ...]) -> Stage:
    writes = (*_founding(Cluster(SIZE, charter())), *cluster.node(0).writes)
    return Stage(charter(), writes, cluster.now_ms, proposals)


def mend(packed: Packed) -> None:
    """Let a block's header name the ops that the block has now (R2.12)."""
    match packed.items:
        case [Packed(items=header), bytes(), list(ops)] if len(header) > _OPS_HASH:
            header[_OPS_HASH] = compute_ops_hash([pack(one) for one in ops])
        case _:
            pass


def rebuild(ends: EpochId) -> Rebuild:
    """Return a rebuild by the first two seats, signed by both."""
    members = sorted(one.id for one in charter().members)
    following = EpochId(b"n" * 32)
    statement = Statement(ends, 7, b"r" * 32, following)
    bare = Rebuild(statement, following, tuple(members[:2]), tuple(members[2:]))
    return bare.with_signatures(sign_rebuild(community(), one, bare) for one in signers()[:2])


def receipts() -> tuple[Receipt, ...]:
    """Return receipts of what the busy stage decided."""
    return tuple(one.receipt for one in stages()[1].writes if isinstance(one, SaveReceipt))


def blocks() -> tuple[Block, ...]:
    """Return blocks of the busy stage: of round 1, with ops, with many parents."""
    saved = [one.block for one in stages()[1].writes if isinstance(one, SaveBlock)]
    with_ops = [one for one in saved if one.ops]
    return (saved[0], saved[-1], *with_ops[:3])


def closed() -> tuple[Closed, ...]:
    """Return the closed proposals, which snapshots count and do not hold."""
    return tuple(one.closed for one in stages()[-1].writes if isinstance(one, SaveClosed))


def snapshots() -> tuple[bytes, ...]:
    return tuple(
        one.snapshot for stage in stages() for one in stage.writes if isinstance(one, SaveEpoch)
    )


def messages() -> tuple[Message, ...]:
    """Return one message of each kind."""
    cluster = Cluster(SIZE, charter())
    cluster.connect()
    cluster.run(100)
    cluster.propose(0)
    cluster.run(500)
    core = cluster.node(1).core
    status, some = core.status(), blocks()
    first = ops()[0]
    return (
        Hello(PROTOCOL_VERSION, community(), status, None, "agent/1", ("/ip4/127.0.0.1/tcp/4001",)),
        Hello(PROTOCOL_VERSION, community(), None, admission(JOINER.device), "agent/1", ()),
        status,
        Push(some[:2], (first,), (TITLE_BLOB,)),
        Pull(0, status.frontier, 4096),
        Pulled(0, some, (TITLE_BLOB,), True),
        Pull(0, status.frontier, 4096, (some[0].round, some[0].id)),
        Pulled(0, some, (), False, (some[0].round, some[0].id)),
        Want((some[0].id, TITLE.id)),
        Links(tuple(sorted(one.device for one in signers()))),
        Genesis(charter().to_bytes()),
        Ping(7, WallMs(START_MS)),
        Pong(7, WallMs(START_MS)),
        Refused("bad_time", "a detail"),
        Bye(),
        Receipts(receipts()[:3]),
        Receipts(receipts()[-2:], 1),
        Prove(1),
        Contacts(((signers()[0].device, ("/ip4/127.0.0.1/tcp/4001",)),)),
        Leap(1, 2, None, 0),
        Leap(1, 2, 7, 4096),
        Leapt(1, hashlib.sha256(TITLE_BLOB).digest(), len(TITLE_BLOB), 0, TITLE_BLOB),
        Recall(1, 3, 500, 0),
        Recalled(3, len(TITLE_BLOB), 0, TITLE_BLOB),
        Hurry((some[0].ops[0].id,)),
        Rebuilt(rebuild(EpochId(b"e" * 32))),
    )
