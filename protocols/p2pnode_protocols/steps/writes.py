"""Writes: durable, in order, in one transaction, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from ..agreement.blocks import Block, Header
from ..agreement.log import Commit
from ..agreement.rebuild import Rebuild
from ..agreement.receipts import Receipt, Statement
from ..record.ops import Op
from ..record.questions.register import Closed
from ..record.texts import TextRef
from ..wire.ids import EpochId, MemberId, OpId, Round, TextId, WallMs


@dataclass(frozen=True, slots=True)
class SaveOp:
    op: Op
    own: bool  # ours: acknowledged to somebody, so it must survive power loss


@dataclass(frozen=True, slots=True)
class SaveText:
    id: TextId
    blob: bytes  # salt, then UTF-8


@dataclass(frozen=True, slots=True)
class SaveMissing:
    """A text that something final refers to, of which this node has only the state."""

    ref: TextRef
    op: OpId  # whose words it belongs to


@dataclass(frozen=True, slots=True)
class SaveBlock:
    block: Block
    epoch_number: int
    own: bool  # ours: signed, so it must be on disk before anyone sees it


@dataclass(frozen=True, slots=True)
class SaveCommit:
    commit: Commit
    ops: tuple[Op, ...]  # those of `entries`, same order
    taken: tuple[Op, ...]  # of what its blocks brought, in log order: what replays it (R6.10)


@dataclass(frozen=True, slots=True)
class SaveEpoch:
    """A new epoch began: the checkpoint a restart begins from."""

    number: int  # 0 for the founding one
    id: EpochId
    genesis_index: int  # commits before it
    genesis_root: bytes
    genesis_time_ms: WallMs
    round: Round  # the slot of the commit that ended the epoch before; 0 for the founding one
    author: MemberId
    charter: bytes  # canonical; whose committee finalizes this epoch
    snapshot: bytes  # `record.snapshot`, encoded, without the closed proposals
    rebuild: Rebuild | None = None  # by which it began, all signatures in it; None: by a commit


@dataclass(frozen=True, slots=True)
class SaveVow:
    """The rebuild of this epoch that this node has signed; None: it is bound by none."""

    rebuild: Rebuild | None


@dataclass(frozen=True, slots=True)
class SaveLeap:
    """An epoch that this node passed over: links prove it, its log is not here."""

    number: int
    id: EpochId
    genesis_index: int
    genesis_root: bytes
    round: Round
    author: MemberId
    charter: bytes
    state_hash: bytes


@dataclass(frozen=True, slots=True)
class SaveClosed:
    """A proposal closed: what a snapshot counts and does not hold."""

    closed: Closed


@dataclass(frozen=True, slots=True)
class SaveUnproven:
    """A commit wants receipts: it decides something, or ends its epoch."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class SaveReceipt:
    receipt: Receipt
    own: bool


@dataclass(frozen=True, slots=True)
class SaveContradiction:
    """A receipt for another log than is final here: shown to people, never served (R8.4)."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class SaveProven:
    """A quorum's receipts for this commit are saved."""

    index: int


@dataclass(frozen=True, slots=True)
class SaveErased:
    """The community decided to erase a text: forget it for good."""

    id: TextId


@dataclass(frozen=True, slots=True)
class SaveFate:
    """What became of an own op that has no entry here, or one that refuses it (R5.7).

    "ok" only where the state after a leap shows that it counts. An entry that comes after all
    replaces what was saved without one.
    """

    op: OpId
    code: str
    index: int | None  # of the commit that has the entry; None: none here has
    at_ms: WallMs  # when it was known: the commit's time, or this node's clock


@dataclass(frozen=True, slots=True)
class SaveDropped:
    """An op needs one of its texts no more: forget that, unless another op refers to it."""

    op: OpId
    id: TextId


@dataclass(frozen=True, slots=True)
class SaveFork:
    """The headers of two blocks, which prove that their author forked (R2.19)."""

    first: Header
    second: Header


Write = (
    SaveOp
    | SaveText
    | SaveBlock
    | SaveCommit
    | SaveEpoch
    | SaveLeap
    | SaveVow
    | SaveClosed
    | SaveDropped
    | SaveMissing
    | SaveUnproven
    | SaveReceipt
    | SaveContradiction
    | SaveProven
    | SaveErased
    | SaveFate
    | SaveFork
)
