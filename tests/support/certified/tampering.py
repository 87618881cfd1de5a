"""Every way to falsify a certificate that we could think of, and what each must be refused as.

`CASES` maps a name to the expected code and to a function that makes the forgery. Those named
"a lying quorum …" are signed anew by a quorum of the real committee: they are refused for what
they say. All others are refused for what they changed. It is one long list on purpose: whoever adds
a field of a certificate reads it through for what may be done to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from p2pnode_protocols.agreement.chain import ReceiptSet
from p2pnode_protocols.agreement.committee import Outline
from p2pnode_protocols.agreement.log import LoggedCommit
from p2pnode_protocols.agreement.receipts import sign_receipt
from p2pnode_protocols.agreement.roots import compute_epoch_id, compute_record_hash
from p2pnode_protocols.record.actions import RemoveAction
from p2pnode_protocols.record.bodies import Vote
from p2pnode_protocols.record.certificates.certificate import DecisionCertificate
from p2pnode_protocols.record.certificates.links import CommitLink, RebuildLink
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.questions.proposal import Ballot, Proposal
from p2pnode_protocols.record.questions.tally import Rule
from p2pnode_protocols.record.seats.charter import Charter, Member, Ratio
from p2pnode_protocols.record.texts import make_text
from p2pnode_protocols.wire.codec import Value, decode, encode
from p2pnode_protocols.wire.crypto import TAG_RECEIPT, Ed25519Signer, signed_message
from p2pnode_protocols.wire.ids import BlockId, CommunityId, EpochId, MemberId, OpId, Round, WallMs
from p2pnode_protocols.wire.limits import DERIVED

from .certificates import FOUNDED_MS, Paper, digest

STRANGER = Ed25519Signer(b"s" * 32)


@dataclass
class Genuine:
    """A community of five in its third epoch, and two decisions there."""

    paper: Paper
    it: DecisionCertificate
    other: DecisionCertificate
    longer: DecisionCertificate  # whose receipts are for the second commit after it
    rebuilt: DecisionCertificate  # of the same community, had two of four gone on without the rest
    survivors: Paper  # who made that
    grown: DecisionCertificate  # of what opened in one epoch and closed in a larger one
    rebuilt_late: DecisionCertificate  # over a rebuild of a community that had grown before

    @classmethod
    def make(cls) -> Genuine:
        paper = Paper(4)
        paper.end_epoch()
        paper.end_epoch(paper.admit("eva"))
        it = paper.decide(("yes", "no", "yes", None, "yes"), tier="tactical", revised=True)
        other = paper.decide(("no", "no", "no", "yes", None))
        longer = paper.decide(("yes", "yes", "yes", "yes", None), ends_epoch=True, tail=2)
        survivors = Paper(4)
        survivors.end_epoch()
        survivors.rebuild(2)
        survivors.end_epoch()
        rebuilt = survivors.decide(("no", "yes", None, None), tier="individual")
        return cls(paper, it, other, longer, rebuilt, survivors, _grow(), _rebuild_late())

    @property
    def proposal(self) -> Proposal:
        return Proposal.from_bytes(self.it.record)

    # --- what the forgeries are made of -----------------------------------------------------

    def with_(self, **changes: Any) -> bytes:
        return replace(self.it, **changes).to_bytes()

    def with_commit(self, **changes: Any) -> bytes:
        return self.with_(commit=replace(self.it.commit, **changes))

    def with_receipts(self, **changes: Any) -> bytes:
        return self.with_(receipts=replace(self.it.receipts, **changes))

    def with_link_statement(self, number: int, **changes: Any) -> bytes:
        return self.with_link(number, receipts=restated(self.link(number).receipts, **changes))

    def with_link(self, number: int, **changes: Any) -> bytes:
        return self.with_chain({number: replace(self.link(number), **changes)})

    def link(self, number: int) -> CommitLink:
        link = self.it.chain[number]
        assert isinstance(link, CommitLink)
        return link

    def with_last_charter(self, charter: Charter, **changes: Any) -> bytes:
        """Return the certificate with this charter in the deciding epoch, in its link, too."""
        link = replace(self.link(1), charter_hash=charter.hash, outer=charter.outer, **changes)
        charters = (self.it.charters[0], charter)
        return self.with_(charters=charters, chain=(self.link(0), link))

    @property
    def rebuild_link(self) -> RebuildLink:
        link = self.rebuilt.chain[1]
        assert isinstance(link, RebuildLink)
        return link

    @property
    def survivors_charter(self) -> Charter:
        return self.rebuilt.charters[1]

    def with_rebuild(self, link: RebuildLink, after: Charter | None = None) -> bytes:
        first, _, last = self.rebuilt.chain
        charters = (self.rebuilt.charters[0], after or self.survivors_charter)
        return replace(self.rebuilt, charters=charters, chain=(first, link, last)).to_bytes()

    def rebuild_anew(self, **changes: Any) -> bytes:
        """Return what its signers would sign: another end of the epoch, charter, or seats."""
        link = self.rebuild_link
        rebuild, after = link.rebuild, changes.pop("charter", self.survivors_charter)
        kept, lost = changes.pop("kept", rebuild.kept), changes.pop("lost", rebuild.lost)
        keys = changes.pop("keys", None)
        ended = replace(rebuild.statement, **changes)
        anew = self.survivors.sign_rebuild(ended, after, kept, lost, keys)
        return self.with_rebuild(anew, after)

    def with_chain(self, links: Mapping[int, CommitLink]) -> bytes:
        return self.with_(chain=tuple(links.get(i, link) for i, link in enumerate(self.it.chain)))

    def with_record(self, **changes: Any) -> bytes:
        return self.with_(record=replace(self.proposal, **changes).to_bytes())

    def with_votes(self, votes: Mapping[MemberId, Ballot], **changes: Any) -> bytes:
        return self.with_(record=self.record_with(votes), **changes)

    def record_with(self, votes: Mapping[MemberId, Ballot]) -> bytes:
        proposal = self.proposal
        revision = replace(proposal.current, votes=votes)
        return replace(proposal, revisions=(*proposal.revisions[:-1], revision)).to_bytes()

    @property
    def votes(self) -> dict[MemberId, Ballot]:
        return dict(self.proposal.current.votes)

    @property
    def naysayer(self) -> MemberId:
        return next(one for one, ballot in self.votes.items() if ballot.choice == "no")

    @property
    def silent(self) -> MemberId:
        return next(one for one in self.proposal.electorate if one not in self.votes)

    def without_vote(self, member: MemberId) -> tuple[dict[MemberId, Ballot], tuple[bytes, ...]]:
        """Return the other votes, and the other ops."""
        rest = {one: ballot for one, ballot in self.votes.items() if one != member}
        place = list(self.votes).index(member) + 2  # after the opening and the revision
        return rest, (*self.it.ops[:place], *self.it.ops[place + 1 :])

    def signed_anew(self, record: bytes, ops: tuple[bytes, ...] | None = None) -> bytes:
        """Return what a quorum that lies would sign: everything fits the record."""
        proposal = Proposal.from_bytes(record)
        commit = replace(
            self.it.commit,
            time_ms=proposal.decided_ms,
            decided=((proposal.id, proposal.outcome, compute_record_hash(record), None),),
        )
        receipts = self.paper.sign(commit.epoch, commit.index, self.paper.root_of(commit))
        return self.with_(record=record, commit=commit, receipts=receipts, ops=ops or self.it.ops)

    def raw(self) -> list[Any]:
        """Return the certificate as plain lists, to write what no value of ours can be."""
        value = decode(self.it.to_bytes(), 1 << 24)
        assert isinstance(value, list)
        return value

    def raw_record(self) -> list[Any]:
        value = decode(self.it.record, 1 << 24)
        assert isinstance(value, list)
        return value


def _grow() -> DecisionCertificate:
    paper = Paper(4)
    paper.end_epoch(paper.admit("eva"))
    it = paper.decide(("yes", "yes", "no", "yes", "yes"), tier="tactical")
    paper.end_epoch(paper.admit("finn"))
    commit = replace(it.commit, epoch=paper.epoch, index=paper.index + 3)
    return replace(
        it,
        charters=paper.select(Proposal.from_bytes(it.record), paper.ops_of(it)),
        chain=paper.chain,
        commit=commit,
        receipts=paper.sign(commit.epoch, commit.index, paper.root_of(commit)),
    )


def _rebuild_late() -> DecisionCertificate:
    paper = Paper(4)
    paper.end_epoch(paper.admit("eva"))
    paper.rebuild(2)
    return paper.decide(("no", "yes", None, None, None), tier="individual")


def restated(receipts: ReceiptSet, **changes: Any) -> ReceiptSet:
    """Return the receipts with another statement above the same signatures."""
    return replace(receipts, statement=replace(receipts.statement, **changes))


Forgery = Callable[[Genuine], bytes]
CASES: dict[str, tuple[str, Forgery]] = {}


def case(name: str, code: str) -> Callable[[Forgery], Forgery]:
    def add(forgery: Forgery) -> Forgery:
        assert name not in CASES
        CASES[name] = (code, forgery)
        return forgery

    return add


def simple(name: str, code: str, forgery: Forgery) -> None:
    case(name, code)(forgery)


# --- bytes --------------------------------------------------------------------------------------

simple("cut short", "bad_encoding", lambda g: g.it.to_bytes()[:-1])
simple("empty", "bad_encoding", lambda g: b"")
simple("a byte after the end", "bad_encoding", lambda g: g.it.to_bytes() + b"\0")
simple(
    "a text not in its shortest form",
    "bad_encoding",
    lambda g: g.it.to_bytes().replace(b"\xb5p2pnode/c", b"\xd9\x15p2pnode/c", 1),
)
simple("a map instead of a list", "bad_encoding", lambda g: b"\x80" + g.it.to_bytes()[1:])
simple(
    "a version from before the first release",
    "unknown_version",
    lambda g: g.it.to_bytes().replace(b"certificate/3", b"certificate/2", 1),
)
simple("a version of the future", "unknown_version", lambda g: encode(["p2pnode/certificate/4"]))
simple("a field left out", "bad_field", lambda g: encode(g.raw()[:-1]))
simple("a field added", "bad_field", lambda g: encode([*g.raw(), None]))


simple("nothing at all", "bad_field", lambda g: encode(None))
simple("an empty list", "bad_field", lambda g: encode([]))
simple("a list without a version", "bad_field", lambda g: encode([1, *g.raw()[1:]]))

# --- community and charter ----------------------------------------------------------------------


@case("another community's id", "wrong_community")
def _(g: Genuine) -> bytes:
    return g.with_(community=CommunityId(digest("another")))


@case("founding charter with another name", "wrong_charter")
def _(g: Genuine) -> bytes:
    first, *rest = g.it.charters
    return g.with_(charters=(replace(first, name="Paper Hill"), *rest))


@case("founding charter with the forger's key", "wrong_charter")
def _(g: Genuine) -> bytes:
    founding, *others = g.it.charters
    first, *rest = founding.members
    key = STRANGER.device
    forged = founding.with_members([replace(first, devices=(key,), node_key=key), *rest])
    return g.with_(charters=(forged, *others))


simple("no charter", "bad_field", lambda g: g.with_(charters=()))
simple("another charter first", "wrong_charter", lambda g: g.with_(charters=g.it.charters[::-1]))
simple(
    "the deciding epoch's charter left out",
    "charter_missing",
    lambda g: g.with_(charters=g.it.charters[:1]),
)
simple(
    "a charter twice",
    "unknown_charter",
    lambda g: g.with_(charters=(*g.it.charters, g.it.charters[0])),
)
simple(
    "a charter that no epoch has",
    "unknown_charter",
    lambda g: g.with_(charters=(*g.it.charters, g.paper.admit("mallory"))),
)


@case("charters out of order", "unknown_charter")
def _(g: Genuine) -> bytes:
    founding, middle, last = g.grown.charters
    return replace(g.grown, charters=(founding, last, middle)).to_bytes()


@case("the charter left out of the epoch in which it opened", "charter_missing")
def _(g: Genuine) -> bytes:
    founding, _, last = g.grown.charters
    return replace(g.grown, charters=(founding, last)).to_bytes()


@case("the charter left out that a rebuild ended", "charter_missing")
def _(g: Genuine) -> bytes:
    founding, _, *rest = g.rebuilt_late.charters
    return replace(g.rebuilt_late, charters=(founding, *rest)).to_bytes()


@case("the charter left out that a rebuild began", "charter_missing")
def _(g: Genuine) -> bytes:
    return replace(g.rebuilt, charters=g.rebuilt.charters[:1]).to_bytes()


@case("the deciding epoch's charter with another name in it", "unknown_charter")
def _(g: Genuine) -> bytes:
    founding, last = g.it.charters
    return g.with_(charters=(founding, replace(last, name="Paper Hill")))


simple(
    "founding state changed", "wrong_epoch", lambda g: g.with_(state_hash=digest("another state"))
)

# --- the chain of epochs ------------------------------------------------------------------------

simple("first link left out", "wrong_epoch", lambda g: g.with_(chain=g.it.chain[1:]))
simple("last link left out", "wrong_epoch", lambda g: g.with_(chain=g.it.chain[:1]))
simple("links swapped", "wrong_epoch", lambda g: g.with_(chain=g.it.chain[::-1]))
simple("a link twice", "wrong_epoch", lambda g: g.with_(chain=(g.link(0), *g.it.chain)))
simple(
    "a link with another charter",
    "broken_chain",
    lambda g: g.with_last_charter(g.paper.admit("mallory")),
)
simple(
    "a link with another charter's hash",
    "broken_chain",
    lambda g: g.with_link(1, charter_hash=g.paper.admit("mallory").hash),
)
simple(
    "a link with another outer",
    "broken_chain",
    lambda g: g.with_link(1, outer=g.paper.admit("mallory").outer),
)
simple("a link without its outer", "broken_chain", lambda g: g.with_link(1, outer=None))


def _with_outer(**changes: Any) -> Forgery:
    """Return what changes a field of the last link's outer."""

    def forge(g: Genuine) -> bytes:
        outer = g.link(1).outer
        assert outer is not None
        return g.with_link(1, outer=replace(outer, **changes))

    return forge


