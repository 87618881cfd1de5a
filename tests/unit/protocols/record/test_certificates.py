"""Certificates: the genuine ones say what was decided, each forgery is refused by its name.

Everything is asked twice, of the core and of the single-file verifier, which shares no code
with it (R8.8).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from support.certified.certificates import NAMES, Paper, digest
from support.certified.tampering import CASES, STRANGER, Genuine, restated
from support.certified.verifier import VERIFIER, load_verifier
from support.names import DECEIVING, SAME

from p2pnode.answers.verdicts import describe, find_votes, other_name
from p2pnode_protocols.agreement.committee import Committee
from p2pnode_protocols.agreement.receipts import sign_receipt
from p2pnode_protocols.record.actions import (
    AmendAction,
    CoreAction,
    EraseAction,
    InviteAction,
    NoAction,
    RekeyAction,
    RemoveAction,
    SetAwayAction,
)
from p2pnode_protocols.record.bodies import Choice, Vote
from p2pnode_protocols.record.certificates.certificate import DecisionCertificate, select_receipts
from p2pnode_protocols.record.certificates.checking import check_certificate
from p2pnode_protocols.record.certificates.faults import FAULTS, CertificateFault
from p2pnode_protocols.record.ops import open_op
from p2pnode_protocols.record.questions.proposal import Ballot, Proposal
from p2pnode_protocols.record.seats import name_tables
from p2pnode_protocols.record.seats.charter import Member
from p2pnode_protocols.record.seats.names import forms
from p2pnode_protocols.wire.crypto import Ed25519Signer, verify_ed25519
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import CommunityId, EpochId, MemberId, TextId, WallMs, to_text
from p2pnode_protocols.wire.limits import CERTIFICATE_BYTES

alone = load_verifier()

Judge = Callable[..., dict[str, Any]]


def judge_core(
    community: CommunityId, data: bytes, confirmed: Sequence[EpochId] = ()
) -> dict[str, Any]:
    """Return the verdict, or `code` and `detail` of the refusal."""
    try:
        return describe(check_certificate(community, data), confirmed)
    except CertificateFault as fault:
        return {"ok": False, "code": fault.code, "detail": fault.detail}


def judge_alone(
    community: CommunityId, data: bytes, confirmed: Sequence[EpochId] = ()
) -> dict[str, Any]:
    try:
        verdict: dict[str, Any] = alone.verify(community, data, confirmed)
    except alone.Refused as refused:
        return {"ok": False, "code": refused.code, "detail": refused.detail}
    return verdict


@pytest.fixture(scope="module")
def genuine() -> Genuine:
    return Genuine.make()


both = pytest.mark.parametrize(
    "judge", [judge_core, judge_alone], ids=["core", "single-file verifier"]
)


@both
def test_genuine_certificate_says_what_was_decided(genuine: Genuine, judge: Judge) -> None:
    found = judge(genuine.paper.community, genuine.it.to_bytes())
    assert (found["ok"], found["outcome"], found["title"]) == (
        True,
        "passed",
        "Paint the shed green",
    )
    assert found["text"] == "# By when\nGreen, on all sides.\n\nIn May."
    assert found["tally"] == {"yes": 3, "no": 1, "aside": 0, "missing": 1, "electorate": 5}
    assert (found["epochs"], found["committee"], found["quorum"]) == (3, 5, 4)
    assert len(found["signers"]) == 4
    (naysayer,) = (vote for vote in found["votes"] if vote["choice"] == "no")
    assert naysayer["reason"] == f"because {naysayer['member']['name']} says so"
    assert all(vote["device_listed"] for vote in found["votes"])
    assert found["decided_at"] == "2023-11-14T23:14:20.000Z"


@both
@pytest.mark.parametrize("name", CASES)
def test_forgery_is_refused_by_name(genuine: Genuine, judge: Judge, name: str) -> None:
    code, forge = CASES[name]
    data = forge(genuine)
    assert data != genuine.it.to_bytes()
    found = judge(genuine.paper.community, data)
    assert (found["ok"], found.get("code")) == (False, code), found


def test_there_are_far_more_than_thirty_forgeries_and_each_fault_has_one() -> None:
    assert len(CASES) >= 80
    assert {code for code, _ in CASES.values()} == set(FAULTS)


@both
def test_reason_that_another_vote_names_at_another_length_is_shown_where_it_fits(
    judge: Judge,
) -> None:
    paper = Paper(4)
    it = paper.decide(("yes", "no", "yes", "no"), borrowed=True, tier="implementation")
    found = judge(paper.community, it.to_bytes())
    assert found["ok"], found
    assert [vote["reason"] is None for vote in found["votes"]] == [True, False, True, False]


@both
def test_certificate_asked_about_another_community_is_refused(
    genuine: Genuine, judge: Judge
) -> None:
    found = judge(CommunityId(digest("another")), genuine.it.to_bytes())
    assert found["code"] == "wrong_community"


@both
def test_file_that_is_too_long_is_not_even_read(genuine: Genuine, judge: Judge) -> None:
    found = judge(genuine.paper.community, b"\xc0" * (CERTIFICATE_BYTES + 1))
    assert found["code"] == "bad_encoding"
    assert found["detail"] == f"{CERTIFICATE_BYTES + 1} bytes, at most {CERTIFICATE_BYTES}"


@both
def test_any_single_byte_changed_is_refused(genuine: Genuine, judge: Judge) -> None:
    """R8.8: nothing in the file is without a check; texts may only be left out."""
    data = genuine.it.to_bytes()
    accepted = []
    for at in range(0, len(data), 7):
        forged = data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]
        if judge(genuine.paper.community, forged)["ok"]:
            accepted.append(at)
    assert accepted == []


def test_both_verifiers_know_the_same_faults() -> None:
    named = set(re.findall(r'Refused\(\s*"(\w+)"', VERIFIER.read_text()))
    assert named == set(FAULTS)


# --- every way to decide -----------------------------------------------------------------------


CHOICES: dict[str, tuple[str, tuple[Choice | None, ...], int, str]] = {
    # name: tier, choices, after_ms, outcome
    "passes early": ("strategic", ("yes", "yes", "yes", "yes", None), 60_000, "passed"),
    "rejected early": ("strategic", ("no", "no", None, None, None), 60_000, "rejected"),
    "aside shrinks the base": ("strategic", ("yes",) * 4 + ("aside",), 60_000, "passed"),
    "lapses at the close": ("tactical", ("yes", None, None, None, None), 8 * 86_400_000, "lapsed"),
    "more than half": ("implementation", ("yes", "yes", "yes", None, None), 60_000, "passed"),
    "just half is not more": (
        "implementation",
        ("yes", "yes", "no", "no", "aside"),
        60_000,
        "rejected",
    ),
    "one objection": ("individual", ("yes", "no", None, None, None), 60_000, "rejected"),
    "nobody objects": ("individual", (None,) * 5, 86_400_000, "passed"),
    "nobody is left to object": ("individual", (None,) + ("yes",) * 4, 60_000, "passed"),
}


@both
@pytest.mark.parametrize("name", CHOICES)
def test_outcome_of_every_kind_is_proved(judge: Judge, name: str) -> None:
    tier, choices, after_ms, outcome = CHOICES[name]
    paper = Paper(5)
    it = paper.decide(choices, tier=tier, after_ms=after_ms)
    found = judge(paper.community, it.to_bytes())
    assert (found["ok"], found.get("outcome")) == (True, outcome), found


@both
@pytest.mark.parametrize("late_ms", [0, 1, 86_400_000, 400 * 86_400_000])
@pytest.mark.parametrize(
    ("tier", "choices", "after_ms", "outcome"),
    [
        ("tactical", (None, None, None), 0, "lapsed"),  # closed as it opened
        ("individual", (None, None, None), 86_400_000, "passed"),  # open for its least time
        ("individual", (None, "yes", "yes"), 20_000, "passed"),
        ("individual", (None, "no", "yes"), 20_000, "rejected"),
    ],
)
def test_proposal_that_opened_after_the_close_it_wished_is_proved(
    judge: Judge,
    tier: str,
    choices: Sequence[Choice | None],
    after_ms: int,
    outcome: str,
    late_ms: int,
) -> None:
    """R10.20."""
    paper = Paper(3)
    it = paper.decide(choices, tier=tier, after_ms=after_ms, wish_ms=-late_ms)
    found = judge(paper.community, it.to_bytes())
    assert (found["ok"], found.get("outcome")) == (True, outcome), found


@both
def test_no_vote_counts_on_what_closed_as_it_opened(judge: Judge) -> None:
    paper = Paper(3)
    it = paper.decide((None,) * 3, tier="tactical", after_ms=0, wish_ms=-1)
    proposal = Proposal.from_bytes(it.record)
    op = paper.say(paper.founding.members[0], Vote(proposal.id, proposal.id, "yes", None))
    ballot = Ballot("yes", None, op.id, proposal.opened_ms)
    revision = replace(proposal.current, votes={op.author: ballot})
    forged = replace(proposal, revisions=(revision,), outcome="lapsed")
    opening = open_op(paper.community, it.ops[0], verify_ed25519)
    found = judge(paper.community, paper.certify(forged, (opening, op)).to_bytes())
    assert found["code"] == "wrong_time"


@both
@pytest.mark.parametrize(
    ("choices", "outcome", "tally"),
    [
        # R10.21, R10.23: who lost the keys does not count, and may still object with one
        ((None, "yes", "yes", "yes"), "passed", (3, 0, 0)),
        (("no", "yes", "yes", "yes"), "rejected", (3, 0, 0)),
        (("yes", "yes", "yes", "yes"), "passed", (3, 0, 0)),
    ],
)
def test_new_key_for_a_seat_is_counted_as_the_rules_say(
    judge: Judge, choices: tuple[Choice | None, ...], outcome: str, tally: tuple[int, int, int]
) -> None:
    paper = Paper(4)
    seat = paper.founding.members[0].id
    action = RekeyAction(seat, STRANGER.device, b"s" * 64)
    it = paper.decide(choices, tier="constitutional", action=action, after_ms=4 * 86_400_000)
    found = judge(paper.community, it.to_bytes())
    assert (found["ok"], found.get("outcome")) == (True, outcome), found
    assert (found["tally"]["yes"], found["tally"]["no"], found["tally"]["aside"]) == tally
    assert found["tally"]["missing"] == 0


SEAT_CASES: dict[str, tuple[int, tuple[Choice | None, ...], str]] = {
    # name: seats, choices (the first is the seat concerned), outcome
    "three of three others": (4, (None, "yes", "yes", "yes"), "passed"),
    "its own no moves nothing": (4, ("no", "yes", "yes", "yes"), "passed"),
    "its own yes moves nothing": (4, ("yes", "yes", "yes", None), "lapsed"),
    "two of two others": (3, (None, "yes", "yes"), "passed"),
    "one of two others": (3, ("yes", "yes", None), "lapsed"),
    "a no among the others": (5, (None, "yes", "yes", "yes", "no"), "rejected"),
}


@both
@pytest.mark.parametrize("kind", [RemoveAction, SetAwayAction])
@pytest.mark.parametrize("name", SEAT_CASES)
def test_decision_about_a_seat_is_counted_without_it(
    judge: Judge, name: str, kind: type[RemoveAction | SetAwayAction]
) -> None:
    """R10.23: both verifiers count as the state does, and name the seat."""
    n, choices, outcome = SEAT_CASES[name]
    paper = Paper(n)
    seat = paper.founding.members[0]
    action = RemoveAction(seat.id) if kind is RemoveAction else SetAwayAction(seat.id, away=True)
    after_ms = 8 * 86_400_000 if outcome == "lapsed" else 60_000
    it = paper.decide(choices, tier="constitutional", action=action, after_ms=after_ms)
    found = judge(paper.community, it.to_bytes())
    assert (found["ok"], found.get("outcome")) == (True, outcome), found
    assert found["concerned"]["name"] == seat.name
    assert seat.name not in {one["name"] for one in found["missing"]}
    assert found["tally"]["electorate"] == n - 1
    others = [one for one in choices[1:] if one is not None]
    assert found["tally"]["yes"] == others.count("yes")


@both
def test_vote_of_the_seat_concerned_is_told_not_to_count(judge: Judge) -> None:
    paper = Paper(4)
    seat = paper.founding.members[0]
    it = paper.decide(
        ("no", "yes", "yes", "yes"), tier="constitutional", action=RemoveAction(seat.id)
    )
    found = judge(paper.community, it.to_bytes())
    assert {one["member"]["name"]: one["counted"] for one in found["votes"]} == {
        one.name: one.id != seat.id for one in paper.founding.members
    }


@both
def test_own_no_to_a_new_key_counts(judge: Judge) -> None:
    """R10.21: who has an old key rejects the new one."""
    paper = Paper(4)
    seat = paper.founding.members[0]
    action = RekeyAction(seat.id, STRANGER.device, bytes(64))
    it = paper.decide(("no", "yes", "yes", "yes"), tier="constitutional", action=action)
    found = judge(paper.community, it.to_bytes())
    assert (found["ok"], found.get("outcome")) == (True, "rejected"), found
    assert all(one["counted"] for one in found["votes"])


def _effects(seat: Member) -> dict[str, tuple[CoreAction, dict[str, Any]]]:
    """Return an action of each kind, and how a verdict tells it."""
    me = {"id": to_text("mem", seat.id), "name": seat.name}
    key, text = STRANGER.device, TextId(b"t" * 32)
    return {
        "none": (NoAction(), {}),
        "invite": (
            InviteAction("Zoe", key, WallMs(1_800_000_000_000), 3),
            {
                "name": "Zoe",
                "invite": to_text("inv", key),
                "uses": 3,
                "expires_at": "2027-01-15T08:00:00.000Z",
            },
        ),
        "remove": (RemoveAction(seat.id), {"member": me}),
        "set_away": (SetAwayAction(seat.id, away=True), {"member": me, "away": True}),
        "rekey": (
            RekeyAction(seat.id, key, bytes(64)),
            {"member": me, "device": to_text("dev", key)},
        ),
        "erase": (EraseAction((text,)), {"texts": [text.hex()]}),
        "amend": (
            AmendAction((("name", "x\x1b"), ("tiers.tactical.threshold", [2, 3]), ("a", None))),
            {
                "changes": {
                    "name": "x\x1b",
                    "tiers.tactical.threshold": {"num": 2, "den": 3},
                    "a": None,
                }
            },
        ),
    }


@both
@pytest.mark.parametrize("kind", [one.KIND for one in CoreAction.__args__])
def test_verdict_says_what_the_decision_does_and_to_whom(judge: Judge, kind: str) -> None:
    paper = Paper(4)
    action, told = _effects(paper.founding.members[0])[kind]
    after_ms = 8 * 86_400_000
    it = paper.decide(("yes",) * 4, tier="constitutional", action=action, after_ms=after_ms)
    found = judge(paper.community, it.to_bytes())
    assert found["ok"], found
    assert found["action"] == {"kind": kind, **told}


@both
@pytest.mark.parametrize("effect", ["none", "done", "seat_anew", "unknown_member"])
def test_verdict_says_whether_passing_changed_anything(judge: Judge, effect: str) -> None:
    paper = Paper(4)
    action = RemoveAction(paper.founding.members[0].id)
    it = paper.decide(("yes",) * 4, tier="constitutional", action=action, effect=effect)
    found = judge(paper.community, it.to_bytes())
    assert (found["outcome"], found["effect"]) == ("passed", effect)


@both
def test_seat_that_there_is_not_has_no_name(judge: Judge) -> None:
    """No honest log has such a decision; a community of liars may say what it likes."""
    paper = Paper(4)
    nobody = MemberId(b"\xff" * 32)
    it = paper.decide(("yes",) * 4, tier="constitutional", action=RemoveAction(nobody))
    found = judge(paper.community, it.to_bytes())
    assert found["action"]["member"] == {"id": to_text("mem", nobody), "name": None}


# --- whose vote is asked for ----------------------------------------------------------------

LOOK_UPS = [
    # names of those who said yes, yes, yes, nothing; what is typed; which of them are meant
    (("ana", "bo", "cleo", "dan"), "bo", [1]),
    (("ana", "bo", "cleo", "dan"), " BO ", [1]),
    (("ana", "bo", "cleo", "dan"), "dan", []),
    (("ana", "bo", "cleo", "dan"), "nobody", []),
    (("Äsa", "äsa", "cleo", "dan"), "Äsa", [0]),
    (("Äsa", "äsa", "cleo", "dan"), "ÄSA", "ambiguous"),
    (("Äsa", "bo", "cleo", "äsa"), "äsa", []),  # who is named did not vote, another did
    (("ana", "bo", "cleo", "Ana"), "АNA", "ambiguous"),
    (("Ana", "bo", "cleo", "dan"), "Аnа", [0]),  # with Cyrillic letters
    (("نیک‌نام", "bo", "cleo", "dan"), "نیکنام", [0]),
    (("Straße", "bo", "cleo", "dan"), "STRASSE", [0]),
    (("한글", "bo", "cleo", "dan"), "한글", [0]),
    (("Mia", "bo", "cleo", "dan"), "Ｍｉａ", [0]),
    (("ana", "bo", "cleo", "dan"), "mem_2222", "ambiguous"),
    (("ana", "bo", "cleo", "dan"), "MEM_22222224", [1]),
    (("ana", "bo", "cleo", "dan"), "mem_ssss", []),
    (("ana", "mem_2222222", "cleo", "dan"), "mem_2222222", "ambiguous"),
    (("ana", "bo", "cleo", "dan"), "mem_", []),
]


@pytest.mark.parametrize(("names", "typed", "meant"), LOOK_UPS)
@pytest.mark.parametrize(
    "find", [find_votes, lambda verdict, wanted: alone.find_votes(verdict, *wanted)]
)
def test_both_look_a_name_up_alike(
    find: Callable[..., list[dict[str, Any]]],
    names: tuple[str, ...],
    typed: str,
    meant: list[int] | str,
) -> None:
    """No charter has two names that look alike; a verifier may be of before that rule."""
    paper = Paper(4)
    it = paper.decide(("yes", "yes", "yes", None), tier="implementation")
    verdict = judge_alone(paper.community, it.to_bytes())
    seats = [*(vote["member"] for vote in verdict["votes"]), *verdict["missing"]]
    for seat, name, letter in zip(seats, names, "pqrs", strict=True):
        seat.update(name=name, id=f"mem_{letter * 8}")
    seats[0]["id"], seats[1]["id"] = "mem_22222223", "mem_22222224"
    if meant == "ambiguous":
        with pytest.raises((ValueError, UsageError), match=r"fits 2|mean 2"):
            find(verdict, [typed])
        return
    assert [one["member"]["name"] for one in find(verdict, [typed])] == [names[at] for at in meant]


@pytest.mark.parametrize(
    "find", [find_votes, lambda verdict, wanted: alone.find_votes(verdict, *wanted)]
)
def test_seat_with_two_names_is_found_by_either_and_shown_by_both(
    find: Callable[..., list[dict[str, Any]]],
) -> None:
    """Who left and came back was asked by one name, and its node signed by another."""
    paper = Paper(4)
    verdict = judge_alone(paper.community, paper.decide(("yes",) * 4).to_bytes())
    signer = verdict["signers"][0]
    (vote,) = [one for one in verdict["votes"] if one["member"]["id"] == signer["id"]]
    assert other_name(verdict, signer) is None
    assert alone.signer_words(verdict, signer) == signer["name"]
    before, signer["name"] = signer["name"], "Аna 2"
    for name in (before, "Аna 2", "АNA 2", "Ana 2", signer["id"][:12]):
        assert find(verdict, [name]) == [vote], name
    assert other_name(verdict, signer) == before
    assert alone.signer_words(verdict, signer) == f"Аna 2 (then {before})"
    verdict["votes"].remove(vote)  # a signer that had no seat when it was asked
    assert find(verdict, ["Аna 2"]) == []
    assert other_name(verdict, signer) is None


def test_both_fold_names_by_the_same_tables() -> None:
    """R2.20: the file has those of `name_tables`, to be copied there whenever they change."""
    for table in ("CLASSES", "SMALL", "SHAPE"):
        assert getattr(alone, table) == getattr(name_tables, table), table
    for name in [*NAMES, *DECEIVING, *(one for pair in SAME for one in pair), "한글", "i̇"]:
        assert alone.forms(name) == forms(name), name


@both
@pytest.mark.parametrize(
    ("n", "kept", "fault_model"),
    [
        (2, 1, "byzantine"),
        (3, 1, "byzantine"),
        (4, 1, "byzantine"),
        (4, 2, "byzantine"),
        (7, 4, "byzantine"),
        (10, 6, "byzantine"),
        (5, 2, "crash"),
        (10, 1, "crash"),
    ],
)
def test_certificate_leads_over_a_rebuild_and_says_on_whom_it_rests(
    judge: Judge, n: int, kept: int, fault_model: str
) -> None:
    """R8.9: named are those who went on and those left out; the new committee signs the rest."""
    paper = Paper(n, fault_model)
    paper.end_epoch()
    began = paper.rebuild(kept).rebuild.next_epoch
    names = [one.name for one in paper.founding.members]
    paper.end_epoch()
    said: list[Choice | None] = ["no", *[None] * (n - 1)]
    it = paper.decide(said, tier="individual", tail=1)
    found = judge(paper.community, it.to_bytes(), [began])
    assert (found["ok"], found.get("outcome"), found.get("epochs")) == (True, "rejected", 4), found
    assert found["committee"] == kept
    (rebuild,) = found["rebuilds"]
    assert (rebuild["epoch"], rebuild["after_commit"]) == (2, 10)
    assert [one["name"] for one in rebuild["kept"]] == names[:kept]
    assert [one["name"] for one in rebuild["lost"]] == names[kept:]
    assert rebuild["id"] == to_text("epo", began)


@both
@pytest.mark.parametrize("rebuilds", [1, 2, 3])
def test_rebuild_that_nobody_confirms_leaves_nothing_proved(judge: Judge, rebuilds: int) -> None:
    """R8.9: one member alone can make a rebuild, and all that comes after it.

    So whoever reads `ok` alone is told no, until each rebuild is known from elsewhere.
    """
    paper = Paper(10)
    began = []
    for kept in (6, 3, 1)[:rebuilds]:
        began.append(paper.rebuild(kept).rebuild.next_epoch)
        paper.end_epoch()
    it = paper.decide(["no", *[None] * 9], tier="individual", tail=1).to_bytes()
    others = [paper.epoch, EpochId(bytes(32)), EpochId(paper.community)]
    for some in range(1 << rebuilds):
        confirmed = [one for number, one in enumerate(began) if some >> number & 1]
        found = judge(paper.community, it, [*others, *confirmed])
        assert found["ok"] == (len(confirmed) == rebuilds)
        assert [one["confirmed"] for one in found["rebuilds"]] == [
            one in confirmed for one in began
        ]
        assert found.get("code") == (None if found["ok"] else "unconfirmed_rebuild")
        named = [one for one in began if to_text("epo", one) in found.get("detail", "")]
        assert named == [one for one in began if one not in confirmed]
        assert found["outcome"] == "rejected", "what the file says is shown all the same"


@both
def test_phone_bound_in_the_ended_epoch_is_no_change_by_the_rebuild(judge: Judge) -> None:
    """R6.1: keys that make no blocks end no epoch, so the next charter may have more of them."""
    paper = Paper(4)
    first, *rest = paper.charter.members
    more = replace(first, devices=tuple(sorted((*first.devices, STRANGER.device))))
    link = paper.rebuild(2)
    begun = paper.charter
    after = begun.with_members([more, *begun.members[1:]])
    assert [one.id for one in rest] == [one.id for one in after.members[1:]]
    ended = link.rebuild.statement
    paper.chain = (paper.sign_rebuild(ended, after, link.rebuild.kept, link.rebuild.lost),)
    paper.charter, paper.epoch = after, paper.chain[0].rebuild.next_epoch  # type: ignore[union-attr]
    paper.charters[-1] = after
    it = paper.decide(("no", None, None, None), tier="individual")
    assert judge(paper.community, it.to_bytes(), [paper.epoch])["ok"]


@both
def test_certificate_without_a_rebuild_names_none(genuine: Genuine, judge: Judge) -> None:
    found = judge(genuine.paper.community, genuine.it.to_bytes())
    assert (found["ok"], found["rebuilds"]) == (True, [])


@both
@pytest.mark.parametrize("fault_model", ["byzantine", "crash"])
@pytest.mark.parametrize("n", range(1, 11))
def test_quorum_of_any_size_is_enough_and_one_less_is_not(
    judge: Judge, n: int, fault_model: str
) -> None:
    """R8.2, with R1.8's Q."""
    paper = Paper(n, fault_model)
    paper.end_epoch()
    it = paper.decide(("yes",) * n, tier="implementation", ends_epoch=True)
    assert judge(paper.community, it.to_bytes())["ok"]
    fewer = replace(it.receipts, signatures=it.receipts.signatures[1:])
    assert judge(paper.community, replace(it, receipts=fewer).to_bytes())["code"] == "no_quorum"


