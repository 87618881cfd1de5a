"""The seam: what goes into the core, and what comes out (docs/architecture.md, The seam).

Inputs are facts, outputs are orders. `Core.handle(input, now)` returns one `Step`; the
shell carries it out in this order: `writes`, durable before anything is sent (R4.5), `sends`,
`notices`; then it calls again at `wake_at` at the latest.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..agreement.blocks import Block, Header
from ..agreement.log import Commit
from ..agreement.rebuild import Rebuild
from ..agreement.receipts import Receipt, Statement
from ..messages.frames import Leap, Message, Pull, Recall
from ..record.bodies import Body
from ..record.ops import Op
from ..record.questions.register import Closed
from ..record.texts import TextRef
from ..wire.ids import BlockId, DeviceKey, EpochId, MemberId, MonoMs, OpId, Round, TextId, WallMs

# --- inputs -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Now:
    """Both clocks, read once per input: monotonic for deadlines, wall for what is shown."""

    mono_ms: MonoMs
    wall_ms: WallMs


@dataclass(frozen=True, slots=True)
class Submit:
    """The local user or program says something; `texts` are the blobs its body refers to.

    `urgent`: pursue finality at once instead of after the charter's linger (`--wait`).
    """

    body: Body
    texts: tuple[bytes, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class HurryUp:
    """The local user waits for all that this device has said: pursue finality at once."""


@dataclass(frozen=True, slots=True)
class SignRebuild:
    """The local user agrees to a rebuild: from here on this node makes no block of the epoch."""

    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class WithdrawRebuild:
    """The local user takes that back: this node makes blocks of the epoch again."""


@dataclass(frozen=True, slots=True)
class ApplyRebuild:
    """The local user lets this node go on in the epoch that a complete rebuild begins."""

    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class PeerUp:
    """A stream to this device is open both ways; the transport has proved the key."""

    peer: DeviceKey


@dataclass(frozen=True, slots=True)
class PeerDown:
    """The last stream to this device has closed."""

    peer: DeviceKey


@dataclass(frozen=True, slots=True)
class Received:
    """A message that `read_frame` returned: decoded, bounded, signatures verified."""

    peer: DeviceKey
    message: Message


@dataclass(frozen=True, slots=True)
class Written:
    """All that was sent to this peer before a `ReportWritten` has been written."""

    peer: DeviceKey


@dataclass(frozen=True, slots=True)
class Tick:
    """Only time has passed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts that came together: taken in one after the other, followed up once."""

    events: tuple[PeerUp | PeerDown | Received | Written | Tick, ...]


Asked = Submit | HurryUp | SignRebuild | WithdrawRebuild | ApplyRebuild  # by the local user
Input = Asked | PeerUp | PeerDown | Received | Written | Tick | Batch

# --- writes: durable, in order, in one transaction, before anything is sent --------------


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
    snapshot: bytes  # decisions.State, encoded, without the closed proposals
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

# --- sends: after the writes; bounded per peer -------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    peer: DeviceKey
    message: Message


@dataclass(frozen=True, slots=True)
class ServePull:
    """Answer a pull from the store: blocks parents first, texts of their ops with them."""

    peer: DeviceKey
    pull: Pull


@dataclass(frozen=True, slots=True)
class ServeWant:
    """Answer with those of these blocks and texts that the store has (one `Push`)."""

    peer: DeviceKey
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ServeReceipts:
    """Answer with receipts for commits after this one, in order (one `Receipts`)."""

    peer: DeviceKey
    after: int


@dataclass(frozen=True, slots=True)
class ServeLeap:
    """Answer with a part of what leads to this node's epoch (one `Leapt`)."""

    peer: DeviceKey
    leap: Leap


@dataclass(frozen=True, slots=True)
class ServeRecall:
    """Answer with a part of closed proposals (one `Recalled`)."""

    peer: DeviceKey
    recall: Recall


@dataclass(frozen=True, slots=True)
class ReportWritten:
    """Feed a `Written` once all that was sent to this peer, and is asked for, is written."""

    peer: DeviceKey


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Tell the peer why, close the connection, and do not redial before `retry_ms`."""

    peer: DeviceKey
    code: str
    detail: str
    retry_ms: int


Sending = (
    Send
    | ServePull
    | ServeWant
    | ServeReceipts
    | ServeLeap
    | ServeRecall
    | ReportWritten
    | Disconnect
)

# --- notices: what the shell logs, counts and streams; nothing depends on them -----------


@dataclass(frozen=True, slots=True)
class ProposalChanged:
    """Something about this proposal is new in the provisional or the final view."""

    proposal: OpId


@dataclass(frozen=True, slots=True)
class ProposalDecided:
    """Final: every honest node says the same, for ever."""

    proposal: OpId
    outcome: str  # passed, rejected, lapsed, withdrawn


@dataclass(frozen=True, slots=True)
class CommitProven:
    """A quorum's receipts are here for a commit that decided something or ended an epoch."""

    index: int


