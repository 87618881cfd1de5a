"""Checking a certificate with nothing but the community id (R8.8).

Nothing of it is believed that does not follow from that id; `verifier/p2pnode_verify.py` does the
same without any code of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from ...agreement.chain import ReceiptSet
from ...agreement.committee import Committee, Outer, Outline
from ...agreement.roots import (
    compute_epoch_id,
    compute_founding_epoch,
    compute_rebuilt_id,
    compute_record_hash,
)
from ...wire import crypto
from ...wire.codec import encode
from ...wire.errors import PeerFault
from ...wire.ids import CommunityId, DeviceKey, EpochId, MemberId, OpId, to_short
from ...wire.lengths import show_length
from ..actions import seat_of
from ..bodies import Propose, Revise, Vote
from ..ops import Op, open_op
from ..questions.judging import judge
from ..questions.proposal import Proposal
from ..questions.tally import Rule
from ..seats.charter import Charter
from ..texts import TextRef
from .certificate import DecisionCertificate, ballots_of, named_ops, named_texts
from .faults import CertificateFault, refusal_of
from .links import RebuildLink, check_version
from .records import read_record
from .verdict import CountedVote, CrossedRebuild, Verdict


def _off(ms: int, other_ms: int) -> str:
    """Return how far one time is from another, in words; raw milliseconds say nothing."""
    side = "after" if ms > other_ms else "before"
    return f"{show_length(abs(ms - other_ms))} {side}"


def check_certificate(
    community: CommunityId, data: bytes, verify: crypto.Verify = crypto.verify_ed25519
) -> Verdict:
    """Return what the certificate in `data` proves about `community` (R8.8).

    Args:
        community: the id as known from elsewhere, never from the file itself.

    Raises:
        CertificateFault: it proves nothing; its code says why.
    """
    return _Check(community, DecisionCertificate.from_bytes(data), verify).run()


class _Check:
    """One certificate being checked, from the charter down to the votes."""

    def __init__(
        self, community: CommunityId, certificate: DecisionCertificate, verify: crypto.Verify
    ) -> None:
        self._community = community
        self._it = certificate
        self._verify = verify
        self._charters: dict[bytes, Charter] = {}  # those that came along, by hash
        self._epochs: list[Outline] = []  # what is known of the charter of each
        self._rebuilds: list[CrossedRebuild] = []

    def run(self) -> Verdict:
        it = self._it
        if it.community != self._community:
            raise CertificateFault(
                "wrong_community",
                f"it is of {to_short('com', it.community)}, "
                f"asked was {to_short('com', self._community)}",
            )
        self._charters = {charter.hash: charter for charter in it.charters}
        if it.charters[0].community_id != self._community:
            raise CertificateFault("wrong_charter", "the founding charter was changed")
        for charter in it.charters:
            check_version(charter.outer.version)
        epoch, index = self._follow_chain()
        self._check_place(epoch, index)
        self._check_charters()
        proposal = self._read_record()
        ops = self._check_ops(proposal)
        texts = self._check_texts(proposal)
        self._check_commit(proposal)
        committee = Committee(epoch, self._charter_of(len(self._epochs) - 1))
        self._check_receipts(it.receipts, self._epochs[-1].outer, "the decision")
        return self._verdict(proposal, ops, texts, committee)

    def _follow_chain(self) -> tuple[EpochId, int]:
        """Return the deciding epoch's id and the last index before it; note each epoch."""
        it = self._it
        charter = it.charters[0]
        current = Outline(charter.outer, charter.hash)
        epoch = compute_founding_epoch(self._community, current, it.state_hash)
        index = 0
        self._epochs.append(current)
        for number, link in enumerate(it.chain):
            where = f"the end of epoch {number}"
            if isinstance(link, RebuildLink):
                epoch, index = self._follow_rebuild(link, number, epoch, index)
                current = self._epochs[-1]
                continue
            receipts = link.receipts.statement
            if receipts.epoch != epoch:
                raise CertificateFault("wrong_epoch", f"{where}: signed for another epoch")
            if receipts.index <= index:
                raise CertificateFault(
                    "wrong_index", f"{where}: index {receipts.index} does not come after {index}"
                )
            following = Outline(link.outer or current.outer, link.charter_hash)
            computed = compute_epoch_id(
                epoch, link.round, link.author, receipts.root, following, link.state_hash
            )
            if receipts.next_epoch != computed:
                raise CertificateFault("broken_chain", f"{where}: another next epoch was signed")
            self._check_receipts(link.receipts, current.outer, where)
            epoch, index, current = computed, receipts.index, following
            self._epochs.append(current)
        return epoch, index

    def _check_charters(self) -> None:
        """Refuse a charter that no epoch has, or that outsiders were shown otherwise."""
        first = dict.fromkeys(one.hash for one in self._epochs if one.hash in self._charters)
        if list(first) != [one.hash for one in self._it.charters]:
            raise CertificateFault(
                "unknown_charter", "no epoch has it; or twice, or in another order than theirs"
            )
        for number, one in enumerate(self._epochs):
            charter = self._charters.get(one.hash)
            if charter is not None and charter.outer != one.outer:
                raise CertificateFault(
                    "wrong_charter", f"that of epoch {number} is not as its link says"
                )

    def _charter_of(self, number: int) -> Charter:
        """Return an epoch's charter, whose seats matter for what is proved."""
        charter = self._charters.get(self._epochs[number].hash)
        if charter is None:
            raise CertificateFault("charter_missing", f"that of epoch {number}")
        return charter

    def _follow_rebuild(
        self, link: RebuildLink, number: int, epoch: EpochId, index: int
    ) -> tuple[EpochId, int]:
        """Return the epoch that a rebuild began and the last index before it (R8.9)."""
        where, rebuild = f"the end of epoch {number}, by a rebuild", link.rebuild
        statement = rebuild.statement
        if statement.epoch != epoch:
            raise CertificateFault("wrong_epoch", f"{where}: signed for another epoch")
        if statement.index < index:
            raise CertificateFault(
                "wrong_index", f"{where}: index {statement.index} is before {index}"
            )
        charter = self._charter_of(number)
        after = self._charters.get(link.charter_hash)
        if after is None:
            raise CertificateFault("charter_missing", f"that of epoch {number + 1}")
        following = Outline(after.outer, after.hash)
        computed = compute_rebuilt_id(
            epoch, statement.index, statement.root, following, link.state_hash
        )
        if rebuild.next_epoch != computed:
            raise CertificateFault("broken_chain", f"{where}: another next epoch was signed")
        committee = Committee(epoch, charter)
        fault = link.find_fault(self._community, charter, after, committee, self._verify)
        if fault is not None:
            raise CertificateFault("bad_rebuild", f"{where}: {fault}")

        def named(members: Iterable[MemberId]) -> tuple[tuple[MemberId, str], ...]:
            seats = (charter.member(one) for one in members)
            return tuple((one.id, one.name) for one in seats if one is not None)

        kept, lost = named(rebuild.kept), named(rebuild.lost)
        self._rebuilds.append(
            CrossedRebuild(rebuild.next_epoch, number + 1, statement.index, kept, lost)
        )
        self._epochs.append(following)
        return computed, statement.index

    def _check_receipts(self, receipts: ReceiptSet, outer: Outer, where: str) -> None:
        """Refuse all if one is wrong, or if they are no quorum (R8.2)."""
        keys = [device for device, _ in receipts.signatures]
        for one, other in pairwise(keys):
            if one >= other:
                raise CertificateFault(
                    "repeated_receipt", f"{where}: {to_short('dev', other)} twice or out of order"
                )
        for key in keys:
            if key not in outer.keys:
                raise CertificateFault("not_on_committee", f"{where}: {to_short('dev', key)}")
        content = receipts.statement.to_bytes()
        message = crypto.signed_message(crypto.TAG_RECEIPT, self._community, content)
        for key, signature in receipts.signatures:
            if not self._verify(key, message, signature):
                raise CertificateFault("bad_receipt", f"{where}: that of {to_short('dev', key)}")
        if len(keys) < outer.quorum:
            raise CertificateFault(
                "no_quorum", f"{where}: {len(keys)} of {len(outer.keys)}, {outer.quorum} needed"
            )

    def _read_record(self) -> Proposal:
        """Return the proposal, if its record is one that the rules can bring about."""
        proposal = read_record(self._it.record)
        if proposal.outcome == "open":
            raise CertificateFault("wrong_outcome", "the proposal is still open")
        if proposal.epoch >= len(self._epochs):
            raise CertificateFault("wrong_electorate", "it opened in a later epoch than it ended")
        asked = tuple(seat.id for seat in self._charter_of(proposal.epoch).members)
        if proposal.electorate != asked:
            raise CertificateFault(
                "wrong_electorate",
                f"{len(proposal.electorate)} asked, epoch {proposal.epoch} began with "
                f"{len(asked)} members; or others",
            )
        for member, ballot in ballots_of(proposal):
            opened, decided = proposal.current.opened_ms, proposal.decided_ms
            if not (opened <= ballot.at_ms <= decided and ballot.at_ms < proposal.close_ms):
                raise CertificateFault(
                    "wrong_time", f"the vote of {to_short('mem', member)} was not in time"
                )
        _check_outcome(proposal)
        return proposal

    def _check_ops(self, proposal: Proposal) -> dict[OpId, Op]:
        """Return the ops by id, if they are those that the record names, and say the same."""
        ops: dict[OpId, Op] = {}
        expected = named_ops(proposal)
        for wire in self._it.ops:
            try:
                op = open_op(self._community, wire, self._verify)
            except PeerFault as fault:
                raise refusal_of(fault) from fault
            if op.id not in expected or op.id in ops:
                raise CertificateFault("unknown_op", f"{to_short('op', op.id)}")
            ops[op.id] = op
        for wanted in expected:
            if wanted not in ops:
                raise CertificateFault("op_missing", f"{to_short('op', wanted)}")
        if tuple(ops) != expected:
            raise CertificateFault("unknown_op", "the ops are not in the order of the record")
        _check_texts_of_ops(proposal, ops)
        for member, ballot in ballots_of(proposal):
            op = ops[ballot.op]
            said = Vote(proposal.id, proposal.current.id, ballot.choice, ballot.reason)
            if op.author != member or op.body != said:
                raise CertificateFault(
                    "op_differs",
                    f"the record has {to_short('mem', member)} vote {ballot.choice}, "
                    f"{to_short('op', op.id)} is by {to_short('mem', op.author)} and says "
                    f"{op.body.choice if isinstance(op.body, Vote) else op.body.KIND}",
                )
        return ops

    def _check_texts(self, proposal: Proposal) -> dict[TextRef, str]:
        named = set(named_texts(proposal))
        texts: dict[TextRef, str] = {}
        for blob in self._it.texts:
            text = TextRef(crypto.compute_text_id(blob), len(blob) - crypto.SALT_BYTES)
            if text not in named or text in texts:
                raise CertificateFault("unknown_text", f"a text of {text.size} bytes")
            # What is no UTF-8 is still the text that was voted on.
            texts[text] = blob[crypto.SALT_BYTES :].decode(errors="replace")
        return texts

    def _check_place(self, epoch: EpochId, index: int) -> None:
        """Refuse a commit that does not stand in the epoch that the chain leads to."""
        commit = self._it.commit
        if commit.epoch != epoch:
            raise CertificateFault("wrong_epoch", "the commit is of another epoch than the chain's")
        if commit.index <= index:
            raise CertificateFault(
                "wrong_index",
                f"the commit has index {commit.index}, its epoch begins after {index}",
            )

    def _check_commit(self, proposal: Proposal) -> None:
        """Refuse a commit that did not decide this, or that was not signed."""
        commit, receipts = self._it.commit, self._it.receipts.statement
        found = [one for one in commit.decided if one[0] == proposal.id]
        if len(found) != 1:
            raise CertificateFault(
                "wrong_proposal", f"{to_short('pro', proposal.id)} is not what was decided there"
            )
        _, outcome, record_hash, _said = found[0]
        if outcome != proposal.outcome:
            raise CertificateFault(
                "wrong_outcome", f"the commit says {outcome}, the record {proposal.outcome}"
            )
        if record_hash != compute_record_hash(self._it.record):
            raise CertificateFault("wrong_record", "its hash is not the one in the commit")
        if proposal.decided_ms != commit.time_ms:
            raise CertificateFault(
                "wrong_time",
                f"decided {_off(proposal.decided_ms, commit.time_ms)} the commit that decided it",
            )
        last, root = commit, commit.root(self._community)
        for following in self._it.tail:
            if following.epoch != last.epoch:
                raise CertificateFault("wrong_epoch", f"commit {following.index} is of another")
            if following.index != last.index + 1:
                raise CertificateFault(
                    "wrong_index", f"commit {following.index} does not come after {last.index}"
                )
            if following.previous_root != root:
                raise CertificateFault(
                    "wrong_root", f"commit {following.index} does not continue this log"
                )
            last, root = following, following.root(self._community)
        if receipts.epoch != commit.epoch:
            raise CertificateFault("wrong_epoch", "the decision's receipts are of another epoch")
        if receipts.index != last.index:
            raise CertificateFault(
                "wrong_index", f"receipts for {receipts.index}, the commit is {last.index}"
            )
        if receipts.root != root:
            raise CertificateFault("wrong_root", "the commit does not hash to what was signed")

    def _verdict(
        self,
        proposal: Proposal,
        ops: dict[OpId, Op],
        texts: dict[TextRef, str],
        committee: Committee,
    ) -> Verdict:
        it, charter = self._it, self._charter_of(len(self._epochs) - 1)
        asked = self._charter_of(proposal.epoch)
        seats = [committee.key_index[key] for key, _ in it.receipts.signatures]
        signers = [committee.members[seat] for seat in seats]
        latest, concerned = proposal.current, proposal.concerned
        affected = seat_of(proposal.action)

        def name_if_any(of: Charter, member: MemberId) -> str | None:
            seat = of.member(member)
            return None if seat is None else seat.name

        def name(of: Charter, member: MemberId) -> str:
            found = name_if_any(of, member)
            assert found is not None
            return found

        def said(ref: TextRef | None) -> str | None:
            return None if ref is None else texts.get(ref)

        votes = tuple(
            CountedVote(
                member,
                name(asked, member),
                ballot.choice,
                ballot.op,
                ops[ballot.op].device,
                self._is_listed(member, ops[ballot.op].device),
                ballot.at_ms,
                said(ballot.reason),
                proposal.counts(member),
            )
            for member, ballot in ballots_of(proposal)
        )
        return Verdict(
            community=self._community,
            community_name=charter.name,
            proposal=proposal,
            title=said(latest.title),
            parts=tuple((one, said(one.text)) for one in latest.parts),
            votes=votes,
            affected=None if affected is None else (affected, name_if_any(asked, affected)),
            concerned=None if concerned is None else (concerned, name(asked, concerned)),
            silent=tuple(
                (one, name(asked, one))
                for one in proposal.electorate
                if one not in latest.votes and one != concerned
            ),
            commit=it.commit,
            root=it.commit.root(self._community),
            epochs=len(self._epochs),
            rebuilds=tuple(self._rebuilds),
            signers=tuple((one, name(charter, one)) for one in signers),
            committee=len(committee),
            quorum=committee.quorum,
        )

    def _is_listed(self, member: MemberId, device: DeviceKey) -> bool:
        seats = (charter.by_device(device) for charter in self._charters.values())
        return any(seat is not None and seat.id == member for seat in seats)