def _with_raw_outer(place: int, put: Callable[[Any], Value]) -> Forgery:
    def forge(g: Genuine) -> bytes:
        raw = g.raw()
        outer = raw[4][1][4]
        outer[place] = put(outer[place])
        return encode(raw)

    return forge


simple("an outer with more persons", "broken_chain", _with_outer(persons=9))
simple("an outer with agents", "broken_chain", _with_outer(agents=1))
simple("an outer of another fault model", "broken_chain", _with_outer(fault_model="crash"))
simple("an outer with fewer seats than keys", "bad_field", _with_outer(persons=1))
simple("an outer with more seats than may be", "bad_field", _with_outer(agents=257))
simple("an outer without keys", "bad_field", _with_outer(keys=()))
simple("an outer whose keys are out of order", "bad_field", _with_raw_outer(2, lambda k: k[::-1]))
simple("an outer with a key twice", "bad_field", _with_raw_outer(2, lambda k: [k[0], *k]))
simple("an outer with half a key", "bad_field", _with_raw_outer(2, lambda k: [k[0][:16], *k[1:]]))
simple("an outer of an unknown fault model", "bad_field", _with_raw_outer(1, lambda _: "hope"))
simple("rules of a later version", "unknown_version", _with_raw_outer(0, lambda one: one + 1))
simple("rules of no version", "bad_field", _with_raw_outer(0, lambda _: "one"))
simple(
    "a link with another state", "broken_chain", lambda g: g.with_link(1, state_hash=digest("s"))
)
simple("a link of another slot", "broken_chain", lambda g: g.with_link(0, round=Round(30)))
simple(
    "a link of another author", "broken_chain", lambda g: g.with_link(0, author=MemberId(digest()))
)


