"""What a run did, as bytes: two runs of one seed must give the same.

A line names the moment, the node and what it took in, wrote, sent and said. Ids are
shortened: a difference anywhere changes a hash further on.
"""

from __future__ import annotations

from p2pnode_protocols.messages.frames import Message
from p2pnode_protocols.messages.greeting import Hello, Refused
from p2pnode_protocols.messages.leaps import Leapt, Recall, Recalled
from p2pnode_protocols.messages.proofs import Receipts
from p2pnode_protocols.messages.spreading import Pull, Pulled, Push, Want
from p2pnode_protocols.messages.standing import Status
from p2pnode_protocols.steps.inputs import Input, PeerDown, PeerUp, Received, Submit, Written
from p2pnode_protocols.steps.sends import (
    Disconnect,
    ReportWritten,
    Send,
    Sending,
    ServeLeap,
    ServePull,
    ServeRecall,
    ServeReceipts,
    ServeWant,
)
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import (
    SaveBlock,
    SaveClosed,
    SaveCommit,
    SaveContradiction,
    SaveEpoch,
    SaveFate,
    SaveFork,
    SaveMissing,
    SaveOp,
    SaveProven,
    SaveReceipt,
    SaveText,
    SaveUnproven,
    SaveVow,
    Write,
)


class Trace:
    """Collects lines when `is_kept`; thousands of runs nobody looks at pay nothing."""

    def __init__(self, is_kept: bool) -> None:
        self.is_kept = is_kept
        self._lines: list[str] = []

    def add(self, now_us: int, who: str, text: str) -> None:
        if self.is_kept:
            self._lines.append(f"{now_us / 1_000_000:.6f} {who} {text}\n")

    def step(self, now_us: int, who: str, event: Input, step: Step) -> None:
        """Note one turn of a core: what went in and all that came out."""
        if not self.is_kept:
            return
        parts = [describe_input(event)]
        parts += [f"write {describe_write(one)}" for one in step.writes]
        parts += [f"send {describe_sending(one)}" for one in step.sends]
        parts += [f"say {type(one).__name__}" for one in step.notices]
        if step.reads is not None:
            parts.append(f"read missing after {step.reads.after.hex()[:6]}")
        if step.wake_at is not None:
            parts.append(f"wake {step.wake_at}")
        self.add(now_us, who, "; ".join(parts))

    @property
    def text(self) -> str:
        return "".join(self._lines)


def describe_input(event: Input) -> str:
    match event:
        case Submit(body=body, urgent=urgent):
            return f"submit {body.KIND}{' urgent' if urgent else ''}"
        case PeerUp(peer=peer) | PeerDown(peer=peer) | Written(peer=peer):
            return f"{type(event).__name__} {peer.hex()[:6]}"
        case Received(peer=peer, message=message):
            return f"from {peer.hex()[:6]} {describe_message(message)}"
        case _:
            return type(event).__name__


def describe_message(message: Message) -> str:
    match message:
        case Push(blocks=blocks, ops=ops, texts=texts):
            named = [f"b{one.round}:{one.id.hex()[:6]}" for one in blocks]
            named += [f"o{one.id.hex()[:6]}" for one in ops]
            return f"Push {' '.join(named)} +{len(texts)} texts"
        case Pulled(epoch_number=number, blocks=blocks, more=more):
            named = [f"b{one.round}:{one.id.hex()[:6]}" for one in blocks]
            return f"Pulled e{number} {' '.join(named)}{' more' if more else ''}"
        case Pull(epoch_number=number, frontier=frontier):
            known = " ".join(f"{member.hex()[:4]}:{round_}" for member, round_ in frontier)
            return f"Pull e{number} {known}"
        case Want(hashes=hashes):
            return f"Want {' '.join(one.hex()[:6] for one in hashes)}"
        case Status(epoch_number=number, final_index=index, final_root=root):
            return f"Status e{number} final {index}:{root.hex()[:6]}"
        case Hello(status=status):
            inner = "joiner" if status is None else describe_message(status)
            return f"Hello {inner}"
        case Receipts(receipts=receipts):
            return f"Receipts {' '.join(str(one.statement.index) for one in receipts)}"
        case Leapt(epoch_number=number, offset=offset, total=total):
            return f"Leapt from e{number} at {offset} of {total}"
        case Recall(held=held, until=until, offset=offset):
            return f"Recall {held}..{until} at {offset}"
        case Recalled(until=until, offset=offset, total=total):
            return f"Recalled ..{until} at {offset} of {total}"
        case Refused(code=code, detail=detail):
            return f"Refused {code}: {detail}"
        case _:
            return type(message).__name__


def describe_write(write: Write) -> str:
    match write:
        case SaveOp(op=op, own=own):
            return f"op {op.id.hex()[:6]} {op.body.KIND}{' own' if own else ''}"
        case SaveBlock(block=block, own=own):
            return f"block b{block.round}:{block.id.hex()[:6]}{' own' if own else ''}"
        case SaveCommit(commit=commit):
            entries = " ".join(f"{op.hex()[:6]}={code}" for op, code in commit.entries)
            return f"commit {commit.index} r{commit.round} {commit.root.hex()[:6]} {entries}"
        case SaveEpoch(number=number, id=epoch):
            return f"epoch {number} {epoch.hex()[:6]}"
        case SaveVow(rebuild=rebuild):
            return f"vow {'none' if rebuild is None else rebuild.next_epoch.hex()[:6]}"
        case SaveUnproven(statement=statement):
            return f"unproven {statement.index}"
        case SaveReceipt(receipt=receipt) | SaveContradiction(receipt=receipt):
            return f"receipt {receipt.statement.index} by {receipt.device.hex()[:6]}"
        case SaveProven(index=index):
            return f"proven {index}"
        case SaveFork(first=first, second=second):
            return f"fork {first.id.hex()[:6]} {second.id.hex()[:6]}"
        case SaveClosed(closed=closed):
            return f"closed {closed.number} {closed.outcome}"
        case SaveText() | SaveMissing() | SaveFate():
            return _describe_about(write)
        case _:
            return f"{type(write).__name__} {write.id.hex()[:6]}"


def _describe_about(write: SaveText | SaveMissing | SaveFate) -> str:
    match write:
        case SaveText(id=text_id):
            return f"text {text_id.hex()[:6]}"
        case SaveMissing(ref=ref):
            return f"SaveMissing {ref.id.hex()[:6]}"
        case SaveFate(op=op, code=code, index=index):
            return f"fate {op.hex()[:6]} {code} {index}"


def describe_sending(sending: Sending) -> str:
    to = sending.peer.hex()[:6]
    match sending:
        case Send(message=message):
            return f"{to} {describe_message(message)}"
        case ServePull(pull=pull):
            return f"{to} serve {describe_message(pull)}"
        case ServeWant(hashes=hashes):
            return f"{to} serve {' '.join(one.hex()[:6] for one in hashes)}"
        case ServeLeap(leap=leap):
            return f"{to} serve leap from {leap.epoch_number} at {leap.offset}"
        case ServeRecall(recall=recall):
            return f"{to} serve {describe_message(recall)}"
        case ServeReceipts(after=after):
            return f"{to} serve receipts after {after}"
        case ReportWritten():
            return f"{to} report written"
        case Disconnect(code=code, detail=detail):
            return f"{to} disconnect {code}: {detail}"
