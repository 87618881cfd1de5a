"""The charter (R2.7): what it may say, how it is amended, refusals that name the field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.cores.town import START_MS, found, key_of

from p2pnode_protocols.record.seats.charter import (
    Charter,
    Member,
    Ratio,
    default_charter,
    founder_seat,
)
from p2pnode_protocols.wire.codec import Value, encode
from p2pnode_protocols.wire.errors import PeerFault, UsageError
from p2pnode_protocols.wire.ids import MemberId, WallMs
from p2pnode_protocols.wire.limits import DEVICES, MEMBERS, TIERS


def refusal(charter: Charter) -> str:
    with pytest.raises(UsageError) as caught:
        charter.validate()
    assert caught.value.code == "bad_charter"
    return caught.value.detail


def with_tier(charter: Charter, name: str, /, **changes: object) -> Charter:
    tier = replace(charter.tier(name), **changes)  # type: ignore[arg-type]
    return replace(charter, tiers=tuple(tier if one.name == name else one for one in charter.tiers))


def with_first(charter: Charter, **changes: object) -> Charter:
    first = replace(charter.members[0], **changes)  # type: ignore[arg-type]
    return replace(charter, members=(first, *charter.members[1:]))


def test_default_charter_has_the_five_tiers_and_a_committee_of_its_founder() -> None:
    charter = default_charter("town", founder_seat("alice", key_of("alice")), START_MS)
    assert [(one.name, str(one.threshold), one.strict, one.mode) for one in charter.tiers] == [
        ("constitutional", "4/5", False, "threshold"),
        ("strategic", "4/5", False, "threshold"),
        ("tactical", "3/5", False, "threshold"),
        ("implementation", "1/2", True, "threshold"),
        ("individual", "1/2", True, "objection"),
    ]
    assert [seat.name for seat in charter.committee] == ["alice"]
    assert charter.fault_model == "byzantine"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda c: replace(c, name=""), "name"),
        (lambda c: replace(c, name="x" * 81), "name"),
        (lambda c: replace(c, fault_model="hopeful"), "fault_model"),
        (lambda c: replace(c, created_ms=WallMs(-1)), "created_ms"),
        (lambda c: replace(c, members=()), "members"),
        (lambda c: replace(c, members=c.members[::-1]), "members"),
        (lambda c: replace(c, members=(c.members[0], *c.members)), "members"),
        (lambda c: with_first(c, name="a\u200bb"), "members.name"),
        (lambda c: with_first(c, name=c.members[1].name.upper()), "members.name"),
        (lambda c: with_first(c, devices=()), "devices"),
        (lambda c: with_first(c, devices=(key_of("x"), key_of("x"))), "devices"),
        (lambda c: with_first(c, devices=c.members[1].devices), "node_key"),
        (lambda c: with_first(c, node_key=None, devices=c.members[1].devices), "members.devices"),
        (lambda c: replace(c, tiers=()), "tiers"),
        (lambda c: replace(c, tiers=(*c.tiers, c.tiers[0])), "tiers.name"),
        (lambda c: with_tier(c, "tactical", name="Tactical"), "tiers.name"),
        (lambda c: with_tier(c, "tactical", name="a.b"), "tiers.name"),
        (lambda c: with_tier(c, "tactical", threshold=Ratio(0, 1)), "tiers.tactical.threshold"),
        (lambda c: with_tier(c, "tactical", threshold=Ratio(6, 5)), "tiers.tactical.threshold"),
        (lambda c: with_tier(c, "tactical", threshold=Ratio(6, 10)), "tiers.tactical.threshold"),
        (lambda c: with_tier(c, "tactical", threshold=Ratio(1, 1), strict=True), "strict"),
        (lambda c: with_tier(c, "tactical", floor=Ratio(2, 1)), "tiers.tactical.floor"),
        (lambda c: with_tier(c, "tactical", min_open_ms=8 * 86_400_000), "window_ms"),
        (lambda c: with_tier(c, "tactical", max_window_ms=1), "max_window_ms"),
        (lambda c: with_tier(c, "tactical", window_ms=0), "window_ms"),
        (lambda c: with_tier(c, "tactical", window_ms=999), "1 s"),
        (lambda c: replace(c, rules=replace(c.rules, membership_tier="x")), "membership_tier"),
        (lambda c: replace(c, rules=replace(c.rules, amendment_tier="x")), "amendment_tier"),
        (
            lambda c: replace(c, rules=replace(c.rules, amendment_tier="individual")),
            "amendment_tier",
        ),
        (lambda c: replace(c, rules=replace(c.rules, max_open_per_member=0)), "max_open"),
        (lambda c: replace(c, rules=replace(c.rules, invite_max_ms=0)), "invite_max_ms"),
        (lambda c: replace(c, timing=replace(c.timing, delta_ms=0)), "timing.delta_ms"),
        (lambda c: replace(c, timing=replace(c.timing, delta_max_ms=1)), "timing.delta_max_ms"),
        (lambda c: replace(c, timing=replace(c.timing, epoch_rounds=3)), "timing.epoch_rounds"),
    ],
)
def test_refusal_names_the_field(change: Callable[[Charter], Charter], field: str) -> None:
    detail = refusal(change(found(3)))
    assert field in detail
    assert "is not allowed; " in detail, "value and what is allowed are told too"


def test_charter_without_a_node_is_refused() -> None:
    assert "empty committee" in refusal(with_first(found(1), away=True))


def test_counts_are_bounded() -> None:
    seats = [founder_seat(f"m{i}", key_of(f"m{i}")) for i in range(MEMBERS + 1)]
    assert f"1 to {MEMBERS}" in refusal(found(1).with_members(seats))
    tiers = tuple(replace(found(1).tiers[0], name=f"t{i}") for i in range(TIERS + 1))
    assert f"1 to {TIERS}" in refusal(replace(found(1), tiers=tiers))
    keys = tuple(sorted(key_of(f"d{i}") for i in range(DEVICES + 1)))
    assert f"1 to {DEVICES}" in refusal(with_first(found(1), devices=keys, node_key=keys[0]))


def test_unreduced_fraction_is_told_its_lowest_terms() -> None:
    with pytest.raises(UsageError, match="lowest terms: 4/5"):
        found(1).amended([("tiers.tactical.threshold", [80, 100])])


@pytest.mark.parametrize(
    ("path", "value", "read"),
    [
        ("name", "village", lambda c: c.name),
        ("fault_model", "crash", lambda c: c.fault_model),
        ("tiers.tactical.strict", True, lambda c: c.tier("tactical").strict),
        ("tiers.tactical.base", "cast", lambda c: c.tier("tactical").base),
        ("tiers.individual.mode", "threshold", lambda c: c.tier("individual").mode),
        ("tiers.tactical.min_open_ms", 5, lambda c: c.tier("tactical").min_open_ms),
        ("rules.membership_tier", "tactical", lambda c: c.rules.membership_tier),
        ("timing.linger_ms", 0, lambda c: c.timing.linger_ms),
    ],
)
def test_amendment_changes_its_field_and_nothing_else(
    path: str, value: Value, read: Callable[[Charter], Value]
) -> None:
    charter = found(2)
    amended = charter.amended([(path, value)])
    assert read(amended) == value
    assert amended.amended([(path, read(charter))]) == charter


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("members", []),
        ("created_ms", 5),
        ("tiers.tactical.name", "other"),
        ("tiers.nonsense.strict", True),
        ("tiers.tactical.nonsense", True),
        ("tiers.tactical", True),
        ("tiers.tactical.threshold.num", 3),
        ("rules.nonsense", 3),
        ("timing", 3),
        ("", 3),
        ("tiers.tactical.threshold", 1),
        ("tiers.tactical.threshold", [1, 0]),
        ("tiers.tactical.threshold", [1, 2, 3]),
        ("tiers.tactical.strict", 1),
        ("tiers.tactical.window_ms", "long"),
        ("tiers.tactical.window_ms", -1),
        ("fault_model", "hopeful"),
        ("rules.amendment_tier", "nonsense"),
        ("name", None),
    ],
)
def test_amendment_that_makes_no_sense_names_its_path(path: str, value: Value) -> None:
    with pytest.raises(UsageError) as caught:
        found(2).amended([(path, value)])
    assert caught.value.code == "bad_charter"
    assert path in caught.value.detail


def test_amendment_is_judged_as_a_whole() -> None:
    both: list[tuple[str, Value]] = [
        ("tiers.tactical.max_window_ms", 50 * 86_400_000),
        ("tiers.tactical.window_ms", 40 * 86_400_000),
    ]
    assert found(2).amended(both[::-1]) == found(2).amended(both)
    with pytest.raises(UsageError, match="window_ms"):
        found(2).amended(both[1:])


def test_path_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="each path once"):
        found(2).amended([("name", "a"), ("name", "b")])


def test_bytes_read_back_and_name_the_community() -> None:
    charter = found(4)
    again = Charter.from_bytes(charter.to_bytes())
    assert again == charter
    assert again.community_id == charter.community_id
    assert charter.amended([("name", "village")]).community_id != charter.community_id


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda wire: [*wire, 1], "bad_field"),
        (lambda wire: wire[:-1], "bad_field"),
        (lambda wire: ["", *wire[1:]], "bad_charter"),
        (lambda wire: [*wire[:2], "hopeful", *wire[3:]], "bad_field"),
        (lambda wire: [*wire[:3], [], *wire[4:]], "bad_charter"),
        (lambda wire: [*wire[:3], [1], *wire[4:]], "bad_field"),
        (lambda wire: 7, "bad_field"),
        (lambda wire: [*wire[:3], [[b"i" * 32, "a", "person", [7], None, False]]], "bad_field"),
    ],
)
def test_charter_of_a_peer_that_makes_no_sense_is_the_peers_fault(
    damage: Callable[[list[Value]], Value], code: str
) -> None:
    with pytest.raises(PeerFault) as caught:
        Charter.from_bytes(encode(damage(found(2).to_wire())))
    assert caught.value.code == code


def test_lookups_by_seat_device_and_tier() -> None:
    charter = found(3)
    alice = next(one for one in charter.members if one.name == "alice")
    assert charter.member(alice.id) == charter.by_device(key_of("alice")) == alice
    assert charter.member(MemberId(bytes(32))) is None
    assert charter.by_device(key_of("nobody")) is None
    with pytest.raises(UsageError, match="constitutional, strategic"):
        charter.tier("nonsense")


def test_seat_without_node_key_votes_and_does_not_finalize() -> None:
    alice = founder_seat("alice", key_of("alice"))
    assert alice.finalizes
    assert not replace(alice, node_key=None).finalizes
    assert not replace(alice, away=True).finalizes
    assert isinstance(alice, Member)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("threshold", "tiers.tactical.threshold"),
        ("tactical.threshold", "tiers.tactical.threshold"),
        ("linger_ms", "timing.linger_ms"),
        ("away_interval_ms", "rules.away_interval_ms"),
        ("nonsense", None),
    ],
)
def test_who_leaves_out_the_way_to_a_field_is_told_it(path: str, meant: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        found(1).amended([(path, 1)])
    assert ("perhaps" in caught.value.detail) is (meant is not None)
    assert meant is None or meant in caught.value.detail
    assert "tiers.<tier>.<field>" in caught.value.detail
