"""Whatever is changed in a certificate, both verifiers refuse it, and raise nothing else (R8.8)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.tampering import Genuine
from support.verifier import load_verifier

from p2pnode_protocols.certificates import CertificateFault, check_certificate
from p2pnode_protocols.codec import decode, encode

alone = load_verifier()
GENUINE = Genuine.make()
DATA = GENUINE.it.to_bytes()
COMMUNITY = GENUINE.paper.community
RECORD, OPS, TEXTS = 8, 9, 10  # places in the certificate

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from([0, 1, 2, 5, 1 << 53, (1 << 53) + 1]),
    st.binary(max_size=40),
    st.just(bytes(32)),
    st.text(max_size=8),
)
_values = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=6)


def unpacked() -> list[Any]:
    """Return the certificate as lists all the way down: the record and the ops, too."""
    raw: Any = decode(DATA, len(DATA))
    raw[RECORD] = decode(raw[RECORD], len(DATA))
    raw[OPS] = [decode(one, len(DATA)) for one in raw[OPS]]
    for op in raw[OPS]:
        op[0] = decode(op[0], len(DATA))
    return list(raw)


def packed(raw: list[Any]) -> bytes:
    raw = list(raw)
    if isinstance(raw[RECORD], list):
        raw[RECORD] = encode(raw[RECORD])
    if isinstance(raw[OPS], list):
        raw[OPS] = [_pack_op(one) for one in raw[OPS]]
    return encode(raw)


def _pack_op(op: Any) -> Any:
    if isinstance(op, list):
        return encode([encode(one) if isinstance(one, list) else one for one in op])
    return op


def lists_in(value: Any) -> list[list[Any]]:
    """Return every list that is not empty, the outermost first."""
    found = []
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, list) and one:
            found.append(one)
            stack.extend(one)
    return found


def verdicts(data: bytes) -> tuple[str, str]:
    """Return what each verifier makes of it: a code, or "genuine"."""
    try:
        check_certificate(COMMUNITY, data)
        core = "genuine"
    except CertificateFault as fault:
        core = fault.code
    try:
        alone.verify(COMMUNITY, data)
        other = "genuine"
    except alone.Refused as refused:
        other = refused.code
    return core, other


def test_packing_what_was_unpacked_gives_the_same_bytes() -> None:
    assert packed(unpacked()) == DATA
    assert verdicts(DATA) == ("genuine", "genuine")


@given(st.data())
def test_any_change_of_structure_is_refused_by_both(data: st.DataObject) -> None:
    raw = unpacked()
    inside = [one for one in lists_in(raw) if one is not raw[TEXTS]]  # texts may be left out
    target = data.draw(st.sampled_from(range(len(inside))), label="list")
    chosen = inside[target]
    place = data.draw(st.integers(0, len(chosen) - 1), label="place")
    match data.draw(st.sampled_from(["replace", "delete", "repeat", "swap"]), label="how"):
        case "replace":
            chosen[place] = data.draw(_values, label="value")
        case "delete" if chosen is not raw:
            del chosen[place]
        case "repeat":
            chosen.insert(place, chosen[place])
        case _:
            chosen[place], chosen[-1] = chosen[-1], chosen[place]
    forged = packed(raw)
    if forged != DATA and not _lacks_only_texts(forged):
        core, other = verdicts(forged)
        assert "genuine" not in (core, other), (core, other)


def _lacks_only_texts(forged: bytes) -> bool:
    theirs: Any = decode(forged, len(forged))
    ours: Any = decode(DATA, len(DATA))
    return theirs[:TEXTS] == ours[:TEXTS] and theirs[TEXTS] == []


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(data: bytes) -> None:
    assert "genuine" not in verdicts(data)