@both
def test_texts_may_be_missing(genuine: Genuine, judge: Judge) -> None:
    """R2.8: an erased text breaks nothing."""
    found = judge(genuine.paper.community, replace(genuine.it, texts=()).to_bytes())
    assert (found["ok"], found["title"], found["text"]) == (True, None, None)


def withdrawn(paper: Paper, after_ms: int) -> bytes:
    """Return the certificate of a proposal with one vote, withdrawn so long after its opening."""
    it = paper.decide(("yes", "yes", "yes", "yes"))
    proposal = Proposal.from_bytes(it.record)
    when = WallMs(proposal.opened_ms + after_ms)
    latest = replace(proposal.current, votes=dict(list(proposal.current.votes.items())[:1]))
    proposal = replace(
        proposal, outcome="withdrawn", judged_by=None, decided_ms=when, revisions=(latest,)
    )
    record = proposal.to_bytes()
    decided = ((proposal.id, "withdrawn", alone.digest("record", record), None),)
    commit = replace(it.commit, time_ms=when, decided=decided)
    receipts = paper.sign(commit.epoch, commit.index, paper.root_of(commit))
    ops = it.ops[:2]
    made = replace(it, record=record, commit=commit, receipts=receipts, ops=ops, texts=())
    return made.to_bytes()


