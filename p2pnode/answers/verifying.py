"""Verify the whole log as a newcomer would: from the founding charter, trusting nothing kept.

Every block is read from the store, its signature and those of its ops are checked, and a
fresh core replays them epoch by epoch; its commits have to be those that the store holds.
Of an epoch whose blocks were pruned, the ops are replayed commit by commit instead: what they
did has to give the roots and the next epoch's id that a quorum of its committee has signed.
Over what this node leapt, the receipts lead as they did then. The end of it all has to be the
last commit that the store has.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from p2pnode_protocols.agreement.blocks import Block
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.agreement.log import Commit
from p2pnode_protocols.agreement.receipts import Statement
from p2pnode_protocols.agreement.roots import compute_entries_hash, compute_root
from p2pnode_protocols.core import Core
from p2pnode_protocols.core.log.epoch import begin_epoch, found_epoch
from p2pnode_protocols.core.own.chain import SETTLE_MS
from p2pnode_protocols.gossip.leaping.carried import LeapReader, Reached, Way
from p2pnode_protocols.messages.fields import Place
from p2pnode_protocols.messages.frames import read_frame, write_frame
from p2pnode_protocols.messages.spreading import Pull, Pulled
from p2pnode_protocols.record.opener import Opener
from p2pnode_protocols.record.questions.register import Closed
from p2pnode_protocols.record.seam.in_force import NO_PRACTICES, Practices
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.record.state import State
from p2pnode_protocols.steps.inputs import ApplyRebuild, Now, Tick
from p2pnode_protocols.steps.restored import Restored
from p2pnode_protocols.steps.step import Step
from p2pnode_protocols.steps.writes import SaveCommit, SaveEpoch
from p2pnode_protocols.wire.codec import Scroll, decode
from p2pnode_protocols.wire.crypto import Ed25519Signer, verify_ed25519
from p2pnode_protocols.wire.errors import PeerFault, ProtocolError
from p2pnode_protocols.wire.ids import CommunityId, MonoMs, WallMs
from p2pnode_protocols.wire.limits import PULL_BYTES, RECALLED_BYTES

from ..home.errors import StoreError
from ..store.interface import StoredEpoch
from ..store.store import Store
from . import Verification

PROBLEMS_SHOWN = 20  # after the first ones, the rest are consequences
_NOW = Now(MonoMs(0), WallMs(0))  # a log means the same at any time
_SETTLED = Now(MonoMs(SETTLE_MS), WallMs(0))  # nobody else is there to wait for (R6.13)


def verify_store(path: Path, practices: Practices = NO_PRACTICES) -> Verification:
    """Verify the store in `path`, which may be in use; takes as long as catching up anew.

    Args:
        practices: that this program has.
    """
    try:
        with Store.open(path) as store:
            if store.charter is None or store.community is None:
                return Verification(True, 0, 0, bytes(32), ())
            with store.standstill():  # else old blocks may go while the later ones are read
                found = _Replay(store, store.community, store.charter, practices).run()
            with contextlib.suppress(StoreError):
                store.sync()  # what was erased meanwhile could not leave SQLite's log
            return found
    except StoreError as error:
        return Verification(False, 0, 0, bytes(32), (error.detail,))


class _Replay:
    """A newcomer whose only peer is the store."""

    def __init__(
        self, store: Store, community: CommunityId, charter: bytes, practices: Practices
    ) -> None:
        self._store = store
        self._practices = practices
        self._community = community
        self._opener = Opener(community)
        self._founding = found_epoch(Charter.from_bytes(charter), practices)
        self._index = 0
        self._ops = 0
        self._root = self._founding.genesis_root
        self._problems: list[str] = []
        self._marks = {mark.number: mark for mark in store.epochs()}
        self._end = store.last_commit()  # as it is now: the store may be in use

    def run(self) -> Verification:
        try:
            self._replay()
        except (ProtocolError, StoreError) as error:
            self._problems.append(f"after commit {self._index}: {error.detail}")
        self._compare_end()
        return Verification(
            ok=not self._problems,
            commits=self._index,
            ops=self._ops,
            root=self._root,
            problems=tuple(self._problems[:PROBLEMS_SHOWN]),
        )

    def _replay(self) -> None:
        """Follow the log from epoch to epoch, over leaps too, as far as it leads."""
        begin = self._founding
        state = State.read(decode(begin.snapshot, len(begin.snapshot)), practices=self._practices)
        while True:
            begin, state = self._replay_pruned(begin, state)
            if not self._problems and not self._is_pruned(begin):
                begin, state = self._replay_blocks(begin, state.closed_proposals)
                if self._is_pruned(begin):
                    continue  # beyond an epoch that a rebuild ended, whose blocks stay (R6.16)
            landing = self._find_landing(begin)
            if landing is None or self._problems:
                return
            begin, state = self._follow_leap(begin, state.closed_proposals, landing)

    # --- leaps ----------------------------------------------------------------------------

    def _find_landing(self, begin: SaveEpoch) -> StoredEpoch | None:
        """Return the next epoch after this one to which a leap led, or None."""
        landings = (mark for mark in self._marks.values() if mark.landing is not None)
        return next((mark for mark in landings if mark.number > begin.number), None)

    def _follow_leap(
        self, begin: SaveEpoch, closed: tuple[Closed, ...], landing: StoredEpoch
    ) -> tuple[SaveEpoch, State]:
        """Take the state over to which a leap led, if receipts prove it as they did then."""
        reached: Way | Reached | None = None
        while not isinstance(reached, Reached):
            reader = LeapReader(self._community, begin, verify_ed25519, reached)
            data = self._store.leap(reader.number, landing.number, len(closed))
            if not data:
                raise PeerFault("bad_proof", f"no receipts lead to epoch {landing.number}")
            reached = reader.finish(data, len(closed), None)
        while reached.run.before > len(closed):
            piece = self._store.closed_piece(len(closed), reached.run.before)
            scroll = Scroll(piece, RECALLED_BYTES, "closed proposals")
            reached.run.take(scroll, len(closed), least=0)
        found = reached.land(closed, verify_ed25519, self._practices)
        record, first = found.record, found.passed[0]
        left = self._store.commits(self._index + 1, record.genesis_index)
        if left or first.index < self._index:
            at = left[0].index if left else self._index
            self._problems.append(f"commit {at} does not follow from what comes before it")
        told = (landing.id, landing.genesis_index, landing.genesis_root)
        if told != (record.id, record.genesis_index, record.genesis_root):
            self._problems.append(
                f"after commit {self._index}: receipts lead to another epoch {landing.number} "
                "than the store's"
            )
        self._index, self._root = record.genesis_index, record.genesis_root
        return record, found.state

    # --- epochs without blocks -----------------------------------------------------------

    def _is_pruned(self, begin: SaveEpoch) -> bool:
        mark = self._marks.get(begin.number)
        return mark is not None and mark.is_pruned

    def _replay_pruned(self, begin: SaveEpoch, state: State) -> tuple[SaveEpoch, State]:
        """Replay epochs whose blocks are gone from ops and commits; return what follows them."""
        while self._is_pruned(begin) and not self._problems:
            following = self._marks.get(begin.number + 1)
            last = None
            if following is not None:
                last = self._replay_commits(state, begin, following.genesis_index)
            if following is None or last is None:
                break
            begin = self._end_epoch(state, begin, last)
            if begin.id != following.id:
                self._problems.append(
                    f"epoch {begin.number} is {following.id.hex()[:16]} in the store, "
                    f"{begin.id.hex()[:16]} when replayed"
                )
        return begin, state

    def _replay_commits(self, state: State, epoch: SaveEpoch, until: int) -> Commit | None:
        """Replay an epoch's commits into `state`; return the last.

        None: one is wrong, or this node left the epoch by a leap before it had ended here.
        """
        last: Commit | None = None
        while self._index < until:
            kept = self._store.commits(self._index + 1, self._index + 1)
            if not kept:
                if not self._is_left_by_leap(epoch):
                    self._problems.append(f"commit {self._index + 1} is not in the store")
                return None
            last = kept[0]
            ops = [self._opener.op(op.wire) for op in self._store.taken_ops(last.index)]
            result = state.commit(ops, last.time_ms, self._root)
            decided = tuple(one.row for one in result.decided)
            self._root = compute_root(
                self._community,
                self._root,
                epoch.id,
                last.round,
                last.author,
                last.block,
                last.time_ms,
                compute_entries_hash(result.entries),
                decided,
                result.derived,
            )
            replayed = replace(
                last,
                root=self._root,
                entries=result.entries,
                decided=decided,
                derived=result.derived,
            )
            if not self._matches(last, replayed):
                return None
        return last

    def _is_left_by_leap(self, epoch: SaveEpoch) -> bool:
        landing = self._find_landing(epoch)
        if landing is None:
            return False
        between = range(epoch.number + 1, landing.number)
        marks = [self._marks.get(number) for number in between]
        return all(mark is not None and mark.is_leapt_over for mark in marks)

    def _end_epoch(self, state: State, epoch: SaveEpoch, last: Commit) -> SaveEpoch:
        """Return the next epoch, after checking that a quorum has signed how it begins."""
        committee = Committee(epoch.id, Charter.from_bytes(epoch.charter))
        state.begin_epoch()
        begin = begin_epoch(epoch, state, last.round, last.author, self._index, self._root)
        statement = Statement(epoch.id, self._index, self._root, begin.id)
        signed = {
            self._opener.receipt(one.wire).device
            for one in self._store.receipts_for(self._index)
            if one.statement == statement
        }
        count = sum(key in signed for key in committee.keys)
        if count < committee.quorum:
            self._problems.append(
                f"the end of epoch {epoch.number} at commit {self._index} has {count} receipts, "
                f"{committee.quorum} are a quorum"
            )
        return begin

    # --- epochs with blocks ---------------------------------------------------------------

    def _replay_blocks(
        self, begin: SaveEpoch, closed: tuple[Closed, ...]
    ) -> tuple[SaveEpoch, State]:
        """Replay as many epochs as the blocks complete; return where they end.

        As a start does (`Core`): whatever is valid counts. What is taken from peers is chosen
        (R2.19), by what is known at that moment.
        """
        while True:
            core = Core(
                self._community,
                Ed25519Signer(secrets.token_bytes(32)),  # nobody's: it is to make no block
                Restored(begin, tuple(self._blocks_of(begin.number)), (), (), (), 0, closed),
                _NOW,
                practices=self._practices,
            )
            self._take(core.handle(Tick(), _NOW))
            if core.epoch.number == begin.number and not self._rebuild(core):
                self._root = core.final_root
                return core.epoch.record, core.state
            begin, closed = core.epoch.record, core.state.closed_proposals

    def _blocks_of(self, epoch_number: int) -> Iterator[Block]:
        """Yield an epoch's blocks, parents first, all signatures checked."""
        after: Place | None = None
        while True:
            answer = self._store.serve_pull(Pull(epoch_number, (), PULL_BYTES, after))
            (found,) = read_frame(write_frame([answer]), self._opener)
            assert isinstance(found, Pulled)
            yield from found.blocks
            if not found.more:
                return
            after = found.blocks[-1].round, found.blocks[-1].id

    def _rebuild(self, core: Core) -> bool:
        """Go on by the rebuild that the store has of this epoch, if all signed it (R6.13)."""
        for _number, rebuild in self._store.rebuilds():
            if rebuild.statement.epoch == core.epoch.id:
                checked = self._opener.rebuild(rebuild.to_bytes())
                self._take(core.handle(ApplyRebuild(checked), _SETTLED))
                return True
        return False

    def _take(self, step: Step) -> None:
        for write in step.writes:
            if isinstance(write, SaveCommit):
                self._compare(write.commit)

    # --- what the store says of it --------------------------------------------------------

    def _compare(self, commit: Commit) -> None:
        kept = self._store.commits(commit.index, commit.index)
        self._matches(kept[0] if kept else None, commit)

    def _matches(self, kept: Commit | None, replayed: Commit) -> bool:
        """Count a replayed commit; note when the store has another, or none."""
        self._index = replayed.index
        self._ops += len(replayed.entries)
        if kept == replayed:
            return True
        if kept is None:
            self._problems.append(f"commit {replayed.index} is not in the store")
        else:
            self._problems.append(
                f"commit {kept.index} has root {kept.root.hex()[:16]} in the store, "
                f"{replayed.root.hex()[:16]} when replayed"
            )
        return False

    def _compare_end(self) -> None:
        """Note when the log that was derived is not all that the store says it has."""
        if self._problems:
            return  # they say where it stops
        index, root = self._end
        if self._index < index:
            self._problems.append(
                f"the log leads to commit {self._index}; the store's last one is {index}"
            )
        elif self._index == index and self._root != root:
            self._problems.append(
                f"commit {index} has another root in the store than when replayed"
            )