@case("a link over another root", "broken_chain")
def _(g: Genuine) -> bytes:
    return g.with_link_statement(0, root=digest("root"))


@case("a link to another next epoch", "broken_chain")
def _(g: Genuine) -> bytes:
    return g.with_link_statement(0, next_epoch=EpochId(digest("n")))


@case("a link made to fit the forger's charter", "bad_receipt")
def _(g: Genuine) -> bytes:
    link, charter = g.link(1), g.paper.admit("mallory")
    said = link.receipts.statement
    following = compute_epoch_id(
        said.epoch, link.round, link.author, said.root, charter, link.state_hash
    )
    receipts = restated(link.receipts, next_epoch=following)
    return g.with_last_charter(charter, receipts=receipts)


@case("a link by too few", "no_quorum")
def _(g: Genuine) -> bytes:
    receipts = g.link(0).receipts
    return g.with_link(0, receipts=replace(receipts, signatures=receipts.signatures[1:]))


@case("a link by a stranger", "not_on_committee")
def _(g: Genuine) -> bytes:
    return g.with_link(0, receipts=_by_stranger(g, g.link(0).receipts))


@case("an epoch ended in an unknown way", "unknown_link")
def _(g: Genuine) -> bytes:
    raw = g.raw()
    raw[4][0][0] = "fusion"
    return encode(raw)


@case("a rebuild without its parts", "bad_field")
def _(g: Genuine) -> bytes:
    raw = decode(g.rebuilt.to_bytes(), 1 << 24)
    assert isinstance(raw, list)
    raw[4][1] = ["rebuild"]
    return encode(raw)


@case("a rebuild whose seats are out of order", "bad_field")
def _(g: Genuine) -> bytes:
    rebuild = g.rebuild_link.rebuild
    return g.with_rebuild(
        replace(g.rebuild_link, rebuild=replace(rebuild, kept=rebuild.kept[::-1]))
    )


@case("a rebuild of another epoch", "wrong_epoch")
def _(g: Genuine) -> bytes:
    return g.rebuild_anew(epoch=EpochId(digest("elsewhere")))


@case("a rebuild that ends the epoch before it began", "wrong_index")
def _(g: Genuine) -> bytes:
    first = g.rebuilt.chain[0]
    assert isinstance(first, CommitLink)
    return g.rebuild_anew(index=first.receipts.statement.index - 1)