@both
def test_withdrawn_proposal_is_proved_if_it_was_still_open(judge: Judge) -> None:
    paper = Paper(4)
    found = judge(paper.community, withdrawn(paper, 60_000))
    assert (found["ok"], found.get("outcome")) == (True, "withdrawn"), found
    late = judge(paper.community, withdrawn(paper, 30 * 86_400_000))
    assert (late["ok"], late.get("code")) == (False, "wrong_outcome"), late


@both
def test_vote_by_a_key_that_no_charter_lists_is_told(judge: Judge) -> None:
    """A device added and revoked within one epoch leaves no trace in the chain."""
    paper = Paper(4)
    member = paper.founding.members[0]
    listed = member.devices[0]
    phone = paper.signers[listed]
    paper.signers[listed] = type(phone)(digest("phone"))  # signs ops; the node key signs receipts
    it = paper.decide(("yes", "yes", "yes", "yes"))
    paper.signers[listed] = phone
    receipts = paper.sign(it.commit.epoch, it.commit.index, paper.root_of(it.commit))
    found = judge(paper.community, replace(it, receipts=receipts).to_bytes())
    assert [vote["device_listed"] for vote in found["votes"]] == [False, True, True, True]


@both
def test_charters_that_no_verdict_rests_on_are_left_out(judge: Judge) -> None:
    """So a chain tells nothing of those who came and went meanwhile, but how many they were."""
    paper = Paper(4)
    went = paper.admit("a passer-by")
    paper.end_epoch(went)
    paper.end_epoch(paper.founding)
    paper.end_epoch(replace(paper.founding, name="Paper House"))
    data = paper.decide(("yes", "yes", "yes", "yes")).to_bytes()
    found = judge(paper.community, data)
    assert (found["ok"], found["epochs"], found["community"]["name"]) == (True, 4, "Paper House")
    assert b"a passer-by" not in data