def _check_outcome(proposal: Proposal) -> None:
    """Judge the proposal anew by its own rule, at the time it was decided (R10.1 to R10.10)."""
    rule, tier = proposal.judged_by, proposal.tier
    if proposal.outcome == "withdrawn":
        if proposal.decided_ms >= proposal.close_ms:
            raise CertificateFault("wrong_outcome", "withdrawn after its close")
        return
    if (rule is None) != (tier.mode == "objection"):
        raise CertificateFault("wrong_rule", f"a tier of mode {tier.mode} is judged otherwise")
    asked = Rule(tier.threshold, tier.strict, tier.base, tier.floor)
    if rule is None:
        rule = asked  # an objection tier counts no fractions
    weaker = (rule.threshold.fraction, rule.strict) < (asked.threshold.fraction, asked.strict)
    if weaker or rule.floor.fraction < asked.floor.fraction or rule.base != asked.base:
        raise CertificateFault("wrong_rule", f"less than tier {tier.name} asks for")
    follows = judge(replace(proposal, outcome="open"), rule, proposal.decided_ms)
    if follows != proposal.outcome:
        tally = proposal.tally
        raise CertificateFault(
            "wrong_outcome",
            f"{tally.yes} yes, {tally.no} no, {tally.aside} aside of {tally.electorate} "
            f"make it {follows}, the record says {proposal.outcome}",
        )


def _check_texts_of_ops(proposal: Proposal, ops: dict[OpId, Op]) -> None:
    """Refuse an opening or a revision that asks something else than the record."""
    first, latest = proposal.revisions[0], proposal.current
    opening, revising = ops[proposal.id], ops[latest.id]
    body = opening.body
    same = (
        isinstance(body, Propose)
        and opening.author == proposal.author
        and first.id == proposal.id
        and body.tier == proposal.tier.name
        and (body.title, body.parts) == (first.title, first.parts)
        and encode(body.action.to_wire()) == encode(proposal.action.to_wire())
    )
    if same and latest is not first:
        revision = revising.body
        same = (
            isinstance(revision, Revise)
            and revising.author == proposal.author
            and revision.proposal == proposal.id
            and (revision.title, revision.parts) == (latest.title, latest.parts)
        )
    if not same:
        raise CertificateFault("op_differs", "the proposal's author signed another text or action")