@dataclass(frozen=True, slots=True)
class Committed:
    index: int
    op_count: int
    time_ms: WallMs


@dataclass(frozen=True, slots=True)
class OpFinal:
    """An op is in the finalized log; `code` is "ok" or why it changed nothing."""

    op: OpId
    code: str


@dataclass(frozen=True, slots=True)
class LeaptOver:
    """This node took over a state that receipts prove, without the log that led to it."""

    from_epoch: int
    to_epoch: int
    index: int  # the log goes on after this commit
    is_shown: bool  # that the log to there goes on from what was final here; else nobody had it


@dataclass(frozen=True, slots=True)
class OpLeaptOver:
    """An op that was pending here is in the log that a leap led over: its code is not known.

    At least one with its nonce is; of an honest device there is no other.
    """

    op: OpId


@dataclass(frozen=True, slots=True)
class OwnOpSettled:
    """No more can become of an own op than this.

    Of one that counts only if no entry says so, or if it had been given up before.
    """

    op: OpId
    code: str  # "ok", or why it changed nothing or never will
    index: int | None  # of the commit with its entry; None: none here has one


@dataclass(frozen=True, slots=True)
class EpochStarted:
    number: int
    members: int
    committee: int


@dataclass(frozen=True, slots=True)
class RebuildApplied:
    """This node went on by a rebuild, which says who signed it."""

    number: int  # of the epoch that begins
    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class RebuildHeard:
    """Others have gone on by this rebuild of the epoch this node is in: a person must decide."""

    rebuild: Rebuild


@dataclass(frozen=True, slots=True)
class ForkFound:
    author: MemberId
    round: Round
    first: BlockId
    second: BlockId
    times: int = 1  # set by who tells it on: so often in a minute (R7.25)


@dataclass(frozen=True, slots=True)
class Diverged:
    """A member reports another root for a commit that is final here: the loud alarm."""

    member: MemberId
    index: int
    ours: bytes
    theirs: bytes
    times: int = 1  # set by who tells it on: so often in a minute (R7.25)


@dataclass(frozen=True, slots=True)
class PeerRefused:
    """Something a peer sent was refused, counted and told to it."""

    peer: DeviceKey
    code: str
    detail: str
    times: int = 1  # set by who tells it on: so often in a minute (R7.25)


@dataclass(frozen=True, slots=True)
class RefusedByPeer:
    """A peer refused something of ours."""

    peer: DeviceKey
    code: str
    detail: str
    times: int = 1  # set by who tells it on: so often in a minute (R7.25)


@dataclass(frozen=True, slots=True)
class PeerGreeted:
    """A peer's hello was accepted; addresses as it told them."""

    peer: DeviceKey
    member: MemberId | None  # None: a joiner
    agent: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactTold:
    """A peer says where another member's node listens: one more address to try."""

    peer: DeviceKey  # whose it is
    addresses: tuple[str, ...]
    teller: MemberId | None  # who says so; None: somebody who has no seat here


@dataclass(frozen=True, slots=True)
class OwnChainLearned:
    """A restored device knows again how far it had signed, and signs from here on (R4.10)."""


Notice = (
    ProposalChanged
    | ProposalDecided
    | CommitProven
    | Committed
    | OpFinal
    | OwnOpSettled
    | EpochStarted
    | LeaptOver
    | OpLeaptOver
    | RebuildApplied
    | RebuildHeard
    | ForkFound
    | Diverged
    | PeerRefused
    | RefusedByPeer
    | PeerGreeted
    | ContactTold
    | OwnChainLearned
)


@dataclass(frozen=True, slots=True)
class Step:
    """All that one input caused. Carry out writes, then sends, then notices."""

    writes: tuple[Write, ...] = ()
    sends: tuple[Sending, ...] = ()
    notices: tuple[Notice, ...] = ()
    accepted: Op | None = None  # the op a `Submit` became
    wake_at: MonoMs | None = None  # absolute; replaces the previous one


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
