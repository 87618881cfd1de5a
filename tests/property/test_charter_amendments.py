"""Amendments of any path to any value: a valid charter, or a refusal without a trace: R2.7."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given, settings
from hypothesis import strategies as st
from support.cores.town import Town, found, propose

from p2pnode_protocols.record.actions import AmendAction
from p2pnode_protocols.record.seats.charter import Charter, Rules, Tier, Timing
from p2pnode_protocols.wire.codec import Value
from p2pnode_protocols.wire.errors import UsageError

CHARTER = found(3)
TIERS = [tier.name for tier in CHARTER.tiers]
PATHS = st.sampled_from(
    [
        "name",
        "fault_model",
        "members",
        "created_ms",
        *(f"tiers.{tier}.{one.name}" for tier in (*TIERS, "x") for one in fields(Tier)),
        *(f"rules.{one.name}" for one in fields(Rules)),
        *(f"timing.{one.name}" for one in fields(Timing)),
    ]
) | st.text(max_size=30)
VALUES: st.SearchStrategy[Value] = (
    st.sampled_from(["electorate", "cast", "threshold", "objection", "byzantine", "crash", *TIERS])
    | st.booleans()
    | st.none()
    | st.integers(-1, 1 << 54)
    | st.integers(0, 10_000_000)
    | st.lists(st.integers(0, 12), min_size=1, max_size=3)
    | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=90)
)
CHANGES = st.lists(st.tuples(PATHS, VALUES), min_size=1, max_size=6)


@settings(max_examples=400)
@given(CHANGES)
def test_amended_charter_is_valid_or_refused(changes: list[tuple[str, Value]]) -> None:
    before = CHARTER.to_bytes()
    amended, code, detail = CHARTER, "bad_charter", ""
    try:
        amended = CHARTER.amended(changes)
    except UsageError as error:
        code, detail = error.code, error.detail
    else:
        amended.validate()
        assert Charter.from_bytes(amended.to_bytes()) == amended
        assert amended.members == CHARTER.members
        assert [tier.name for tier in amended.tiers] == TIERS
    assert (CHARTER.to_bytes(), code) == (before, "bad_charter")
    assert ", field " not in detail, "people know paths, not places in a list"


@given(CHANGES)
def test_proposing_any_amendment_is_accepted_or_refused_and_never_breaks(
    changes: list[tuple[str, Value]],
) -> None:
    town = Town(CHARTER)
    before = town.state.charter.to_bytes()
    op = town.say("alice", propose("constitutional", AmendAction(tuple(changes))))
    (code,) = town.codes(op)
    assert code in ("ok", "bad_charter", "not_allowed")
    if code == "ok":
        for name in ("alice", "bob", "carol"):
            town.commit(town.vote(name, op.id, "yes"))
        assert town.outcome(op.id) == "passed"
        assert town.proposal(op.id).effect == "done"
        assert town.state.charter == CHARTER.amended(changes)
    else:
        assert town.state.charter.to_bytes() == before


@given(st.lists(st.tuples(st.sampled_from(TIERS), st.integers(1, 9)), min_size=1, max_size=5))
def test_amendments_one_after_the_other_stay_valid(steps: list[tuple[str, int]]) -> None:
    charter = CHARTER
    for tier, tenths in steps:
        threshold = charter.tier(tier).threshold
        value: list[Value] = [tenths, 10] if tenths in (1, 3, 7, 9) else [1, 2]
        charter = charter.amended([(f"tiers.{tier}.threshold", value)])
        charter.validate()
        assert (
            charter.tier(tier).threshold != threshold
            or [
                threshold.num,
                threshold.den,
            ]
            == value
        )