@case("a rebuild with another state", "broken_chain")
def _(g: Genuine) -> bytes:
    return g.with_rebuild(replace(g.rebuild_link, state_hash=digest("state")))


@case("a rebuild with another root", "broken_chain")
def _(g: Genuine) -> bytes:
    rebuild = g.rebuild_link.rebuild
    statement = replace(rebuild.statement, root=digest("root"))
    return g.with_rebuild(replace(g.rebuild_link, rebuild=replace(rebuild, statement=statement)))


@case("a rebuild that names a lost seat nowhere", "bad_rebuild")
def _(g: Genuine) -> bytes:
    return g.rebuild_anew(lost=g.rebuild_link.rebuild.lost[1:])


@case("a rebuild that keeps one whom it has lost", "bad_rebuild")
def _(g: Genuine) -> bytes:
    rebuild = g.rebuild_link.rebuild
    return g.rebuild_anew(lost=(*rebuild.lost, rebuild.kept[0]))


@case("a rebuild by a quorum", "bad_rebuild")
def _(g: Genuine) -> bytes:
    rebuild = g.rebuild_link.rebuild
    return g.rebuild_anew(kept=(*rebuild.kept, rebuild.lost[0]), lost=rebuild.lost[1:])


@case("a rebuild that keeps nobody", "bad_rebuild")
def _(g: Genuine) -> bytes:
    rebuild = g.rebuild_link.rebuild
    return g.rebuild_anew(kept=(), lost=(*rebuild.kept, *rebuild.lost))


@case("a rebuild that one of those it keeps has not signed", "bad_rebuild")
def _(g: Genuine) -> bytes:
    rebuild = g.rebuild_link.rebuild
    fewer = replace(rebuild, signatures=rebuild.signatures[1:])
    return g.with_rebuild(replace(g.rebuild_link, rebuild=fewer))


@case("a rebuild signed by one whom it leaves out as well", "bad_rebuild")
def _(g: Genuine) -> bytes:
    keys = [one.node_key for one in g.survivors.founding.members[:3]]
    return g.rebuild_anew(keys=keys)


@case("a rebuild with the signature of another", "bad_rebuild")
def _(g: Genuine) -> bytes:
    rebuild = g.rebuild_link.rebuild
    (key, one), (other, two) = rebuild.signatures
    swapped = replace(rebuild, signatures=((key, two), (other, one)))
    return g.with_rebuild(replace(g.rebuild_link, rebuild=swapped))


@case("a rebuild for which others were shown as lost", "bad_rebuild")
def _(g: Genuine) -> bytes:
    rebuild = g.rebuild_link.rebuild
    signatures = g.survivors.sign_rebuild(
        replace(rebuild.statement), g.survivors_charter, rebuild.kept, rebuild.lost[:1]
    ).rebuild.signatures
    return g.with_rebuild(replace(g.rebuild_link, rebuild=replace(rebuild, signatures=signatures)))


@case("a rebuild that lowers a threshold", "bad_rebuild")
def _(g: Genuine) -> bytes:
    charter = g.survivors_charter
    (first, *rest) = charter.tiers
    lower = replace(first, threshold=Ratio(1, 5), floor=Ratio(0, 1))
    return g.rebuild_anew(charter=replace(charter, tiers=(lower, *rest)))


@case("a rebuild that takes a seat away", "bad_rebuild")
def _(g: Genuine) -> bytes:
    charter = g.survivors_charter
    return g.rebuild_anew(charter=charter.with_members(charter.members[:3]))


@case("a rebuild that leaves a lost node on the committee", "bad_rebuild")
def _(g: Genuine) -> bytes:
    charter = g.survivors_charter
    seats = [replace(one, away=False) for one in charter.members[2:]]
    return g.rebuild_anew(charter=charter.with_members([*charter.members[:2], *seats]))


@case("a later epoch of a rebuild, signed by the old committee", "not_on_committee")
def _(g: Genuine) -> bytes:
    first, rebuilt, last = g.rebuilt.chain
    assert isinstance(last, CommitLink)
    said = last.receipts.statement
    keys = [one.node_key for one in g.survivors.founding.members if one.node_key is not None]
    receipts = g.survivors.sign(said.epoch, said.index, said.root, said.next_epoch, keys)
    chain = (first, rebuilt, replace(last, receipts=receipts))
    return replace(g.rebuilt, chain=chain).to_bytes()


@case("a rebuild left out of the chain", "wrong_epoch")
def _(g: Genuine) -> bytes:
    first, _, last = g.rebuilt.chain
    return replace(g.rebuilt, chain=(first, last)).to_bytes()


@case("a lying quorum ends an epoch before it began", "wrong_index")
def _(g: Genuine) -> bytes:
    said, index = g.link(1).receipts.statement, g.link(0).receipts.statement.index
    receipts = g.paper.sign(said.epoch, index, said.root, said.next_epoch)
    return g.with_link(1, receipts=receipts)


# --- receipts -----------------------------------------------------------------------------------


def _by_stranger(g: Genuine, receipts: ReceiptSet) -> ReceiptSet:
    made = sign_receipt(g.paper.community, STRANGER, receipts.statement)
    signed = (*receipts.signatures[1:], (STRANGER.device, made.signature))
    return replace(receipts, signatures=tuple(sorted(signed)))


@case("a receipt left out", "no_quorum")
def _(g: Genuine) -> bytes:
    return g.with_receipts(signatures=g.it.receipts.signatures[1:])


simple("no receipts", "no_quorum", lambda g: g.with_receipts(signatures=()))


@case("a receipt twice", "repeated_receipt")
def _(g: Genuine) -> bytes:
    first, *rest = g.it.receipts.signatures[1:]
    return g.with_receipts(signatures=(first, first, *rest))


@case("receipts out of order", "repeated_receipt")
def _(g: Genuine) -> bytes:
    return g.with_receipts(signatures=g.it.receipts.signatures[::-1])


@case("a receipt by a stranger", "not_on_committee")
def _(g: Genuine) -> bytes:
    return g.with_(receipts=_by_stranger(g, g.it.receipts))


