"""The text form of ids: checksummed, abbreviated by prefix, never guessed."""

from __future__ import annotations

import hashlib

import pytest

from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.ids import KINDS, from_text, resolve, to_short, to_text

ALICE = hashlib.sha256(b"alice").digest()
BOB = hashlib.sha256(b"bob").digest()


def refusal(kind: str, text: str, *known: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        resolve(kind, text, known)
    return caught.value.code


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_text_reads_back_in_any_case_and_with_spaces_around(kind: str) -> None:
    text = to_text(kind, ALICE)
    assert from_text(kind, text) == ALICE
    assert from_text(kind, f"  {text.upper()} ") == ALICE
    assert resolve(kind, text, [BOB, ALICE]) == ALICE


def test_short_form_is_a_prefix_that_resolves() -> None:
    short = to_short("mem", ALICE)
    assert to_text("mem", ALICE).startswith(short)
    assert len(short) == len("mem_") + 8
    assert resolve("mem", short, [ALICE, BOB]) == ALICE
    assert resolve("mem", short.removeprefix("mem_"), [ALICE, BOB]) == ALICE


@pytest.mark.parametrize("place", [0, 20, 51, 52, 57])
def test_one_wrong_character_is_noticed(place: int) -> None:
    head, body = to_text("mem", ALICE).split("_")
    wrong = "a" if body[place] != "a" else "b"
    with pytest.raises(UsageError, match="checksum"):
        from_text("mem", f"{head}_{body[:place]}{wrong}{body[place + 1 :]}")


def test_same_bytes_of_another_kind_are_another_text() -> None:
    body = to_text("mem", ALICE).removeprefix("mem_")
    with pytest.raises(UsageError, match="checksum"):
        from_text("pro", f"pro_{body}")
    with pytest.raises(UsageError, match=r"pro_… \(proposal\) expected, mem_ is member"):
        from_text("pro", to_text("mem", ALICE))


@pytest.mark.parametrize("text", ["", "mem_", "mem_abc", "mem_" + "a" * 53, "xyz_abcd"])
def test_text_that_can_name_nothing_is_refused(text: str) -> None:
    assert refusal("mem", text, ALICE) == "bad_id"


def test_wrong_alphabet_is_told() -> None:
    with pytest.raises(UsageError, match="only a–z and 2–7"):
        from_text("mem", "mem_" + "1" * 58)
    with pytest.raises(UsageError, match="58"):
        from_text("mem", "mem_abcd")


def test_prefix_of_two_ids_is_ambiguous_and_lists_them() -> None:
    first, second = bytes(32), bytes(31) + b"\1"
    with pytest.raises(UsageError, match="fits 2 ids") as caught:
        resolve("pro", "pro_aaaa", [first, second, first])
    assert caught.value.code == "ambiguous_id"
    assert resolve("pro", to_text("pro", second), [first, second]) == second


@pytest.mark.parametrize(
    ("kind", "code"), [("pro", "unknown_proposal"), ("mem", "unknown_member"), ("op", "bad_id")]
)
def test_nothing_known_by_that_prefix(kind: str, code: str) -> None:
    assert refusal(kind, to_short(kind, ALICE), BOB) == code
