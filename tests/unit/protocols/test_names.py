"""R2.20: what may be a name, when two are the same to a reader, and who gets a number."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.names import DECEIVING, DIFFERENT, NAMES, REFERENCES, SAME
from support.town import Town, found

from p2pnode_protocols import name_tables
from p2pnode_protocols.errors import UsageError
from p2pnode_protocols.limits import NAME_CHARS
from p2pnode_protocols.names import (
    find_fault,
    find_member_fault,
    forms,
    free_name,
    is_same,
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_a_reader_takes_for_the_same_name_is_the_same(one: str, other: str) -> None:
    assert find_member_fault(one) is None
    assert find_member_fault(other) is None
    assert is_same(one, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_that_people_tell_apart_are_two(one: str, other: str) -> None:
    assert not is_same(one, other)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_all_the_world_are_names(name: str) -> None:
    assert find_member_fault(name) is None


@pytest.mark.parametrize("name", DECEIVING)
def test_what_could_not_be_read_is_no_name_of_anything(name: str) -> None:
    assert find_fault(name) is not None


@pytest.mark.parametrize("name", REFERENCES)
def test_what_reads_as_a_reference_is_no_members_name(name: str) -> None:
    assert find_member_fault(name) is not None


@pytest.mark.parametrize("name", [*DECEIVING, *REFERENCES])
def test_no_way_into_the_charter_takes_such_a_name(name: str) -> None:
    """The founding charter, a join in the log, and a charter that a peer sends (R10.13, R2.7)."""
    charter = found(2)
    first, second = charter.members
    with pytest.raises(UsageError) as caught:
        charter.with_members([replace(first, name=name), second]).validate()
    assert caught.value.code == "bad_charter"
    if name.isprintable() or name.isascii():
        town = Town(1)
        town.invite("secret")
        if len(name) <= NAME_CHARS:  # what is longer is no op
            join = replace(town.join("zoe", "secret").body, name=name)
            assert town.codes(town.say("yan", join))[0] != "ok"


@pytest.mark.parametrize(("one", "other"), SAME)
def test_joiner_beside_a_name_that_looks_the_same_gets_a_number(one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        town = Town(1)
        town.invite("secret", uses=2)
        for person, name in (("yan", first), ("zoe", second)):
            join = replace(town.join(person, "secret").body, name=name)
            assert town.codes(town.say(person, join, nonce=1)) == ["ok"]
        names = {seat.name for seat in town.state.charter.members}
        assert names == {"alice", first, f"{second} 2"}
        town.state.charter.validate()


@given(st.text(st.sampled_from("aàA\u0301l1I 🦊\u200d\u200c2"), min_size=1, max_size=NAME_CHARS))
def test_free_name_is_a_name_that_nobody_has(name: str) -> None:
    if find_member_fault(name) is not None:
        return
    taken: list[str] = []
    for _ in range(12):
        free = free_name(name, taken)
        assert find_member_fault(free) is None
        assert not any(is_same(free, one) for one in taken)
        taken.append(free)
    assert taken[0] == name


@given(st.text(min_size=1, max_size=20))
def test_forms_ignore_case_normal_form_and_how_often_they_are_taken(text: str) -> None:
    """Where the interpreter's tables know all of a text, they agree with ours."""
    if find_fault(text) is not None or any(unicodedata.category(one) == "Cn" for one in text):
        return
    for form in ("NFC", "NFD"):
        assert forms(unicodedata.normalize(form, text)) == forms(text)
    assert is_same(text, text.casefold())
    assert is_same(text, unicodedata.normalize("NFKC", text))


def test_tables_are_of_one_unicode_version_and_name_it() -> None:
    assert name_tables.UNICODE == "17.0.0"
    assert f"Unicode {name_tables.UNICODE}" in str(find_fault("\x00"))


def test_names_do_not_ask_the_interpreter_about_characters() -> None:
    """R2.20: `unicodedata` and what rests on it differ between versions of Python."""
    program = (
        "import sys; sys.modules['unicodedata'] = None; "
        "from p2pnode_protocols.names import forms, find_member_fault; "
        "assert forms('Äsa') & forms('ÄSA'); assert find_member_fault('Äsa') is None"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
