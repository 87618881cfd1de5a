"""Decision certificates out of a node's store (docs/certificates.md).

Everything in one is kept anyway: the epochs with their charters, the commits, the receipts, the
signed ops. What is missing is told with what would help.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from p2pnode_protocols.agreement.chain import ReceiptSet
from p2pnode_protocols.agreement.committee import Committee, Outline
from p2pnode_protocols.agreement.log import Commit, log_commits
from p2pnode_protocols.agreement.receipts import Statement
from p2pnode_protocols.agreement.roots import compute_first_root
from p2pnode_protocols.core import Core
from p2pnode_protocols.record.certificates.certificate import (
    DecisionCertificate,
    named_ops,
    named_texts,
    select_charters,
    select_receipts,
)
from p2pnode_protocols.record.certificates.links import CommitLink, Link, RebuildLink
from p2pnode_protocols.record.ops import Op
from p2pnode_protocols.record.questions.proposal import Proposal
from p2pnode_protocols.record.seats.charter import Charter
from p2pnode_protocols.wire.ids import MemberId, OpId, to_short

from .. import answers
from ..errors import RequestError
from ..store.interface import AnyStore, StoredEpoch
from .proposals import Proposals

_WAIT_STEPS = ("try again when more nodes are reachable", "p2pnode status")


@dataclass(frozen=True, slots=True)
class _Epoch:
    """One epoch as the store has it, its charter read."""

    stored: StoredEpoch
    charter: Charter
    outline: Outline  # of the charter

    @property
    def committee(self) -> Committee:
        return Committee(self.stored.id, self.charter)


class Certifier:
    """Make certificates of what one core has finalized and one store kept."""

    def __init__(self, core: Core, store: AnyStore) -> None:
        self._core = core
        self._store = store
        self._proposals = Proposals(core, store)

    def certify(self, proposal_id: OpId) -> answers.CertificateFile:
        """Return the certificate of a final decision.

        Raises:
            RequestError: `not_final`; `not_proven`, receipts are missing so far; `not_kept`,
                something that belongs into it is not in this node's store.
        """
        proposal = self._core.state.proposal(proposal_id)
        if proposal is None or proposal.outcome == "open":
            raise self._not_final(proposal_id)
        commit = self._store.commit_that_closed(proposal_id, proposal.decided_ms)
        if commit is None:
            raise self._not_kept(f"the commit that decided {self._named(proposal_id)}")
        epochs = self._epochs(commit.epoch_number + 1)
        begun = epochs.pop().stored if len(epochs) > commit.epoch_number + 1 else None
        last = epochs[-1]
        receipts = self._receipts_since(last, begun, commit)
        tail = self._store.commits(commit.index + 1, receipts.statement.index)
        logged = log_commits((commit, *tail), self._root_before(commit), last.stored.id)
        ops = {op: self._op(op) for op in named_ops(proposal)}
        certificate = DecisionCertificate(
            self._core.community,
            select_charters(
                [(one.charter, one.outline.hash) for one in epochs],
                {one.stored.number for one in epochs if one.stored.rebuild is not None},
                proposal,
                ops,
            ),
            epochs[0].stored.state_hash,
            tuple(self._chain(epochs)),
            logged[0],
            tuple(logged[1:]),
            receipts,
            proposal.to_bytes(),
            tuple(op.wire for op in ops.values()),
            tuple(self._texts(proposal)),
        )
        return answers.CertificateFile(
            community=self._core.community,
            proposal=proposal_id,
            number=proposal.number,
            outcome=proposal.outcome,
            commit=commit.index,
            epochs=len(epochs),
            receipts=len(receipts.signatures),
            committee=len(last.committee),
            quorum=last.committee.quorum,
            content=certificate.to_bytes(),
        )

    def _named(self, proposal: OpId) -> str:
        return self._proposals.named(self._proposals.view(proposal))

    def _not_final(self, proposal: OpId) -> RequestError:
        view = self._proposals.view(proposal)
        is_open = view.outcome == "open"
        how = "is open" if is_open else f"is {view.outcome} so far, and that is not final"
        name = to_short("pro", proposal) if view.number is None else str(view.number)
        return RequestError(
            "not_final",
            f"{self._proposals.named(view)} {how}; only what is final can be proved",
            f"p2pnode explain {name}",
        )

    def _epochs(self, last: int) -> list[_Epoch]:
        """Return the epochs from the founding one to `last`, or to the present one."""
        epochs: list[_Epoch] = []
        for stored in self._store.epochs_until(last):
            if stored.number != len(epochs):
                raise self._not_kept(f"epoch {len(epochs)}")
            # Most epochs end for their length alone: the charter is the same.
            if epochs and epochs[-1].stored.charter == stored.charter:
                epochs.append(replace(epochs[-1], stored=stored))
            else:
                charter = Charter.from_bytes(stored.charter)
                epochs.append(_Epoch(stored, charter, Outline(charter.outer, charter.hash)))
        return epochs

    def _chain(self, epochs: Sequence[_Epoch]) -> Iterator[Link]:
        for ending, begun in pairwise(epochs):
            rebuild = begun.stored.rebuild
            if rebuild is not None:
                yield RebuildLink(begun.outline.hash, begun.stored.state_hash, rebuild)
                continue
            index, root = begun.stored.genesis_index, begun.stored.genesis_root
            statement = Statement(ending.stored.id, index, root, begun.stored.id)
            outer = begun.outline.outer
            yield CommitLink(
                begun.stored.round,
                begun.stored.author,
                begun.outline.hash,
                None if outer == ending.outline.outer else outer,
                begun.stored.state_hash,
                self._receipts(ending, statement, f"the end of epoch {ending.stored.number}"),
            )

    def _receipts_since(
        self, epoch: _Epoch, begun: StoredEpoch | None, commit: Commit
    ) -> ReceiptSet:
        """Return a quorum's receipts for a commit, or else for the next one of its epoch with any.

        A later root has the earlier in it: members who left right after a decision may have taken
        their receipts for it along.

        Raises:
            RequestError: `not_proven`, for the commit itself.
        """
        lacking: RequestError | None = None
        last = self._core.final_index if begun is None else begun.genesis_index
        for index in self._store.provable(commit.index, last):
            found = self._store.commits(index, index)
            if not found:
                break
            ends = begun is not None and begun.genesis_index == index and begun.rebuild is None
            following = begun.id if begun is not None and ends else None
            statement = Statement(epoch.stored.id, index, found[0].root, following)
            try:
                return self._receipts(epoch, statement, "its commit")
            except RequestError as error:
                lacking = lacking or error
        raise lacking or self._not_kept(f"what proves commit {commit.index}")

    def _receipts(self, epoch: _Epoch, statement: Statement, what: str) -> ReceiptSet:
        """Return a quorum's receipts for a commit of this epoch.

        Raises:
            RequestError: `not_proven`.
        """
        committee = epoch.committee
        found = self._store.receipts_for(statement.index)
        made = select_receipts(committee, statement, found)
        if len(made.signatures) >= committee.quorum:
            return made
        signed = {key for key, _ in made.signatures}
        seats = list(zip(committee.keys, committee.members, strict=True))
        have = [member for key, member in seats if key in signed]
        lack = [member for key, member in seats if key not in signed]
        raise RequestError(
            "not_proven",
            f"final here, but {what} has only {len(have)} of the {committee.quorum} receipts "
            f"needed so far: {self._names(epoch.charter, have) or 'none'}; "
            f"not yet {self._names(epoch.charter, lack)}",
            *_WAIT_STEPS,
        )

    def _root_before(self, commit: Commit) -> bytes:
        if commit.index == 1:
            return compute_first_root(self._core.community)
        before = self._store.commits(commit.index - 1, commit.index - 1)
        if not before:
            raise self._not_kept(f"commit {commit.index - 1}")
        return before[0].root

    def _op(self, op: OpId) -> Op:
        found = self._store.op(op)
        if found is None:
            raise self._not_kept(f"operation {to_short('op', op)}")
        return found.op

    def _texts(self, proposal: Proposal) -> Iterator[bytes]:
        for ref in named_texts(proposal):
            blob = self._store.text(ref.id)
            if blob is not None and ref.fits(blob):
                yield blob

    def _not_kept(self, what: str) -> RequestError:
        """Return why it cannot be made here, and who can make it.

        A newcomer two epochs behind or more takes over a proven state (R7.17): it knows how
        everything ended, and has nothing of the log by which that was decided.
        """
        founding = next(iter(self._store.epochs_until(0)), None)
        founders = () if founding is None else Charter.from_bytes(founding.charter).committee
        charter = self._core.state.charter
        there = [seat.id for seat in founders if charter.member(seat.id) is not None]
        me = self._core.member
        who = self._names(charter, [one for one in there if one != me])
        return RequestError(
            "not_kept",
            f"{what} is not in this node's store: it joined later, and took over what was decided "
            "as a proven state, without the log before it",
            f"ask {who or 'a member'} for the certificate, whose node was there",
        )

    @staticmethod
    def _names(charter: Charter, members: Sequence[MemberId]) -> str:
        seats = (charter.member(one) for one in members)
        return ", ".join(seat.name for seat in seats if seat is not None)
