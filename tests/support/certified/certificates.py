"""Communities that exist on paper: keys, charters, epochs, and certificates of what they decide.

Nothing here runs a node. Every part can be replaced before it is signed, which is how the
tests make what a lying quorum would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from p2pnode_protocols.agreement.chain import ReceiptSet
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.agreement.log import LoggedCommit
from p2pnode_protocols.agreement.rebuild import Rebuild, sign_rebuild
from p2pnode_protocols.agreement.receipts import Statement, sign_receipt
from p2pnode_protocols.agreement.roots import (
    compute_entries_hash,
    compute_epoch_id,
    compute_first_root,
    compute_founding_epoch,
    compute_rebuilt_id,
    compute_record_hash,
    compute_root,
    compute_state_hash,
)
from p2pnode_protocols.record.actions import Action, NoAction
from p2pnode_protocols.record.bodies import Choice, Propose, Revise, Vote
from p2pnode_protocols.record.certificates.certificate import DecisionCertificate, select_charters
from p2pnode_protocols.record.certificates.links import CommitLink, Link, RebuildLink
from p2pnode_protocols.record.ops import Op, open_op, sign_op
from p2pnode_protocols.record.questions.judging import compute_rule, judge
from p2pnode_protocols.record.questions.opening import open_proposal
from p2pnode_protocols.record.questions.proposal import EFFECT_NONE, Proposal
from p2pnode_protocols.record.seats.charter import Charter, FaultModel, Member, default_charter
from p2pnode_protocols.record.texts import Part, make_text
from p2pnode_protocols.wire.crypto import Ed25519Signer, compute_member_id, verify_ed25519
from p2pnode_protocols.wire.ids import (
    BlockId,
    CommunityId,
    DeviceKey,
    EpochId,
    MemberId,
    OpId,
    Round,
    WallMs,
)

FOUNDED_MS = 1_700_000_000_000
TEXT = ("Green, on both sides.", "# By when")
# The second part comes first, the first one is reworded, and one is new.
REVISED = ("\nGreen, on all sides.", "In May.")
NAMES = ("ana", "bo", "cleo", "dan", "eva", "finn", "gus", "hana", "ivo", "jun")


def digest(*parts: object) -> bytes:
    """Return 32 bytes that stand for something else, the same for the same parts."""
    return hashlib.sha256(repr(parts).encode()).digest()


class Paper:
    """A community of `n` members with real keys, and its epochs so far."""

    def __init__(
        self,
        n: int = 4,
        fault_model: FaultModel = "byzantine",
        salt: str = "paper",
        names: Sequence[str] = NAMES,
    ) -> None:
        self.salt = salt
        signers = [Ed25519Signer(digest(salt, "device", i)) for i in range(n)]
        seats = [
            Member(
                compute_member_id(one.device), name, "person", (one.device,), one.device, away=False
            )
            for one, name in zip(signers, names, strict=False)
        ]
        founding = default_charter("Paper Mill", seats[0], WallMs(FOUNDED_MS))
        self.founding = replace(founding, fault_model=fault_model).with_members(seats)
        self.founding.validate()
        self.signers = {one.device: one for one in signers}
        self.community: CommunityId = self.founding.community_id
        self.charter: Charter = self.founding
        self.state_hash = compute_state_hash(b"the founding state")
        self.epoch: EpochId = compute_founding_epoch(self.community, self.founding, self.state_hash)
        self.epoch_number = 0
        self.index = 0
        self.root = compute_first_root(self.community)
        self.chain: tuple[Link, ...] = ()
        self.charters: list[Charter] = [self.founding]  # of each epoch
        self._nonces: dict[DeviceKey, int] = {}

    # --- epochs -----------------------------------------------------------------------------

    def sign(
        self,
        epoch: EpochId,
        index: int,
        root: bytes,
        following: EpochId | None = None,
        keys: Sequence[DeviceKey] | None = None,
    ) -> ReceiptSet:
        """Return receipts by `keys`; by the present committee's quorum when not given."""
        committee = Committee(epoch, self.charter)
        signing = committee.keys[: committee.quorum] if keys is None else keys
        statement = Statement(epoch, index, root, following)
        signed = [sign_receipt(self.community, self.signers[key], statement) for key in signing]
        return ReceiptSet(statement, tuple(sorted((one.device, one.signature) for one in signed)))

    def end_epoch(self, charter: Charter | None = None) -> CommitLink:
        """End the epoch some commits later; the next one begins with `charter`."""
        index = self.index + 7
        root = digest(self.salt, "root", index)
        round_, author = Round(31), self.charter.members[0].id
        after = charter or self.charter
        state_hash = compute_state_hash(digest(self.salt, "state", index))
        following = compute_epoch_id(self.epoch, round_, author, root, after, state_hash)
        link = CommitLink(
            round_,
            author,
            after.hash,
            None if after.outer == self.charter.outer else after.outer,
            state_hash,
            self.sign(self.epoch, index, root, following),
        )
        self._begin(link, following, after)
        self.index, self.root = index, root
        return link

    def _begin(self, link: Link, epoch: EpochId, charter: Charter) -> None:
        self.chain += (link,)
        self.charters.append(charter)
        self.epoch, self.epoch_number, self.charter = epoch, self.epoch_number + 1, charter

    def rebuild(self, kept: int) -> RebuildLink:
        """Let the first `kept` of the committee go on without the others, some commits later."""
        committee = Committee(self.epoch, self.charter)
        index = self.index + 3
        stay, gone = committee.members[:kept], committee.members[kept:]
        after = self.charter.with_members(
            replace(one, away=one.away or one.id in gone) for one in self.charter.members
        )
        link = self.sign_rebuild(
            Statement(self.epoch, index, digest(self.salt, "root", index), None), after, stay, gone
        )
        self._begin(link, link.rebuild.next_epoch, after)
        self.index, self.root = index, link.rebuild.statement.root
        return link

    def sign_rebuild(
        self,
        ended: Statement,
        after: Charter,
        kept: Sequence[MemberId],
        lost: Sequence[MemberId],
        keys: Sequence[DeviceKey] | None = None,
    ) -> RebuildLink:
        """Return the link of a rebuild that ends an epoch so; `keys` sign, or those it keeps."""
        state_hash = compute_state_hash(digest(self.salt, "state", ended.index))
        following = compute_rebuilt_id(ended.epoch, ended.index, ended.root, after, state_hash)
        statement = replace(ended, next_epoch=following)
        rebuild = Rebuild(statement, following, tuple(sorted(kept)), tuple(sorted(lost)))
        seats = {one.id: one.node_key for one in self.founding.members}
        signing = [seats[one] for one in kept] if keys is None else keys
        signed = [
            sign_rebuild(self.community, self.signers[key], rebuild)
            for key in signing
            if key is not None
        ]
        return RebuildLink(after.hash, state_hash, rebuild.with_signatures(signed))

    def admit(self, name: str) -> Charter:
        """Return the charter with one more seat."""
        signer = Ed25519Signer(digest(self.salt, "device", name))
        self.signers[signer.device] = signer
        key = signer.device
        seat = Member(compute_member_id(key), name, "person", (key,), key, away=False)
        return self.charter.with_members((*self.charter.members, seat))

    # --- what members say -------------------------------------------------------------------

    def say(self, member: Member, body: Propose | Revise | Vote) -> Op:
        device = member.devices[0]
        self._nonces[device] = self._nonces.get(device, 0) + 1
        return sign_op(
            self.community,
            member.id,
            self.signers[device],
            self._nonces[device],
            WallMs(FOUNDED_MS + 1_000),
            body,
        )

    # --- decisions --------------------------------------------------------------------------

    def decide(
        self,
        choices: Sequence[Choice | None] = ("yes", "yes", "yes", None),
        *,
        tier: str = "strategic",
        title: str = "Paint the shed",
        action: Action | None = None,
        after_ms: int = 60_000,
        wish_ms: int | None = None,
        revised: bool = False,
        reasons: bool = True,
        borrowed: bool = False,
        ends_epoch: bool = False,
        tail: int = 0,
        effect: str = EFFECT_NONE,
    ) -> DecisionCertificate:
        """Return the certificate of one decision in the present epoch.

        Args:
            choices: of the members in the order of their ids; None did not vote.
            after_ms: how long after the opening the commit's time is.
            wish_ms: how long after the opening it should close; None: the tier's window.
            borrowed: who says yes names the next one's reason, at another length.
            ends_epoch: the receipts name a next epoch.
            tail: the receipts are for so many commits later.
            effect: what passing did.
        """
        opened = WallMs(FOUNDED_MS + 3_600_000)
        members = self.charter.members
        title_ref, title_blob = make_text(digest("t")[:16], title)
        text = [make_text(digest(one)[:16], one) for one in TEXT]
        parts = tuple(Part(number, ref) for number, (ref, _) in enumerate(text, 1))
        texts = [title_blob, *(blob for _, blob in text)]
        author = members[0]
        close = WallMs(0 if wish_ms is None else opened + wish_ms)
        ops = [self.say(author, Propose(tier, title_ref, parts, action or NoAction(), close))]
        body = ops[0].body
        assert isinstance(body, Propose)
        proposal = open_proposal(
            ops[0].id,
            12,
            author.id,
            body,
            self.charter,
            self.epoch_number,
            tuple(one.id for one in members),
            opened,
        )
        if revised:
            title_ref, title_blob = make_text(digest("t2")[:16], f"{title} green")
            texts[0] = title_blob
            more = [make_text(digest(one, 2)[:16], one) for one in REVISED]
            texts[1:] = [texts[2], *(blob for _, blob in more)]
            new = (Part(number, ref) for number, (ref, _) in zip((1, 3), more, strict=True))
            parts = (parts[1], *new)
            revise = Revise(proposal.id, title_ref, parts, WallMs(0))
            op = self.say(author, revise)
            ops.append(op)
            proposal = proposal.revised(author.id, op.id, revise, WallMs(opened + 5_000))
        for i, (member, choice) in enumerate(zip(members, choices, strict=True)):
            if choice is None:
                continue
            reason = None
            if reasons and choice != "yes":
                reason, blob = make_text(digest("r", i)[:16], f"because {member.name} says so")
                texts.append(blob)
            elif borrowed:
                said, _ = make_text(
                    digest("r", i + 1)[:16], f"because {members[i + 1].name} says so"
                )
                reason = replace(said, size=1)
            vote = Vote(proposal.id, proposal.current.id, choice, reason)
            op = self.say(member, vote)
            ops.append(op)
            at_ms = WallMs(min(opened + 10_000 + i, proposal.close_ms - 1))
            proposal = proposal.voted(member.id, op.id, vote, at_ms)
        decided_ms = WallMs(opened + after_ms)
        rule = compute_rule(proposal, self.charter)
        outcome = judge(proposal, rule, decided_ms)
        assert outcome != "open", "these votes decide nothing by then"
        return self.certify(
            proposal.decided(outcome, rule, effect, decided_ms),
            tuple(ops),
            tuple(texts),
            following=EpochId(digest("next")) if ends_epoch else None,
            tail=tail,
        )

    def certify(
        self,
        proposal: Proposal,
        ops: tuple[Op, ...],
        texts: tuple[bytes, ...] = (),
        *,
        record: bytes | None = None,
        commit: LoggedCommit | None = None,
        following: EpochId | None = None,
        keys: Sequence[DeviceKey] | None = None,
        tail: int = 0,
    ) -> DecisionCertificate:
        """Return a certificate whose commit and receipts fit whatever it is given."""
        record = proposal.to_bytes() if record is None else record
        if commit is None:
            commit = LoggedCommit(
                self.index + 3,
                digest(self.salt, "root", self.index + 2),
                self.epoch,
                Round(9),
                self.charter.members[-1].id,
                BlockId(digest(self.salt, "block")),
                proposal.decided_ms,
                compute_entries_hash(((OpId(digest("op")), "ok"), (ops[-1].id, "ok"))),
                (
                    (OpId(digest("other")), "lapsed", digest("other record"), digest("said")),
                    (proposal.id, proposal.outcome, compute_record_hash(record), None),
                ),
                ((digest("item"), digest("its content")),),
            )
        last, after = commit, list[LoggedCommit]()
        for _ in range(tail):
            last = replace(
                last,
                index=last.index + 1,
                previous_root=self.root_of(last),
                round=Round(last.round + 1),
                decided=(),
                derived=(),
            )
            after.append(last)
        return DecisionCertificate(
            self.community,
            self.select(proposal, ops),
            self.state_hash,
            self.chain,
            commit,
            tuple(after),
            self.sign(last.epoch, last.index, self.root_of(last), following, keys),
            record,
            tuple(op.wire for op in ops),
            texts,
        )

    def select(self, proposal: Proposal, ops: Sequence[Op]) -> tuple[Charter, ...]:
        """Return the charters on which the verdict rests that this epoch decided."""
        begun = {at for at, one in enumerate(self.chain, 1) if isinstance(one, RebuildLink)}
        epochs = [(one, one.hash) for one in self.charters]
        return select_charters(epochs, begun, proposal, {one.id: one for one in ops})

    def ops_of(self, it: DecisionCertificate) -> list[Op]:
        return [open_op(self.community, wire, verify_ed25519) for wire in it.ops]

    def root_of(self, commit: LoggedCommit) -> bytes:
        return compute_root(
            self.community,
            commit.previous_root,
            commit.epoch,
            commit.round,
            commit.author,
            commit.block,
            commit.time_ms,
            commit.entries_hash,
            commit.decided,
            commit.derived,
        )
