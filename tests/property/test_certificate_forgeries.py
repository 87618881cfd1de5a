"""Whatever is changed in a certificate, both verifiers refuse it, and raise nothing else (R8.8)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.certified.tampering import Genuine
from support.certified.unpacking import TEXTS, are_alike, packed, unpacked, verdicts

from p2pnode_protocols.wire.codec import decode

GENUINE = Genuine.make()
DATA = GENUINE.it.to_bytes()
COMMUNITY = GENUINE.paper.community

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


@given(st.data())
def test_any_change_of_structure_is_refused_by_both(data: st.DataObject) -> None:
    raw = unpacked(DATA)
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
        core, other = verdicts(COMMUNITY, forged)
        assert are_alike(core, other), (core, other)


def _lacks_only_texts(forged: bytes) -> bool:
    theirs: Any = decode(forged, len(forged))
    ours: Any = decode(DATA, len(DATA))
    return theirs[:TEXTS] == ours[:TEXTS] and theirs[TEXTS] == []


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(data: bytes) -> None:
    assert "genuine" not in verdicts(COMMUNITY, data)