@case("a receipt under another's key", "bad_receipt")
def _(g: Genuine) -> bytes:
    (one, _), (other, signature), *rest = g.it.receipts.signatures
    return g.with_receipts(signatures=((one, signature), (other, signature), *rest))


@case("a receipt's signature cut short", "bad_field")
def _(g: Genuine) -> bytes:
    raw = g.raw()
    raw[7][1][0][1] = raw[7][1][0][1][:-1]
    return encode(raw)


@case("a receipt's signature with a bit changed", "bad_receipt")
def _(g: Genuine) -> bytes:
    (key, signature), *rest = g.it.receipts.signatures
    return g.with_receipts(signatures=((key, signature[:-1] + bytes([signature[-1] ^ 1])), *rest))


@case("a receipt over another root", "bad_receipt")
def _(g: Genuine) -> bytes:
    said = g.it.receipts.statement
    wrong = g.paper.sign(said.epoch, said.index, digest("another root"))
    return g.with_receipts(signatures=(wrong.signatures[0], *g.it.receipts.signatures[1:]))


@case("all receipts over another root", "wrong_root")
def _(g: Genuine) -> bytes:
    it = g.it.receipts.statement
    return g.with_(receipts=g.paper.sign(it.epoch, it.index, digest("another root")))


@case("all receipts of another commit", "wrong_index")
def _(g: Genuine) -> bytes:
    it = g.it.receipts.statement
    return g.with_(receipts=g.paper.sign(it.epoch, it.index + 1, it.root))


@case("all receipts of another epoch", "wrong_epoch")
def _(g: Genuine) -> bytes:
    return g.with_(receipts=g.link(1).receipts)


@case("receipts of another community", "bad_receipt")
def _(g: Genuine) -> bytes:
    message = signed_message(
        TAG_RECEIPT, CommunityId(digest("another")), g.it.receipts.statement.to_bytes()
    )
    return g.with_receipts(
        signatures=tuple(
            (key, g.paper.signers[key].sign(message)) for key, _ in g.it.receipts.signatures
        )
    )


simple(
    "an end of the epoch that nobody signed",
    "bad_receipt",
    lambda g: g.with_(receipts=restated(g.it.receipts, next_epoch=EpochId(digest("next")))),
)

# --- the commit ---------------------------------------------------------------------------------

simple("time changed", "wrong_time", lambda g: g.with_commit(time_ms=WallMs(FOUNDED_MS)))
simple("index changed", "wrong_index", lambda g: g.with_commit(index=g.it.commit.index + 1))
simple("index before the epoch", "wrong_index", lambda g: g.with_commit(index=1))
simple("previous root changed", "wrong_root", lambda g: g.with_commit(previous_root=digest("p")))
simple("round changed", "wrong_root", lambda g: g.with_commit(round=Round(8)))
simple("author changed", "wrong_root", lambda g: g.with_commit(author=MemberId(digest("a"))))
simple("block changed", "wrong_root", lambda g: g.with_commit(block=BlockId(digest("b"))))
simple("epoch changed", "wrong_epoch", lambda g: g.with_commit(epoch=EpochId(digest("e"))))
simple("entries changed", "wrong_root", lambda g: g.with_commit(entries_hash=digest("entries")))
simple("what it derived left out", "wrong_root", lambda g: g.with_commit(derived=()))
simple(
    "what it derived changed",
    "wrong_root",
    lambda g: g.with_commit(derived=((digest("item"), digest("other content")),)),
)
simple(
    "more derived than a commit may",
    "bad_field",
    lambda g: g.with_commit(derived=((digest("item"), digest("content")),) * (DERIVED + 1)),
)
simple(
    "another decision left out",
    "wrong_root",
    lambda g: g.with_commit(decided=g.it.commit.decided[1:]),
)
simple(
    "decision taken out of the commit",
    "wrong_proposal",
    lambda g: g.with_commit(decided=g.it.commit.decided[:1]),
)


@case("outcome changed in the commit", "wrong_outcome")
def _(g: Genuine) -> bytes:
    other, (proposal, _, *rest) = g.it.commit.decided
    return g.with_commit(decided=(other, (proposal, "rejected", *rest)))


@case("what the decision says to outsiders put in", "wrong_root")
def _(g: Genuine) -> bytes:
    other, (*row, _) = g.it.commit.decided
    return g.with_commit(decided=(other, (*row, digest("said"))))


@case("what another decision says to outsiders left out", "wrong_root")
def _(g: Genuine) -> bytes:
    (*row, said), mine = g.it.commit.decided
    assert said is not None
    return g.with_commit(decided=((*row, None), mine))


@case("what a decision says is no hash", "bad_field")
def _(g: Genuine) -> bytes:
    raw = g.raw()
    raw[5][8][1][3] = b"said"
    return encode(raw)


@case("record and its hash changed", "wrong_root")
def _(g: Genuine) -> bytes:
    rest, ops = g.without_vote(g.naysayer)
    record = g.record_with(rest)
    other, (proposal, outcome, _, said) = g.it.commit.decided
    decided = (other, (proposal, outcome, compute_record_hash(record), said))
    return g.with_(record=record, ops=ops, texts=(), commit=replace(g.it.commit, decided=decided))


# --- commits after it ---------------------------------------------------------------------------


def with_tail(g: Genuine, number: int, **changes: Any) -> bytes:
    """Return the longer certificate with one of the commits after the decision changed."""
    tail = list(g.longer.tail)
    tail[number] = replace(tail[number], **changes)
    return replace(g.longer, tail=tuple(tail)).to_bytes()


simple("a later commit left out", "wrong_index", lambda g: _with_tail(g, g.longer.tail[1:]))
simple("the last commit left out", "wrong_index", lambda g: _with_tail(g, g.longer.tail[:1]))
simple("all later commits left out", "wrong_index", lambda g: _with_tail(g, ()))
simple("later commits swapped", "wrong_index", lambda g: _with_tail(g, g.longer.tail[::-1]))
simple(
    "a later commit of another epoch",
    "wrong_epoch",
    lambda g: with_tail(g, 0, epoch=EpochId(digest("e"))),
)
simple(
    "a later commit of another log",
    "wrong_root",
    lambda g: with_tail(g, 0, previous_root=digest("p")),
)
simple("a later commit changed", "wrong_root", lambda g: with_tail(g, 0, round=Round(1)))
simple("the last commit changed", "wrong_root", lambda g: with_tail(g, 1, round=Round(1)))


