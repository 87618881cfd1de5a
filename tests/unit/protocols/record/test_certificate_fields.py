"""Each field of a certificate, replaced by one of each other type, is refused by both (R8.8)."""

from __future__ import annotations

from typing import Any

import pytest
from support.certified.tampering import Genuine
from support.certified.unpacking import (
    RECORD,
    TEXTS,
    are_alike,
    fields_in,
    packed,
    unpacked,
    verdicts,
)

from p2pnode_protocols.record.certificates.certificate import DecisionCertificate

# Of each type that there is in the encoding, and of each length that a field may have.
VALUES: tuple[Any, ...] = (
    None, False, True, 0, -1, (1 << 53) + 1, (1 << 64) - 1,
    b"", bytes(32), bytes(64), "", "x", [], [[]], [0], ["x"], [b""],
)  # fmt: skip
FEW: tuple[Any, ...] = (None, (1 << 64) - 1, b"", "x", [[]])
CHAIN, TAIL, RECEIPTS = 4, 6, 7  # places in the certificate
ACTION, ELECTORATE = 5, 7  # places in the record
# Each kind of action, as long as it may be.
ACTIONS: dict[str, list[Any]] = {
    "none": [],
    "invite": ["Eve", bytes(32), 1, 1],
    "remove": [bytes(32)],
    "set_away": [bytes(32), True],
    "rekey": [bytes(32), bytes(32), bytes(64)],
    "erase": [[bytes(32)]],
    "amend": [[["tiers.tactical.threshold", [2, 3]]]],
    "unheard of": [0],
}


@pytest.fixture(scope="module")
def genuine() -> Genuine:
    return Genuine.make()


def try_all(it: DecisionCertificate, raw: list[Any], within: list[Any], values: Any) -> int:
    """Put each value into each field within a part of `raw`; return how many were refused."""
    refused = 0
    for held, place in list(fields_in(within)):
        kept = held[place]
        for value in values:
            is_same = type(value) is type(kept) and value == kept
            if is_same or (held is raw and place == TEXTS and value == []):  # may be left out
                continue
            held[place] = value
            core, other = verdicts(it.community, packed(raw))
            assert are_alike(core, other), (core, other, place, kept, value)
            refused += 1
        held[place] = kept
    return refused


def test_what_is_taken_apart_can_be_put_together_again(genuine: Genuine) -> None:
    for it in (genuine.it, genuine.longer, genuine.rebuilt):
        assert packed(unpacked(it.to_bytes())) == it.to_bytes()
        assert verdicts(it.community, it.to_bytes()) == ("genuine", "genuine")


def test_each_field_of_another_type_is_refused_by_both(genuine: Genuine) -> None:
    raw = unpacked(genuine.it.to_bytes())
    assert try_all(genuine.it, raw, raw, FEW) > 2000
    assert packed(raw) == genuine.it.to_bytes()


@pytest.mark.parametrize(("kind", "place"), [("longer", TAIL), ("rebuilt", CHAIN)])
def test_so_is_each_of_a_tail_and_of_a_rebuild(genuine: Genuine, kind: str, place: int) -> None:
    it: DecisionCertificate = getattr(genuine, kind)
    raw = unpacked(it.to_bytes())
    assert try_all(it, raw, raw[place], FEW) > 100


@pytest.mark.parametrize("kind", ACTIONS)
def test_so_is_each_of_every_kind_of_action(genuine: Genuine, kind: str) -> None:
    raw = unpacked(genuine.it.to_bytes())
    record = raw[RECORD]
    for length in range(len(ACTIONS[kind]) + 1):
        record[ACTION] = [kind, *ACTIONS[kind][:length]]
        try_all(genuine.it, raw, record[ACTION], VALUES)
        for seat in record[ELECTORATE] if length else ():
            record[ACTION][1] = seat  # one that votes, one that does not
            core, other = verdicts(genuine.it.community, packed(raw))
            assert are_alike(core, other), (core, other, record[ACTION])