@both
def test_what_opened_in_an_earlier_epoch_is_proved_by_the_charters_of_both(
    genuine: Genuine, judge: Judge
) -> None:
    it = genuine.grown
    found = judge(it.community, it.to_bytes())
    assert (found["ok"], found["epochs"], len(found["votes"]), found["committee"]) == (
        True,
        3,
        5,
        6,
    )
    assert len(it.charters) == 3


@both
def test_rebuild_is_proved_by_the_charters_before_and_after_it(
    genuine: Genuine, judge: Judge
) -> None:
    it = genuine.rebuilt_late
    found = judge(it.community, it.to_bytes())
    (rebuilt,) = found["rebuilds"]
    names = sorted(one["name"] for one in (*rebuilt["kept"], *rebuilt["lost"]))
    assert (found["code"], names) == (
        "unconfirmed_rebuild",
        ["ana", "bo", "cleo", "dan", "eva"],
    )
    assert len(it.charters) == 3


@both
def test_key_that_some_charter_of_the_file_lists_is_said_to_be_listed(judge: Judge) -> None:
    paper = Paper(4)
    member = paper.founding.members[0]
    phone = Ed25519Signer(digest("phone"))
    more = replace(member, devices=tuple(sorted((*member.devices, phone.device))))
    between = paper.founding.with_members([more, *paper.founding.members[1:]])
    paper.end_epoch(between)
    paper.end_epoch(paper.founding)
    laptop = member.devices[0]
    signer = paper.signers[laptop]
    paper.signers[laptop] = phone  # signs ops; the node key signs receipts
    it = paper.decide(("yes", "yes", "yes", "yes"))
    paper.signers[laptop] = signer
    receipts = paper.sign(it.commit.epoch, it.commit.index, paper.root_of(it.commit))
    assert it.charters == (paper.founding, between), "whoever makes it adds what lists the key"
    for charters, is_listed in ((it.charters[:1], False), (it.charters, True)):
        data = replace(it, receipts=receipts, charters=charters).to_bytes()
        found = judge(paper.community, data)
        assert [one["device_listed"] for one in found["votes"]] == [is_listed, True, True, True]