def _with_tail(g: Genuine, tail: tuple[LoggedCommit, ...]) -> bytes:
    return replace(g.longer, tail=tail).to_bytes()


@case("the decision changed before later commits", "wrong_root")
def _(g: Genuine) -> bytes:
    commit = replace(g.longer.commit, author=MemberId(digest("a")))
    return replace(g.longer, commit=commit).to_bytes()


# --- the record ---------------------------------------------------------------------------------


@case("record, ops and texts of another decision", "wrong_proposal")
def _(g: Genuine) -> bytes:
    return g.with_(record=g.other.record, ops=g.other.ops, texts=g.other.texts)


simple("outcome changed", "wrong_outcome", lambda g: g.with_record(outcome="rejected"))
simple("decision made open again", "wrong_outcome", lambda g: g.with_record(outcome="open"))
simple(
    "decided a little later",
    "wrong_record",
    lambda g: g.with_record(decided_ms=WallMs(g.proposal.decided_ms + 1)),
)
simple("effect changed", "wrong_record", lambda g: g.with_record(effect="done"))
simple("number changed", "wrong_record", lambda g: g.with_record(number=1))
simple(
    "proposal under another id",
    "unknown_op",
    lambda g: g.with_record(id=OpId(digest("another id"))),
)


@case("a vote flipped", "op_differs")
def _(g: Genuine) -> bytes:
    votes = g.votes
    votes[g.naysayer] = replace(votes[g.naysayer], choice="yes")
    return g.with_votes(votes)


@case("a vote flipped, signed by the forger", "wrong_record")
def _(g: Genuine) -> bytes:
    votes, member = g.votes, g.naysayer
    forged = sign_op(
        g.paper.community,
        member,
        STRANGER,
        1,
        WallMs(FOUNDED_MS),
        Vote(g.proposal.id, g.proposal.current.id, "yes", None),
    )
    place = list(votes).index(member) + 2
    votes[member] = replace(votes[member], choice="yes", reason=None, op=forged.id)
    ops = (*g.it.ops[:place], forged.wire, *g.it.ops[place + 1 :])
    texts = g.it.texts[:2]
    return g.with_votes(votes, ops=ops, texts=texts)


@case("a vote by another member", "op_differs")
def _(g: Genuine) -> bytes:
    votes = g.votes
    votes[g.silent] = votes.pop(g.naysayer)
    moved = [ballot.op for _, ballot in sorted(votes.items())]
    wires = {ballot.op: wire for ballot, wire in zip(g.votes.values(), g.it.ops[2:], strict=True)}
    return g.with_votes(votes, ops=(*g.it.ops[:2], *(wires[op] for op in moved)))


@case("a vote added", "op_missing")
def _(g: Genuine) -> bytes:
    added = Ballot("yes", None, OpId(digest("added")), WallMs(g.proposal.decided_ms))
    return g.with_votes({**g.votes, g.silent: added})


@case("a vote left out", "unknown_op")
def _(g: Genuine) -> bytes:
    return g.with_votes(g.without_vote(g.naysayer)[0])


@case("a vote and its op left out", "wrong_record")
def _(g: Genuine) -> bytes:
    rest, ops = g.without_vote(g.naysayer)
    return g.with_votes(rest, ops=ops, texts=g.it.texts[:2])


@case("a deciding vote left out", "wrong_outcome")
def _(g: Genuine) -> bytes:
    yes = next(one for one, ballot in g.votes.items() if ballot.choice == "yes")
    rest, ops = g.without_vote(yes)
    return g.with_votes(rest, ops=ops)


@case("a vote twice", "bad_record")
def _(g: Genuine) -> bytes:
    raw = g.raw_record()
    raw[10][-1][6].append(raw[10][-1][6][0])
    return g.with_(record=encode(raw))


@case("a vote by nobody", "bad_record")
def _(g: Genuine) -> bytes:
    raw = g.raw_record()
    raw[10][-1][6][-1][0] = 5
    return g.with_(record=encode(raw))


@case("a vote for something else", "bad_record")
def _(g: Genuine) -> bytes:
    raw = g.raw_record()
    raw[10][-1][6][-1][1] = 3
    return g.with_(record=encode(raw))


for _version in (0, 1, 3, 1 << 40):

    @case(f"a record of version {_version}", "unknown_version")
    def _(g: Genuine, version: int = _version) -> bytes:
        return g.with_(record=encode([version, *g.raw_record()[1:]]))


# Places of a record, and of a revision, that nothing fills yet (ADR 37).
for _place in (-4, -3, -2, -1):

    @case(f"a record with something in place {_place}", "unknown_version")
    def _(g: Genuine, place: int = _place) -> bytes:
        raw = g.raw_record()
        raw[place] = [["map", b""]]
        return g.with_(record=encode(raw))


for _number, _place, _value in (
    (0, 4, "ranked"),
    (-1, 4, ["score"]),
    (0, 5, [1, 0]),
    (-1, 5, None),
):

    @case(f"revision {_number} with {_value} in place {_place}", "unknown_version")
    def _(g: Genuine, number: int = _number, place: int = _place, value: Any = _value) -> bytes:
        raw = g.raw_record()
        raw[10][number][place] = value
        return g.with_(record=encode(raw))


@case("a record without a version", "bad_record")
def _(g: Genuine) -> bytes:
    return g.with_(record=encode(g.raw_record()[1:]))


@case("a record without a text", "bad_record")
def _(g: Genuine) -> bytes:
    raw = g.raw_record()
    raw[10] = []
    return g.with_(record=encode(raw))


ODD_ACTIONS: list[Value] = [
    [],
    ["burn"],
    ["none", 1],
    ["remove"],
    ["remove", b"bo"],
    ["set_away", b"m" * 32, 1],
    ["rekey", b"m" * 32, b"d" * 32, b"short"],
    ["invite", "x" * 81, b"i" * 32, 0, 1],
    ["invite", "Zoe", b"i" * 32, 0, 0],
    ["invite", "Zoe", b"i" * 32, 0, 257],
    ["invite", "Zoe", b"i" * 32, -1, 1],
    ["erase", []],
    ["erase", [b"t" * 32, b"t" * 32]],
    ["erase", [b"t"]],
    ["amend", []],
    ["amend", [["name"]]],
    ["amend", [["name", [[1], 2]]]],
    ["amend", [["name", [1, 2, 3]]]],
    ["amend", [["n" * 201, "x"]]],
]

