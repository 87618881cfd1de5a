"""R2.20: what may be a name, when two are the same to a reader, and who gets a number."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cores.town import FakeSigner, Town, found, key_of, reread
from support.names import DECEIVING, DIFFERENT, NAMES, REFERENCES, SAME

from p2pnode_protocols.record.actions import RemoveAction
from p2pnode_protocols.record.bodies import Leave
from p2pnode_protocols.record.ops import sign_op
from p2pnode_protocols.record.seats import name_tables, names
from p2pnode_protocols.record.seats.names import (
    find_fault,
    find_member_fault,
    forms,
    free_name,
    is_same,
    shown,
)
from p2pnode_protocols.wire import crypto
from p2pnode_protocols.wire.errors import UsageError
from p2pnode_protocols.wire.limits import NAME_CHARS
from p2pnode_protocols.wire.quoting import quoted


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
            join = town.join("zoe", "secret")
            body = replace(join.body, name=name)
            op = sign_op(town.state.community, join.author, FakeSigner(join.device), 1, 1, body)
            assert town.codes(op) == [], "it opens no seat, so it is no entry (R10.14)"
            assert len(town.state.charter.members) == 1


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


@pytest.mark.parametrize(("one", "other"), [("dave", "dave"), *SAME])
@pytest.mark.parametrize("goes", ["leaves", "is removed"])
def test_name_of_who_left_is_nobody_elses(one: str, other: str, goes: str) -> None:
    """R10.13: their votes are in what was decided, by name; after a restart, too."""
    one, other = f"{one} Z", f"{other} Z"  # like nobody else's
    town = Town(3)
    town.invite("secret", uses=4)
    assert town.enter(town.join("dan", "secret", calls=one)) == "ok"
    dan = crypto.compute_member_id(key_of("dan"))
    if goes == "leaves":
        leave = sign_op(town.state.community, dan, FakeSigner(key_of("dan")), 2, town.now, Leave())
        assert town.enter(leave) == "ok"
    else:
        town.decide("constitutional", RemoveAction(dan))
    nonce = 3 if goes == "leaves" else 2
    assert town.state.roster.name_of(dan) == one
    town.state = reread(town.state)
    assert town.enter(town.join("zoe", "secret", calls=other)) == "ok"
    zoe = town.state.charter.member(crypto.compute_member_id(key_of("zoe")))
    assert zoe is not None
    assert zoe.name == f"{other} 2"
    assert town.state.roster.name_of(dan) == one
    # Back with the key that founded the seat: it is theirs, and nobody's besides.
    assert town.enter(town.join("dan", "secret", calls=one, nonce=nonce)) == "ok"
    assert town.state.roster.name_of(dan) == one
    town.state.charter.validate()


PRINTED = [  # what is put behind names, and between two
    *(f"{{}} {one}" for one in ("(you)", "(mem_k3v7abcd)", "[away]")),
    *(f"{{}}{one} {{}}" for one in ",;:，；：﹐、،"),
    "{}  {}",
    "{}: {}, {}",
]


@given(
    st.lists(st.sampled_from(NAMES), min_size=3, max_size=3).filter(
        lambda names: max(map(len, names)) < NAME_CHARS // 4
    ),
    st.sampled_from(PRINTED),
)
def test_names_with_what_is_printed_beside_them_are_no_name(names: list[str], how: str) -> None:
    assert find_member_fault(how.format(*names)) is not None


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


def test_names_of_ascii_alone_are_read_as_the_whole_tables_say() -> None:
    """They are looked up in a part of the tables, and where characters may stand by itself."""
    whole, part = names._looks(False), names._looks(True)
    for all_of_them, some in zip(whole, part, strict=True):
        assert some == {one: all_of_them[one] for one in all_of_them if one.isascii()}
    starts, stops = names._allowed()
    for code in range(128):
        is_in = any(first <= code < last for first, last in zip(starts, stops, strict=True))
        assert names._is_allowed(chr(code)) is is_in
        assert chr(code) not in names._classes()


def test_names_do_not_ask_the_interpreter_about_characters() -> None:
    """R2.20: `unicodedata` and what rests on it differ between versions of Python."""
    program = (
        "import sys; sys.modules['unicodedata'] = None; "
        "from p2pnode_protocols.record.seats.names import forms, find_member_fault; "
        "assert forms('Äsa') & forms('ÄSA'); assert find_member_fault('Äsa') is None"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# --- in messages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Bo", "'Bo'"),
        ("O'Neil", '"O\'Neil"'),
        ("both ' and \"", "'both \\' and \"'"),
        ("a\\u200cb", "'a\\\\u200cb'"),
        ("نیک\u200cنام", "'نیک\u200cنام'"),
        ("👨\u200d👩\u200d👧", "'👨\u200d👩\u200d👧'"),
        ("\u200dedge\u200c", "'\\u200dedge\\u200c'"),
        ("two\u200c\u200cjoiners", "'two\\u200c\\u200cjoiners'"),
        ("\u202egnp\n", "'\\u202egnp\\n'"),
    ],
)
def test_joiners_within_words_stand_in_quotes_as_they_are_and_what_acts_unseen_does_not(
    text: str, wanted: str
) -> None:
    assert quoted(text) == wanted
    assert shown(text) == wanted


def test_nothing_that_people_wrote_is_quoted_by_repr() -> None:
    """It would escape how names of half the world are written."""
    root = Path(__file__).parents[4]
    places = ("p2pnode", "cli/p2pnode_cli", "protocols/p2pnode_protocols")
    sources = [one for place in places for one in (root / place).rglob("*.py")]
    written = re.compile(r"\{(\w+\.)*(name|title|wanted|called|member_name|reason)!r\}")
    found = [
        f"{one.name}: {line.strip()}"
        for one in sources
        for line in one.read_text(encoding="utf-8").splitlines()
        if written.search(line) and "__name__" not in line and "has no attribute" not in line
    ]
    assert found == []
