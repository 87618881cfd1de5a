"""What the shell has read from its store at start."""

from __future__ import annotations

from dataclasses import dataclass

from ..agreement.blocks import Block, Header
from ..agreement.rebuild import Rebuild
from ..agreement.receipts import Receipt, Statement
from ..record.ops import Op
from ..record.questions.register import Closed
from ..record.texts import TextRef
from ..wire.ids import OpId, Round
from .writes import SaveEpoch


@dataclass(frozen=True, slots=True)
class Unproven:
    """A saved commit that lacks a quorum's receipts, and those that are saved."""

    statement: Statement
    charter: bytes  # of its epoch: whose committee signs
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """How far a device has signed: its last block's epoch and round, its last op's nonce."""

    epoch_number: int
    round: Round  # 0: no block
    nonce: int  # 0: no op


NOTHING_SIGNED = Signed(0, Round(0), 0)


@dataclass(frozen=True, slots=True)
class Restored:
    """What the shell read from its store at start; `Core` continues from it.

    `blocks` are those of the epoch, in the order they were saved (parents first).
    `own_nonce` is the highest this device ever signed, final or not, as far as the store
    tells. With `must_learn` the store may be older than that (R4.10).
    """

    epoch: SaveEpoch
    blocks: tuple[Block, ...]
    pending: tuple[Op, ...]  # saved ops that no commit holds, own ones with a fate left out
    missing_texts: tuple[TextRef, ...]  # the log or a leap refers to them; not held, not erased
    recent_roots: tuple[tuple[int, bytes], ...]  # (index, root) of the latest commits, ascending
    own_nonce: int
    closed: tuple[Closed, ...] = ()  # in the order of closing; may go beyond the snapshot
    unproven: tuple[Unproven, ...] = ()  # ascending
    forks: tuple[tuple[Header, Header], ...] = ()  # saved proofs; evidence of some may be missing
    vow: Rebuild | None = None  # the last `SaveVow`
    rebuilds: tuple[tuple[int, Rebuild], ...] = ()  # by the number of the epoch each began
    must_learn: bool = False  # sign nothing before peers have told how far this device had signed
    signed: Signed = NOTHING_SIGNED  # that far it had, whatever the store holds
    contradictions: tuple[Receipt, ...] = ()  # saved, of commits since the epoch began
    unsure_texts: tuple[TextRef, ...] = ()  # likewise, if the log takes ops that it has not taken
    given_up: tuple[Op, ...] = ()  # saved own ops with a fate and no entry, by device and nonce
    own: frozenset[OpId] = frozenset()  # saved as own, whichever key signed them; without an entry