for _number, _action in enumerate(ODD_ACTIONS):

    @case(f"odd action {_number}", "bad_record")
    def _(g: Genuine, action: Value = _action) -> bytes:
        raw = g.raw_record()
        raw[5] = action
        return g.with_(record=encode(raw))


simple("record cut short", "bad_record", lambda g: g.with_(record=g.it.record[:-1]))


@case("somebody asked who is no member", "wrong_electorate")
def _(g: Genuine) -> bytes:
    return g.with_record(electorate=(*g.proposal.electorate, MemberId(b"\xff" * 32)))


@case("a silent member not asked", "wrong_electorate")
def _(g: Genuine) -> bytes:
    raw = g.raw_record()
    raw[7] = [one for one in raw[7] if one != g.silent]
    for ballot in raw[10][-1][6]:
        ballot[0] = raw[7].index(g.proposal.electorate[ballot[0]])
    return g.with_(record=encode(raw))


simple("asked in another epoch", "wrong_electorate", lambda g: g.with_record(epoch=0))
simple("asked in an epoch to come", "wrong_electorate", lambda g: g.with_record(epoch=3))


@case("threshold lowered in the rule", "wrong_rule")
def _(g: Genuine) -> bytes:
    rule = g.proposal.judged_by
    assert rule is not None
    return g.with_record(judged_by=replace(rule, threshold=Ratio(1, 2)))


@case("floor lowered in the rule", "wrong_rule")
def _(g: Genuine) -> bytes:
    rule = g.proposal.judged_by
    assert rule is not None
    return g.with_record(judged_by=replace(rule, floor=Ratio(1, 10)))


@case("another base in the rule", "wrong_rule")
def _(g: Genuine) -> bytes:
    rule = g.proposal.judged_by
    assert rule is not None
    return g.with_record(judged_by=replace(rule, base="cast"))


simple("no rule", "wrong_rule", lambda g: g.with_record(judged_by=None))


@case("threshold lowered in tier and rule", "wrong_record")
def _(g: Genuine) -> bytes:
    tier = replace(g.proposal.tier, threshold=Ratio(1, 2))
    return g.with_record(tier=tier, judged_by=Rule(Ratio(1, 2), tier.strict, tier.base, tier.floor))


simple(
    "tier changed",
    "op_differs",
    lambda g: g.with_record(tier=replace(g.proposal.tier, name="implementation")),
)
simple(
    "action changed",
    "op_differs",
    lambda g: g.with_record(action=RemoveAction(g.silent)),
)
simple("author of the proposal changed", "op_differs", lambda g: g.with_record(author=g.silent))


@case("title changed", "op_differs")
def _(g: Genuine) -> bytes:
    title, _ = make_text(b"0" * 16, "Paint the shed pink")
    latest = replace(g.proposal.current, title=title)
    return g.with_record(revisions=(*g.proposal.revisions[:-1], latest))


def renumbered(g: Genuine, *numbers: int) -> bytes:
    """Return a record that numbers the parts of the last revision, 2, 1 and 3, so."""
    raw = g.raw_record()
    for part, number in zip(raw[10][-1][2], numbers, strict=True):
        part[0] = number
    return g.with_(record=encode(raw))


simple("a part with another number", "op_differs", lambda g: renumbered(g, 2, 1, 4))
simple("parts that changed places", "op_differs", lambda g: renumbered(g, 1, 2, 3))
simple("a part twice", "bad_record", lambda g: renumbered(g, 2, 1, 2))
simple("a part without a number", "bad_record", lambda g: renumbered(g, 2, 1, 0))
simple("a new part too far on", "bad_record", lambda g: renumbered(g, 2, 1, 203))


@case("a new part with a number that was used", "bad_record")
def _(g: Genuine) -> bytes:
    raw = g.raw_record()
    raw[10][0][2][1][0] = 5  # the first revision had 1 and 5: 3 is none, 2 neither
    return g.with_(record=encode(raw))


@case("more parts than a text may have", "bad_record")
def _(g: Genuine) -> bytes:
    raw = g.raw_record()
    (_, reference), *_ = raw[10][0][2]
    raw[10][0][2] = [[number, [reference[0], 0]] for number in range(1, 202)]
    return g.with_(record=encode(raw))


@case("a text that is too long", "bad_record")
def _(g: Genuine) -> bytes:
    raw = g.raw_record()
    raw[10][0][2][0][1][1] = 65_530
    return g.with_(record=encode(raw))


@case("last revision presented as the first", "unknown_op")
def _(g: Genuine) -> bytes:
    first, latest = g.proposal.revisions
    return g.with_record(revisions=(replace(latest, id=first.id),))


@case("closed before the votes", "wrong_time")
def _(g: Genuine) -> bytes:
    return g.with_record(close_ms=WallMs(g.proposal.current.opened_ms + 1))


# --- ops and texts ------------------------------------------------------------------------------

simple("an op left out", "op_missing", lambda g: g.with_(ops=g.it.ops[:-1]))
simple("no ops", "op_missing", lambda g: g.with_(ops=()))
simple(
    "an op of another proposal", "unknown_op", lambda g: g.with_(ops=(*g.it.ops, g.other.ops[0]))
)
simple("an op twice", "unknown_op", lambda g: g.with_(ops=(*g.it.ops, g.it.ops[0])))
simple("ops out of order", "unknown_op", lambda g: g.with_(ops=g.it.ops[::-1]))


@case("an op's signature with a bit changed", "op_signature")
def _(g: Genuine) -> bytes:
    wire = g.it.ops[-1]
    return g.with_(ops=(*g.it.ops[:-1], wire[:-1] + bytes([wire[-1] ^ 1])))