# --- building ------------------------------------------------------------------------------------


def test_receipts_of_others_and_over_other_things_are_left_out(genuine: Genuine) -> None:
    paper, it = genuine.paper, genuine.it.receipts
    committee = Committee(it.statement.epoch, paper.charter)
    signers = [paper.signers[key] for key, _ in it.signatures]
    made = [sign_receipt(paper.community, one, it.statement) for one in signers]
    other = replace(it.statement, root=digest("another root"))
    more = [
        sign_receipt(paper.community, STRANGER, it.statement),
        sign_receipt(paper.community, signers[0], other),
    ]
    assert select_receipts(committee, it.statement, [*more, *reversed(made), *more]) == it
    fewer = select_receipts(committee, it.statement, [*more, *made[1:]])
    assert len(fewer.signatures) == committee.quorum - 1


def test_certificate_reads_back_as_written(genuine: Genuine) -> None:
    assert DecisionCertificate.from_bytes(genuine.it.to_bytes()) == genuine.it
    ending = restated(genuine.it.receipts, next_epoch=EpochId(digest("next")))
    again = replace(genuine.it, receipts=ending)
    assert DecisionCertificate.from_bytes(again.to_bytes()) == again


def test_verifier_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    lines = VERIFIER.read_text().splitlines()
    modules = {line.split()[1].split(".")[0] for line in lines if re.match(r"(from|import) ", line)}
    assert modules == {
        "__future__", "argparse", "base64", "cryptography", "datetime", "fractions", "functools",
        "hashlib", "json", "os", "pathlib", "re", "sys", "zlib",
    }  # fmt: skip
    ast.parse(VERIFIER.read_text(), feature_version=(3, 9))  # the oldest Python it names