@case("an op that is no byte string", "bad_field")
def _(g: Genuine) -> bytes:
    raw = g.raw()
    raw[9][0] = None
    return encode(raw)


@case("a text that is no byte string", "bad_field")
def _(g: Genuine) -> bytes:
    raw = g.raw()
    raw[10][0] = "Paint the shed"
    return encode(raw)


@case("an op's signature cut short", "bad_field")
def _(g: Genuine) -> bytes:
    parts = decode(g.it.ops[-1], 1 << 16)
    assert isinstance(parts, list)
    content, signature = parts
    return g.with_(ops=(*g.it.ops[:-1], encode([content, signature[:-1]])))


@case("an op with something after it", "bad_encoding")
def _(g: Genuine) -> bytes:
    return g.with_(ops=(*g.it.ops[:-1], g.it.ops[-1] + b"\0"))


@case("text changed", "unknown_text")
def _(g: Genuine) -> bytes:
    return g.with_(texts=tuple(one.replace(b"Green", b"Brown") for one in g.it.texts))


simple("a text twice", "unknown_text", lambda g: g.with_(texts=(*g.it.texts, g.it.texts[0])))
simple("a text of somebody else", "unknown_text", lambda g: g.with_(texts=(b"0" * 16 + b"hello",)))


# --- a quorum that lies about who comes next ---------------------------------------------------


def lying_link(g: Genuine, charter: Charter) -> bytes:
    """Return the certificate with this charter in its last link, signed by the real quorum."""
    link = g.link(1)
    said, keys = link.receipts.statement, [key for key, _ in link.receipts.signatures]
    following = compute_epoch_id(
        said.epoch, link.round, link.author, said.root, charter, link.state_hash
    )
    receipts = g.paper.sign(said.epoch, said.index, said.root, following, keys)
    return g.with_last_charter(charter, receipts=receipts)


@case("a lying quorum shows outsiders more persons than there are", "wrong_charter")
def _(g: Genuine) -> bytes:
    link, charter = g.link(1), g.paper.charter
    said, keys = link.receipts.statement, [key for key, _ in link.receipts.signatures]
    shown = replace(charter.outer, persons=charter.outer.persons + 1)
    following = compute_epoch_id(
        said.epoch,
        link.round,
        link.author,
        said.root,
        Outline(shown, charter.hash),
        link.state_hash,
    )
    signed = g.paper.sign(said.epoch, said.index, said.root, following, keys)
    commit = replace(g.it.commit, epoch=following)
    return g.with_(
        chain=(g.link(0), replace(link, outer=shown, receipts=signed)),
        commit=commit,
        receipts=g.paper.sign(following, commit.index, g.paper.root_of(commit)),
    )


def _members(g: Genuine) -> tuple[Member, ...]:
    return g.paper.charter.members


@case("a lying quorum gives one key to two seats", "bad_field")
def _(g: Genuine) -> bytes:
    first, second, *rest = _members(g)
    twin = replace(second, devices=first.devices, node_key=first.node_key)
    return lying_link(g, replace(g.paper.charter, members=(first, twin, *rest)))


@case("a lying quorum seats somebody twice", "bad_field")
def _(g: Genuine) -> bytes:
    first, second, *rest = _members(g)
    return lying_link(
        g, replace(g.paper.charter, members=(first, replace(second, id=first.id), *rest))
    )


@case("a lying quorum lets a key finalize that is no seat's", "bad_field")
def _(g: Genuine) -> bytes:
    first, *rest = _members(g)
    alien = replace(first, node_key=STRANGER.device)
    return lying_link(g, replace(g.paper.charter, members=(alien, *rest)))


@case("a lying quorum leaves nobody to finalize", "bad_field")
def _(g: Genuine) -> bytes:
    gone = tuple(replace(one, away=True) for one in _members(g))
    return lying_link(g, replace(g.paper.charter, members=gone))


# --- a quorum that lies: every signature is genuine, and still it contradicts itself ------------


@case("a lying quorum signs another outcome", "wrong_outcome")
def _(g: Genuine) -> bytes:
    return g.signed_anew(replace(g.proposal, outcome="rejected").to_bytes())


@case("a lying quorum signs what is still open", "wrong_outcome")
def _(g: Genuine) -> bytes:
    rest, ops = g.without_vote(next(one for one, vote in g.votes.items() if vote.choice == "yes"))
    record = Proposal.from_bytes(g.record_with(rest))
    return g.signed_anew(replace(record, outcome="open").to_bytes(), ops)


@case("a lying quorum flips a vote", "op_differs")
def _(g: Genuine) -> bytes:
    votes = g.votes
    votes[g.naysayer] = replace(votes[g.naysayer], choice="yes")
    return g.signed_anew(g.record_with(votes))


@case("a lying quorum adds a vote", "op_missing")
def _(g: Genuine) -> bytes:
    added = Ballot("yes", None, OpId(digest("added")), WallMs(g.proposal.decided_ms))
    return g.signed_anew(g.record_with({**g.votes, g.silent: added}))


@case("a lying quorum decides before its epoch began", "wrong_index")
def _(g: Genuine) -> bytes:
    index = g.link(-1).receipts.statement.index
    commit = replace(g.it.commit, index=index)
    receipts = g.paper.sign(commit.epoch, index, g.paper.root_of(commit))
    return g.with_(commit=commit, receipts=receipts)


@case("a lying quorum asks a friend", "wrong_electorate")
def _(g: Genuine) -> bytes:
    electorate = (*g.proposal.electorate, MemberId(b"\xff" * 32))
    return g.signed_anew(replace(g.proposal, electorate=electorate).to_bytes())


@case("a lying quorum lowers the bar", "wrong_rule")
def _(g: Genuine) -> bytes:
    rule = g.proposal.judged_by
    assert rule is not None
    weak = replace(rule, threshold=Ratio(1, 2))
    return g.signed_anew(replace(g.proposal, judged_by=weak).to_bytes())


@case("a lying quorum counts a late vote", "wrong_time")
def _(g: Genuine) -> bytes:
    votes = g.votes
    late = WallMs(g.proposal.decided_ms + 1)
    votes[g.naysayer] = replace(votes[g.naysayer], at_ms=late)
    return g.signed_anew(g.record_with(votes))
